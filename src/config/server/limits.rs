//! `[server.limits]`

use std::time::Duration;

use crate::config::{fault::Faults, reader::Table};

/// How clients are held in bounds. The defaults suit a server behind a proxy and one that
/// stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `connections`: at once, over all listeners; 10,000 by default.
    pub connections: usize,
    /// `connections_per_client`: at once from one IPv4 address or IPv6 /64; 1,000 by
    /// default, 0 for no limit. Not counted for trusted proxies.
    pub connections_per_client: usize,
    /// `header_bytes`: the head of a request; 16 KiB by default.
    pub header_bytes: usize,
    /// `header_fields`: in a request; 100 by default.
    pub header_fields: usize,
    /// `target_bytes`: path and query of a request; 8 KiB by default.
    pub target_bytes: usize,
    /// `header_seconds`: from the first byte of a request, or from the connection, to the
    /// end of the head; 10 by default.
    pub header: Duration,
    /// `idle_seconds`: between two requests; 60 by default.
    pub idle: Duration,
    /// `write_seconds`: in so much time a client must take `write_bytes` of an answer that
    /// waits for it; 30 by default.
    pub write: Duration,
    /// `write_bytes`: 1,024 by default.
    pub write_bytes: usize,
    /// `full_answers_per_hour`: of one document to one client that sends no validator; 0,
    /// the default, for no limit.
    pub full_answers_per_hour: usize,
    /// `on_request_bytes`: of documents that are made on request, so much is kept; 32 MiB by
    /// default.
    pub on_request_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_client: 1_000,
            header_bytes: 16 * 1024,
            header_fields: 100,
            target_bytes: 8 * 1024,
            header: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            write: Duration::from_secs(30),
            write_bytes: 1024,
            full_answers_per_hour: 0,
            on_request_bytes: 32 * 1024 * 1024,
        }
    }
}

/// Reads `[server.limits]`.
pub(super) fn read(server: &mut Table<'_>, faults: &mut Faults) -> Limits {
    const MANY: usize = 1_000_000;
    let mut limits = Limits::default();
    let Some(mut table) = server.table(faults, "limits") else {
        return limits;
    };
    for (key, range, number) in [
        ("connections", 1..=MANY, &mut limits.connections),
        (
            "connections_per_client",
            0..=MANY,
            &mut limits.connections_per_client,
        ),
        // Below 8 KiB hyper has no buffer to read into.
        ("header_bytes", 8_192..=MANY, &mut limits.header_bytes),
        ("header_fields", 10..=10_000, &mut limits.header_fields),
        ("target_bytes", 256..=MANY, &mut limits.target_bytes),
        ("write_bytes", 1..=MANY, &mut limits.write_bytes),
        (
            "full_answers_per_hour",
            0..=60_000,
            &mut limits.full_answers_per_hour,
        ),
        (
            "on_request_bytes",
            0..=1_000_000_000_000,
            &mut limits.on_request_bytes,
        ),
    ] {
        *number = table.integer(faults, key, range, *number);
    }
    for (key, duration) in [
        ("header_seconds", &mut limits.header),
        ("idle_seconds", &mut limits.idle),
        ("write_seconds", &mut limits.write),
    ] {
        let default = usize::try_from(duration.as_secs()).unwrap_or(usize::MAX);
        let seconds = table.integer(faults, key, 1..=3_600, default);
        *duration = Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX));
    }
    table.finish(faults);
    limits
}
