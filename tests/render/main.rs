//! The documents, byte by byte, and read back by a reader that is not ours. Numbers such as
//! `a1_4` are those of the project's list of standards.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod catalogue;
mod golden;
mod read_back;
mod standards;
mod tree;
