//! Sockets, limits and answers. A request waits for no file, database or lock: everything it
//! gets was made with the edition.

mod address;
mod client;
mod coding;
mod conditional;
mod connection;
mod front;
mod record;
mod respond;
mod table;

pub use address::canonical;
pub use client::{HeaderError, Peer, ProxyHeader, client, parse_proxy_header};
pub use coding::{Coding, negotiate};
pub use conditional::{Validators, Verdict, evaluate};
pub use connection::{ListenError, Listeners, serve};
pub use front::Front;
pub use record::{AccessLog, Counters, LATENCY_BOUNDS, Outcome, RequestCount, Shed, Snapshot};

pub use table::static_fields;

use std::sync::Arc;

use arc_swap::ArcSwap;

use self::table::Table;
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
