//! The program in bad company: clients that send slowly, read nothing, ask for nothing, ask
//! for nonsense, or come in thousands. What must hold is always the same: they are cut off in
//! time, memory stays bounded, everyone else is served, no 5xx but the 503 of a full house,
//! no panic.
//!
//! Every run has a short form of each. The long form, with full numbers and the default
//! deadlines, is run before a release:
//!
//! ```text
//! HOSTILE=long cargo test --release --test hostile -- --test-threads=1 --nocapture
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops here, and the long form says what it measured"
)]

mod clients;
mod descriptors;
mod flood;
mod http2;
mod inherited;
mod nonsense;
mod program;
mod slow;
mod twin;

/// Whether the long form was asked for.
fn is_long() -> bool {
    std::env::var("HOSTILE").is_ok_and(|form| form == "long")
}

/// Prints what was measured, in the long form, under the name of the test.
fn report(what: std::fmt::Arguments<'_>) {
    if is_long() {
        let thread = std::thread::current();
        println!("{}: {what}", thread.name().unwrap_or_default());
    }
}

/// `short` in every run, `long` in the long form.
fn figure(short: usize, long: usize) -> usize {
    if is_long() { long } else { short }
}
