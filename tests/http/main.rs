//! The server on a real socket, spoken to byte by byte: what a client can notice of RFC
//! 9110, 9111 and 9112. Numbers such as `a9_8` are those of `docs/standards.md`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod access_log;
mod addresses;
mod conditional;
mod connection;
mod farewell;
mod fields;
mod listeners;
mod on_request;
mod proxies;
mod server;
mod standards;
mod versions;
