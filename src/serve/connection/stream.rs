//! A connection that does not wait for ever.
//!
//! hyper has one deadline, for the head of a request, which costs a timer per request; it
//! has none for a client that takes no answer, and none for a connection that has yet to
//! say which version of HTTP it speaks. All of them are kept here, below hyper, with one
//! timer per connection that is set again only when it has run out.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    task::coop::has_budget_remaining,
    time::{Instant, Sleep},
};

use super::farewell::Farewell;
use crate::{
    config::Limits,
    serve::record::{Counters, Shed},
};

/// How long each state of a connection may last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    header: Duration,
    idle: Duration,
    write: Duration,
    write_bytes: usize,
}

impl Patience {
    pub(super) const fn of(limits: &Limits) -> Self {
        Self {
            header: limits.header,
            idle: limits.idle,
            write: limits.write,
            write_bytes: limits.write_bytes,
        }
    }

    /// With looks at the clock no further apart than this, none comes too late: a deadline
    /// that begins after a look ends no earlier than the next.
    fn tick(&self) -> Duration {
        self.header.min(self.idle).min(self.write)
    }
}

/// The requests of a connection. Shared by its stream, which knows of bytes, and its service,
/// which knows of requests; both belong to one task, so that nothing is written at once.
#[derive(Debug, Default)]
pub(super) struct Heads {
    count: AtomicU64,
    multiplexed: AtomicBool,
    /// The last one has a body, which nobody reads.
    has_body: AtomicBool,
}

impl Heads {
    /// To be called as each request comes; `multiplexed` in HTTP/2, where what is read may
    /// be anything, and not the head of the next request.
    pub(super) fn add(&self, multiplexed: bool) {
        self.count.store(self.count.load(Relaxed) + 1, Relaxed);
        if multiplexed {
            self.multiplexed.store(true, Relaxed);
        }
    }

    /// To be called for a request of HTTP/1 with a body, which is the last of its connection.
    pub(super) fn add_body(&self) {
        self.has_body.store(true, Relaxed);
    }
}

/// What a connection is waiting for, and since when.
#[derive(Debug, Clone, Copy)]
enum State {
    /// The first byte or the rest of a head. The instant is noted only when it is waited
    /// for, since nearly every head comes whole.
    Head(Option<Instant>),
    /// The first byte of another request.
    Idle(Instant),
    /// Another request of HTTP/2, or that `write_bytes` more of its answers are taken.
    Streams(Progress),
    /// That the client takes more of what was offered.
    Write(Progress),
}

/// How much the client took, and since when.
#[derive(Debug, Clone, Copy)]
struct Progress {
    since: Instant,
    taken: usize,
}

impl Progress {
    fn begin() -> Self {
        Self {
            since: Instant::now(),
            taken: 0,
        }
    }

    /// Begins anew once enough was taken.
    fn with(self, bytes: usize, enough: usize) -> Self {
        let taken = self.taken + bytes;
        if taken >= enough {
            Self::begin()
        } else {
            Self { taken, ..self }
        }
    }
}

/// A socket that can be dropped together with what the kernel still holds for it.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Has the next close throw away what the client did not take. Otherwise the kernel would
    /// keep it, megabytes for each, until it gives the client up by itself.
    fn abandon(&self);
}

impl Socket for TcpStream {
    fn abandon(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Socket for UnixStream {
    /// Here the buffers go with the socket.
    fn abandon(&self) {}
}

/// A socket with deadlines.
pub(super) struct Stream<S> {
    socket: TokioIo<S>,
    /// What was read before hyper came.
    before: Bytes,
    state: State,
    patience: Patience,
    timer: Pin<Box<Sleep>>,
    /// Whether the timer has been polled since it was set, and wakes the task.
    armed: bool,
    heads: Arc<Heads>,
    /// How many of the heads have been noticed here.
    noticed: u64,
    /// When a request was noticed whose answer is not out yet.
    answering: Option<Instant>,
    farewell: Farewell,
    counters: Arc<Counters>,
}

impl<S: Socket> Stream<S> {
    /// Waits for the first head since `begun`; `before` was read already.
    pub(super) fn new(
        socket: S,
        before: Bytes,
        begun: Instant,
        patience: Patience,
        heads: Arc<Heads>,
        counters: Arc<Counters>,
    ) -> Self {
        let first_look = Instant::now() + patience.tick();
        Self {
            socket: TokioIo::new(socket),
            before,
            state: State::Head(Some(begun)),
            patience,
            timer: Box::pin(tokio::time::sleep_until(first_look)),
            armed: false,
            heads,
            noticed: 0,
            answering: None,
            farewell: Farewell::default(),
            counters,
        }
    }

    fn is_multiplexed(&self) -> bool {
        self.heads.multiplexed.load(Relaxed)
    }

    /// Whether the client may be in the middle of something: the body of a request that was
    /// answered without it, or a head that became no request.
    fn may_be_sending(&self) -> bool {
        self.heads.has_body.load(Relaxed) || matches!(self.state, State::Head(_))
    }

    /// What is waited for when there is nothing to write.
    fn at_rest(&self, since: Instant) -> State {
        if self.is_multiplexed() {
            State::Streams(Progress { since, taken: 0 })
        } else {
            State::Idle(since)
        }
    }

    /// Looks whether requests have come since the last look.
    fn notice(&mut self) {
        let heads = self.heads.count.load(Relaxed);
        if heads != self.noticed {
            self.noticed = heads;
            let now = Instant::now();
            self.answering.get_or_insert(now);
            if !matches!(self.state, State::Write(_)) {
                self.state = self.at_rest(now);
            }
        }
    }

    fn deadline(&mut self) -> Instant {
        match &mut self.state {
            State::Head(since) => *since.get_or_insert_with(Instant::now) + self.patience.header,
            State::Idle(since) => *since + self.patience.idle,
            State::Streams(progress) => progress.since + self.patience.idle,
            State::Write(progress) => progress.since + self.patience.write,
        }
    }

    /// Whether the patience with the present state is at an end. Wakes the task later to
    /// look again.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        if let State::Head(since) = &mut self.state {
            since.get_or_insert_with(Instant::now);
        }
        // One task polls all of a connection, so that the timer need not be told again whom to
        // wake, which costs more than to ask it.
        if self.armed && !self.timer.is_elapsed() {
            return false;
        }
        loop {
            // Without a budget a poll only asks to come again, and arms nothing.
            self.armed = has_budget_remaining();
            if self.timer.as_mut().poll(cx).is_pending() {
                return false;
            }
            let now = Instant::now();
            let deadline = self.deadline();
            if deadline <= now {
                return true;
            }
            let next = deadline.min(now + self.patience.tick());
            self.timer.as_mut().reset(next);
        }
    }

    /// Passes the outcome of a read or write on, unless it is to wait past the deadline.
    fn unless_over<T>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_pending() && self.is_over(cx) {
            self.counters.shed(match self.state {
                State::Head(_) => Shed::SlowHead,
                State::Idle(_) | State::Streams(_) => Shed::Idle,
                State::Write(_) => Shed::SlowReader,
            });
            self.socket.inner().abandon();
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        outcome
    }

    fn wrote(&mut self, outcome: &Poll<io::Result<usize>>) {
        let enough = self.patience.write_bytes;
        match (outcome, &mut self.state) {
            (Poll::Ready(Ok(bytes)), State::Write(progress) | State::Streams(progress)) => {
                *progress = progress.with(*bytes, enough);
            }
            (Poll::Pending, state @ (State::Head(_) | State::Idle(_) | State::Streams(_))) => {
                *state = State::Write(Progress::begin());
            }
            _ => {}
        }
    }

    /// All that was to be written has gone to the kernel.
    fn flushed(&mut self) {
        if let Some(begun) = self.answering.take() {
            let now = Instant::now();
            self.counters.flushed(now - begun);
            self.state = self.at_rest(now);
        } else if matches!(self.state, State::Write(_)) {
            self.state = self.at_rest(Instant::now());
        }
    }
}

impl<S: Socket> Read for Stream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.notice();
        if !this.before.is_empty() {
            let length = this.before.len().min(buffer.remaining());
            buffer.put_slice(&this.before[..length]);
            this.before.advance(length);
            return Poll::Ready(Ok(()));
        }
        let outcome = Pin::new(&mut this.socket).poll_read(cx, buffer);
        if outcome.is_ready() && matches!(this.state, State::Idle(_)) {
            this.state = State::Head(None);
        }
        this.unless_over(cx, outcome)
    }
}

impl<S: Socket> Write for Stream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.notice();
        let outcome = Pin::new(&mut this.socket).poll_write(cx, bytes);
        this.wrote(&outcome);
        this.unless_over(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // A head without a body is one piece, which the kernel takes faster as one.
        if let [piece] = slices {
            return self.poll_write(cx, piece);
        }
        let this = self.get_mut();
        this.notice();
        let outcome = Pin::new(&mut this.socket).poll_write_vectored(cx, slices);
        this.wrote(&outcome);
        this.unless_over(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.notice();
        let outcome = Pin::new(&mut this.socket).poll_flush(cx);
        if outcome.is_ready() {
            this.flushed();
        }
        outcome
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.socket).poll_shutdown(cx);
        ready!(this.unless_over(cx, outcome))?;
        let may_be_sending = this.may_be_sending();
        let socket = this.socket.inner_mut();
        this.farewell.poll(socket, may_be_sending, cx).map(Ok)
    }
}
