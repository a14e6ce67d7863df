//! Dateline in the hands of an operator: what changes, fails, stops and comes back.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod admin;
mod deploy;
mod disk;
mod files;
mod killed;
mod life;
mod outages;
mod process;
mod progress;
mod refresh;
mod standards;
mod unchanged;
