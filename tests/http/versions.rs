//! HTTP/2 without TLS, on listeners that have it, spoken by `hyper` as a client.

use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Request, Response,
    client::conn::http2,
    header::{HeaderName, HeaderValue},
};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::server::{ETAG, GZIP, IDENTITY, Server};

const H2C: &str = "listen = { address = \"127.0.0.1:0\", h2c = true }\n";

/// Sends requests over one HTTP/2 connection, and returns the answers.
fn ask(server: &Server, requests: Vec<Request<Empty<Bytes>>>) -> Vec<Response<Bytes>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let socket = tokio::net::TcpStream::connect(server.address)
            .await
            .unwrap();
        let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(socket));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        let mut answers = Vec::new();
        for request in requests {
            let (head, body) = sender.send_request(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            answers.push(Response::from_parts(head, body));
        }
        answers
    })
}

fn request(method: &str, path: &str, field: Option<(&str, &str)>) -> Request<Empty<Bytes>> {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://backend.example{path}"));
    let request = field.into_iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    request.body(Empty::new()).unwrap()
}

#[test]
fn http_2_has_the_same_answers() {
    let server = Server::with(H2C);
    let tag = format!("W/\"{ETAG}\"");
    let answers = ask(
        &server,
        vec![
            request("GET", "/rss.xml", None),
            request("GET", "/rss.xml?x=1", Some(("accept-encoding", "gzip"))),
            request("GET", "/rss.xml", Some(("if-none-match", &tag))),
            request("HEAD", "/rss.xml", None),
            request("HEAD", "/nothing", None),
            request("GET", "/rss.xml/", None),
            request("POST", "/rss.xml", None),
        ],
    );
    let got: Vec<_> = answers
        .iter()
        .map(|answer| (answer.status().as_u16(), answer.body().len()))
        .collect();
    let length = |answer: &Response<Bytes>| {
        let field = answer.headers().get("content-length")?;
        field.to_str().unwrap().parse::<usize>().ok()
    };
    assert_eq!(
        got[..5],
        [
            (200, IDENTITY.len()),
            (200, GZIP.len()),
            (304, 0),
            (200, 0),
            (404, 0)
        ]
    );
    assert_eq!((got[5].0, got[6].0), (301, 405));
    assert_eq!(length(&answers[0]), Some(IDENTITY.len()));
    assert_eq!(length(&answers[2]), None);
    assert_eq!(
        length(&answers[3]),
        Some(IDENTITY.len()),
        "a HEAD has the length of a GET"
    );
    assert!(
        answers
            .iter()
            .all(|answer| answer.headers().contains_key("date"))
    );
}

#[test]
fn fields_are_counted_in_http_2_too() {
    let server = Server::with(H2C);
    let with = |fields: usize| {
        let mut request = request("GET", "/rss.xml", None);
        for _ in 0..fields {
            let (name, value) = (HeaderName::from_static("a"), HeaderValue::from_static("b"));
            request.headers_mut().append(name, value);
        }
        request
    };
    let answers = ask(&server, vec![with(100), with(101)]);
    let statuses: Vec<_> = answers
        .iter()
        .map(|answer| answer.status().as_u16())
        .collect();
    assert_eq!(statuses, [200, 431]);
}

#[test]
fn http_1_is_spoken_beside_it_and_alone_without_it() {
    let server = Server::with(H2C);
    assert_eq!(server.get("/rss.xml", &[]).body, IDENTITY);
    let plain = Server::start();
    let mut stream = plain.connect();
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    assert!(bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 400"));
}

#[test]
fn silent_half_and_idle_connections_are_cut_off_there_too() {
    let server = Server::with(&format!(
        "{H2C}[server.limits]\nheader_seconds = 1\nidle_seconds = 1"
    ));
    let settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for (what, sent) in [
        ("silent", &b""[..]),
        ("half a preface", b"PRI * HTTP/2.0\r\n"),
        ("a preface and no request", settings),
        ("half a head of HTTP/1", b"GET / HTTP/1.1\r\n"),
    ] {
        let mut stream = server.connect();
        stream.write_all(sent).unwrap();
        let begun = Instant::now();
        let _ = stream.read_to_end(&mut Vec::new());
        assert!(begun.elapsed() < Duration::from_secs(8), "{what}");
    }
}
