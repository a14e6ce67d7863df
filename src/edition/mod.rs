//! One immutable set of documents: planned, rendered, checked, encoded, and published
//! together. Answers no requests.

mod budget;
mod deferred;
mod encode;
mod feed;
mod feeds;
mod lists;
mod maker;
mod outline;
mod recipe;
mod robots;
mod sitemaps;

pub use deferred::{MakeError, make_deferred, will_carry};
pub use maker::{Fault, Made, make};
pub use outline::Outline;
pub use recipe::Recipe;

use std::{collections::HashMap, sync::Arc};

use crate::{
    article::{AbsoluteUrl, Timestamp},
    config::Config,
    render::DocumentKind,
    store::{Body, Cause, StoredDocument},
};

/// All documents published together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edition {
    /// In order of path. A document that is as it was is the very one of the edition before.
    pub documents: Vec<Arc<Document>>,
    /// Those that are made when they are first asked for, in order of path.
    pub deferred: Vec<Arc<Deferred>>,
    /// The next instant at which a document becomes another without anyone's doing, since an
    /// article is due or no longer news: no cached answer may outlive it.
    pub next_publication: Option<Timestamp>,
    /// What the next edition takes over where nothing has changed.
    pub outline: Arc<Outline>,
}

/// What one path serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Beginning with `/`, percent-encoded, as in a request.
    pub path: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The opaque part of the weak entity tag: a hash of the plain bytes, so that it is the
    /// same from every replica and after every restart.
    pub etag: String,
    /// When the inputs of its bytes last changed; never earlier than in any edition before.
    pub changed: Option<Timestamp>,
    /// What moved that date.
    pub cause: Cause,
    /// Its bytes.
    pub body: Body,
    /// Its own public address.
    pub url: AbsoluteUrl,
    /// The same feed in other formats.
    pub sisters: Vec<(DocumentKind, AbsoluteUrl)>,
    /// Where the licence of what is in it is to be had; of documents that hold articles.
    pub license: Option<AbsoluteUrl>,
    /// Whether it never changes while its articles are there: a finished page of an archive.
    pub finished: bool,
}

/// What one path will serve: a document of which there are too many to make them all, and
/// that few ask for. It is made from the store; its bytes and its dates are those that it
/// would have if it had been made with the edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    /// As of a [`Document`].
    pub path: String,
    /// What it is.
    pub kind: DocumentKind,
    /// As of a [`Document`].
    pub changed: Option<Timestamp>,
    /// What its bytes follow from.
    pub recipe: Recipe,
    /// As of a [`Document`].
    pub finished: bool,
}

impl Edition {
    /// Those that are there to be read: all but what is gone for good.
    pub fn readable(&self) -> impl Iterator<Item = &Document> {
        self.documents
            .iter()
            .map(Arc::as_ref)
            .filter(|document| document.kind != DocumentKind::Gone)
    }

    /// How many paths there are to read.
    #[must_use]
    pub fn readable_count(&self) -> usize {
        self.readable().count() + self.deferred.len()
    }

    /// Whether there is nothing in it: there was no refresh yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Makes an edition of what the store keeps, with the documents of `before` that are
    /// still what they were.
    #[must_use]
    pub fn of(
        stored: Vec<StoredDocument>,
        before: &Self,
        config: &Config,
        next_publication: Option<Timestamp>,
    ) -> Self {
        let license = config.license();
        let mut feeds: HashMap<String, Vec<(DocumentKind, AbsoluteUrl)>> = HashMap::new();
        let mut known = Vec::with_capacity(stored.len());
        let mut deferred = Vec::new();
        for StoredDocument { record, body } in stored {
            let Some(kind) = DocumentKind::from_name(&record.kind) else {
                continue;
            };
            let finished = feed::is_page(&record.path);
            let Some(body) = body else {
                deferred.push(Arc::new(Deferred {
                    recipe: Recipe::stored(&record.recipe),
                    path: record.path,
                    kind,
                    changed: record.changed,
                    finished,
                }));
                continue;
            };
            let Ok(url) = config.site.url.join(&record.path) else {
                continue;
            };
            if kind.is_feed() {
                let folder = folder(&record.path).to_owned();
                feeds.entry(folder).or_default().push((kind, url.clone()));
            }
            known.push((record, kind, url, body, finished));
        }
        let earlier: HashMap<&str, &Arc<Document>> = before
            .documents
            .iter()
            .map(|document| (document.path.as_str(), document))
            .collect();
        let documents = known
            .into_iter()
            .map(|(record, kind, url, body, finished)| {
                let family = feeds.get(folder(&record.path)).filter(|_| kind.is_feed());
                let sisters = family.into_iter().flatten();
                let sisters = sisters.filter(|(sister, _)| *sister != kind).cloned();
                let document = Document {
                    sisters: sisters.collect(),
                    license: license.clone().filter(|_| kind.holds_articles()),
                    path: record.path,
                    kind,
                    etag: record.etag,
                    changed: record.changed,
                    cause: record.cause,
                    body,
                    url,
                    finished,
                };
                match earlier.get(document.path.as_str()) {
                    Some(same) if same.is_still(&document) => Arc::clone(same),
                    _ => Arc::new(document),
                }
            });
        Self {
            documents: documents.collect(),
            deferred,
            next_publication,
            outline: Arc::default(),
        }
    }

    /// A hash of all that is served: replicas that agree have the same.
    #[must_use]
    pub fn revision(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut add = |path: &str, validator: &[u8]| {
            for part in [path.as_bytes(), validator] {
                hasher.update(part);
                hasher.update(&[0]);
            }
        };
        for document in &self.documents {
            add(&document.path, document.etag.as_bytes());
        }
        for deferred in &self.deferred {
            add(&deferred.path, deferred.recipe.as_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

impl Document {
    /// The same document, as rendered and in no coding.
    #[must_use]
    pub fn unpacked(&self) -> Self {
        Self {
            body: Body {
                identity: Some(self.body.plain()),
                gzip: None,
                br: None,
            },
            ..self.clone()
        }
    }

    /// Whether `other` is this document, to the byte and with the same fields.
    fn is_still(&self, other: &Self) -> bool {
        // The entity tag stands for the bytes.
        self.etag == other.etag
            && self.kind == other.kind
            && self.changed == other.changed
            && self.cause == other.cause
            && self.url == other.url
            && self.sisters == other.sisters
            && self.license == other.license
    }
}

/// Everything up to the last slash. The formats of one feed share a folder.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..end])
}
