//! What an edition leaves to the next one, so that this looks only at what has changed.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
    sync::Arc,
};

use super::{Deferred, Document, Edition};
use crate::{
    article::Timestamp,
    config::Config,
    render::{FORMAT, FeedListing, SitemapUrl},
    store::{Contents, Counter, Listing},
};

/// What the next edition takes over where nothing has changed: what is said of feeds and pages
/// in documents that list them. It lives as long as the process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// A hash of the configuration and of the version of the format; `None` for an edition of
    /// which no more is known than its documents.
    form: Option<blake3::Hash>,
    /// What is said of each feed that there is for a value, by its folder.
    pub(super) feeds: BTreeMap<String, FeedListing>,
    /// What is said of each page that lists articles, by its name.
    pub(super) pages: BTreeMap<String, SitemapUrl>,
    /// What there is of each part of each month, for the page that lists every article.
    pub(super) months: BTreeMap<String, Vec<Sum>>,
}

/// Articles in no order: which they are and their dates, and the newest change among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    hashes: u128,
    pub(super) newest: Option<Timestamp>,
}

impl Sum {
    pub(super) fn add(&mut self, listing: &Listing) {
        let mut counter = Counter::default();
        counter.add(listing.url.as_str(), listing.modified);
        let Contents { inputs, newest } = counter.finish();
        if let Ok(inputs) = inputs.try_into() {
            self.join(Self {
                hashes: u128::from_le_bytes(inputs),
                newest,
            });
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.hashes = self.hashes.wrapping_add(other.hashes);
        self.newest = self.newest.max(other.newest);
    }

    pub(super) const fn bytes(&self) -> [u8; 16] {
        self.hashes.to_le_bytes()
    }
}

impl Outline {
    /// An empty one for editions of this configuration.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            form: Some(form(config)),
            ..Self::default()
        }
    }

    /// Whether an edition of `config` may take over what this one has.
    pub(super) fn fits(&self, config: &Config) -> bool {
        self.form == Some(form(config))
    }
}

/// Its written form is complete.
fn form(config: &Config) -> blake3::Hash {
    blake3::hash(format!("{FORMAT} {config:?}").as_bytes())
}

/// Documents of an edition that the next one has too.
#[derive(Debug, Default)]
pub(super) struct Carried {
    pub(super) documents: Vec<Arc<Document>>,
    pub(super) deferred: Vec<Arc<Deferred>>,
}

impl Carried {
    /// Takes over from `before` what is below `prefix` and `fits`.
    pub(super) fn take(&mut self, before: &Edition, prefix: &str, fits: impl Fn(&str) -> bool) {
        let documents = below(&before.documents, prefix, |document| &document.path);
        let documents = before.documents.get(documents).unwrap_or_default();
        self.documents.extend(
            documents
                .iter()
                .filter(|document| fits(&document.path))
                .cloned(),
        );
        let deferred = below(&before.deferred, prefix, |deferred| &deferred.path);
        let deferred = before.deferred.get(deferred).unwrap_or_default();
        self.deferred.extend(
            deferred
                .iter()
                .filter(|deferred| fits(&deferred.path))
                .cloned(),
        );
    }

    /// The paths of all of it.
    pub(super) fn paths(&self) -> HashSet<&str> {
        let documents = self.documents.iter().map(|document| document.path.as_str());
        let deferred = self.deferred.iter().map(|deferred| deferred.path.as_str());
        documents.chain(deferred).collect()
    }
}

/// Where in a list that is in order of path those are that begin with `prefix`.
fn below<T>(list: &[Arc<T>], prefix: &str, path: impl Fn(&T) -> &String) -> Range<usize> {
    let begin = list.partition_point(|item| path(item).as_str() < prefix);
    let rest = list.get(begin..).unwrap_or_default();
    let count = rest.partition_point(|item| path(item).starts_with(prefix));
    begin..begin + count
}
