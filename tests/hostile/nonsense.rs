//! Requests that are none, or nearly (T08).

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::Command,
    time::{Duration, Instant},
};

use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};

use crate::{figure, program::Program, report};

/// Requests to be bent out of shape.
const SEEDS: [&[u8]; 6] = [
    b"GET /rss.xml HTTP/1.1\r\nHost: x\r\nIf-None-Match: W/\"abc\", \"def\"\r\nAccept-Encoding: gzip;q=0.5, br\r\n\r\n",
    b"GET //rss%2Exml/?a=b HTTP/1.1\r\nHost: x\r\nIf-Modified-Since: Wed, 10 Jun 2026 00:00:00 GMT\r\n\r\n",
    b"HEAD /sitemap.xml HTTP/1.0\r\nForwarded: for=\"[2001:db8::1]\";proto=http\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\nGET /robots.txt HTTP/1.1\r\nHost: y\r\n\r\n",
    b"POST /rss.xml HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET http://a.example/rss.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
];

/// Shapes that have got past servers and proxies, or that confuse them.
fn hand_made() -> Vec<Vec<u8>> {
    let mut requests: Vec<Vec<u8>> = Vec::new();
    let hidden = "GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    for method in ["GET", "POST", "OPTIONS"] {
        let length = hidden.len();
        let head = format!("{method} /rss.xml HTTP/1.1\r\nHost: x\r\nContent-Length: {length}");
        requests.push(format!("{head}\r\n\r\n{hidden}").into_bytes());
    }
    let body = format!("0\r\n\r\n{hidden}");
    for lengths in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 5\r\n",
        "Content-Length:\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\tchunked\r\n",
        "Transfer-Encoding: \x0Bchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n",
        "X: \0\r\n",
        ": y\r\n",
        " X: y\r\n",
        "X\r\n",
        "Connection: keep-alive, close, x\r\n",
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "Expect: 100-continue\r\n",
        "Expect: x\r\n",
        "Host: y\r\n",
        "Range: bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6\r\n",
    ] {
        for version in ["1.1", "1.0"] {
            for method in ["GET", "POST"] {
                let request =
                    format!("{method} /rss.xml HTTP/{version}\r\nHost: x\r\n{lengths}\r\n{body}");
                requests.push(request.into_bytes());
            }
        }
    }
    for target in [
        "/rss.xml HTTP/1.1\r\n",
        "/rss.xml  HTTP/1.1\r\n",
        "/rss.xml\tHTTP/1.1\r\n",
        "/rss.xml HTTP/1.1 \r\n",
        "/rss.xml HTTP/1.1\n",
        "/rss.xml HTTP/9.9\r\n",
        "/rss.xml http/1.1\r\n",
        "/rss.xml\r\n",
        " HTTP/1.1\r\n",
        "rss.xml HTTP/1.1\r\n",
        "/rss.xml# HTTP/1.1\r\n",
        "/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n",
        "/..%2f..%2fetc/passwd HTTP/1.1\r\n",
        "/..\\..\\etc\\passwd HTTP/1.1\r\n",
        "//etc/passwd HTTP/1.1\r\n",
        "/%00 HTTP/1.1\r\n",
        "/\0 HTTP/1.1\r\n",
        "/\u{fffd} HTTP/1.1\r\n",
        "/rss.xml\u{7f} HTTP/1.1\r\n",
        "http:// HTTP/1.1\r\n",
        "http://user:pw@x/rss.xml HTTP/1.1\r\n",
        "ftp://x/rss.xml HTTP/1.1\r\n",
        "//x/rss.xml HTTP/1.1\r\n",
        "* HTTP/1.1\r\n",
        "x:443 HTTP/1.1\r\n",
    ] {
        for method in [
            "GET", "HEAD", "OPTIONS", "CONNECT", "get", "G\0T", "", "GET\t",
        ] {
            requests.push(format!("{method} {target}Host: x\r\n\r\n").into_bytes());
        }
    }
    for size in [8_191, 8_192, 8_193, 16_383, 16_384, 16_385, 65_535, 200_000] {
        let long = "x".repeat(size);
        requests.push(format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes());
        requests.push(format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n").into_bytes());
        requests.push(format!("GET / HTTP/1.1\r\nHost: x\r\n{long}: x\r\n\r\n").into_bytes());
        requests.push(format!("{long} / HTTP/1.1\r\nHost: x\r\n\r\n").into_bytes());
    }
    for count in [99, 100, 101, 5_000] {
        let many = "a: b\r\n".repeat(count);
        requests.push(format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n").into_bytes());
    }
    requests
}

/// Sends bytes and reads all that comes back until the server closes.
fn send(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // The server may have answered and closed before all of it is written.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let begun = Instant::now();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "hung on {}",
        bytes.escape_ascii()
    );
    answer
}

/// What is wrong with an answer to nonsense.
fn fault(bytes: &[u8], answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    if !answer.is_empty() && !answer.starts_with(b"HTTP/1.") {
        return Some(format!("{text} to {}", bytes.escape_ascii()));
    }
    let statuses = text.lines().filter(|line| line.starts_with("HTTP/1."));
    statuses
        .map(|line| line[9..12].parse::<u16>().unwrap())
        .find(|status| !matches!(status, 200 | 204 | 301 | 304 | 400..=499 | 501))
        .map(|status| format!("{status} to {}", bytes.escape_ascii()))
}

fn check(bytes: &[u8], answer: &[u8]) {
    assert_eq!(fault(bytes, answer), None);
}

/// Whether the request that is hidden in the body of another was answered.
fn found_the_hidden(answer: &[u8]) -> bool {
    let answer = String::from_utf8_lossy(answer).to_ascii_lowercase();
    answer.contains("user-agent: *")
}

#[test]
fn t08_hand_made_nonsense_is_answered_or_refused_and_hides_no_request() {
    let mut program = Program::start("");
    let requests = hand_made();
    assert!(requests.len() >= 300, "{}", requests.len());
    for request in &requests {
        let answer = send(program.address, request);
        check(request, &answer);
        assert!(!found_the_hidden(&answer), "{}", request.escape_ascii());
    }
    program.is_well();
}

/// The server of Python's library, which many put up for a folder, with its HTTP/1.1.
#[test]
fn t08_a_server_that_looks_at_no_body_answers_what_is_hidden_in_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rss.xml"), "<rss/>").unwrap();
    fs::write(folder.path().join("robots.txt"), "User-agent: *\n").unwrap();
    let mut python = Command::new("python3");
    python.args(["-u", "-c", PYTHON]);
    let peer = Program::spawn(python, folder);
    let answers: Vec<_> = hand_made()
        .into_iter()
        .map(|request| (send(peer.address, &request), request))
        .collect();
    let hidden = answers
        .iter()
        .filter(|(answer, _)| found_the_hidden(answer));
    let faults = answers
        .iter()
        .filter_map(|(answer, request)| fault(request, answer));
    let (hidden, faults) = (hidden.count(), faults.count());
    report(format_args!(
        "{hidden} hidden requests answered, {faults} faults"
    ));
    assert!(hidden > 0 && faults > 0, "{hidden}, {faults}");
}

const PYTHON: &str = r#"
import http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *what): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("listening on http://%s:%d" % server.server_address, file=sys.stderr)
server.serve_forever()
"#;

#[test]
fn t08_bent_requests_make_no_5xx_no_hang_and_no_growth() {
    let mut program = Program::start("");
    let count = figure(10_000, 100_000);
    let mut runner = TestRunner::new(Config::default());
    let bend = (
        0..SEEDS.len(),
        prop::collection::vec((0..200_usize, any::<u8>(), 0..4_u8), 1..6),
    );
    let mut bent = |seed: Option<usize>| {
        let (which, changes) = bend.new_tree(&mut runner).unwrap().current();
        let mut bytes = SEEDS[seed.unwrap_or(which)].to_vec();
        for (at, byte, how) in changes {
            let at = at % bytes.len().max(1);
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 2 => drop(bytes.remove(at)),
                _ => bytes.extend_from_within(at..),
            }
        }
        bytes
    };
    for _ in 0..500 {
        let bytes = bent(None);
        check(&bytes, &send(program.address, &bytes));
    }
    let before = program.memory();
    for _ in 0..count {
        let bytes = bent(None);
        check(&bytes, &send(program.address, &bytes));
    }
    let grown = program.memory().saturating_sub(before);
    report(format_args!(
        "{count} bent requests, {} KiB more",
        grown >> 10
    ));
    assert!(grown < 5 << 20, "{} KiB", grown >> 10);
    program.is_well();
}

#[test]
fn t08_answers_are_the_same_alone_and_one_after_another() {
    let program = Program::start("");
    let paths = [
        "/rss.xml",
        "/atom.xml",
        "/nothing",
        "/robots.txt?x",
        "//rss.xml",
        "/sitemap.xml",
    ];
    let request = |path: &str, end: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nIf-Match: *\r\n{end}\r\n").into_bytes()
    };
    let dateless = |bytes: Vec<u8>| -> Vec<String> {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text.split("\r\n");
        lines
            .filter(|line| !line.starts_with("date: ") && *line != "connection: close")
            .map(str::to_owned)
            .collect()
    };
    let alone: Vec<String> = paths
        .iter()
        .flat_map(|path| {
            dateless(send(
                program.address,
                &request(path, "Connection: close\r\n"),
            ))
        })
        .collect();
    let (last, first) = paths.split_last().unwrap();
    let mut pipeline: Vec<u8> = first.iter().flat_map(|path| request(path, "")).collect();
    pipeline.extend(request(last, "Connection: close\r\n"));
    let together = dateless(send(program.address, &pipeline));
    assert_eq!(alone.concat(), together.concat());
}
