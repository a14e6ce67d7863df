//! Which articles a document is about.

use super::{Axis, Timestamp};

/// Which articles a document is about, and in which order. The default is every article,
/// newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// An article must match each of these …
    pub all_of: Vec<Criterion>,
    /// … and none of these.
    pub none_of: Vec<Criterion>,
    /// Published at or after this instant; the undated are left out then.
    pub since: Option<Timestamp>,
    /// Only what a search engine may list: no `noindex`, no copy of a page elsewhere.
    pub indexed: bool,
    /// Only what has a file of sound or film: an episode of a podcast.
    pub episodes: bool,
    /// Only what stands on no finished page of this feed's archive as it is now.
    pub outside: Option<String>,
    /// What comes first, and so what stays where not all fits.
    pub order: Order,
}

/// A property that an article has or has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// What is looked at.
    pub axis: Axis,
    /// One of these values, as they stand in addresses, must be among the article's.
    pub slugs: Vec<String>,
    /// Whether an article that says nothing of the kind matches too: one without a
    /// language is in the site's own.
    pub unnamed: bool,
}

/// What comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// `"newest"` publication; the undated last.
    #[default]
    Newest,
    /// `"oldest"` publication, for serials and courses; the undated last.
    Oldest,
    /// `"updated"`: the newest change; the undated last.
    Updated,
}

impl Selection {
    /// Every article, newest first.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Those with one value of an axis.
    #[must_use]
    pub fn label(axis: Axis, slug: String) -> Self {
        Self::all().with(axis, slug)
    }

    /// Of these, those with one value of an axis.
    #[must_use]
    pub fn with(mut self, axis: Axis, slug: String) -> Self {
        self.all_of.push(Criterion {
            axis,
            slugs: vec![slug],
            unnamed: false,
        });
        self
    }
}
