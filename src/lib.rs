//! Dateline reads an article catalogue and serves it as RSS 2.0, Atom, JSON Feed and
//! sitemaps, with dates that can be believed and HTTP caching that works.
//!
//! The rooms and the one direction in which things flow are drawn in `ARCHITECTURE.md`.

pub mod admin;
pub mod adopt;
pub mod article;
pub mod cli;
pub mod config;
pub mod dates;
pub mod edition;
pub mod files;
pub mod intake;
pub mod outbound;
pub mod process;
pub mod refresh;
pub mod render;
pub mod serve;
pub mod source;
pub mod store;
