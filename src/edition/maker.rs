//! Makes the documents of an edition, each from the one before it where nothing changed.

mod gone;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{
    Document, Edition, Recipe, encode, feeds, lists,
    outline::{Carried, Outline},
    robots, sitemaps,
};
use crate::{
    article::{Axis, Timestamp},
    config::Config,
    render::{self, DocumentKind, FeedListing, RenderError},
    store::{
        Body, Catalogue, Cause, DocumentRecord, StoreError, StoredDocument, Touched, Transaction,
    },
};

/// What [`make`] made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The edition, ready to be served once the transaction is committed.
    pub edition: Edition,
    /// Paths of documents whose bytes are new.
    pub changed: Vec<String>,
    /// Documents that could not be made; each keeps its predecessor, if it had one.
    pub faults: Vec<Fault>,
    /// What was left out of documents, and why: a sentence each.
    pub remarks: Vec<String>,
    /// Every feed there is, in the order of the configuration.
    pub feeds: Vec<FeedListing>,
}

/// A document that failed its check before it was let out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} was not made anew: {reason}")]
pub struct Fault {
    /// Where it would have been served.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Makes the edition of what `transaction` holds at `now`, and keeps it there. `before` is
/// the edition that was made of what it held the last time, or an empty one.
///
/// # Errors
/// [`StoreError`] when the store fails; a document that cannot be made is a [`Fault`].
pub fn make(
    transaction: &mut dyn Transaction,
    config: &Config,
    before: &Edition,
    now: Timestamp,
) -> Result<Made, StoreError> {
    let next_publication = transaction.catalogue().next_publication(now)?;
    let documents = before.documents.iter();
    let touched = if before.outline.fits(config) {
        transaction.touched(now)?
    } else {
        Touched::everything()
    };
    let mut maker = Maker {
        touched,
        carried: Carried::default(),
        outline: Outline::of(config),
        transaction,
        config,
        before,
        bodies: documents
            .map(|document| (document.path.as_str(), &**document))
            .collect(),
        now,
        documents: Vec::new(),
        faults: Vec::new(),
        changed: Vec::new(),
        remarks: Vec::new(),
        feeds: Vec::new(),
        next_change: next_publication,
        is_new: false,
    };
    feeds::make(&mut maker)?;
    let sitemaps = sitemaps::make(&mut maker)?;
    robots::make(&mut maker, &sitemaps)?;
    lists::make_opml(&mut maker)?;
    lists::make_llms(&mut maker)?;
    maker.finish()
}

/// What the kinds of document need to be made.
pub(super) struct Maker<'a> {
    pub(super) transaction: &'a mut dyn Transaction,
    pub(super) config: &'a Config,
    pub(super) before: &'a Edition,
    /// What has changed since that one; the rest need not be looked at.
    pub(super) touched: Touched,
    /// What is taken over from it without a look.
    carried: Carried,
    /// What is left to the next one.
    pub(super) outline: Outline,
    /// The documents of the edition before, by path.
    bodies: HashMap<&'a str, &'a Document>,
    pub(super) now: Timestamp,
    documents: Vec<StoredDocument>,
    faults: Vec<Fault>,
    changed: Vec<String>,
    remarks: Vec<String>,
    pub(super) feeds: Vec<FeedListing>,
    next_change: Option<Timestamp>,
    /// Whether anything differs from the edition before.
    is_new: bool,
}

/// A document about to be made.
pub(super) struct Plan {
    /// Where it will be served.
    pub(super) path: String,
    /// What it is.
    pub(super) kind: DocumentKind,
    /// A hash of the articles it carries.
    pub(super) inputs: Vec<u8>,
    /// When those last changed.
    pub(super) updated: Option<Timestamp>,
    /// What its bytes follow from; `None` for a document that is as quickly made as that.
    pub(super) recipe: Option<Recipe>,
}

impl Plan {
    /// A document that follows from the configuration alone.
    pub(super) fn constant(path: &str, kind: DocumentKind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            inputs: Vec::new(),
            updated: None,
            recipe: None,
        }
    }

    fn recipe(&self) -> Vec<u8> {
        let recipe = self.recipe.as_ref();
        recipe.map_or_else(Vec::new, |recipe| recipe.as_bytes().to_vec())
    }
}

/// Whether a document could be taken over.
pub(super) enum Reused {
    /// It was, and changed then.
    Taken(Option<Timestamp>),
    /// It is to be rendered by this plan.
    Wanted(Plan),
}

/// The same document in an earlier edition.
pub(super) struct Predecessor {
    /// What is remembered of it.
    record: Option<DocumentRecord>,
    /// Whether the last edition had it.
    is_last: bool,
}

impl Predecessor {
    /// The hash of the articles it carried, and when those last changed.
    pub(super) fn known(&self) -> Option<(&[u8], Option<Timestamp>)> {
        let record = self.record.as_ref()?;
        Some((record.inputs.as_slice(), record.updated))
    }
}

impl Maker<'_> {
    /// What the edition before said of each feed that there is for a value of `axis`, by folder.
    pub(super) fn known(&self, axis: Axis) -> BTreeMap<String, FeedListing> {
        let folder = format!("{}/", axis.folder());
        let feeds = self.before.outline.feeds.range(folder.clone()..);
        feeds
            .take_while(|(known, _)| known.starts_with(&folder))
            .map(|(known, listing)| (known.clone(), listing.clone()))
            .collect()
    }

    /// Takes over from the edition before what is below the site at `prefix` and `fits`,
    /// without a look: nothing has changed that it follows from.
    pub(super) fn carry(&mut self, prefix: &str, fits: impl Fn(&str) -> bool) -> &[Arc<Document>] {
        let prefix = format!("{}{prefix}", self.config.site.url.path());
        let first = self.carried.documents.len();
        self.carried.take(self.before, &prefix, fits);
        self.carried.documents.get(first..).unwrap_or_default()
    }

    /// The paths of the documents below the site, in the edition before, that begin with
    /// `prefix`, without those that only say that they are gone.
    pub(super) fn before(&self, prefix: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{}{prefix}", self.config.site.url.path());
        let documents = self.before.documents.iter();
        let documents = documents.filter(|document| document.kind != DocumentKind::Gone);
        let paths = documents.map(|document| document.path.as_str());
        paths.filter(move |path| path.starts_with(&prefix))
    }

    /// Something that the operator should know: it is left out of a document, and why.
    pub(super) fn remark(&mut self, remarks: impl IntoIterator<Item = String>) {
        self.remarks.extend(remarks);
    }

    /// A document will be another at the instant `at` though nothing happens but time.
    pub(super) fn change_at(&mut self, at: Option<Timestamp>) {
        self.next_change = [self.next_change, at].into_iter().flatten().min();
    }

    /// What documents are made of.
    pub(super) fn catalogue(&self) -> &dyn Catalogue {
        self.transaction.catalogue()
    }

    /// The document that the last edition has at `path`.
    pub(super) fn predecessor(&self, path: &str) -> Result<Predecessor, StoreError> {
        let last = self.catalogue().document_record(path)?;
        // What stands for a feed that ended is remembered as the feed, and is none.
        let gone = DocumentKind::Gone.name();
        let is_last = last.as_ref().is_some_and(|record| record.kind != gone);
        let record = match last {
            Some(record) => Some(record),
            None => self.transaction.former(path)?,
        };
        Ok(Predecessor { record, is_last })
    }

    /// The bytes that the last edition has at the path of `record`; `None` where it has none,
    /// since the document was made on request.
    fn body(&self, record: &DocumentRecord) -> Result<Option<Body>, StoreError> {
        match self.bodies.get(record.path.as_str()) {
            Some(document) if document.etag == record.etag => Ok(Some(document.body.clone())),
            _ => {
                let stored = self.transaction.document(&record.path)?;
                Ok(stored.and_then(|stored| stored.body))
            }
        }
    }

    /// When the articles with the hash `inputs` last changed, came or went, given the
    /// hash and the answer of the time before and the newest change among them now.
    ///
    /// At first sight that is the newest change. Later it is the newest change if it is
    /// newer than what was said before, and else the present: then one has been removed, or
    /// an older one has come.
    pub(super) fn updated(
        &self,
        before: Option<(&[u8], Option<Timestamp>)>,
        inputs: &[u8],
        newest: Option<Timestamp>,
    ) -> Option<Timestamp> {
        match before {
            None => newest,
            Some((known, updated)) if known == inputs => updated,
            Some((_, updated)) => newest
                .filter(|new| Some(*new) > updated)
                .or(Some(self.now))
                .max(updated),
        }
    }

    /// Takes over the document that the last edition has where `plan` says that nothing has
    /// changed that its bytes follow from. Else gives the plan back: it is to be rendered.
    pub(super) fn reuse(&mut self, plan: Plan, before: &Predecessor) -> Result<Reused, StoreError> {
        let recipe = plan.recipe();
        let Some(record) = before
            .record
            .as_ref()
            .filter(|record| before.is_last && !recipe.is_empty() && record.recipe == recipe)
        else {
            return Ok(Reused::Wanted(plan));
        };
        let Some(body) = self.body(record)? else {
            return Ok(Reused::Wanted(plan));
        };
        let same = DocumentRecord {
            inputs: plan.inputs,
            updated: plan.updated,
            ..record.clone()
        };
        let changed = same.changed;
        self.keep(same, Some(record), Some(body))?;
        Ok(Reused::Taken(changed))
    }

    /// Adds a document that will be made when it is asked for, and says when it changed. That
    /// is when what its bytes follow from changed: the bytes are not there to be compared.
    pub(super) fn defer(&mut self, plan: Plan, before: Predecessor) -> Result<(), StoreError> {
        let recipe = plan.recipe();
        let (changed, cause) = match &before.record {
            None => (plan.updated, Cause::First),
            Some(before) if before.recipe == recipe => (before.changed, before.cause),
            // Another store made it, of the same articles.
            Some(before) if before.recipe.is_empty() && before.inputs == plan.inputs => {
                (before.changed, before.cause)
            }
            Some(before) => {
                let cause = cause(before, &plan.inputs);
                (Some(later(before.changed, self.now)), cause)
            }
        };
        let record = DocumentRecord {
            path: plan.path,
            kind: plan.kind.name().to_owned(),
            etag: String::new(),
            changed,
            cause,
            inputs: plan.inputs,
            updated: plan.updated,
            recipe,
        };
        if before
            .record
            .as_ref()
            .is_none_or(|before| before.recipe != record.recipe)
        {
            self.changed.push(record.path.clone());
        }
        let known = before.record.filter(|_| before.is_last);
        self.keep(record, known.as_ref(), None)
    }

    /// Adds the document at `path` once more, as a file that is gzip-coded at `path.gz`.
    /// It changes when the document does.
    pub(super) fn add_gzip(&mut self, path: &str, kind: DocumentKind) -> Result<(), StoreError> {
        let Some(StoredDocument {
            record: plain,
            body: Some(body),
        }) = self
            .documents
            .iter()
            .rev()
            .find(|known| known.record.path == path)
        else {
            return Ok(());
        };
        // The same coding was made for transport, where it was worth while.
        let coded = body.gzip.clone();
        let Some(bytes) = coded.or_else(|| encode::gzip_file(&body.plain())) else {
            return Ok(());
        };
        let record = DocumentRecord {
            path: format!("{path}.gz"),
            kind: kind.name().to_owned(),
            etag: etag(&bytes),
            ..plain.clone()
        };
        let before = self.predecessor(&record.path)?;
        let known = before.record.as_ref().filter(|_| before.is_last);
        if known.is_none_or(|known| known.etag != record.etag) {
            if let Err(error) = render::verify(kind, &bytes) {
                self.faults.push(Fault {
                    path: record.path,
                    reason: error.to_string(),
                });
                return Ok(());
            }
            self.changed.push(record.path.clone());
        }
        let body = Body {
            identity: Some(bytes),
            gzip: None,
            br: None,
        };
        self.keep(record, known, Some(body))
    }

    /// Adds the document that `rendered` holds, and says when it changed. One that fails
    /// its check is left as it was.
    pub(super) fn add(
        &mut self,
        plan: Plan,
        before: Predecessor,
        rendered: Result<Vec<u8>, RenderError>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let checked = rendered
            .map_err(|error| error.to_string())
            .and_then(|bytes| {
                render::verify(plan.kind, &bytes)
                    .map_err(|error| error.to_string())
                    .map(|()| bytes)
            });
        let known = before.record.as_ref().filter(|_| before.is_last);
        let (record, body) = match checked {
            Ok(bytes) => self.succeed(plan, &before, bytes)?,
            Err(reason) => {
                self.faults.push(Fault {
                    path: plan.path,
                    reason,
                });
                let body = known.map(|known| self.body(known)).transpose()?.flatten();
                match known.zip(body) {
                    Some((known, body)) => (known.clone(), body),
                    None => return Ok(None),
                }
            }
        };
        let changed = record.changed;
        self.keep(record, known, Some(body))?;
        Ok(changed)
    }

    fn succeed(
        &mut self,
        plan: Plan,
        before: &Predecessor,
        bytes: Vec<u8>,
    ) -> Result<(DocumentRecord, Body), StoreError> {
        let etag = etag(&bytes);
        let kinds = [plan.kind.name(), DocumentKind::Gone.name()];
        let is_same =
            |before: &DocumentRecord| before.etag == etag && kinds.contains(&before.kind.as_str());
        let known = before.record.as_ref();
        let same = known.filter(|known| before.is_last && is_same(known));
        // The same bytes: what was encoded is used again.
        let body = same.map(|same| self.body(same)).transpose()?.flatten();
        let (changed, cause) = match known {
            None => (plan.updated, Cause::First),
            Some(before) if is_same(before) => (before.changed, before.cause),
            // It was made on request until now, and is what it was.
            Some(before) if before.etag.is_empty() && before.recipe == plan.recipe() => {
                (before.changed, before.cause)
            }
            Some(before) => {
                let cause = cause(before, &plan.inputs);
                (Some(later(before.changed, self.now)), cause)
            }
        };
        if body.is_none() {
            self.changed.push(plan.path.clone());
        }
        let body = body.unwrap_or_else(|| encode::encode(plan.kind, bytes));
        let record = DocumentRecord {
            recipe: plan.recipe(),
            kind: plan.kind.name().to_owned(),
            path: plan.path,
            etag,
            changed,
            cause,
            inputs: plan.inputs,
            updated: plan.updated,
        };
        Ok((record, body))
    }

    /// Puts a document into the edition, and into the store what is new of it; `known` is
    /// what the store has of it.
    fn keep(
        &mut self,
        record: DocumentRecord,
        known: Option<&DocumentRecord>,
        body: Option<Body>,
    ) -> Result<(), StoreError> {
        let document = StoredDocument { record, body };
        match known {
            Some(known) if *known == document.record => {}
            Some(known) if known.etag == document.record.etag => {
                self.is_new = true;
                self.transaction.put_document_record(&document.record)?;
            }
            _ => {
                self.is_new = true;
                self.transaction.put_document(&document)?;
            }
        }
        self.documents.push(document);
        Ok(())
    }

    /// What is remembered of the documents of the edition before that are not taken over.
    fn earlier(&self) -> Result<Vec<DocumentRecord>, StoreError> {
        if self.touched.everything {
            return self.catalogue().document_records();
        }
        let carried = self.carried.paths();
        let documents = self.before.documents.iter().map(|document| &document.path);
        let deferred = self.before.deferred.iter().map(|deferred| &deferred.path);
        let earlier = documents.chain(deferred);
        earlier
            .filter(|path| !carried.contains(path.as_str()))
            .filter_map(|path| self.catalogue().document_record(path).transpose())
            .collect()
    }

    fn finish(mut self) -> Result<Made, StoreError> {
        let tombs = self.bury()?;
        self.documents.extend(tombs);
        let documents = self.documents.iter();
        let made: HashSet<&str> = documents.map(|d| d.record.path.as_str()).collect();
        let earlier = self.earlier()?.into_iter().map(|record| record.path);
        let carried = self.carried.paths();
        let gone: Vec<String> = earlier
            .filter(|path| !made.contains(path.as_str()) && !carried.contains(path.as_str()))
            .collect();
        self.transaction.drop_documents(&gone)?;
        if self.is_new || !gone.is_empty() {
            self.transaction.set_made(self.now)?;
        }
        // As the store gives them back: the links to other formats are in this order.
        self.documents
            .sort_by(|a, b| a.record.path.cmp(&b.record.path));
        let mut edition = Edition::of(self.documents, self.before, self.config, self.next_change);
        edition.documents.extend(self.carried.documents);
        edition.documents.sort_by(|a, b| a.path.cmp(&b.path));
        edition.deferred.extend(self.carried.deferred);
        edition.deferred.sort_by(|a, b| a.path.cmp(&b.path));
        edition.outline = Arc::new(self.outline);
        Ok(Made {
            edition,
            changed: self.changed,
            faults: self.faults,
            remarks: self.remarks,
            feeds: self.feeds,
        })
    }
}

/// Why a document has other bytes than before.
fn cause(before: &DocumentRecord, inputs: &[u8]) -> Cause {
    if before.inputs == inputs {
        Cause::Form
    } else {
        Cause::Articles
    }
}

/// The opaque part of the entity tag of these bytes.
pub(super) fn etag(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..32].to_owned()
}

/// When a document whose bytes are new has changed: now; but never at or before the time
/// that its last bytes were given, should the clock have gone backwards. Two byte sequences
/// must not share a `Last-Modified` that anyone has seen (RFC 9110 section 8.8.2), which is
/// why `serve` sends one only when its second is over.
fn later(before: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match before {
        Some(before) if before > now => {
            Timestamp::from_unix(before.unix() + 1).unwrap_or(Timestamp::MAX)
        }
        _ => now,
    }
}
