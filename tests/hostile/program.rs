//! The program as a process of its own, watched from outside.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tempfile::TempDir;

use crate::is_long;

pub struct Program {
    child: Child,
    folder: TempDir,
    pub address: SocketAddr,
}

/// How much text the feed has: more than the kernel buffers for a client that reads nothing.
pub const FEED_BYTES: usize = 8_000_000;

impl Program {
    /// Starts with these lines under `[server]`, and a feed of a few kilobytes.
    pub fn start(lines: &str) -> Self {
        Self::with(lines, 1_000, |program| Command::new(program))
    }

    /// The same with a feed of [`FEED_BYTES`].
    pub fn with_large_feed(lines: &str) -> Self {
        Self::with(lines, FEED_BYTES, |program| Command::new(program))
    }

    /// With a feed of so much text, as the command that `command` makes of the program.
    pub fn with(lines: &str, text: usize, command: impl FnOnce(&str) -> Command) -> Self {
        raise_descriptors();
        let folder = tempfile::tempdir().unwrap();
        let listen = if lines.contains("listen") {
            ""
        } else {
            "listen = \"127.0.0.1:0\"\n"
        };
        let config = format!(
            "[site]\nurl = \"https://backend.example/\"\ntitle = \"A\"\n[source.file]\n\
             path = \"a.json\"\n[server]\n{listen}{lines}"
        );
        fs::write(folder.path().join("feeds.toml"), config).unwrap();
        fs::write(folder.path().join("a.json"), catalogue(text)).unwrap();
        Self::spawn(command(env!("CARGO_BIN_EXE_dateline")), folder)
    }

    /// Starts what a command runs and waits until it says where it listens.
    pub fn spawn(mut command: Command, folder: TempDir) -> Self {
        let said = fs::File::create(folder.path().join("said")).unwrap();
        let child = command
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .unwrap();
        let mut program = Self {
            child,
            folder,
            address: "127.0.0.1:1".parse().unwrap(),
        };
        program.address = program.wait_for("to listen", Duration::from_secs(60), |program| {
            // Not from its beginning: other things may stand before it on the line.
            let said = program.said();
            let (_, line) = said.split_once("listening on http://")?;
            line.lines().next()?.parse().ok()
        });
        program
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard error so far.
    pub fn said(&self) -> String {
        let said = fs::read_to_string(self.folder.path().join("said")).unwrap();
        // Where no terminal is, each line is an object with its message.
        let message = |line: &str| {
            let entry = serde_json::from_str::<serde_json::Value>(line).ok();
            let message = entry.as_ref().and_then(|entry| entry["message"].as_str());
            message.unwrap_or(line).to_owned() + "\n"
        };
        said.lines().map(message).collect()
    }

    /// How much it wrote to standard error so far, in bytes.
    pub fn said_bytes(&self) -> u64 {
        let said = fs::metadata(self.folder.path().join("said"));
        said.unwrap().len()
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        line.trim()
            .trim_end_matches(" kB")
            .parse::<usize>()
            .unwrap()
            * 1024
    }

    /// CPU time so far.
    pub fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        // A tick is a hundredth of a second on Linux, whatever the kernel counts in.
        Duration::from_millis(ticks * 10)
    }

    pub fn wait_for<T>(
        &self,
        what: &str,
        patience: Duration,
        look: impl Fn(&Self) -> Option<T>,
    ) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(
                begun.elapsed() < patience,
                "waited for it {what}: {}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A GET on a connection of its own: status, and how long it took.
    pub fn get(&self, path: &str) -> std::io::Result<(u16, Duration)> {
        let begun = Instant::now();
        let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(12)]).into_owned();
        let status = head
            .rsplit(' ')
            .next()
            .and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| std::io::Error::other(head))?;
        Ok((status, begun.elapsed()))
    }

    /// What must hold whatever was done to it: it lives, has not panicked, and serves.
    pub fn is_well(&mut self) {
        assert_eq!(self.child.try_wait().unwrap(), None, "{}", self.said());
        let said = self.said();
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(self.get("/robots.txt").unwrap().0, 200);
    }
}

/// How long others waited for an answer while something was done to the program.
#[derive(Default)]
pub struct Waits(Vec<Duration>);

impl Waits {
    /// Has one of them ask, and then pauses.
    pub fn ask(&mut self, program: &Program) {
        let (status, took) = program.get("/robots.txt").expect("others are served");
        assert_eq!(status, 200);
        self.0.push(took);
        std::thread::sleep(Duration::from_millis(20));
    }

    /// What must hold: nobody waits for the end of the attack, and in the long form, which has
    /// the machine to itself, 99 of 100 wait for 20 ms at most. Gives back a report.
    pub fn are_short(mut self) -> String {
        self.0.sort();
        let count = self.0.len();
        let (middle, late) = (self.0[count / 2], self.0[count * 99 / 100]);
        let slowest = self.0[count - 1];
        assert!(slowest < Duration::from_secs(3), "{slowest:?}");
        if is_long() {
            assert!(late <= Duration::from_millis(20), "{late:?}");
        }
        format!(
            "{count} others waited {middle:?} in the middle, {late:?} at 99 %, {slowest:?} at most"
        )
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn catalogue(text: usize) -> String {
    let articles = 20;
    let paragraph = format!(
        "<p>{}</p>",
        "The quick brown fox writes of feeds. ".repeat(20)
    );
    let body = paragraph.repeat((text / articles / paragraph.len()).max(1));
    let articles: Vec<String> = (0..articles)
        .map(|i| {
            format!(
                "{{\"id\":\"https://backend.example/{i}\",\"url\":\"https://backend.example/{i}/\",\
                 \"title\":\"Article {i}\",\"published\":\"2026-05-{:02}T09:00:00Z\",\
                 \"content_html\":\"{body}{i}\"}}",
                i + 1
            )
        })
        .collect();
    format!("{{\"articles\":[{}]}}", articles.join(","))
}

/// Starts a program with so many descriptors and no more.
pub fn limited(descriptors: usize) -> impl FnOnce(&str) -> Command {
    move |program| {
        let mut command = Command::new("prlimit");
        command
            .arg(format!("--nofile={descriptors}:{descriptors}"))
            .arg(program);
        command
    }
}

/// The tests need as many sockets as there are clients.
fn raise_descriptors() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
}

/// The file of a process that names its open descriptors.
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd"))
        .unwrap()
        .count()
}
