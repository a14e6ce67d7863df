//! Pages of the site that list articles: what stands on them, and since when.

use crate::article::{Moment, Timestamp};

/// What a page that lists articles shows now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// A hash of which articles these are, and of their dates.
    pub inputs: Vec<u8>,
    /// The newest change among them.
    pub newest: Option<Timestamp>,
}

/// What such a page showed, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// A hash of which articles these were, and of their dates.
    pub inputs: Vec<u8>,
    /// When an article on it last changed, came or went, if that is known.
    pub updated: Option<Timestamp>,
}

/// Adds up [`Contents`], article by article; their order counts.
#[derive(Debug, Clone, Default)]
pub struct Counter {
    hasher: blake3::Hasher,
    newest: Option<Timestamp>,
}

impl Counter {
    /// The next article: its address, and its last change if that is known.
    pub fn add(&mut self, url: &str, modified: Option<Moment>) {
        let modified = modified.map(Moment::instant);
        self.hasher.update(&(url.len() as u64).to_le_bytes());
        self.hasher.update(url.as_bytes());
        let unix = modified.map_or(-1, Timestamp::unix);
        self.hasher.update(&unix.to_le_bytes());
        self.newest = self.newest.max(modified);
    }

    /// What was added.
    #[must_use]
    pub fn finish(&self) -> Contents {
        Contents {
            inputs: self.hasher.finalize().as_bytes()[..16].to_vec(),
            newest: self.newest,
        }
    }
}
