//! Connections that never come to a request are told why, and not left waiting.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::stream::Socket;

/// So many are told at once; past that a connection is closed without a word.
const AT_ONCE: usize = 128;
/// How long one may take to hear it.
const PATIENCE: Duration = Duration::from_secs(2);

/// What one is told, and with which fields.
struct Parting {
    status: &'static str,
    fields: &'static str,
    body: &'static str,
}

/// When to come back: connections are idle for a minute at most.
const FULL: Parting = Parting {
    status: "503 Service Unavailable",
    fields: "retry-after: 30\r\n",
    body: "This server has as many connections as it can take.\n",
};
/// RFC 9112 section 3: a target that is longer than any that is read. hyper would say 431.
const TARGET_TOO_LONG: Parting = Parting {
    status: "414 URI Too Long",
    fields: "",
    body: "The address is too long.\n",
};

/// A number that is never exceeded.
#[derive(Debug)]
pub(super) struct Room {
    limit: usize,
    taken: AtomicUsize,
}

impl Room {
    pub(super) fn for_up_to(limit: usize) -> Arc<Self> {
        let taken = AtomicUsize::new(0);
        Arc::new(Self { limit, taken })
    }

    /// One place, or `None` where all are taken.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Guest> {
        let more = |taken| (taken < self.limit).then_some(taken + 1);
        let entered = self.taken.fetch_update(Relaxed, Relaxed, more);
        entered.is_ok().then(|| Guest(Arc::clone(self)))
    }
}

/// A place in a [`Room`], given back when it is dropped.
#[derive(Debug)]
pub(super) struct Guest(Arc<Room>);

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Relaxed);
    }
}

/// Answers connections with 503.
#[derive(Debug, Clone)]
pub(super) struct Doorkeeper(Arc<Room>);

impl Doorkeeper {
    pub(super) fn new() -> Self {
        Self(Room::for_up_to(AT_ONCE))
    }

    /// Says that there is no room and closes, in a task of its own.
    pub(super) fn turn_away(&self, socket: impl Socket) {
        self.part(socket, &FULL);
    }

    /// Says that the target of a request is too long and closes, in a task of its own.
    pub(super) fn refuse_target(&self, socket: impl Socket) {
        self.part(socket, &TARGET_TOO_LONG);
    }

    fn part(&self, mut socket: impl Socket, parting: &'static Parting) {
        let Some(guest) = self.0.enter() else {
            return;
        };
        tokio::spawn(async move {
            let _ = tokio::time::timeout(PATIENCE, say(&mut socket, parting)).await;
            drop(guest);
        });
    }
}

async fn say(socket: &mut impl Socket, parting: &Parting) -> std::io::Result<()> {
    let Parting {
        status,
        fields,
        body,
    } = parting;
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\n{fields}cache-control: no-store\r\n\
         connection: close\r\ndate: {}\r\n\r\n{body}",
        body.len(),
        httpdate::fmt_http_date(SystemTime::now()),
    );
    socket.write_all(answer.as_bytes()).await?;
    socket.shutdown().await?;
    // Closing while bytes of the request are unread would reset the connection, and the
    // client would never see the answer.
    let mut unread = [0; 1024];
    while socket.read(&mut unread).await? > 0 {}
    Ok(())
}
