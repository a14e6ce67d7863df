//! Clients behind proxies, and how much one client may take.

use std::io::{Read as _, Write as _};

use crate::server::{Answer, IDENTITY, Server};

const BEHIND: &str = "trusted_proxies = [\"127.0.0.1\"]\n";

/// Sends `before`, then a request for the feed, and reads to the end.
fn send(server: &Server, before: &[u8]) -> Vec<u8> {
    let mut stream = server.connect();
    let request = b"GET /rss.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(&[before, request].concat()).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

#[test]
fn a_proxy_header_goes_before_the_request_and_nothing_else_does() {
    let listen = "listen = { address = \"127.0.0.1:0\", proxy_protocol = true }\n";
    let server = Server::with(&format!("{BEHIND}{listen}"));
    let v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xC0\0\x02\x01\x7F\0\0\x01\0\x01\0\x02";
    let good = [
        &b"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n"[..],
        v2,
        b"PROXY UNKNOWN\r\n",
    ];
    for header in good {
        assert_eq!(Answer::parse(&send(&server, header)).body, IDENTITY);
    }
    for header in [
        &b""[..],
        b"PROXY TCP4 x y 1 2\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x11\x11\0\0",
    ] {
        assert_eq!(send(&server, header), b"", "{}", header.escape_ascii());
    }
    let shed = server.front.counters().snapshot().shed;
    assert!(
        shed.iter()
            .any(|(reason, count)| (reason.label(), *count) == ("proxy_header", 3))
    );
    let elsewhere = Server::with(&format!("trusted_proxies = [\"10.0.0.1\"]\n{listen}"));
    assert_eq!(
        send(&elsewhere, good[0]),
        b"",
        "not from who is not trusted"
    );
}

#[test]
fn one_client_has_so_many_connections_and_a_proxy_has_more() {
    let listen = "listen = { address = \"127.0.0.1:0\", proxy_protocol = true }\n";
    let limits = "[server.limits]\nconnections_per_client = 2\n";
    let server = Server::with(&format!("{BEHIND}{listen}{limits}"));
    let hold = |header: &[u8]| {
        let mut stream = server.connect();
        let request = b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n\r\n";
        stream.write_all(&[header, request].concat()).unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        (stream, String::from_utf8_lossy(&first).into_owned())
    };
    let one = b"PROXY TCP6 2001:db8::1 ::1 1 2\r\n";
    let same = b"PROXY TCP6 2001:db8::2 ::1 1 2\r\n";
    let other = b"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n";
    let held = [hold(one), hold(same)];
    assert!(held.iter().all(|(_, status)| status.ends_with(" 200")));
    assert!(hold(one).1.ends_with(" 503"));
    assert!(hold(other).1.ends_with(" 200"));
    let many: Vec<_> = (0..5).map(|_| hold(b"PROXY UNKNOWN\r\n")).collect();
    assert!(
        many.iter().all(|(_, status)| status.ends_with(" 200")),
        "the proxy itself"
    );
    drop(held);
    server.wait_until("room again", || hold(one).1.ends_with(" 200"));
}

#[test]
fn a9_18_who_ignores_validators_is_told_when_to_come_back() {
    let limits = "[server.limits]\nfull_answers_per_hour = 2\n";
    let server = Server::with(&format!("{BEHIND}{limits}"));
    let poll = |more: &[&str]| {
        let fields = [&["X-Forwarded-For: 203.0.113.7"], more].concat();
        server.get("/rss.xml", &fields)
    };
    let tag = "If-None-Match: \"old\"";
    assert_eq!([poll(&[]).status, poll(&[]).status], [200, 200]);
    let refused = poll(&[]);
    // Once in a long while the hour turns in between.
    if refused.status != 200 {
        assert_eq!(refused.status, 429);
        let seconds: u32 = refused.field("retry-after").unwrap().parse().unwrap();
        assert!((1..=3_600).contains(&seconds));
        assert_eq!(refused.field("cache-control"), Some("no-store"));
    }
    assert_eq!(poll(&[tag]).status, 200, "a validator is shown");
    assert_eq!(poll(&["If-None-Match: *"]).status, 304);
    assert_eq!(poll(&["Via: 1.1 cache"]).status, 200, "a shared cache");
    assert_eq!(poll(&["User-Agent: another"]).status, 200);
    for _ in 0..5 {
        assert_eq!(server.get("/rss.xml", &[]).status, 200, "the proxy itself");
        let private = ["X-Forwarded-For: 192.168.1.2"];
        assert_eq!(server.get("/rss.xml", &private).status, 200);
    }
}
