//! Makes the documents of an edition, each from the one before it where nothing changed.

use std::collections::HashSet;

use bytes::Bytes;

use super::{Edition, encode, feeds, lists, robots, sitemaps};
use crate::{
    article::Timestamp,
    config::{Config, FeedScope},
    render::{self, DocumentKind, FeedListing, RenderError},
    store::{Cause, DocumentRecord, StoreError, StoredDocument, Transaction},
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

/// Makes the edition of what `transaction` holds at `now`, and keeps it there.
///
/// # Errors
/// [`StoreError`] when the store fails; a document that cannot be made is a [`Fault`].
pub fn make(
    transaction: &mut dyn Transaction,
    config: &Config,
    now: Timestamp,
) -> Result<Made, StoreError> {
    let next_publication = transaction.next_publication(now)?;
    let mut maker = Maker {
        transaction,
        config,
        now,
        documents: Vec::new(),
        faults: Vec::new(),
        changed: Vec::new(),
        remarks: Vec::new(),
        feeds: Vec::new(),
        next_change: next_publication,
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
    pub(super) now: Timestamp,
    documents: Vec<StoredDocument>,
    faults: Vec<Fault>,
    changed: Vec<String>,
    remarks: Vec<String>,
    pub(super) feeds: Vec<FeedListing>,
    next_change: Option<Timestamp>,
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
}

impl Plan {
    /// A document that follows from the configuration alone.
    pub(super) fn constant(path: &str, kind: DocumentKind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            inputs: Vec::new(),
            updated: None,
        }
    }
}

/// The same document in an earlier edition.
pub(super) struct Predecessor {
    /// What is remembered of it.
    record: Option<DocumentRecord>,
    /// The document itself, if the last edition had it.
    document: Option<StoredDocument>,
}

impl Predecessor {
    /// The hash of the articles it carried, and when those last changed.
    pub(super) fn known(&self) -> Option<(&[u8], Option<Timestamp>)> {
        let record = self.record.as_ref()?;
        Some((record.inputs.as_slice(), record.updated))
    }
}

impl Maker<'_> {
    /// Something that the operator should know: it is left out of a document, and why.
    pub(super) fn remark(&mut self, remarks: impl IntoIterator<Item = String>) {
        self.remarks.extend(remarks);
    }

    /// A document will be another at the instant `at` though nothing happens but time.
    pub(super) fn change_at(&mut self, at: Option<Timestamp>) {
        self.next_change = [self.next_change, at].into_iter().flatten().min();
    }

    /// The document that the last edition has at `path`.
    pub(super) fn predecessor(&self, path: &str) -> Result<Predecessor, StoreError> {
        let document = self.transaction.document(path)?;
        let record = match &document {
            Some(document) => Some(document.record()),
            None => self.transaction.former(path)?,
        };
        // What stands for a feed that ended is remembered as the feed, and is none.
        let gone = DocumentKind::Gone.name();
        let document = document.filter(|document| document.kind != gone);
        Ok(Predecessor { record, document })
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

    /// Adds the document at `path` once more, as a file that is gzip-coded at `path.gz`.
    /// It changes when the document does.
    pub(super) fn add_gzip(&mut self, path: &str, kind: DocumentKind) -> Result<(), StoreError> {
        let Some(plain) = self.documents.iter().rev().find(|known| known.path == path) else {
            return Ok(());
        };
        let (changed, updated) = (plain.changed, plain.updated);
        // The same coding was made for transport, where it was worth while.
        let coded = plain.gzip.clone();
        let Some(bytes) = coded.or_else(|| encode::gzip_file(&plain.identity)) else {
            return Ok(());
        };
        let document = StoredDocument {
            path: format!("{path}.gz"),
            kind: kind.name().to_owned(),
            etag: etag(&bytes),
            changed,
            cause: plain.cause,
            inputs: plain.inputs.clone(),
            updated,
            identity: bytes,
            gzip: None,
            br: None,
        };
        let before = self.predecessor(&document.path)?;
        let before = before.record.map(|record| record.etag);
        if let Err(error) = render::verify(kind, &document.identity) {
            self.faults.push(Fault {
                path: document.path,
                reason: error.to_string(),
            });
            return Ok(());
        }
        if before.as_ref() != Some(&document.etag) {
            self.changed.push(document.path.clone());
        }
        self.transaction.put_document(&document)?;
        self.documents.push(document);
        Ok(())
    }

    /// Adds the document that `rendered` holds, and says when it changed. One that fails
    /// its check is left as it was.
    pub(super) fn add(
        &mut self,
        plan: Plan,
        predecessor: Predecessor,
        rendered: Result<Vec<u8>, RenderError>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let checked = rendered
            .map_err(|error| error.to_string())
            .and_then(|bytes| {
                render::verify(plan.kind, &bytes)
                    .map_err(|error| error.to_string())
                    .map(|()| bytes)
            });
        let document = match checked {
            Ok(bytes) => self.succeed(plan, predecessor, bytes),
            Err(reason) => {
                self.faults.push(Fault {
                    path: plan.path,
                    reason,
                });
                match predecessor.document {
                    Some(before) => before,
                    None => return Ok(None),
                }
            }
        };
        let changed = document.changed;
        self.transaction.put_document(&document)?;
        self.documents.push(document);
        Ok(changed)
    }

    fn succeed(&mut self, plan: Plan, predecessor: Predecessor, bytes: Vec<u8>) -> StoredDocument {
        let Plan {
            path,
            kind,
            inputs,
            updated,
        } = plan;
        let etag = etag(&bytes);
        let kind = kind.name().to_owned();
        let kinds = [kind.as_str(), DocumentKind::Gone.name()];
        let same =
            |before: &DocumentRecord| before.etag == etag && kinds.contains(&before.kind.as_str());
        let Predecessor { record, document } = predecessor;
        match (record, document) {
            // The same bytes: what was encoded is used again, and nothing has changed.
            (Some(record), Some(before)) if same(&record) => StoredDocument {
                inputs,
                updated,
                ..before
            },
            (before, _) => {
                self.changed.push(path.clone());
                let (changed, cause) = match before {
                    None => (updated, Cause::First),
                    Some(before) if same(&before) => (before.changed, before.cause),
                    Some(before) => {
                        let cause = if before.inputs == inputs {
                            Cause::Form
                        } else {
                            Cause::Articles
                        };
                        (Some(later(before.changed, self.now)), cause)
                    }
                };
                let (gzip, br) = (encode::gzip(&bytes), encode::brotli(&bytes));
                let identity = Bytes::from(bytes);
                StoredDocument {
                    path,
                    kind,
                    etag,
                    changed,
                    cause,
                    inputs,
                    updated,
                    identity,
                    gzip,
                    br,
                }
            }
        }
    }

    /// Of each feed of a value (a tag, an author …) that no article has any more: its
    /// address answers that it is gone, as long as there are feeds of that kind at all.
    fn bury(&mut self) -> Result<Vec<StoredDocument>, StoreError> {
        let made: HashSet<&str> = self.documents.iter().map(|d| d.path.as_str()).collect();
        let mut tombs = Vec::new();
        for record in self.transaction.document_records()? {
            let feed = DocumentKind::from_name(&record.kind)
                .is_some_and(|kind| kind.is_feed() || kind == DocumentKind::Gone);
            if !feed || made.contains(record.path.as_str()) || !self.is_of_a_value(&record.path) {
                continue;
            }
            tombs.push(StoredDocument {
                kind: DocumentKind::Gone.name().to_owned(),
                // As the feed last was: should it come back the same, it is the same.
                etag: record.etag,
                changed: record.changed,
                cause: record.cause,
                inputs: record.inputs,
                updated: record.updated,
                identity: Bytes::from_static(GONE),
                gzip: None,
                br: None,
                path: record.path,
            });
        }
        for tomb in &tombs {
            self.transaction.put_document(tomb)?;
        }
        Ok(tombs)
    }

    fn is_of_a_value(&self, path: &str) -> bool {
        self.config.feeds.iter().any(|feed| match feed.scope {
            FeedScope::Each(axis) => {
                let inside = path.strip_prefix(self.config.site.url.path());
                let inside = inside.and_then(|inside| inside.strip_prefix(axis.folder()));
                let name = path.rsplit('/').next();
                inside.is_some_and(|rest| rest.starts_with('/'))
                    && feed
                        .formats
                        .iter()
                        .any(|format| Some(format.file_name()) == name)
            }
            FeedScope::Named(_) => false,
        })
    }

    fn finish(mut self) -> Result<Made, StoreError> {
        let tombs = self.bury()?;
        let Self {
            transaction,
            config,
            mut documents,
            faults,
            changed,
            remarks,
            feeds,
            next_change,
            now: _,
        } = self;
        documents.extend(tombs);
        documents.sort_by(|a, b| a.path.cmp(&b.path));
        let paths: Vec<String> = documents
            .iter()
            .map(|document| document.path.clone())
            .collect();
        transaction.keep_documents(&paths)?;
        let edition = Edition::of(&documents, &config.site.url, next_change);
        Ok(Made {
            edition,
            changed,
            faults,
            remarks,
            feeds,
        })
    }
}

/// What a person reads where a feed was.
const GONE: &[u8] = b"This feed has ended: no article is in it any more.\n";

/// The opaque part of the entity tag of these bytes.
fn etag(bytes: &[u8]) -> String {
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
