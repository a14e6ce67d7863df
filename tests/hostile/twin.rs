//! The same faults against hyper and nothing else, as many servers are built: no timer, a loop
//! that tries again at once when it cannot accept, and counts by whatever clients send. It
//! fails every check of this folder that it is put to, so that they are known to tell.

use std::{
    collections::HashMap,
    convert::Infallible,
    env, fs,
    future::ready,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, header::HOST, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    clients::{Habit, block_on, crowd},
    program::{FEED_BYTES, Program},
    slow::{FEED, HALF_A_HEAD, HALF_A_PREFACE, LINE, PREFACE, ROBOTS},
};

/// Longer than Dateline puts up with any of them in the short forms, and than it waits for
/// a head in any.
const LIMIT: Duration = Duration::from_secs(16);
/// Set where this program is to be the server and not its tests.
const ASKED: &str = "DATELINE_HOSTILE_TWIN";

/// Starts it as a process of its own, as the command that `command` makes of the program.
pub fn start(command: impl FnOnce(&str) -> Command) -> Program {
    let program = env::current_exe().unwrap();
    let mut command = command(program.to_str().unwrap());
    command
        .args(["twin::is_a_server_where_it_is_asked_to", "--exact"])
        .arg("--nocapture")
        .env(ASKED, "1");
    Program::spawn(command, tempfile::tempdir().unwrap())
}

/// The process that [`start`] starts. Among the tests it has nothing to do.
#[test]
fn is_a_server_where_it_is_asked_to() {
    if env::var_os(ASKED).is_some() {
        Runtime::new().unwrap().block_on(serve());
    }
}

async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut log = fs::File::create("/dev/stderr").unwrap();
    let mut say = |line: String| std::io::Write::write_all(&mut log, line.as_bytes());
    say(format!(
        "listening on http://{}\n",
        listener.local_addr().unwrap()
    ))
    .unwrap();
    let body = Bytes::from(vec![b'x'; FEED_BYTES]);
    let counts: Arc<Mutex<HashMap<String, u64>>> = Arc::default();
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            Err(error) => {
                let _ = say(format!("accept failed: {error}\n"));
                continue;
            }
        };
        // Else each bundle of small answers waits for the client's kernel.
        let _ = socket.set_nodelay(true);
        let (body, counts) = (body.clone(), Arc::clone(&counts));
        let service = service_fn(move |request: Request<Incoming>| {
            let host = request
                .headers()
                .get(HOST)
                .map_or(&b""[..], |h| h.as_bytes());
            let label = format!(
                "{} {} {}",
                request.method(),
                host.escape_ascii(),
                request.uri()
            );
            *counts.lock().unwrap().entry(label).or_default() += 1;
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
}

#[test]
fn hyper_alone_keeps_every_one_of_them() {
    let twin = start(|program| Command::new(program));
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
            let address = twin.address;
            scope.spawn(move || {
                let kept = block_on(crowd(address, 10, habit, LIMIT));
                assert_eq!(kept, [LIMIT; 10], "{what}");
            });
        }
    });
}
