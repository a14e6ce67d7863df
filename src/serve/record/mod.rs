//! What is noted of requests: counts always, lines on demand.

mod access_log;
mod counters;
mod line;

pub use access_log::AccessLog;
pub use counters::{Counters, LATENCY_BOUNDS, Outcome, RequestCount, Shed, Snapshot};
pub(super) use line::Line;
