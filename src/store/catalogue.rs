//! What documents are made of.

use super::{Contents, DocumentRecord, Label, Listing, Part, Shelf, StoreError};
use crate::article::{AbsoluteUrl, Article, ArticleId, Axis, Selection, Timestamp};

/// What tells an article from any other, and from what it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glimpse {
    /// Its id for good.
    pub id: ArticleId,
    /// A hash of all that a feed says of it.
    pub version: i64,
    /// Its last change.
    pub modified: Option<Timestamp>,
}

/// What documents are made of: the articles as one refresh left them.
pub trait Catalogue {
    /// How many articles are public at `now`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn count(&self, now: Timestamp) -> Result<usize, StoreError>;

    /// The first `limit` articles of a selection that are public at `now`, in its order and
    /// then by id.
    ///
    /// # Errors
    /// [`StoreError`]
    fn select(
        &self,
        selection: &Selection,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Article>, StoreError>;

    /// The same articles, without what they say.
    ///
    /// # Errors
    /// [`StoreError`]
    fn glimpse(
        &self,
        selection: &Selection,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Glimpse>, StoreError>;

    /// How many articles of a selection are public at `now`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn selected(&self, selection: &Selection, now: Timestamp) -> Result<usize, StoreError>;

    /// Hands out what a sitemap needs of every article that is public at `now`, oldest
    /// first, so that a new article is added at the end.
    ///
    /// # Errors
    /// [`StoreError`]
    fn listings(&self, now: Timestamp, each: &mut dyn FnMut(Listing)) -> Result<(), StoreError>;

    /// Whether there are more of those than `limit`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn lists_more_than(&self, limit: usize, now: Timestamp) -> Result<bool, StoreError>;

    /// Whether one of them lives at `url`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn is_listed(&self, url: &AbsoluteUrl, now: Timestamp) -> Result<bool, StoreError>;

    /// Hands out those that name translations.
    ///
    /// # Errors
    /// [`StoreError`]
    fn translated(&self, now: Timestamp, each: &mut dyn FnMut(Listing)) -> Result<(), StoreError>;

    /// The months of publication of those, in order; `undated` comes last.
    ///
    /// # Errors
    /// [`StoreError`]
    fn months(&self, now: Timestamp) -> Result<Vec<String>, StoreError>;

    /// How many articles of a month are in each slice of it, as an index tells: the scheduled
    /// ones and those of other sites are among them.
    ///
    /// # Errors
    /// [`StoreError`]
    fn slices(&self, month: &str) -> Result<Vec<(u16, usize)>, StoreError>;

    /// Hands out those of one part of a month, in no order.
    ///
    /// # Errors
    /// [`StoreError`]
    fn listings_of(
        &self,
        month: &str,
        part: Part,
        now: Timestamp,
        each: &mut dyn FnMut(Listing),
    ) -> Result<(), StoreError>;

    /// The values of an axis among the articles public at `now`, in order of slug, each with
    /// the form in which it is shown.
    ///
    /// # Errors
    /// [`StoreError`]
    fn labels(&self, axis: Axis, now: Timestamp) -> Result<Vec<Label>, StoreError>;

    /// One value of an axis, if an article public at `now` has it.
    ///
    /// # Errors
    /// [`StoreError`]
    fn label(&self, axis: Axis, slug: &str, now: Timestamp) -> Result<Option<Label>, StoreError>;

    /// When the last edition was made of it that differed from the one before; `None` before
    /// the first.
    ///
    /// # Errors
    /// [`StoreError`]
    fn made(&self) -> Result<Option<Timestamp>, StoreError>;

    /// How many finished pages the archive of a feed has.
    ///
    /// # Errors
    /// [`StoreError`]
    fn pages(&self, feed: &str) -> Result<u64, StoreError>;

    /// The articles of a finished page of a feed's archive, newest first, as they were when
    /// it was finished. What was removed since is in it no more.
    ///
    /// # Errors
    /// [`StoreError`]
    fn page(&self, feed: &str, number: u64) -> Result<Vec<Article>, StoreError>;

    /// The same articles, without what they say.
    ///
    /// # Errors
    /// [`StoreError`]
    fn glimpse_page(&self, feed: &str, number: u64) -> Result<Vec<Glimpse>, StoreError>;

    /// Hands out what every page that lists the articles of one value of `axis` shows, in
    /// order of slug.
    ///
    /// # Errors
    /// [`StoreError`]
    fn shelved(&self, axis: Axis, now: Timestamp) -> Result<Vec<(Label, Contents)>, StoreError>;

    /// What the page that lists the articles of one value of `axis` shows, if there are any.
    ///
    /// # Errors
    /// [`StoreError`]
    fn shelf_of(
        &self,
        axis: Axis,
        slug: &str,
        now: Timestamp,
    ) -> Result<Option<(Label, Contents)>, StoreError>;

    /// What the page called `name` listed when it was last looked at.
    ///
    /// # Errors
    /// [`StoreError`]
    fn shelf(&self, name: &str) -> Result<Option<Shelf>, StoreError>;

    /// The next instant at which articles come out or their dates may be shown, without
    /// anyone's doing: the earliest publication after `now`, or date of change that was seen
    /// under a clock that ran ahead.
    ///
    /// # Errors
    /// [`StoreError`]
    fn next_publication(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// What is remembered of the document that the last edition has at `path`.
    ///
    /// # Errors
    /// [`StoreError`]
    fn document_record(&self, path: &str) -> Result<Option<DocumentRecord>, StoreError>;

    /// What is remembered of every document of the last edition.
    ///
    /// # Errors
    /// [`StoreError`]
    fn document_records(&self) -> Result<Vec<DocumentRecord>, StoreError>;
}
