//! What must survive a restart: articles with their dates and evidence, and the edition
//! itself. Knows neither HTTP nor XML.
//!
//! One writer at a time, any number of readers. A refresh is one [`Transaction`]: either all
//! of it is there after a crash or none, so a torn edition cannot be served. The calls
//! block; they belong on a thread of their own.

mod aside;
mod catalogue;
mod history;
mod kept;
mod part;
mod plight;
mod schema;
mod shelf;
mod sqlite;
#[cfg(test)]
mod tests;
mod touched;

pub use aside::set_aside;
pub use catalogue::{Catalogue, Glimpse};
pub use history::{HistoryError, HistoryReader, HistoryWriter};
pub use kept::{
    Body, Cause, DocumentRecord, Entry, Label, Likeness, Listing, Placed, Record, Remembered,
    Removed, Spot, StoredDocument, Taken,
};
pub use part::Part;
pub use shelf::{Contents, Counter, Shelf};
pub use touched::Touched;

pub use sqlite::{SqliteReader, SqliteStore};

use std::path::Path;

use crate::{
    article::{AbsoluteUrl, Adopted, Article, ArticleId, Selection, Timestamp},
    dates::Event,
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
    /// The file could not be moved or put back.
    #[error("the store's file: {0}")]
    File(#[from] std::io::Error),
    /// Any of these, of the store in this file.
    #[error("{error}{} ({path})", .plight.as_deref().map(|why| format!(": {why}")).unwrap_or_default())]
    At {
        /// The file.
        path: String,
        /// What failed.
        error: Box<StoreError>,
        /// What is wrong with the place of the file, if that is why.
        plight: Option<String>,
    },
}

impl StoreError {
    /// The same, with the name of the store's file where it is not told yet.
    #[must_use]
    pub fn at(self, path: &Path) -> Self {
        match self {
            Self::Database(_) | Self::Corrupt(_) | Self::File(_) => Self::At {
                path: path.display().to_string(),
                plight: self
                    .is_of_the_disk()
                    .then(|| plight::plight(path))
                    .flatten(),
                error: Box::new(self),
            },
            named => named,
        }
    }

    /// Whether the file may be sound, and only cannot be opened or written where it is.
    #[must_use]
    pub fn is_of_the_disk(&self) -> bool {
        use rusqlite::ErrorCode::{
            CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure,
        };
        match self {
            Self::Open { .. } => true,
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(CannotOpen | DiskFull | PermissionDenied | ReadOnly | SystemIoFailure)
            ),
            Self::At { error, .. } => error.is_of_the_disk(),
            _ => false,
        }
    }

    /// Whether the file itself is damaged, so that trying again is of no use.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(DatabaseCorrupt | NotADatabase)
            ),
            Self::At { error, .. } => error.is_corrupt(),
            _ => false,
        }
    }
}

/// How many events are kept of an article, beside the first.
pub const HISTORY: usize = 50;

/// What outlives the process.
pub trait Store: Send {
    /// What the last refresh left.
    fn catalogue(&self) -> &dyn Catalogue;

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

    /// The article with this id, and whether it is still there.
    ///
    /// # Errors
    /// [`StoreError`]
    fn article_by_id(&self, id: &ArticleId) -> Result<Option<(Article, bool)>, StoreError>;

    /// What happened to which articles at `instant`: each with its event.
    ///
    /// # Errors
    /// [`StoreError`]
    fn events_at(&self, instant: Timestamp) -> Result<Vec<(Article, Event)>, StoreError>;

    /// The articles that are there and were published or last changed at `instant`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn changed_at(&self, instant: Timestamp) -> Result<Vec<Article>, StoreError>;

    /// Hands out all that is remembered of every article, removed ones included, in order
    /// of id.
    ///
    /// # Errors
    /// [`StoreError`]
    fn remembered(&self, each: &mut dyn FnMut(Remembered)) -> Result<(), StoreError>;

    /// What is remembered of every document, those no longer made included, in order of
    /// path.
    ///
    /// # Errors
    /// [`StoreError`]
    fn document_records(&self) -> Result<Vec<DocumentRecord>, StoreError>;

    /// A number that is another one when another process has written since.
    ///
    /// # Errors
    /// [`StoreError`]
    fn revision(&self) -> Result<i64, StoreError>;

    /// Sees to it that the store is where it belongs: a file that was removed is written
    /// anew from the open one, one that was replaced is opened. Says whether it had to.
    ///
    /// # Errors
    /// [`StoreError`]
    fn tend(&mut self) -> Result<Tended, StoreError>;

    /// Begins a refresh. Dropped without [`Transaction::commit`], it leaves no trace.
    ///
    /// # Errors
    /// [`StoreError`], also when another process is writing for long.
    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError>;
}

/// What a refresh leaves for the next one, in words of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// How far the origin was read.
    Bookmark,
    /// What was rejected of it.
    Rejected,
}

/// What [`Store::tend`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tended {
    /// All was well.
    Same,
    /// The file was gone, and has been put back.
    PutBack,
    /// Another file stood there, and is the store now.
    Replaced,
}

/// One refresh, from the first article read to the edition made of it.
pub trait Transaction {
    /// What it holds now.
    fn catalogue(&self) -> &dyn Catalogue;

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

    /// Claims an id and an address for the article that stands at `spot` and will be put next.
    /// Where an article of this refresh has either already, says which and where it stands.
    ///
    /// # Errors
    /// [`StoreError`]
    fn claim(
        &mut self,
        id: &ArticleId,
        url: &AbsoluteUrl,
        spot: &Spot,
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

    /// Pairs each article that this refresh saw for the first time with one that it did not
    /// see and the one before did, where both have the same `likeness` and the same date of
    /// publication (or one has none), and the origin does not name both. What is like two
    /// others is in no pair.
    ///
    /// # Errors
    /// [`StoreError`]
    fn strays(&self, likeness: Likeness) -> Result<Vec<(ArticleId, Record)>, StoreError>;

    /// Takes back an article that this refresh saw for the first time, with its claim and
    /// its history.
    ///
    /// # Errors
    /// [`StoreError`], also when there is no such article.
    fn retract(&mut self, id: &ArticleId) -> Result<Placed, StoreError>;

    /// What the site's earlier feeds said of the article at this address, and whether the
    /// operator has said so since the last refresh. From now on it is this article's: another
    /// that comes to the same address later gets nothing.
    ///
    /// # Errors
    /// [`StoreError`]
    fn take_adopted(
        &mut self,
        address: &str,
        id: &ArticleId,
    ) -> Result<Option<(Adopted, bool)>, StoreError>;

    /// Keeps what an earlier feed said of the article at this address, beside what others
    /// said.
    ///
    /// # Errors
    /// [`StoreError`]
    fn adopt(&mut self, address: &str, known: Adopted) -> Result<(), StoreError>;

    /// Takes back what was remembered of an article in another store, over what is
    /// remembered of it here, unless this store has seen a later change. One that it has never
    /// seen is awaited: no document carries it until the origin shows it, and if the origin
    /// does not, it is removed then.
    ///
    /// # Errors
    /// [`StoreError`]
    fn restore(&mut self, remembered: &Remembered, now: Timestamp) -> Result<(), StoreError>;

    /// Takes back what was remembered of a document in another store, unless a later change
    /// of it is known here.
    ///
    /// # Errors
    /// [`StoreError`]
    fn restore_document(&mut self, record: &DocumentRecord) -> Result<(), StoreError>;

    /// What happened to an article, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    fn events(&self, id: &ArticleId) -> Result<Vec<Event>, StoreError>;

    /// The record with this id, also if the article was removed since.
    ///
    /// # Errors
    /// [`StoreError`]
    fn find_id(&self, id: &ArticleId) -> Result<Option<Record>, StoreError>;

    /// Removes every article that this refresh did not claim, leaving a tombstone. Returns
    /// those that were removed just now.
    ///
    /// # Errors
    /// [`StoreError`]
    fn sweep(&mut self, now: Timestamp) -> Result<Vec<Removed>, StoreError>;

    /// A number that is another one when another process has written since.
    ///
    /// # Errors
    /// [`StoreError`]
    fn revision(&self) -> Result<i64, StoreError>;

    /// How many articles there are, those still to be published included.
    ///
    /// # Errors
    /// [`StoreError`]
    fn live(&self) -> Result<usize, StoreError>;

    /// Keeps what the page called `name` lists now.
    ///
    /// # Errors
    /// [`StoreError`]
    fn put_shelf(&mut self, name: &str, shelf: &Shelf) -> Result<(), StoreError>;

    /// Divides what is public of a selection into finished pages of `size` articles, oldest
    /// first, as far as at least that many are left over, and gives them to the archive of
    /// `feed` for good. A page has its articles as they are now; one that is changed later is
    /// left over again. Returns the number of the last page.
    ///
    /// # Errors
    /// [`StoreError`]
    fn archive(
        &mut self,
        feed: &str,
        selection: &Selection,
        now: Timestamp,
        size: usize,
    ) -> Result<u64, StoreError>;

    /// Forgets the archives of all feeds but these.
    ///
    /// # Errors
    /// [`StoreError`]
    fn keep_archives(&mut self, feeds: &[String]) -> Result<(), StoreError>;

    /// The document that the last edition has at `path`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn document(&self, path: &str) -> Result<Option<StoredDocument>, StoreError>;

    /// What is remembered of the document that an earlier edition had at `path`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn former(&self, path: &str) -> Result<Option<DocumentRecord>, StoreError>;

    /// Writes a document over the one at its path.
    ///
    /// # Errors
    /// [`StoreError`]
    fn put_document(&mut self, document: &StoredDocument) -> Result<(), StoreError>;

    /// Notes that an edition was made at `now`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn set_made(&mut self, now: Timestamp) -> Result<(), StoreError>;

    /// Writes what is remembered of a document; its bytes stay.
    ///
    /// # Errors
    /// [`StoreError`]
    fn put_document_record(&mut self, record: &DocumentRecord) -> Result<(), StoreError>;

    /// Removes the documents at these paths. When they changed is remembered, so that one that
    /// comes back is not dated before what was served.
    ///
    /// # Errors
    /// [`StoreError`]
    fn drop_documents(&mut self, paths: &[String]) -> Result<(), StoreError>;

    /// What has changed since the last edition was made, what became public by the clock alone
    /// included.
    ///
    /// # Errors
    /// [`StoreError`]
    fn touched(&mut self, now: Timestamp) -> Result<Touched, StoreError>;

    /// Removes the article that the origin called `origin_id`, leaving a tombstone, if it is
    /// there and this refresh has not claimed it.
    ///
    /// # Errors
    /// [`StoreError`]
    fn remove(&mut self, origin_id: &str, now: Timestamp) -> Result<Option<Removed>, StoreError>;

    /// From now on what this refresh has not seen is taken to be there: only what changed is
    /// read.
    fn see_changes_only(&mut self);

    /// What was noted under `name`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn noted(&self, name: Note) -> Result<Option<String>, StoreError>;

    /// Notes something, or forgets it.
    ///
    /// # Errors
    /// [`StoreError`]
    fn take_note(&mut self, name: Note, value: Option<&str>) -> Result<(), StoreError>;

    /// Makes it all durable.
    ///
    /// # Errors
    /// [`StoreError`]; nothing of the refresh is kept then.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
