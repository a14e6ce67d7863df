//! Counts of what the server did, cheap enough for every request: a fixed set of labels, one
//! atomic each, and no client can add to them.

use std::{
    array,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use hyper::StatusCode;

use crate::{
    render::DocumentKind,
    serve::{Coding, Reader},
};

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 200 and 204.
    Good,
    /// 304.
    NotModified,
    /// 301 and 308.
    Redirected,
    /// 429.
    TooMany,
    /// Any other 4xx.
    ClientError,
    /// 5xx.
    ServerError,
}

impl Outcome {
    /// All, in order.
    pub const ALL: [Self; 6] = [
        Self::Good,
        Self::NotModified,
        Self::Redirected,
        Self::TooMany,
        Self::ClientError,
        Self::ServerError,
    ];

    /// A label: `2xx`, `304`, `3xx`, `429`, `4xx` or `5xx`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Good => "2xx",
            Self::NotModified => "304",
            Self::Redirected => "3xx",
            Self::TooMany => "429",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
        }
    }

    fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            ..300 => Self::Good,
            304 => Self::NotModified,
            300..400 => Self::Redirected,
            429 => Self::TooMany,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }
}

/// Why a connection was ended or turned away by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shed {
    /// As many connections as there may be at once.
    Connections,
    /// As many as one client may have at once.
    Client,
    /// The head of a request did not come in time.
    SlowHead,
    /// No further request came in time.
    Idle,
    /// An answer was not taken in time.
    SlowReader,
    /// A PROXY header was missing, malformed, or from someone who is not trusted.
    ProxyHeader,
    /// The system had no descriptor or memory for a connection.
    System,
}

impl Shed {
    /// All, in order.
    pub const ALL: [Self; 7] = [
        Self::Connections,
        Self::Client,
        Self::SlowHead,
        Self::Idle,
        Self::SlowReader,
        Self::ProxyHeader,
        Self::System,
    ];

    /// A label in lower case, words joined by `_`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Client => "client",
            Self::SlowHead => "slow_head",
            Self::Idle => "idle",
            Self::SlowReader => "slow_reader",
            Self::ProxyHeader => "proxy_header",
            Self::System => "system",
        }
    }
}

/// Upper bounds of the latency histogram; what took longer than the last is counted past it.
pub const LATENCY_BOUNDS: [Duration; 12] = [
    Duration::from_micros(50),
    Duration::from_micros(100),
    Duration::from_micros(250),
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(25),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// The kinds of document, and one place more for requests of none.
const KINDS: usize = DocumentKind::ALL.len() + 1;
const CODINGS: usize = Coding::ALL.len();
const OUTCOMES: usize = Outcome::ALL.len();
const READERS: usize = Reader::ALL.len();

/// Running counts since the start of the process.
#[derive(Debug)]
pub struct Counters {
    requests: [[AtomicU64; OUTCOMES]; KINDS],
    readers: [[AtomicU64; OUTCOMES]; READERS],
    bytes: [AtomicU64; CODINGS],
    shed: [AtomicU64; Shed::ALL.len()],
    accepted: AtomicU64,
    closed: AtomicU64,
    latency: [AtomicU64; LATENCY_BOUNDS.len() + 1],
    latency_nanoseconds: AtomicU64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            requests: array::from_fn(|_| zeros()),
            readers: array::from_fn(|_| zeros()),
            bytes: zeros(),
            shed: zeros(),
            accepted: AtomicU64::new(0),
            closed: AtomicU64::new(0),
            latency: zeros(),
            latency_nanoseconds: AtomicU64::new(0),
        }
    }
}

fn zeros<const N: usize>() -> [AtomicU64; N] {
    array::from_fn(|_| AtomicU64::new(0))
}

impl Counters {
    /// A request was answered; `bytes` of body in `coding`.
    pub(in crate::serve) fn request(
        &self,
        kind: Option<DocumentKind>,
        reader: Reader,
        status: StatusCode,
        coding: Coding,
        bytes: u64,
    ) {
        let kind = kind.map_or(KINDS - 1, |kind| kind as usize);
        let outcome = Outcome::of(status) as usize;
        self.requests[kind][outcome].fetch_add(1, Relaxed);
        self.readers[reader as usize][outcome].fetch_add(1, Relaxed);
        if bytes > 0 {
            self.bytes[coding as usize].fetch_add(bytes, Relaxed);
        }
    }

    /// An answer went to the kernel, so long after its request had come.
    pub(in crate::serve) fn flushed(&self, after: Duration) {
        let place = LATENCY_BOUNDS.partition_point(|bound| *bound < after);
        self.latency[place].fetch_add(1, Relaxed);
        let nanoseconds = u64::try_from(after.as_nanos()).unwrap_or(u64::MAX);
        self.latency_nanoseconds.fetch_add(nanoseconds, Relaxed);
    }

    pub(in crate::serve) fn shed(&self, reason: Shed) {
        self.shed[reason as usize].fetch_add(1, Relaxed);
    }

    pub(in crate::serve) fn opened(&self) {
        self.accepted.fetch_add(1, Relaxed);
    }

    pub(in crate::serve) fn closed(&self) {
        self.closed.fetch_add(1, Relaxed);
    }

    /// All counts at one time. They are read one after another, so that a request which
    /// comes meanwhile may be in some and not in others.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let kinds = DocumentKind::ALL.into_iter().map(Some).chain([None]);
        let requests = kinds.zip(&self.requests).flat_map(|(kind, counts)| {
            Outcome::ALL
                .into_iter()
                .zip(counts)
                .map(move |(outcome, count)| RequestCount {
                    kind,
                    outcome,
                    count: count.load(Relaxed),
                })
        });
        let closed = self.closed.load(Relaxed);
        let accepted = self.accepted.load(Relaxed);
        Snapshot {
            requests: requests.collect(),
            readers: Reader::ALL
                .into_iter()
                .zip(&self.readers)
                .map(|(reader, counts)| (reader, pair(Outcome::ALL, counts)))
                .collect(),
            bytes: pair(Coding::ALL, &self.bytes),
            shed: pair(Shed::ALL, &self.shed),
            connections_accepted: accepted,
            connections_open: accepted.saturating_sub(closed),
            latency: array::from_fn(|i| self.latency[i].load(Relaxed)),
            latency_sum: Duration::from_nanos(self.latency_nanoseconds.load(Relaxed)),
        }
    }
}

fn pair<T: Copy, const N: usize>(labels: [T; N], counts: &[AtomicU64; N]) -> [(T, u64); N] {
    array::from_fn(|i| (labels[i], counts[i].load(Relaxed)))
}

/// What [`Counters`] held at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// A count for every kind of document and outcome.
    pub requests: Vec<RequestCount>,
    /// The same requests, by kind of program and outcome.
    pub readers: Vec<(Reader, [(Outcome, u64); OUTCOMES])>,
    /// Bytes of bodies, by coding.
    pub bytes: [(Coding, u64); CODINGS],
    /// Connections ended or turned away, by reason.
    pub shed: [(Shed, u64); Shed::ALL.len()],
    /// Connections since the start.
    pub connections_accepted: u64,
    /// Connections at present.
    pub connections_open: u64,
    /// From a request to its answer in the hands of the kernel: a count for each of
    /// [`LATENCY_BOUNDS`], not cumulative, and one for longer. Requests that came together
    /// on one connection count as one.
    pub latency: [u64; LATENCY_BOUNDS.len() + 1],
    /// The sum of all these times.
    pub latency_sum: Duration,
}

/// Requests of one kind with one outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestCount {
    /// What was asked for; `None` for what is no document.
    pub kind: Option<DocumentKind>,
    /// How it was answered.
    pub outcome: Outcome,
    /// How often.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_counts_in_its_own_place() {
        let counters = Counters::default();
        for (i, kind) in DocumentKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, i, "the order of ALL is that of the kinds");
            counters.request(Some(kind), Reader::Feeds, StatusCode::OK, Coding::Gzip, 10);
        }
        counters.request(
            None,
            Reader::Other,
            StatusCode::NOT_FOUND,
            Coding::Identity,
            3,
        );
        for (i, reason) in Shed::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, i);
            counters.shed(reason);
        }
        counters.flushed(Duration::from_micros(50));
        counters.flushed(Duration::from_secs(11));
        let snapshot = counters.snapshot();
        let requests = snapshot.requests.iter().filter(|count| count.count > 0);
        assert_eq!(requests.count(), KINDS);
        let of = |reader: Reader| snapshot.readers[reader as usize].1;
        assert_eq!(of(Reader::Feeds)[0], (Outcome::Good, KINDS as u64 - 1));
        assert_eq!(of(Reader::Other)[4], (Outcome::ClientError, 1));
        let coded = 10 * DocumentKind::ALL.len() as u64;
        assert_eq!(snapshot.bytes.map(|(_, bytes)| bytes), [3, coded, 0]);
        assert!(snapshot.shed.iter().all(|(_, count)| *count == 1));
        assert_eq!((snapshot.latency[0], snapshot.latency[12]), (1, 1));
    }

    #[test]
    fn statuses_have_outcomes() {
        for (status, outcome) in [
            (200, Outcome::Good),
            (204, Outcome::Good),
            (301, Outcome::Redirected),
            (304, Outcome::NotModified),
            (404, Outcome::ClientError),
            (429, Outcome::TooMany),
            (503, Outcome::ServerError),
        ] {
            assert_eq!(Outcome::of(StatusCode::from_u16(status).unwrap()), outcome);
        }
        for (i, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, i);
        }
    }
}
