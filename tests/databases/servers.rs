//! PostgreSQL, MariaDB and PgBouncer, each in a folder of its own, as a user without rights.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::OnceLock,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// `nobody`, where the tests are run by root: no database server runs as root.
const NOBODY: u32 = 65534;

/// A program that ends with this process, however that ends.
pub struct Server {
    pub folder: TempDir,
    pub port: u16,
    /// Its end is the server's.
    leash: Option<ChildStdin>,
    child: Child,
}

impl Server {
    /// Waits for its pipe to be closed, ends the program and removes its folder, unless there
    /// is a file `keep` in it. What a shell puts behind ignores SIGQUIT if it has no mind of
    /// its own; PostgreSQL has, and ends at once.
    const KEEPER: &str = "exec 3<&0; \"$@\" </dev/null 3<&- & echo $! >pid.new; mv pid.new pid; \
                          cat <&3 >/dev/null; kill -QUIT $(cat pid); kill $(cat pid); wait; \
                          test -e keep || { cd /; rm -rf \"$HOME\"; }";

    fn start(folder: TempDir, port: u16, mut program: Command) -> Self {
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = as_nobody("sh", folder.path());
        command
            .args(["-c", Self::KEEPER, "sh"])
            .arg(program.get_program())
            .args(program.get_args())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        program.env_clear();
        let mut child = command.spawn().unwrap();
        let leash = child.stdin.take().unwrap();
        Self {
            folder,
            port,
            leash: Some(leash),
            child,
        }
    }

    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub fn pid(&self) -> String {
        let pid = fs::read_to_string(self.folder.path().join("pid")).unwrap();
        pid.trim().to_owned()
    }

    /// Signals the server itself.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.pid()])
            .status();
        assert!(sent.unwrap().success(), "kill -s {name}");
    }

    fn until_ready(self, is_ready: impl Fn(&Self) -> bool) -> Self {
        let end = Instant::now() + Duration::from_secs(60);
        while !is_ready(&self) {
            assert!(Instant::now() < end, "it does not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        self
    }
}

impl Server {
    /// Ends it at once, without a farewell to its clients.
    pub fn stop(&mut self) {
        self.leash = None;
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn as_nobody(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("HOME", folder)
        // Ours may be closed to it.
        .env("TMPDIR", folder)
        .env("LC_ALL", "C");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A folder that the server may write to.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    if is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    folder
}

/// Nobody listens there, or did a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Where a program is, in the search path or where Debian hides it.
fn program(name: &str, package: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = path.split(':').map(PathBuf::from).collect();
    folders.extend(["/usr/sbin", "/sbin"].map(PathBuf::from));
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    let found = folders.iter().map(|folder| folder.join(name));
    found
        .rev()
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is missing: apt-get install {package}"))
}

fn psql() -> String {
    let program = program("psql", "postgresql-client");
    program.to_str().unwrap().to_owned()
}

fn run(mut command: Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A PostgreSQL server; `postgres` may everything without a password from its socket.
pub struct Postgres(pub Server);

impl Postgres {
    pub fn start() -> Self {
        let folder = folder();
        let mut make = as_nobody(
            program("initdb", "postgresql").to_str().unwrap(),
            folder.path(),
        );
        make.args([
            "-D",
            "data",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ])
        .args(["--auth-local=trust", "--auth-host=scram-sha-256"]);
        run(make);
        Self::serve(folder, free_port())
    }

    fn serve(folder: TempDir, port: u16) -> Self {
        let mut command = Command::new(program("postgres", "postgresql"));
        command.arg("-k").arg(folder.path());
        command.args(["-D", "data", "-h", "127.0.0.1", "-p", &port.to_string()]);
        for setting in [
            "fsync=off",
            "log_statement=all",
            "log_line_prefix=%m [%p] %u@%d ",
        ] {
            command.args(["-c", setting]);
        }
        let server = Server::start(folder, port, command);
        let ready = |server: &Server| {
            let mut ask = as_nobody(&psql(), server.folder.path());
            ask.args([
                "-h",
                server.folder.path().to_str().unwrap(),
                "-p",
                &server.port.to_string(),
            ])
            .args(["-U", "postgres", "-c", "SELECT 1"]);
            ask.output().is_ok_and(|output| output.status.success())
        };
        Self(server.until_ready(ready))
    }

    /// Starts it again where it was, after it ended.
    pub fn again(mut self) -> Self {
        File::create(self.0.folder.path().join("keep")).unwrap();
        self.0.stop();
        let (folder, data) = (folder(), self.0.folder.path().join("data"));
        fs::rename(data, folder.path().join("data")).unwrap();
        let _ = fs::remove_file(folder.path().join("data/postmaster.pid"));
        Self::serve(folder, self.0.port)
    }

    /// Runs SQL as `postgres`; rows are lines, columns parted by `|`.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let mut command = as_nobody(&psql(), self.0.folder.path());
        command
            .args(["-h", self.0.folder.path().to_str().unwrap()])
            .args([
                "-p",
                &self.0.port.to_string(),
                "-U",
                "postgres",
                "-d",
                database,
            ])
            .args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql]);
        run(command)
    }

    /// A new database with a role `reader` that may read what is made in it later.
    pub fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("blog{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.sql(
            &name,
            "DO $$ BEGIN CREATE ROLE reader LOGIN PASSWORD 'open sesame'; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; \
             ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader",
        );
        name
    }

    /// How `reader` comes to a database.
    pub fn url(&self, database: &str) -> String {
        url(self.0.port, database)
    }
}

/// The same through another port.
pub fn url(port: u16, database: &str) -> String {
    format!("postgres://reader:open%20sesame@127.0.0.1:{port}/{database}")
}

/// The server that all tests share that do not harm it.
pub fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(Postgres::start)
}

/// A MariaDB server; its `root` may everything without a password from its socket.
pub struct Mariadb(pub Server);

impl Mariadb {
    pub fn start() -> Self {
        let folder = folder();
        let install = program("mariadb-install-db", "mariadb-server");
        let mut make = as_nobody(install.to_str().unwrap(), folder.path());
        make.args([
            "--no-defaults",
            &format!("--datadir={}", folder.path().join("data").display()),
            "--skip-test-db",
        ])
        .arg("--auth-root-authentication-method=normal");
        run(make);
        let port = free_port();
        let mut command = Command::new(program("mariadbd", "mariadb-server"));
        command.args([
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
        ]);
        for (key, value) in [
            ("datadir", "data"),
            ("socket", "socket"),
            ("pid-file", "its.pid"),
        ] {
            let path = folder.path().join(value);
            command.arg(format!("--{key}={}", path.display()));
        }
        command.arg(format!("--port={port}"));
        let server = Self(Server::start(folder, port, command).until_ready(|server| {
            Self::client(server, &["-e", "SELECT 1"])
                .output()
                .is_ok_and(|output| output.status.success())
        }));
        server.sql("mysql", "CREATE USER reader IDENTIFIED BY 'open sesame'");
        server
    }

    fn client(server: &Server, arguments: &[&str]) -> Command {
        let client = program("mariadb", "mariadb-client");
        let mut command = as_nobody(client.to_str().unwrap(), server.folder.path());
        let socket = server.folder.path().join("socket");
        command
            .arg("--no-defaults")
            .arg(format!("--socket={}", socket.display()))
            .args(["-uroot", "--default-character-set=utf8mb4"])
            .args(arguments);
        command
    }

    /// Runs SQL as `root`, in which a backslash is a backslash.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let sql = format!("SET sql_mode = 'NO_BACKSLASH_ESCAPES'; {sql}");
        let mut command = Self::client(&self.0, &["-N", "-D", database]);
        command.args(["-e", &sql]);
        run(command)
    }

    /// A new database that `reader` may read.
    pub fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("blog{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.sql(
            "mysql",
            &format!(
                "CREATE DATABASE {name} CHARACTER SET utf8mb4; GRANT SELECT ON {name}.* TO reader"
            ),
        );
        name
    }

    pub fn url(&self, database: &str) -> String {
        format!(
            "mysql://reader:open%20sesame@127.0.0.1:{}/{database}",
            self.0.port
        )
    }
}

/// The server that all tests share that do not harm it.
pub fn mariadb() -> &'static Mariadb {
    static SERVER: OnceLock<Mariadb> = OnceLock::new();
    SERVER.get_or_init(Mariadb::start)
}

/// PgBouncer before a PostgreSQL server.
pub fn pgbouncer(server: &Postgres, mode: &str) -> Server {
    let (folder, port) = (folder(), free_port());
    fs::write(folder.path().join("users"), "\"reader\" \"open sesame\"\n").unwrap();
    let settings = format!(
        "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
         listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = users\n\
         pool_mode = {mode}\ndefault_pool_size = 5\n",
        server.0.port
    );
    fs::write(folder.path().join("settings"), settings).unwrap();
    let mut command = Command::new(program("pgbouncer", "pgbouncer"));
    command.arg("settings");
    Server::start(folder, port, command)
        .until_ready(|server| TcpStream::connect(("127.0.0.1", server.port)).is_ok())
}
