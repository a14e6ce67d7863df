//! What must survive a restart: articles with their dates and evidence, and the edition
//! itself. Knows neither HTTP nor XML.
//!
//! One writer at a time, any number of readers. A refresh is one [`Transaction`]: either all
//! of it is there after a crash or none, so a torn edition cannot be served. The calls
//! block; they belong on a thread of their own.

mod schema;
mod sqlite;
#[cfg(test)]
mod tests;

pub use sqlite::SqliteStore;

use crate::{
    article::{AbsoluteUrl, Article, ArticleId, Axis, Moment, Timestamp},
    dates::{Declared, Event, Fingerprint, Memory},
};

/// A store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error("the store {path} cannot be opened: {cause}")]
    Open {
        /// The file.
        path: String,
        /// What the database says.
        cause: String,
    },
    /// A newer program wrote it.
    #[error(
        "the store {path} has schema version {found}; this program knows versions up to \
         {known}. Run the newer program, or name another store in [store] path"
    )]
    TooNew {
        /// The file.
        path: String,
        /// Its version.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// The file is a database of something else.
    #[error("{path} is a database, but not a store of Dateline; name another in [store] path")]
    Foreign {
        /// The file.
        path: String,
    },
    /// A statement failed.
    #[error("the store failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// What was read back is not what is ever written.
    #[error("the store holds what cannot be read: {0}")]
    Corrupt(String),
}

/// How many events are kept of an article, beside the first.
pub const HISTORY: usize = 50;

/// What outlives the process.
pub trait Store: Send {
    /// The documents of the last complete edition, in order of path; empty before the first.
    ///
    /// # Errors
    /// [`StoreError`]
    fn documents(&self) -> Result<Vec<StoredDocument>, StoreError>;

    /// The article that lives at `url`, or lived there last, and whether it is still there.
    ///
    /// # Errors
    /// [`StoreError`]
    fn article(&self, url: &AbsoluteUrl) -> Result<Option<(Article, bool)>, StoreError>;

    /// What happened to an article, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    fn history(&self, id: &ArticleId) -> Result<Vec<Event>, StoreError>;

    /// Begins a refresh. Dropped without [`Transaction::commit`], it leaves no trace.
    ///
    /// # Errors
    /// [`StoreError`], also when another process is writing for long.
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError>;
}

/// One refresh, from the first article read to the edition made of it.
pub trait Transaction {
    /// The record of the article that the origin calls `origin_id` or that lives at `url`,
    /// also if it was removed since.
    ///
    /// A name from the origin decides; the address only finds an article that never had
    /// one, or a draft that has none.
    ///
    /// # Errors
    /// [`StoreError`]
    fn find(
        &self,
        origin_id: Option<&str>,
        url: &AbsoluteUrl,
    ) -> Result<Option<Record>, StoreError>;

    /// Claims an id and an address for the article that stands at `place`. Where an article
    /// of this refresh has either already, says which and where it stands.
    ///
    /// # Errors
    /// [`StoreError`]
    fn claim(
        &mut self,
        id: &ArticleId,
        url: &AbsoluteUrl,
        place: &str,
    ) -> Result<Option<Taken>, StoreError>;

    /// Writes an article that was claimed, over its earlier record if there is one.
    ///
    /// # Errors
    /// [`StoreError`]
    fn put(&mut self, entry: &Entry<'_>) -> Result<(), StoreError>;

    /// Adds an event to the history of an article that was put. Of a long history the first
    /// event and the newest [`HISTORY`] are kept.
    ///
    /// # Errors
    /// [`StoreError`]
    fn note(&mut self, id: &ArticleId, event: &Event) -> Result<(), StoreError>;

    /// Removes every article that this refresh did not claim, leaving a tombstone. Returns
    /// those that were removed just now.
    ///
    /// # Errors
    /// [`StoreError`]
    fn sweep(&mut self, now: Timestamp) -> Result<Vec<Removed>, StoreError>;

    /// How many articles there are, those still to be published included.
    ///
    /// # Errors
    /// [`StoreError`]
    fn live(&self) -> Result<usize, StoreError>;

    /// How many articles are public at `now`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn count(&self, now: Timestamp) -> Result<usize, StoreError>;

    /// The newest articles that are public at `now`: by publication, then by id; those
    /// without a date of publication last.
    ///
    /// # Errors
    /// [`StoreError`]
    fn newest(
        &self,
        selection: &Selection,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Article>, StoreError>;

    /// Hands out what a sitemap needs of every article that is public at `now`, oldest
    /// first, so that a new article is added at the end.
    ///
    /// # Errors
    /// [`StoreError`]
    fn listings(&self, now: Timestamp, each: &mut dyn FnMut(Listing)) -> Result<(), StoreError>;

    /// The values of an axis among the articles public at `now`, in order of slug, each with
    /// the form in which it is shown.
    ///
    /// # Errors
    /// [`StoreError`]
    fn labels(&self, axis: Axis, now: Timestamp) -> Result<Vec<Label>, StoreError>;

    /// The earliest publication after `now`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn next_publication(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// The document that the last edition has at `path`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn document(&self, path: &str) -> Result<Option<StoredDocument>, StoreError>;

    /// Writes a document over the one at its path.
    ///
    /// # Errors
    /// [`StoreError`]
    fn put_document(&mut self, document: &StoredDocument) -> Result<(), StoreError>;

    /// Removes the documents whose path is not among `paths`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn keep_documents(&mut self, paths: &[String]) -> Result<(), StoreError>;

    /// Makes it all durable.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the refresh is kept then.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// An article as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// What is served.
    pub article: &'a Article,
    /// What the origin calls it.
    pub origin_id: Option<&'a str>,
    /// What the origin declared.
    pub declared: Declared,
    /// What a reader would notice of it.
    pub fingerprint: Fingerprint,
    /// What it is grouped by.
    pub labels: &'a [Label],
}

/// An article that is no longer there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Its id, which is not given again.
    pub id: ArticleId,
    /// Its title.
    pub title: String,
    /// When it was last changed.
    pub modified: Option<Moment>,
}

/// What is remembered of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id for good.
    pub id: ArticleId,
    /// What the origin calls it.
    pub origin_id: Option<String>,
    /// Where it is.
    pub url: AbsoluteUrl,
    /// Whether the origin had it no more when it was last read.
    pub removed: bool,
    /// What the judge needs to know.
    pub memory: Memory,
}

/// Another article has the id or the address already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The id, and where the other article stands.
    Id(String),
    /// The address, and where the other article stands.
    Url(String),
}

/// Which articles a feed is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Every one.
    All,
    /// Those with a label: the axis and the slug of the value.
    Label(Axis, String),
}

/// A value that articles are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// What the value is one of.
    pub axis: Axis,
    /// The value in addresses; two values with one slug are one label.
    pub slug: String,
    /// The value as it is shown.
    pub value: String,
}

/// What a sitemap needs of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Where it is.
    pub url: AbsoluteUrl,
    /// First availability.
    pub published: Option<Moment>,
    /// Last change.
    pub modified: Option<Moment>,
}

/// A document of an edition: its bytes, coded, with their validators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Where it is served, beginning with `/`, percent-encoded.
    pub path: String,
    /// What kind of document it is; `edition` knows the words.
    pub kind: String,
    /// The opaque part of its entity tag.
    pub etag: String,
    /// When the inputs of its bytes last changed, if that is known.
    pub changed: Option<Timestamp>,
    /// A hash of the articles it carries.
    pub inputs: Vec<u8>,
    /// When those last changed, if that is known.
    pub updated: Option<Timestamp>,
    /// The bytes as rendered.
    pub identity: bytes::Bytes,
    /// The bytes in the coding `gzip`, where that is smaller.
    pub gzip: Option<bytes::Bytes>,
    /// The bytes in the coding `br`, where that is smaller.
    pub br: Option<bytes::Bytes>,
}
