//! The same faults against hyper and nothing else, as many servers are built: no timer, and
//! a loop that accepts. It keeps every one of these clients for as long as they like, so
//! that the checks of this folder are known to tell (T01 to T04).

use std::{convert::Infallible, future::ready, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    clients::{Habit, block_on, crowd},
    program::FEED_BYTES,
    slow::{FEED, HALF_A_HEAD, HALF_A_PREFACE, LINE, PREFACE, ROBOTS},
};

/// Longer than Dateline puts up with any of them in the short forms, and than it waits for
/// a head in any.
const LIMIT: Duration = Duration::from_secs(16);

fn start(runtime: &Runtime) -> SocketAddr {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        let body = Bytes::from(vec![b'x'; FEED_BYTES]);
        while let Ok((socket, _)) = listener.accept().await {
            let body = body.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let is_feed = request.uri().path() == "/rss.xml";
                let body = if is_feed { body.clone() } else { Bytes::new() };
                ready(Ok::<_, Infallible>(Response::new(Full::new(body))))
            });
            tokio::spawn(async move {
                let mut builder = auto::Builder::new(TokioExecutor::new());
                builder.http1().header_read_timeout(None);
                let _ = builder
                    .serve_connection(TokioIo::new(socket), service)
                    .await;
            });
        }
    });
    address
}

#[test]
fn hyper_alone_keeps_every_one_of_them() {
    let runtime = Runtime::new().unwrap();
    let address = start(&runtime);
    let drips = Some((LINE, Duration::from_secs(2)));
    let habits = [
        ("a head a line at a time", HALF_A_HEAD, drips, true),
        ("silence", &b""[..], None, true),
        ("half a preface", HALF_A_PREFACE, None, true),
        ("an answer that is not read", FEED, None, false),
        ("idle after an answer", ROBOTS, None, true),
        ("idle in HTTP/2", PREFACE, None, true),
    ];
    std::thread::scope(|scope| {
        for (what, sends, drips, reads) in habits {
            let habit = Habit {
                sends,
                drips,
                reads,
            };
            scope.spawn(move || {
                let kept = block_on(crowd(address, 10, habit, LIMIT));
                assert_eq!(kept, [LIMIT; 10], "{what}");
            });
        }
    });
}
