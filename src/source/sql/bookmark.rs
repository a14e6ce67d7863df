//! How far a database was read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::source::Bookmark;

/// What is kept between two readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Page {
    /// The configuration that was read by: with another one, other rows are articles.
    pub(super) by: String,
    /// The newest change seen, exactly as the database writes it.
    pub(super) changed: Value,
    /// The newest deletion seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted: Option<Value>,
    /// When everything was last read, by the database's clock in Unix seconds.
    pub(super) whole: i64,
}

impl Page {
    /// `None` where it is not one of ours.
    pub(super) fn open(bookmark: &Bookmark) -> Option<Self> {
        serde_json::from_str(&bookmark.0).ok()
    }

    pub(super) fn bookmark(&self) -> Option<Bookmark> {
        serde_json::to_string(self).ok().map(Bookmark)
    }
}
