//! What readers and crawlers knew of an article before Dateline served it.

use serde::{Deserialize, Serialize};

use super::{Moment, XmlText};

/// What a site's earlier feeds and sitemaps said of an article, taken over by
/// `dateline adopt` so that nobody is sent it as new.
///
/// The ids are kept by format: a site's RSS and Atom rarely had the same, and a reader
/// compares with what it got from the feed that it is subscribed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Adopted {
    /// The `guid` in RSS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rss: Option<String>,
    /// The `id` in Atom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atom: Option<String>,
    /// The `id` in JSON Feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// First availability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Moment>,
    /// Last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<Moment>,
}

impl Adopted {
    /// The first id that no document could carry, if there is one.
    #[must_use]
    pub fn unwritable(&self) -> Option<&str> {
        [&self.rss, &self.atom, &self.json]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|id| XmlText::clean(id).1 > 0)
    }

    /// Fills in from `other` what is not known yet.
    pub fn add(&mut self, other: Self) {
        let Self {
            rss,
            atom,
            json,
            published,
            modified,
        } = other;
        self.rss = self.rss.take().or(rss);
        self.atom = self.atom.take().or(atom);
        self.json = self.json.take().or(json);
        // Of two first availabilities the earlier is the first; of two last changes the
        // later is the last.
        self.published = [self.published, published].into_iter().flatten().min();
        self.modified = self.modified.max(modified);
    }
}
