//! Sockets, limits and answers. Opens no file and no database: everything it sends was made
//! with the edition.

mod coding;
mod conditional;
mod respond;
mod table;

pub use coding::{Coding, negotiate};
pub use conditional::{Outcome, Validators, evaluate};
pub use respond::{Answer, respond};
pub use table::Table;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

use crate::{article::Timestamp, edition::Edition};

/// What is being served, shared by every connection and replaced in one step.
#[derive(Debug, Clone)]
pub struct Current(Arc<ArcSwap<Table>>);

impl Current {
    /// Begins with `edition`.
    #[must_use]
    pub fn new(edition: &Edition) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(Table::of(edition))))
    }

    /// What is served: each path, in order, and when its bytes last changed.
    #[must_use]
    pub fn documents(&self) -> Vec<(String, Option<Timestamp>)> {
        self.0.load().documents()
    }

    /// Replaces what is served. A request already begun is answered from the old edition.
    pub fn publish(&self, edition: &Edition) {
        self.0.store(Arc::new(Table::of(edition)));
    }
}

/// How clients are held in bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, over all listeners.
    pub connections: usize,
    /// For the head of a request, and for idling between two.
    pub header_timeout: Duration,
}

/// After the signal to stop, how long a request already begun may still take.
const DRAIN: Duration = Duration::from_secs(8);
/// A head longer than this is refused with 431.
const HEAD_BYTES: usize = 16 * 1024;
/// After a failed `accept`, which for want of descriptors would fail again at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Binds every address.
///
/// # Errors
/// What the system says, with the address.
pub async fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, (SocketAddr, io::Error)> {
    let mut listeners = Vec::with_capacity(addresses.len());
    for address in addresses {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| (*address, error))?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Serves until `stop` turns true; then lets requests already begun come to their end, for
/// eight seconds at most.
pub async fn serve(
    listeners: Vec<TcpListener>,
    current: Current,
    limits: Limits,
    stop: watch::Receiver<bool>,
) {
    let graceful = Arc::new(GracefulShutdown::new());
    let permits = Arc::new(Semaphore::new(limits.connections));
    let mut accepting = JoinSet::new();
    for listener in listeners {
        let connections = Connections {
            listener,
            current: current.clone(),
            limits,
            permits: Arc::clone(&permits),
            graceful: Arc::clone(&graceful),
        };
        accepting.spawn(connections.accept(stop.clone()));
    }
    while accepting.join_next().await.is_some() {}
    // Every other holder ended with its accept loop.
    if let Some(graceful) = Arc::into_inner(graceful) {
        // The runtime closes what is still open after that.
        let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
    }
}

/// One listener and what its connections share.
struct Connections {
    listener: TcpListener,
    current: Current,
    limits: Limits,
    permits: Arc<Semaphore>,
    graceful: Arc<GracefulShutdown>,
}

impl Connections {
    async fn accept(self, mut stop: watch::Receiver<bool>) {
        let stopped = async {
            // An error means that the sender is gone, which is as good as a signal.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        tokio::pin!(stopped);
        loop {
            let next = async {
                // Past the cap, clients wait in the kernel's queue until another leaves.
                let permit = Arc::clone(&self.permits).acquire_owned().await;
                (permit, self.listener.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                () = &mut stopped => return,
                accepted = next => accepted,
            };
            match (permit, accepted) {
                (Ok(permit), Ok((stream, _))) => self.spawn(stream, permit),
                _ => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    fn spawn(&self, stream: TcpStream, permit: OwnedSemaphorePermit) {
        let current = self.current.clone();
        let watcher = self.graceful.watcher();
        let header_timeout = self.limits.header_timeout;
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let table = current.0.load_full();
                let answer = respond(&table, &request, Timestamp::now());
                async move { Ok::<_, Infallible>(answer) }
            });
            // An answer is one small write; waiting to fill a segment only delays it.
            let _ = stream.set_nodelay(true);
            let connection = http1::Builder::new()
                // Without a timer hyper keeps a silent client for ever.
                .timer(TokioTimer::new())
                .header_read_timeout(header_timeout)
                .max_buf_size(HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service);
            // A client that goes away in the middle is no news.
            let _ = watcher.watch(connection).await;
            drop(permit);
        });
    }
}
