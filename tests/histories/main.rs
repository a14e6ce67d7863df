//! What a site's dates, ids and validators are over time: refresh after refresh, under a
//! clock that the test holds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that cannot go on stops here"
)]

mod adopted;
mod clock;
mod commands;
mod documents;
mod guards;
mod ids;
mod moved_store;
mod site;
