//! A server of a small edition, and a client that shows every byte.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use bytes::Bytes;
use dateline::{
    article::{AbsoluteUrl, Timestamp},
    config::{self, ServerConfig},
    edition::{Document, Edition},
    render::DocumentKind,
    serve::{self, Current, Front, Listeners},
    store::{Body, Cause},
};
use tokio::sync::watch;

pub const ETAG: &str = "0123456789abcdef0123456789abcdef";
pub const CHANGED: &str = "Wed, 10 Jun 2026 00:00:00 GMT";
pub const IDENTITY: &[u8] = b"<rss version=\"2.0\"/>";
pub const GZIP: &[u8] = b"gzip bytes";
pub const BR: &[u8] = b"br bytes";

pub struct Server {
    pub address: SocketAddr,
    pub current: Current,
    pub front: Arc<Front>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// What a configuration with these lines under `[server]` says, on a free port unless they
/// say where.
pub fn config(lines: &str) -> ServerConfig {
    let listen = if lines.contains("listen") {
        ""
    } else {
        "listen = \"127.0.0.1:0\"\n"
    };
    let text = format!(
        "[site]\nurl = \"https://backend.example/\"\ntitle = \"A\"\n[source.file]\n\
         path = \"a.toml\"\n[server]\n{listen}{lines}"
    );
    let config = config::parse(Path::new("/nowhere/feeds.toml"), &text);
    config.unwrap_or_else(|error| panic!("{error}")).server
}

pub fn document(path: &str, kind: DocumentKind, changed: Option<i64>) -> Document {
    let site = AbsoluteUrl::parse("https://backend.example/").unwrap();
    Document {
        path: path.to_owned(),
        kind,
        etag: ETAG.to_owned(),
        changed: changed.map(|seconds| Timestamp::from_unix(seconds).unwrap()),
        cause: Cause::First,
        body: Body {
            identity: Some(Bytes::from_static(IDENTITY)),
            gzip: Some(Bytes::from_static(GZIP)),
            br: Some(Bytes::from_static(BR)),
        },
        finished: false,
        license: None,
        url: site.join(path).unwrap(),
        sisters: match kind {
            DocumentKind::Rss => vec![(DocumentKind::Atom, site.join("/atom.xml").unwrap())],
            _ => vec![],
        },
    }
}

pub fn edition() -> Edition {
    let changed = Some(1_781_049_600);
    let documents = [
        document("/rss.xml", DocumentKind::Rss, changed),
        document("/sitemap.xml", DocumentKind::Sitemap, changed),
        document("/robots.txt", DocumentKind::Robots, None),
    ];
    Edition {
        documents: documents.map(Arc::new).to_vec(),
        ..Edition::default()
    }
}

impl Server {
    pub fn start() -> Self {
        Self::with("")
    }

    /// With these lines under `[server]`.
    pub fn with(lines: &str) -> Self {
        Self::of(config(lines), 0)
    }

    /// That keeps so many bytes of what is made on request.
    pub fn keeping(bytes: u64) -> Self {
        Self::of(config(""), bytes)
    }

    fn of(config: ServerConfig, bytes: u64) -> Self {
        let current = Current::new(&edition(), None, bytes);
        let (stop, stopped) = watch::channel(false);
        let (tell, told) = std::sync::mpsc::channel();
        let shared = current.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listeners = Listeners::bind(&config).unwrap_or_else(|e| panic!("{e}"));
                let front = Front::open(&config, shared, |_| {}).unwrap();
                let addresses = listeners.addresses();
                tell.send((addresses, Arc::clone(&front))).unwrap();
                serve::serve(listeners, front, stopped).await;
            });
        });
        let (addresses, front) = told.recv().unwrap();
        let tcp = addresses
            .iter()
            .find_map(|address| address.strip_prefix("http://"));
        Self {
            address: tcp.unwrap_or("0.0.0.0:0").parse().unwrap(),
            current,
            front,
            stop,
            thread: Some(thread),
        }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// Sends `head` (lines without their ends) and reads to the end of the connection.
    pub fn raw(&self, head: &str) -> Answer {
        let mut stream = self.connect();
        stream
            .write_all(head.replace('\n', "\r\n").as_bytes())
            .unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(&bytes)
    }

    /// One request on a connection of its own.
    pub fn ask(&self, method: &str, path: &str, fields: &[&str]) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\nHost: x\nConnection: close\n");
        for field in fields {
            head.push_str(field);
            head.push('\n');
        }
        self.raw(&(head + "\n"))
    }

    pub fn get(&self, path: &str, fields: &[&str]) -> Answer {
        self.ask("GET", path, fields)
    }

    /// Waits until something holds, for ten seconds at most.
    pub fn wait_until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < Duration::from_secs(10), "not {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Tells the server to stop, and waits until it has.
    pub fn stop(&mut self) {
        self.stop.send(true).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head: {:?}", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let fields = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            fields,
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        let found = self.fields.iter().filter(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// Names of all fields, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}
