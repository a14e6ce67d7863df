//! The real binary, its log, and a client.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Nothing that is promised within a second takes longer on a machine shared with others.
pub const SOON: Duration = Duration::from_secs(20);

/// A folder with a configuration and what belongs to it.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// Three articles in a folder of Markdown, one listener on a free port.
    pub fn new() -> Self {
        let site = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(site.path("content")).unwrap();
        for number in 1..=3 {
            site.article(number, "first");
        }
        site.configure("");
        site
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes `feeds.toml`, with `more` at its end.
    pub fn configure(&self, more: &str) {
        let text = format!(
            "[site]\nurl = \"https://blog.example/\"\ntitle = \"Blog\"\n\
             [source.markdown]\npath = \"content\"\nurl = \"/{{path}}/\"\n{more}"
        );
        let new = self.path(".feeds.toml.new");
        fs::write(&new, text).unwrap();
        fs::rename(new, self.path("feeds.toml")).unwrap();
    }

    pub fn article(&self, number: u32, words: &str) {
        write_article(&self.path("content"), number, words);
    }

    pub fn start(&self) -> Dateline {
        self.start_with(&["--listen", "127.0.0.1:0"], &[])
    }

    pub fn start_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Dateline {
        let mut command = self.command("serve", arguments);
        command.envs(environment.iter().copied());
        Dateline::spawn(command)
    }

    pub fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command
            .arg("--config")
            .arg(self.path("feeds.toml"))
            .arg(name)
            .args(arguments);
        command
    }
}

pub fn write_article(folder: &Path, number: u32, words: &str) {
    let text = format!("---\ntitle: Article {number}\ndate: 2026-01-{number:02}\n---\n{words}\n");
    // As careful editors save: at no moment is there half a file.
    let new = folder.join(format!(".a{number}.new"));
    fs::write(&new, text).unwrap();
    fs::rename(new, folder.join(format!("a{number}.md"))).unwrap();
}

/// A server that runs until it is stopped or dropped.
pub struct Dateline {
    child: Child,
    lines: Receiver<String>,
    /// Every message so far.
    pub messages: Vec<String>,
}

impl Dateline {
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (give, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if give.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            lines,
            messages: Vec::new(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a message that begins so, and returns it.
    pub fn says(&mut self, begin: &str) -> String {
        self.hears(begin, SOON)
            .unwrap_or_else(|| panic!("no {begin:?} among {:#?}", self.messages))
    }

    /// The next message that begins so, if one comes in time.
    pub fn hears(&mut self, begin: &str, wait: Duration) -> Option<String> {
        let end = Instant::now() + wait;
        while let Ok(line) = self
            .lines
            .recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            let message = serde_json::from_str::<serde_json::Value>(&line)
                .ok()
                .and_then(|entry| entry["message"].as_str().map(str::to_owned))
                .unwrap_or(line);
            self.messages.push(message.clone());
            if message.starts_with(begin) {
                return Some(message);
            }
        }
        None
    }

    /// Waits until it serves, and says where.
    pub fn address(&mut self) -> SocketAddr {
        let message = self.says("listening on http://");
        message["listening on http://".len()..].parse().unwrap()
    }

    /// Waits until operators are answered, and says where.
    pub fn operators(&mut self) -> SocketAddr {
        let begin = "operators are answered on http://";
        self.says(begin)[begin.len()..].parse().unwrap()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it ends.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.wait();
    }

    /// SIGTERM, and all that it says until it ends.
    pub fn stop(mut self) -> (ExitStatus, Vec<String>) {
        self.signal("TERM");
        let status = self.wait();
        while self.hears("\0", Duration::from_millis(200)).is_some() {}
        (status, std::mem::take(&mut self.messages))
    }
}

impl Drop for Dateline {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer: status, head, body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// One request on a connection of its own.
pub fn get(address: SocketAddr, path: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    ask(&mut stream, "GET", path, "").unwrap()
}

/// One request on any stream; `fields` are whole lines with their ends.
pub fn ask(
    stream: &mut (impl std::io::Read + std::io::Write),
    method: &str,
    path: &str,
    fields: &str,
) -> std::io::Result<Answer> {
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\n");
    stream.write_all(head.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Ok(Answer {
        status: status.ok_or(std::io::ErrorKind::InvalidData)?,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// Runs a tool, and says how to get it where it is missing.
pub fn tool(name: &str, package: &str, arguments: &[&str], input: &str) -> (bool, String) {
    use std::io::Write as _;
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{name}: {error}; apt-get install {package}"));
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// Waits until `is` holds, and says how long that took.
pub fn until(what: &str, mut is: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < SOON, "never came: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
    begun.elapsed()
}
