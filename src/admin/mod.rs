//! The operator's own listener: whether the server lives and is ready, what it does, and a
//! way to ask for a refresh. It never shares a port with the public.

mod access;
mod address;
pub mod client;
mod metrics;
mod page;
mod routes;
mod status;

pub use address::Socket;

use std::{convert::Infallible, sync::Arc, time::Duration};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Semaphore, watch},
    time::sleep,
};
use tracing_appender::non_blocking::ErrorCounter;

use crate::{
    refresh::{Board, Orders},
    serve::Counters,
};

/// As many may ask at once: a few people, a scraper, a few probes.
const CONNECTIONS: usize = 64;
/// For the head of a request, and for idling.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const HEAD_BYTES: usize = 16 * 1024;
/// After a failed `accept`, which for want of descriptors would fail again at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What the answers are made of.
pub struct Desk {
    /// How things stand.
    pub board: Board,
    /// Takes orders to the keeper.
    pub orders: Orders,
    /// Lines of the log that nobody took.
    pub dropped_lines: ErrorCounter,
    /// What the public side has done.
    pub counters: Arc<Counters>,
    /// What an operator must show, if anything.
    pub token: Option<String>,
    /// Whether requests come over a network, where a browser could be made to send them.
    pub is_tcp: bool,
}

/// Answers until `stop` turns true. What is being answered then is not waited for.
pub async fn serve(socket: Socket, desk: Desk, mut stop: watch::Receiver<bool>) {
    let desk = Arc::new(desk);
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, socket.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            accepted = next => accepted,
        };
        match (permit, accepted) {
            (Ok(permit), Ok(stream)) => {
                let desk = Arc::clone(&desk);
                tokio::spawn(async move {
                    converse(stream, desk).await;
                    drop(permit);
                });
            }
            _ => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// One connection.
async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin + Send, desk: Arc<Desk>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(routes::answer(&desk, &request).await) }
    });
    // A client that goes away in the middle is no news.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
