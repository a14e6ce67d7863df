//! Connections: kept, bounded, and ended in time.

use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

use crate::server::{Answer, IDENTITY, Server};

const GET: &[u8] = b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n\r\n";

/// Reads one answer with a body of known length from a connection that stays open.
fn read_answer(stream: &mut impl std::io::Read) -> Answer {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        assert_eq!(
            stream.read(&mut byte).unwrap(),
            1,
            "closed in the middle of a head"
        );
        bytes.push(byte[0]);
    }
    let mut answer = Answer::parse(&bytes);
    let length = answer.field("content-length").unwrap().parse().unwrap();
    answer.body = vec![0; length];
    stream.read_exact(&mut answer.body).unwrap();
    answer
}

#[test]
fn a_connection_carries_one_request_after_another() {
    let server = Server::start();
    let mut stream = server.connect();
    for _ in 0..3 {
        stream.write_all(GET).unwrap();
        assert_eq!(read_answer(&mut stream).body, IDENTITY);
    }
    stream.write_all(&[GET, GET].concat()).unwrap();
    for _ in 0..2 {
        assert_eq!(read_answer(&mut stream).body, IDENTITY);
    }
}

#[test]
fn silent_half_and_idle_clients_are_cut_off() {
    let server = Server::with("[server.limits]\nheader_seconds = 1\nidle_seconds = 1");
    for (what, sent) in [
        ("silent", &b""[..]),
        ("half a line", b"GET /rss"),
        ("half a head", b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n"),
        ("half an HTTP/2 preface", b"PRI * HTTP/2.0\r\n"),
        ("idle after an answer", GET),
    ] {
        let mut stream = server.connect();
        stream.write_all(sent).unwrap();
        let begun = Instant::now();
        let mut rest = Vec::new();
        // A reset is as good an end as a clean one.
        let _ = stream.read_to_end(&mut rest);
        assert!(begun.elapsed() < Duration::from_secs(8), "{what}");
    }
}

#[test]
fn a9_18_a_full_house_is_a_503_with_retry_after() {
    let server = Server::with("[server.limits]\nconnections = 1");
    let mut first = server.connect();
    first.write_all(GET).unwrap();
    read_answer(&mut first);
    for _ in 0..3 {
        let answer = server.get("/rss.xml", &[]);
        assert_eq!(
            (answer.status, answer.field("retry-after")),
            (503, Some("30"))
        );
        assert_eq!(answer.field("cache-control"), Some("no-store"));
        assert!(httpdate::parse_http_date(answer.field("date").unwrap()).is_ok());
        assert!(!answer.body.is_empty() && answer.body.len() < 100);
    }
    first.write_all(GET).unwrap();
    assert_eq!(read_answer(&mut first).status, 200, "who is in stays in");
    drop(first);
    server.wait_until("a place is free", || {
        server.get("/rss.xml", &[]).status == 200
    });
}

#[test]
fn a_stop_ends_idle_connections_at_once() {
    let mut server = Server::start();
    let mut stream = server.connect();
    stream.write_all(GET).unwrap();
    read_answer(&mut stream);
    let begun = Instant::now();
    server.stop();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(stream.read(&mut [0]).unwrap(), 0, "closed, not reset");
}

#[test]
fn a_stop_waits_ten_seconds_at_most_for_slow_clients() {
    let mut server = Server::start();
    let mut slow = server.connect();
    slow.write_all(b"GET /rss.xml HTTP/1.1\r\nHost:").unwrap();
    // Let the server see the half head before it is told to stop.
    std::thread::sleep(Duration::from_millis(200));
    let begun = Instant::now();
    server.stop();
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn heads_without_bounds_are_refused() {
    let server = Server::start();
    let long = "x".repeat(100_000);
    let mut stream = server.connect();
    // The server may answer and close before all of it is written.
    let _ = write!(stream, "GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let status = String::from_utf8_lossy(&bytes);
    assert!(
        status.is_empty() || status.starts_with("HTTP/1.1 4"),
        "{}",
        &status[..status.len().min(80)]
    );
    assert_eq!(server.get("/rss.xml", &[]).status, 200);
}

#[test]
fn a_client_that_has_said_all_it_will_say_still_gets_every_answer() {
    let server = Server::start();
    for _ in 0..20 {
        let mut stream = server.connect();
        stream.write_all(&GET.repeat(50)).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 50);
    }
}
