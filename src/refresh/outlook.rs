//! How the configuration and the origin look, without reading the origin.

use std::path::Path;

use crate::source::{Glance, Source};

/// Equal twice: nothing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outlook {
    /// A hash of `feeds.toml`; `None` while it cannot be read.
    pub(super) config: Option<blake3::Hash>,
    /// Of the origin.
    pub(super) origin: Glance,
}

/// Looks at both. Blocks.
pub(super) fn look(file: &Path, source: &dyn Source) -> Outlook {
    Outlook {
        config: std::fs::read(file).ok().map(|bytes| blake3::hash(&bytes)),
        origin: source.glance(),
    }
}
