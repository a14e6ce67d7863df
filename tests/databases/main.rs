//! Databases as origins: real servers, started here, and everything that happens to them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod catalogue;
mod changes;
mod hostile;
mod outages;
#[allow(dead_code, reason = "not every suite uses all of it")]
#[path = "../operate/process.rs"]
mod process;
mod proxy;
mod same;
mod servers;
