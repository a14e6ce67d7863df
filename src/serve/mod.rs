//! Sockets, limits and answers. A request waits for no origin, and for no file, database or
//! lock either, where what it asks for was made with the edition. Few documents are not, and
//! who asks for one of these first waits until it is made from the store.

mod address;
mod client;
mod coding;
mod conditional;
mod connection;
mod front;
mod on_request;
mod record;
mod respond;
mod table;

pub use address::canonical;
pub use client::{HeaderError, Peer, ProxyHeader, Reader, client, parse_proxy_header};
pub use coding::{Coding, negotiate};
pub use conditional::{Validators, Verdict, evaluate};
pub use connection::{ListenError, Listeners, serve};
pub use front::Front;
pub use on_request::Workshop;
pub use record::{AccessLog, Counters, LATENCY_BOUNDS, Outcome, RequestCount, Shed, Snapshot};

pub use table::static_fields;

use std::sync::Arc;

use arc_swap::ArcSwap;

use self::{on_request::OnRequest, table::Table};
use crate::{article::Timestamp, edition::Edition};

/// What is being served, shared by every connection and replaced in one step.
#[derive(Clone)]
pub struct Current {
    table: Arc<ArcSwap<Table>>,
    on_request: Arc<OnRequest>,
}

impl Current {
    /// Begins with `edition`, of which `workshop` makes what is promised, and keeps up to
    /// `bytes` of that.
    #[must_use]
    pub fn new(edition: &Edition, workshop: Option<Arc<dyn Workshop>>, bytes: u64) -> Self {
        let table = Table::of(edition, workshop, None);
        Self {
            table: Arc::new(ArcSwap::from_pointee(table)),
            on_request: Arc::new(OnRequest::keeping(bytes)),
        }
    }

    /// What is served and was made with the edition: each path, in order, and when its bytes
    /// last changed.
    #[must_use]
    pub fn documents(&self) -> Vec<(String, Option<Timestamp>)> {
        self.table.load().documents()
    }

    /// Replaces what is served. A request already begun is answered from the old edition.
    pub fn publish(&self, edition: &Edition, workshop: Option<Arc<dyn Workshop>>) {
        let table = Table::of(edition, workshop, Some(&self.table.load()));
        self.table.store(Arc::new(table));
    }
}
