//! Connections: accepted, bounded, and ended in time.

mod farewell;
mod listen;
mod shed;
mod stream;

pub use listen::{ListenError, Listeners};

use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use hyper::{
    Request, Version,
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulConnection, GracefulShutdown, Watcher},
    },
};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpStream, UnixStream},
    sync::watch,
    task::JoinSet,
};

use self::{
    listen::{Listener, Socket},
    shed::{Doorkeeper, Guest, Room},
    stream::{Heads, Patience, Stream},
};
use super::{
    Front,
    client::{Census, HeaderError, Peer, parse_proxy_header},
    front::Answered,
    record::{Counters, Shed},
};
use crate::config::Limits;

/// After the signal to stop, how long a request already begun may still take.
const DRAIN: Duration = Duration::from_secs(8);
/// After that, how long the last lines of the access log may take.
const LAST_LINES: Duration = Duration::from_secs(1);
/// After a failed `accept`, which for want of descriptors would fail again at once. It is
/// doubled up to a second while it goes on.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const ACCEPT_PAUSE_MAX: Duration = Duration::from_secs(1);
/// How often it is said that connections cannot be accepted.
const COMPLAINT: Duration = Duration::from_secs(60);
/// Requests of one HTTP/2 connection at once.
const STREAMS: u32 = 100;
/// Streams that a client opened and reset before they were accepted; past it the connection
/// is ended (the "rapid reset" of CVE-2023-44487).
const PENDING_RESETS: usize = 20;
/// Streams that were reset because of a client's errors (the "MadeYouReset" of
/// CVE-2025-8671).
const ERROR_RESETS: usize = 100;

/// Serves until `stop` turns true; then lets requests already begun come to their end, for
/// eight seconds at most.
pub async fn serve(listeners: Listeners, front: Arc<Front>, stop: watch::Receiver<bool>) {
    let graceful = Arc::new(GracefulShutdown::new());
    let house = House {
        room: Room::for_up_to(front.connections()),
        census: Arc::new(Census::new(front.limits().connections_per_client)),
        doorkeeper: Doorkeeper::new(),
        front: Arc::clone(&front),
    };
    let mut accepting = JoinSet::new();
    for listener in listeners.0 {
        let graceful = Arc::clone(&graceful);
        accepting.spawn(house.clone().accept(listener, stop.clone(), graceful));
    }
    drop(house);
    while accepting.join_next().await.is_some() {}
    // Every other holder ended with its accept loop.
    if let Some(graceful) = Arc::into_inner(graceful) {
        // The runtime closes what is still open after that.
        let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
    }
    if let Some(log) = front.access_log().cloned() {
        let _ = tokio::task::spawn_blocking(move || log.flush(LAST_LINES)).await;
    }
}

/// What all listeners share.
#[derive(Clone)]
struct House {
    room: Arc<Room>,
    census: Arc<Census>,
    doorkeeper: Doorkeeper,
    front: Arc<Front>,
}

/// An accepted socket.
enum Accepted {
    Tcp(TcpStream, Peer),
    Unix(UnixStream),
}

impl Listener {
    async fn accept(&self) -> io::Result<Accepted> {
        match &self.socket {
            Socket::Tcp(socket) => {
                let (socket, peer) = socket.accept().await?;
                Ok(Accepted::Tcp(socket, peer.ip().into()))
            }
            Socket::Unix(socket, _) => {
                let (socket, _) = socket.accept().await?;
                Ok(Accepted::Unix(socket))
            }
        }
    }
}

impl House {
    async fn accept(
        self,
        listener: Listener,
        mut stop: watch::Receiver<bool>,
        graceful: Arc<GracefulShutdown>,
    ) {
        let departing = stop.clone();
        let stopped = async {
            // An error means that the sender is gone, which is as good as a signal.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        tokio::pin!(stopped);
        let mut trouble = Trouble::default();
        loop {
            let next = async {
                trouble.pause().await;
                listener.accept().await
            };
            let accepted = tokio::select! {
                () = &mut stopped => return,
                accepted = next => accepted,
            };
            match accepted {
                Ok(accepted) => {
                    trouble.is_over();
                    let departure = Departure {
                        stop: departing.clone(),
                        _watcher: graceful.watcher(),
                    };
                    match accepted {
                        Accepted::Tcp(socket, peer) => {
                            // An answer is one small write; waiting to fill a segment only
                            // delays it.
                            let _ = socket.set_nodelay(true);
                            self.admit(socket, peer, &listener, departure);
                        }
                        Accepted::Unix(socket) => {
                            self.admit(socket, Peer::Unix, &listener, departure);
                        }
                    }
                }
                Err(error) if is_client_gone(&error) => {}
                Err(error) => {
                    self.front.counters().shed(Shed::System);
                    if trouble.add() {
                        self.front.complain(format!(
                            "connections cannot be accepted: {error}; trying again"
                        ));
                    }
                }
            }
        }
    }

    /// Finds a place for a connection and serves it there, or turns it away.
    fn admit(
        &self,
        socket: impl stream::Socket,
        peer: Peer,
        listener: &Listener,
        departure: Departure,
    ) {
        let Some(guest) = self.room.enter() else {
            self.front.counters().shed(Shed::Connections);
            self.doorkeeper.turn_away(socket);
            return;
        };
        let connection = Connection {
            house: self.clone(),
            peer,
            h2c: listener.h2c,
            proxy_protocol: listener.proxy_protocol,
            departure,
            _guest: guest,
        };
        tokio::spawn(connection.live(socket));
    }
}

/// One connection, with its place in the house.
struct Connection {
    house: House,
    peer: Peer,
    h2c: bool,
    proxy_protocol: bool,
    /// From the first byte on, so that a stop waits for a request whose head is on its way.
    departure: Departure,
    _guest: Guest,
}

impl Connection {
    async fn live(mut self, mut socket: impl stream::Socket) {
        let front = Arc::clone(&self.house.front);
        let begun = tokio::time::Instant::now();
        let deadline = begun + front.limits().header;
        let mut read = BytesMut::with_capacity(512);
        if self.proxy_protocol {
            let header = introduce(&mut socket, &mut read, self.peer, &front);
            match tokio::time::timeout_at(deadline, header).await {
                Ok(Some(peer)) => self.peer = peer,
                Ok(None) | Err(_) => {
                    front.counters().shed(Shed::ProxyHeader);
                    return;
                }
            }
        }
        let counted = self.peer.address();
        let counted = counted.filter(|_| !self.peer.is_trusted(front.trusted_proxies()));
        let place = counted.map(|client| self.house.census.enter(client));
        if let Some(None) = place {
            front.counters().shed(Shed::Client);
            self.house.doorkeeper.turn_away(socket);
            return;
        }
        front.counters().opened();
        let _open = Open(Arc::clone(front.counters()));
        let limit = front.limits().header_bytes;
        let head = first_head(&mut socket, &mut read, limit);
        if tokio::time::timeout_at(deadline, head).await.is_err() {
            front.counters().shed(Shed::SlowHead);
            return;
        }
        if read.len() >= limit && !read.contains(&b'\n') {
            self.house.doorkeeper.refuse_target(socket);
            return;
        }
        // In a box, so that who waits above takes up little.
        Box::pin(self.speak(socket, read.freeze(), begun, front)).await;
    }

    async fn speak(
        self,
        socket: impl stream::Socket,
        before: Bytes,
        begun: tokio::time::Instant,
        front: Arc<Front>,
    ) {
        let heads = Arc::new(Heads::default());
        let limits = *front.limits();
        let stream = Stream::new(
            socket,
            before,
            begun,
            Patience::of(&limits),
            Arc::clone(&heads),
            Arc::clone(front.counters()),
        );
        let peer = self.peer;
        let service = service_fn(move |request: Request<Incoming>| {
            let multiplexed = request.version() == Version::HTTP_2;
            heads.add(multiplexed);
            if !multiplexed && !request.body().is_end_stream() {
                heads.add_body();
            }
            let answered = front.answer(peer, request);
            async move {
                Ok::<_, Infallible>(match answered {
                    Answered::Now(response) => response,
                    Answered::Later(response) => response.await,
                })
            }
        });
        if self.h2c {
            let connection = either_version(&limits);
            watch(self.departure, connection.serve_connection(stream, service)).await;
        } else {
            let connection = version_1(&limits);
            watch(self.departure, connection.serve_connection(stream, service)).await;
        }
    }
}

/// Serves a connection to its end, or after the signal to stop to the end of what was asked.
///
/// The head of the first request is there already, and the first poll answers it: hyper
/// closes a connection that is asked to stop before it has read anything.
async fn watch(mut departure: Departure, connection: impl GracefulConnection) {
    let mut connection = pin!(connection);
    let told = departure.stop.clone();
    // Polled once, to be woken by it: each further time would take a lock that all
    // connections share. Whether it was told is seen without one.
    let mut signal = pin!(departure.stop.wait_for(|stop| *stop));
    let mut is_told = false;
    let mut first = true;
    let ended = poll_fn(|context| {
        if connection.as_mut().poll(context).is_ready() {
            return Poll::Ready(true);
        }
        if std::mem::take(&mut first) {
            is_told = signal.as_mut().poll(context).is_ready();
        }
        if is_told || told.has_changed().unwrap_or(true) {
            return Poll::Ready(false);
        }
        Poll::Pending
    });
    // A client that goes away in the middle is no news.
    if !ended.await {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// How a connection learns that it is to end, and how the end of the process waits for it.
struct Departure {
    stop: watch::Receiver<bool>,
    _watcher: Watcher,
}

/// Counts a connection as closed when it is dropped.
struct Open(Arc<Counters>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.closed();
    }
}

fn version_1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // `Stream` has the deadlines.
        .header_read_timeout(None)
        // A client may say that it has sent all, and still waits for the answers.
        .half_close(true)
        .max_buf_size(limits.header_bytes);
    if limits.header_fields != Limits::default().header_fields {
        // Said aloud, it costs an allocation per request.
        builder.max_headers(limits.header_fields);
    }
    builder
}

fn either_version(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .header_read_timeout(None)
        .half_close(true)
        .max_headers(limits.header_fields)
        .max_buf_size(limits.header_bytes);
    let header_bytes = u32::try_from(limits.header_bytes).unwrap_or(u32::MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(header_bytes)
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(PENDING_RESETS)
        .max_local_error_reset_streams(ERROR_RESETS);
    builder
}

/// Reads the PROXY header, and leaves what was read past it: for whom the peer speaks. `None`
/// when there is no valid one, or the peer is no one who may send one.
async fn introduce(
    socket: &mut impl stream::Socket,
    read: &mut BytesMut,
    peer: Peer,
    front: &Front,
) -> Option<Peer> {
    if peer != Peer::Unix && !peer.is_trusted(front.trusted_proxies()) {
        return None;
    }
    loop {
        if socket.read_buf(read).await.ok()? == 0 {
            return None;
        }
        match parse_proxy_header(read) {
            Ok(header) => {
                let _ = read.split_to(header.length);
                return Some(header.client.map_or(peer, Peer::from));
            }
            Err(HeaderError::Incomplete) => {}
            Err(HeaderError::Invalid) => return None,
        }
    }
}

/// Reads until the first head is there, or what cannot become one. hyper would do the same
/// with buffers of 16 KiB, which is too much for thousands who never send the rest.
async fn first_head(socket: &mut impl stream::Socket, read: &mut BytesMut, limit: usize) {
    // One line end and then another, with or without a return before it.
    let is_whole = |read: &[u8]| {
        let end = |at: usize| matches!(&read[at..], [b'\n', b'\n', ..] | [b'\n', b'\r', b'\n', ..]);
        read.iter()
            .enumerate()
            .any(|(at, byte)| *byte == b'\n' && end(at))
    };
    let cannot_be = |read: &[u8]| read.first().is_some_and(|byte| !byte.is_ascii_alphabetic());
    while !is_whole(read) && !cannot_be(read) && read.len() < limit {
        // An end or an error is hyper's to find.
        if !matches!(socket.read_buf(read).await, Ok(1..)) {
            return;
        }
    }
}

/// Whether `accept` failed because of the one connection that it was about: the next may
/// well be good.
fn is_client_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// What is done while the system has no descriptor for another connection: wait, longer each
/// time, and say so once in a while.
#[derive(Debug, Default)]
struct Trouble {
    pause: Duration,
    complained: Option<Instant>,
}

impl Trouble {
    /// Notes a failure; whether it is time to say so.
    fn add(&mut self) -> bool {
        self.pause = (self.pause * 2).clamp(ACCEPT_PAUSE, ACCEPT_PAUSE_MAX);
        let due = self
            .complained
            .is_none_or(|last| last.elapsed() >= COMPLAINT);
        if due {
            self.complained = Some(Instant::now());
        }
        due
    }

    fn is_over(&mut self) {
        self.pause = Duration::ZERO;
    }

    async fn pause(&self) {
        if !self.pause.is_zero() {
            tokio::time::sleep(self.pause).await;
        }
    }
}
