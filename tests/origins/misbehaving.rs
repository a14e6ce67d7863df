//! An origin that does everything wrong: bounded time and memory, the last good edition stays
//! served, and the reason is clear.

use std::{
    fs,
    io::Write as _,
    net::TcpStream,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    apis::{Piece, pieces},
    program::Site,
    server::{Origin, Reply, Request},
};

const DOCUMENTS: [&str; 4] = ["/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml"];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn raw(stream: &mut TcpStream, bytes: &[u8]) -> Option<Reply> {
    let _ = stream.write_all(bytes);
    None
}

/// Writes this again and again for as long as somebody reads.
fn drip(stream: &mut TcpStream, head: &[u8], bytes: &[u8], pause: Duration) -> Option<Reply> {
    let _ = stream.write_all(head);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) && stream.write_all(bytes).is_ok() {
        std::thread::sleep(pause);
    }
    None
}

fn json(body: String) -> Option<Reply> {
    Some(Reply::new(200, "application/json", body))
}

type Fault = fn(&Request, &mut TcpStream) -> Option<Reply>;

/// 64 MiB of spaces. To pack them takes longer than an origin has time to answer on a busy
/// machine, so it is done before anyone asks.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| gzip(&vec![b' '; 64 * 1024 * 1024]));

/// What an origin can do wrong, and what is said of it.
const FAULTS: [(Fault, &str); 21] = [
    (
        |_, _| {
            let reply = Reply::new(200, "application/json", BOMB.clone());
            Some(reply.with("Content-Encoding", "gzip"))
        },
        "sends more than 1000000 bytes",
    ),
    (
        |_, stream| {
            drip(
                stream,
                b"HTTP/1.1 200 OK\r\n\r\n[",
                &[b' '; 65_536],
                Duration::ZERO,
            )
        },
        "sends more than 1000000 bytes",
    ),
    (
        |_, stream| {
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n[";
            drip(stream, head, b" ", Duration::from_secs(1))
        },
        "took longer than 3 seconds",
    ),
    (
        |_, stream| {
            drip(
                stream,
                b"HTTP/1.1 200 OK\r\nX: ",
                b"y",
                Duration::from_secs(1),
            )
        },
        "took longer than 3 seconds",
    ),
    (
        |request, _| {
            let to = format!("{}{}", request.path, "x");
            Some(Reply::new(302, "text/plain", "").with("Location", to))
        },
        "redirects once more, after too many times",
    ),
    (
        |_, _| Some(Reply::new(302, "text/plain", "").with("Location", "http://[::1]:1/")),
        "is neither 80, 443 nor that of url",
    ),
    (
        |_, _| Some(Reply::new(302, "text/plain", "").with("Location", "http://10.0.0.1/")),
        "is no public address",
    ),
    (
        |_, stream| {
            raw(
                stream,
                b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[{\"title\"",
            )
        },
        "cannot be reached: ",
    ),
    (
        // A length that is too short cuts the body off.
        |_, stream| {
            raw(
                stream,
                b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[{\"title\": 1}]",
            )
        },
        "gives broken JSON",
    ),
    (
        |_, stream| raw(stream, b"\x15\x03\x01\x00\x02\x02\x46"),
        "cannot be reached: ",
    ),
    (|_, stream| raw(stream, b""), "cannot be reached: "),
    (
        |_, _| {
            Some(Reply::new(
                200,
                "text/html",
                "<!doctype HTML>\n<title>Maintenance</title>",
            ))
        },
        "gives a page for people (HTML) and no articles",
    ),
    (
        |_, _| Some(Reply::new(500, "text/html", "<h1>Oops")),
        "answers with status 500",
    ),
    (
        |_, _| Some(Reply::new(503, "text/html", "")),
        "answers with status 503",
    ),
    (
        |_, _| {
            let reply = Reply::new(429, "application/json", "");
            Some(reply.with("Retry-After", 600))
        },
        "answers with status 429 and asks to come again in 600 s",
    ),
    (
        |_, _| {
            let body = "{\"errors\": [{\"message\": \"Unknown Content API Key\"}]}";
            Some(Reply::new(401, "application/json", body))
        },
        "answers with status 401: Unknown Content API Key",
    ),
    (
        |_, _| json("{\"articles\": [{\"title\": \"A\"}".to_owned()),
        "gives broken JSON",
    ),
    (
        |_, _| json("{\"error\": \"quota\"}".to_owned()),
        "gives an object (error) without an array",
    ),
    (|_, _| json(String::new()), "gives an empty answer"),
    (
        |_, _| json(format!("{{\"x\": {}", "[".repeat(10_000))),
        "gives broken JSON",
    ),
    (
        |_, _| Some(Reply::new(200, "application/json", b"[\"\xFF\"]".to_vec())),
        "gives text that is not UTF-8",
    ),
];

/// What one that gives lines can do wrong while they are read.
const BROKEN_LINES: [(Fault, &str); 7] = [
    (
        // Members of gzip with nothing in them, without end.
        |_, stream| {
            let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
            drip(stream, head, &gzip(b"").repeat(1_000), Duration::ZERO)
        },
        "sends more than 1000000 bytes",
    ),
    (
        |_, stream| {
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n";
            let _ = stream.write_all(head);
            raw(stream, LINE)
        },
        "breaks off: ",
    ),
    (
        |_, _| {
            let mut packed = gzip(&LINE.repeat(1_000));
            packed.truncate(packed.len() - 9);
            let reply = Reply::new(200, "application/x-ndjson", packed);
            Some(reply.with("Content-Encoding", "gzip"))
        },
        "breaks off: ",
    ),
    (
        |_, stream| {
            drip(
                stream,
                b"HTTP/1.1 200 OK\r\n\r\n",
                &[b'\n'; 65_536],
                Duration::ZERO,
            )
        },
        "sends more than 1000000 bytes",
    ),
    (
        |_, stream| {
            let head = b"HTTP/1.1 200 OK\r\n\r\n{";
            drip(stream, head, b"", Duration::from_secs(1))
        },
        "nothing came for 3 seconds",
    ),
    (
        |_, stream| {
            let head = b"HTTP/1.1 200 OK\r\n\r\n";
            drip(stream, head, LINE, Duration::from_secs(1))
        },
        "little for longer",
    ),
    (
        |_, _| Some(Reply::new(200, "application/x-ndjson", "<html>Maintenance")),
        "gives a page for people (HTML) and no articles",
    ),
];

const LINE: &[u8] = b"{\"title\": \"A\", \"url\": \"/a/\"}\n";

fn configure(site: &Site, origin: &Origin, more: &str) {
    let source = origin.source(
        "/a",
        &format!("interval = \"1s\"\ntimeout = \"3s\"\nmax_bytes = 1_000_000\n{more}"),
    );
    site.write(
        "feeds.toml",
        &format!("[site]\nurl = \"https://backend.example/\"\ntitle = \"Backend\"\n{source}"),
    );
}

#[test]
fn each_fault_is_named_within_bounds_of_time() {
    LazyLock::force(&BOMB);
    let faults = FAULTS.map(|fault| (fault, ""));
    let broken_lines = BROKEN_LINES.map(|fault| (fault, "preset = \"ndjson\"\n"));
    std::thread::scope(|scope| {
        for ((fault, reason), more) in faults.into_iter().chain(broken_lines) {
            scope.spawn(move || {
                let origin = Origin::raw(fault);
                let site = Site::empty();
                configure(&site, &origin, more);
                let begun = Instant::now();
                let done = site.run(&["check"]);
                let said = done.err.split_whitespace().collect::<Vec<_>>().join(" ");
                assert_eq!(done.status, 2, "{reason}: {said}");
                assert!(said.contains(reason), "{said} does not say: {reason}");
                assert!(begun.elapsed() < Duration::from_secs(60), "{reason}");
            });
        }
    });
}

/// One after the other at a running server, and in the end the origin is well again.
#[test]
fn whatever_the_origin_does_the_last_good_edition_is_served() {
    LazyLock::force(&BOMB);
    // 0: good; from 1 on: a fault.
    let state = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&state);
    let origin = Origin::raw(move |request, stream| match now.load(Ordering::Relaxed) {
        0 => Some(Reply::json(&pieces(30).iter().map(Piece::file).collect())),
        number => FAULTS[number - 1].0(request, stream),
    });
    let site = Site::empty();
    configure(&site, &origin, "");
    let mut served = site.serve(&["serve", "--listen", "127.0.0.1:0"]);
    let documents = |served: &crate::program::Served| DOCUMENTS.map(|path| served.get(path));
    let before = documents(&served);
    assert!(before.iter().all(|(status, _)| *status == 200));
    let most = memory(served.pid());
    for number in [1, 2, 3, 5, 8, 12, 13, 17, 20] {
        state.store(number, Ordering::Relaxed);
        // The look, or the reading that follows it, finds it out.
        served.wait_for("failed: ");
        assert!(documents(&served) == before, "after fault {number}");
    }
    let grown = memory(served.pid()).saturating_sub(most);
    assert!(grown < 64 * 1024, "{grown} KiB more after the faults");
    state.store(0, Ordering::Relaxed);
    served.wait_for("refreshed: 30 articles");
    assert!(documents(&served) == before);
}

/// An export may be of any length: it is read as it comes. Held at once it would take 80 MB.
#[test]
fn of_lines_no_more_is_held_than_one() {
    const COUNT: usize = 800;
    let words = "word ".repeat(20_000);
    let origin = Origin::raw(move |request, stream| {
        let head = b"HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Type: application/jsonl\r\n\
                     Connection: close\r\n\r\n";
        let is_known = request.field("if-none-match") == Some("\"1\"");
        if is_known {
            return Some(Reply::new(304, "text/plain", "").with("ETag", "\"1\""));
        }
        let _ = stream.write_all(head);
        for number in 0..COUNT {
            let line = format!(
                "{{\"id\": {number}, \"url\": \"/{number}/\", \"title\": \"A\", \
                 \"unused\": \"{words}\"}}\n"
            );
            // A look reads no more than the head.
            if stream.write_all(line.as_bytes()).is_err() {
                return None;
            }
        }
        None
    });
    let site = Site::empty();
    configure(&site, &origin, "");
    let feeds = fs::read_to_string(site.path("feeds.toml")).unwrap();
    let feeds = feeds.replace("1_000_000", "1_000_000_000");
    site.write(
        "feeds.toml",
        &format!("{feeds}[[feed]]\nname = \"all\"\nlimit = 5\n"),
    );
    let served = site.serve(&["serve", "--listen", "127.0.0.1:0"]);
    let (status, sitemap) = served.get("/sitemap.xml");
    assert_eq!(status, 200);
    let most = memory(served.pid());
    let sitemap = String::from_utf8(sitemap).unwrap();
    assert_eq!(sitemap.matches("<loc>").count(), COUNT);
    assert!(most < 80 * 1024, "{most} KiB");
}

/// Lines whose validators never change, from an origin that knows no conditions.
#[test]
fn of_lines_a_validator_is_believed_once_it_has_held() {
    let count = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&count);
    let origin = Origin::new(move |_| {
        let pieces = pieces(now.load(Ordering::Relaxed));
        let lines: Vec<String> = pieces
            .iter()
            .map(|piece| piece.file().to_string())
            .collect();
        let reply = Reply::new(200, "application/x-ndjson", lines.join("\n"));
        reply.with("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
    });
    let site = Site::empty();
    configure(&site, &origin, "");
    let mut served = site.serve(&["serve", "--listen", "127.0.0.1:0"]);
    count.store(3, Ordering::Relaxed);
    served.wait_for("refreshed: 3 articles");
}

/// The most that the process ever had, in KiB.
fn memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let words: Vec<&str> = line.unwrap().split_whitespace().collect();
    words[1].parse().unwrap()
}

/// JSON 10,000 deep and a wrong type are each for themselves; half of a surrogate pair is no fault.
#[test]
fn an_article_that_cannot_be_read_is_rejected_alone() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let body = format!(
        "[{{\"id\": 1, \"url\": \"/a/\", \"title\": \"A\"}}, {{\"url\": \"/b/\", \"x\": {deep}}}, \
         {{\"url\": \"/c/\", \"title\": \"\\ud800\"}}, 5, \
         {{\"id\": \"six\", \"url\": \"/e/\", \"title\": {{\"en\": \"E\"}}}}, \
         {{\"id\": 2, \"url\": \"/d/\", \"title\": \"D\"}}]"
    );
    let origin = Origin::new(move |_| Reply::new(200, "application/json", body.clone()));
    let site = Site::empty();
    configure(&site, &origin, "");
    let done = site.run(&["check"]);
    let said = done.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(done.status, 1, "{said}");
    let place = origin.url("/a");
    for line in [
        format!("rejected: {place} id no. 2: recursion limit exceeded"),
        format!("rejected: {place} id no. 4: an article must be a table"),
        format!("rejected: {place} id six: title must be a text, and is a table"),
    ] {
        assert!(said.contains(&line), "no {line} in {said}");
    }
    assert!(said.contains("3 articles, 3 rejected"), "{said}");
}

#[test]
fn tls_that_is_expected_and_not_there_is_named() {
    let origin = Origin::new(|_| Reply::json(&Value::Array(Vec::new())));
    let site = Site::empty();
    configure(&site, &origin, "");
    let text = fs::read_to_string(site.path("feeds.toml")).unwrap();
    site.write("feeds.toml", &text.replace("http://127", "https://127"));
    let done = site.run(&["check"]);
    assert_eq!(done.status, 2);
    assert!(done.err.contains("cannot be reached: "), "{}", done.err);
}

/// An answer that is sound and says that nearly everything is gone is held.
#[test]
fn an_origin_that_has_lost_its_articles_is_not_believed() {
    let gone = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&gone);
    let origin = Origin::new(move |_| match now.load(Ordering::Relaxed) {
        0 => Reply::json(&pieces(30).iter().map(Piece::file).collect()),
        _ => Reply::json(&Value::Array(Vec::new())),
    });
    let site = Site::empty();
    configure(&site, &origin, "");
    let mut served = site.serve(&["serve", "--listen", "127.0.0.1:0"]);
    let before = DOCUMENTS.map(|path| served.get(path));
    gone.store(1, Ordering::Relaxed);
    let held = served.wait_for("held: ");
    assert!(held.contains("30 of 30 articles would be gone"), "{held}");
    assert!(DOCUMENTS.map(|path| served.get(path)) == before);
}

#[test]
fn a_change_at_the_origin_is_served_without_a_nudge() {
    let count = Arc::new(AtomicUsize::new(30));
    let now = Arc::clone(&count);
    let origin = Origin::new(move |_| {
        let count = now.load(Ordering::Relaxed);
        Reply::json(&pieces(count).iter().map(Piece::file).collect())
    });
    let site = Site::empty();
    configure(&site, &origin, "");
    let mut served = site.serve(&["serve", "--listen", "127.0.0.1:0"]);
    count.store(31, Ordering::Relaxed);
    served.wait_for("refreshed: 31 articles");
    let (_, rss) = served.get("/sitemap.xml");
    assert!(String::from_utf8(rss).unwrap().contains("/no-31/"));
}
