//! Whole sites: a configuration and a catalogue in, documents out. Numbers such as `a6_5` are
//! those of the project's list of standards.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod archives;
mod excerpts;
mod incremental;
mod links;
mod on_request;
mod others;
mod rich;
mod robots;
mod round_trip;
mod selections;
mod sitemaps;
mod workshop;
