//! A folder with a site in it, and the program run in that folder.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

/// Generous: test machines are shared and slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with a `feeds.toml` and a catalogue.
pub struct Site {
    folder: tempfile::TempDir,
}

/// What a command that ended came to.
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Site {
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// A site whose articles are `text` in a file `name`.
    pub fn of(name: &str, text: &str) -> Self {
        let site = Self::empty();
        site.write(
            "feeds.toml",
            &format!(
                "[site]\nurl = \"https://backend.example/\"\ntitle = \"Backend\"\n\
                 [source.file]\npath = \"{name}\"\nurl = \"articles/{{slug}}/\"\n"
            ),
        );
        site.write(name, text);
        site
    }

    /// The bundled example, in a folder of its own.
    pub fn example() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let site = Self::empty();
        for file in ["feeds.toml", "examples/backend-architecture/articles.toml"] {
            site.write(file, &fs::read_to_string(root.join(file)).unwrap());
        }
        site
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command.current_dir(self.folder.path()).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Done {
        let output = self.command(arguments).output().unwrap();
        Done {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr)
                .unwrap()
                .lines()
                .flat_map(plain)
                .map(|line| line + "\n")
                .collect(),
        }
    }

    /// Every file that `build` writes, by path.
    pub fn build(&self) -> BTreeMap<String, Vec<u8>> {
        let done = self.run(&["build", "out"]);
        assert_eq!(done.status, 0, "{}", done.err);
        let out = self.path("out");
        let files = walkdir::WalkDir::new(&out).into_iter().map(Result::unwrap);
        files
            .filter(|file| file.file_type().is_file())
            .map(|file| {
                let path = file.path().strip_prefix(&out).unwrap();
                (
                    format!("/{}", path.display()),
                    fs::read(file.path()).unwrap(),
                )
            })
            .collect()
    }

    /// Starts a server with these arguments, and waits until it is ready.
    pub fn serve(&self, arguments: &[&str]) -> Served {
        let mut command = self.command(arguments);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if plain(&line)
                    .into_iter()
                    .any(|line| tell.send(line).is_err())
                {
                    break;
                }
            }
        });
        let mut served = Served {
            child,
            lines,
            said: Vec::new(),
            address: ([127, 0, 0, 1], 0).into(),
        };
        let line = served.wait_for("listening on http://");
        let address = line.trim_start_matches("listening on http://");
        served.address = address.parse().unwrap();
        served
    }
}

/// The lines of a message of the log, which is an object where no terminal is.
fn plain(line: &str) -> Vec<String> {
    let entry = serde_json::from_str::<serde_json::Value>(line).ok();
    let message = entry.as_ref().and_then(|entry| entry["message"].as_str());
    message.unwrap_or(line).lines().map(str::to_owned).collect()
}

/// A running server, which ends with the test.
pub struct Served {
    child: Child,
    lines: Receiver<String>,
    /// Every line so far.
    pub said: Vec<String>,
    pub address: SocketAddr,
}

impl Served {
    /// The next line on standard error that begins with `start`.
    pub fn wait_for(&mut self, start: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line {start:?} came, but {:#?}", self.said);
            };
            self.said.push(line.clone());
            if line.starts_with(start) {
                return line;
            }
        }
    }

    /// Status and body of a GET.
    pub fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let (head, body) = self.exchange(path);
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body)
    }

    /// The value of a field of a GET.
    pub fn field(&self, path: &str, name: &str) -> Option<String> {
        let (head, _) = self.exchange(path);
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        fields
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
    }

    fn exchange(&self, path: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        (head, bytes[end + 4..].to_vec())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(status.unwrap().success());
    }

    /// Sends a signal, and waits for the end: how long that took, and the status.
    pub fn end_by(&mut self, name: &str) -> (Duration, ExitStatus) {
        let begun = Instant::now();
        self.signal(name);
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (begun.elapsed(), status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{name} did not end it");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
