//! Catalogues over HTTP: from servers that answer as each API does, and from one that does
//! everything wrong.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod apis;
mod feeds;
mod guide;
mod misbehaving;
mod paging;
#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "the tests of the commands use all of it")]
mod program;
mod same_bytes;
mod server;
mod staying_fresh;
