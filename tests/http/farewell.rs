//! The end of a connection whose client is still sending (RFC 9112 section 9.6): it must be
//! able to read the answer that refuses what it sends.

use std::{
    convert::Infallible,
    future::ready,
    io::{self, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;

use crate::server::Server;

/// More than any buffer of hyper's, and less than a server should put up with.
const BODY: usize = 1 << 20;

/// Requests that are refused while most of them is on its way, and with what.
fn refused() -> Vec<(u16, Vec<u8>)> {
    let body = "x".repeat(BODY);
    let request = |method: &str, fields: &str| {
        format!("{method} /rss.xml HTTP/1.1\r\nHost: x\r\n{fields}\r\n").into_bytes()
    };
    let long = format!("Content-Length: {BODY}\r\n\r\n{body}");
    let chunked = format!("Transfer-Encoding: chunked\r\n\r\n{BODY:x}\r\n{body}\r\n0\r\n\r\n");
    vec![
        (405, request("POST", &long)),
        (405, request("PUT", &chunked)),
        (200, request("GET", &long)),
        (501, request("BREW", &long)),
        (414, format!("GET /{body} HTTP/1.1\r\n").into_bytes()),
        (431, request("GET", &format!("X: {body}\r\n"))),
        (400, [&b"GET / HTTP/9.9\r\n"[..], body.as_bytes()].concat()),
    ]
}

/// Sends everything, at the pace of a network, and only then reads: the answer, if it came
/// whole and the end was one.
fn send_then_read(mut stream: impl Read + Write, request: &[u8]) -> io::Result<String> {
    for part in request.chunks(BODY / 16) {
        stream.write_all(part)?;
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn is_whole(answer: &io::Result<String>, status: u16) -> bool {
    answer.as_ref().is_ok_and(|answer| {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        head.starts_with(&format!("HTTP/1.1 {status} "))
            && length == Some(body.len())
            && answer.matches("HTTP/1.1 ").count() == 1
    })
}

#[test]
fn who_is_refused_in_the_middle_of_sending_reads_why_over_tcp() {
    let server = Server::start();
    for (status, request) in refused() {
        let answer = send_then_read(server.connect(), &request);
        assert!(is_whole(&answer, status), "{status}: {answer:?}");
    }
}

#[test]
fn who_is_refused_in_the_middle_of_sending_reads_why_over_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("http.sock");
    let _server = Server::with(&format!("listen = \"unix:{}\"", path.display()));
    for (status, request) in refused() {
        let stream = UnixStream::connect(&path).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let answer = send_then_read(stream, &request);
        assert!(is_whole(&answer, status), "{status}: {answer:?}");
    }
}

#[test]
fn hyper_alone_does_not_pass_this() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service_fn(|_: Request<Incoming>| {
                let mut response = Response::new(Full::new(Bytes::from_static(b"no\n")));
                *response.status_mut() = hyper::StatusCode::METHOD_NOT_ALLOWED;
                ready(Ok::<_, Infallible>(response))
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service);
            tokio::spawn(connection);
        }
    });
    let (status, request) = &refused()[0];
    let passed = (0..5).all(|_| {
        let stream = TcpStream::connect(address).unwrap();
        is_whole(&send_then_read(stream, request), *status)
    });
    assert!(!passed, "the check cannot tell");
}

#[test]
fn it_waits_for_a_few_seconds_and_megabytes_and_no_longer() {
    let server = Server::start();
    let head = b"POST /rss.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n";
    for (chunk, pause) in [(1, Duration::from_millis(200)), (1 << 16, Duration::ZERO)] {
        let mut stream = server.connect();
        stream
            .set_write_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream.write_all(head).unwrap();
        let begun = Instant::now();
        let mut sent = 0;
        while stream.write_all(&vec![b'x'; chunk]).is_ok() {
            sent += chunk;
            // With what the kernel's own buffers on both sides hold.
            assert!(sent < 64 << 20, "{sent} bytes were taken");
            assert!(begun.elapsed() < Duration::from_secs(15), "{sent} bytes");
            std::thread::sleep(pause);
        }
    }
}

#[test]
fn who_says_that_it_closes_is_not_waited_for() {
    let server = Server::start();
    for fields in [&[][..], &["If-None-Match: *"]] {
        let begun = Instant::now();
        server.get("/rss.xml", fields);
        assert!(begun.elapsed() < Duration::from_secs(3));
    }
}
