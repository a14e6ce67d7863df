//! One immutable set of documents: planned, rendered, checked, encoded, and published
//! together. Answers no requests.

mod budget;
mod encode;
mod feeds;
mod lists;
mod maker;
mod robots;
mod sitemaps;

pub use maker::{Fault, Made, make};

use bytes::Bytes;

use crate::{
    article::{AbsoluteUrl, Timestamp},
    render::DocumentKind,
    store::StoredDocument,
};

/// All documents published together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edition {
    /// In order of path.
    pub documents: Vec<Document>,
    /// The next instant at which a document becomes another without anyone's doing, since an
    /// article is due or no longer news: no cached answer may outlive it.
    pub next_publication: Option<Timestamp>,
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
    /// As rendered.
    pub identity: Bytes,
    /// In the coding `gzip`, where that is smaller.
    pub gzip: Option<Bytes>,
    /// In the coding `br`, where that is smaller.
    pub br: Option<Bytes>,
    /// Its own public address.
    pub url: AbsoluteUrl,
    /// The same feed in other formats.
    pub sisters: Vec<(DocumentKind, AbsoluteUrl)>,
}

impl Edition {
    /// Those that are there to be read: all but what is gone for good.
    pub fn readable(&self) -> impl Iterator<Item = &Document> {
        self.documents
            .iter()
            .filter(|document| document.kind != DocumentKind::Gone)
    }

    /// Makes an edition of what the store keeps. `site` is the site's URL.
    #[must_use]
    pub fn of(
        stored: &[StoredDocument],
        site: &AbsoluteUrl,
        next_publication: Option<Timestamp>,
    ) -> Self {
        let known: Vec<(&StoredDocument, DocumentKind, AbsoluteUrl)> = stored
            .iter()
            .filter_map(|document| {
                let kind = DocumentKind::from_name(&document.kind)?;
                Some((document, kind, site.join(&document.path).ok()?))
            })
            .collect();
        let documents = known.iter().map(|(document, kind, url)| {
            let sisters = known.iter().filter(|(other, sister, _)| {
                sister != kind
                    && kind.is_feed()
                    && sister.is_feed()
                    && folder(&other.path) == folder(&document.path)
            });
            Document {
                path: document.path.clone(),
                kind: *kind,
                etag: document.etag.clone(),
                changed: document.changed,
                identity: document.identity.clone(),
                gzip: document.gzip.clone(),
                br: document.br.clone(),
                url: url.clone(),
                sisters: sisters.map(|(_, kind, url)| (*kind, url.clone())).collect(),
            }
        });
        Self {
            documents: documents.collect(),
            next_publication,
        }
    }
}

impl Edition {
    /// A hash of all that is served: replicas that agree have the same.
    #[must_use]
    pub fn revision(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for document in &self.documents {
            for part in [&document.path, &document.etag] {
                hasher.update(part.as_bytes());
                hasher.update(&[0]);
            }
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

/// Everything up to the last slash. The formats of one feed share a folder.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |end| &path[..end])
}
