//! The program as its users run it: arguments in; bytes, messages and exit status out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod build;
mod check;
mod commands;
mod formats;
mod program;
mod serve;
