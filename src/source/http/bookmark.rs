//! How far an origin that tells of changes was read.

use serde::{Deserialize, Serialize};

use crate::{config::HttpSourceConfig, source::Bookmark};

/// A bookmark's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// A print of the configuration: by another one, articles may read otherwise.
    pub(super) config: String,
    /// The greatest date of change, in Unix seconds.
    pub(super) modified: i64,
    /// How many articles there were.
    pub(super) total: u64,
    /// When everything was read last, in Unix seconds.
    pub(super) whole: i64,
}

impl Mark {
    pub(super) fn read(bookmark: &Bookmark) -> Option<Self> {
        serde_json::from_str(&bookmark.0).ok()
    }

    pub(super) fn written(&self) -> Bookmark {
        Bookmark(serde_json::to_string(self).unwrap_or_default())
    }
}

/// A print of what decides how an article reads. Secrets are not in it, nor what only says
/// how to ask.
pub(super) fn print(config: &HttpSourceConfig) -> String {
    let HttpSourceConfig {
        url,
        preset,
        items,
        fields,
        next,
        total,
        address,
        ..
    } = config;
    let all = format!("{url:?} {preset:?} {items:?} {fields:?} {next:?} {total:?} {address:?}");
    blake3::hash(all.as_bytes()).to_hex()[..32].to_owned()
}
