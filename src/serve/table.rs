//! An edition made ready for the wire: one lookup, and every header field already built.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use foldhash::fast::RandomState;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, DATE, ETAG,
    HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, LINK, VARY, X_CONTENT_TYPE_OPTIONS,
};

use super::{coding::Coding, on_request::Workshop};
use crate::{
    article::{AbsoluteUrl, Timestamp},
    edition::{Deferred, Document, Edition, Recipe},
    render::DocumentKind,
};

/// What is served, by path. Immutable: a new edition is a new table.
pub(super) struct Table {
    /// Found by a quick hash: clients choose what is looked for, and not what is in it.
    entries: HashMap<Box<str>, Entry, RandomState>,
    /// Who makes what is promised.
    workshop: Option<Arc<dyn Workshop>>,
    /// Where feeds were that have ended.
    ended: HashSet<Box<str>>,
    next_publication: Option<Timestamp>,
}

/// The fields of a document that do not depend on the request: what a host of files is to
/// send with it.
#[must_use]
pub fn static_fields(document: &Document) -> HeaderMap {
    let mut fields = HeaderMap::new();
    add_document_fields(&mut fields, document);
    fields.insert(CACHE_CONTROL, Freshness::of_document(document).field);
    fields
}

/// What is at a path.
#[derive(Clone)]
pub(super) enum Entry {
    Made(Arc<Resource>),
    Promised(Arc<Promise>),
}

/// A document that is made when it is first asked for.
#[derive(Debug)]
pub(super) struct Promise {
    pub(super) path: Box<str>,
    pub(super) kind: DocumentKind,
    /// What its bytes follow from: the same, and they are the same.
    pub(super) recipe: Recipe,
    /// That of the edition before, which is better than nothing.
    pub(super) elder: Option<Recipe>,
    changed: Option<Timestamp>,
    /// Known from the first time that it was made, and longer than its bytes are kept.
    pub(super) head: OnceLock<Head>,
}

/// What is known of a document beside its bytes.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// What it is.
    pub(super) kind: DocumentKind,
    /// The opaque part of its entity tag.
    pub(super) etag: Box<str>,
    /// When its bytes last changed, and the same as a field.
    pub(super) last_modified: Option<(Timestamp, HeaderValue)>,
    /// How long it may be kept.
    pub(super) freshness: Freshness,
    /// The fields of a 304; their date is empty.
    pub(super) not_modified: HeaderMap,
}

/// One document with its representations.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) document: Arc<Document>,
    pub(super) head: Head,
    /// `None` where it must be unpacked first.
    identity: Option<Representation>,
    gzip: Option<Representation>,
    br: Option<Representation>,
}

/// A document in one content coding, with the fields of its 200; their date is empty.
#[derive(Debug)]
pub(super) struct Representation {
    pub(super) fields: HeaderMap,
    pub(super) body: Bytes,
}

/// How long caches may keep a document, and what they may do after that (RFC 9111 section
/// 5.2.2.1, RFC 5861).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Freshness {
    max_age: i64,
    field: HeaderValue,
    /// Whether no publication makes it another.
    finished: bool,
}

impl Freshness {
    fn of_document(document: &Document) -> Self {
        if document.finished {
            // RFC 8246: nobody needs to ask whether it has changed.
            let max_age = 31_536_000;
            return Self {
                max_age,
                field: cache_control(max_age, ", immutable"),
                finished: true,
            };
        }
        Self::of(document.kind)
    }

    fn of(kind: DocumentKind) -> Self {
        let (max_age, stale) = match kind {
            DocumentKind::Rss
            | DocumentKind::Atom
            | DocumentKind::JsonFeed
            | DocumentKind::JsonLd
            | DocumentKind::Markdown => {
                (900, ", stale-while-revalidate=3600, stale-if-error=86400")
            }
            DocumentKind::Sitemap
            | DocumentKind::SitemapIndex
            | DocumentKind::SitemapGzip
            | DocumentKind::SitemapText => (
                3_600,
                ", stale-while-revalidate=86400, stale-if-error=604800",
            ),
            DocumentKind::Robots | DocumentKind::Rsl | DocumentKind::Opml | DocumentKind::Llms => {
                (86_400, ", stale-if-error=604800")
            }
            // Answered without its own fields.
            DocumentKind::Gone => (3_600, ""),
        };
        Self {
            max_age,
            field: cache_control(max_age, stale),
            finished: false,
        }
    }

    /// The field at `now`, when an article becomes public at `next`, where that is not the
    /// usual one: no answer that is given before may be fresh after it. It may not be served
    /// stale while it is revalidated either, or the reader who comes first would still get
    /// the old one.
    pub(super) fn until(&self, now: Timestamp, next: Option<Timestamp>) -> Option<HeaderValue> {
        let left = next?.unix() - now.unix();
        (!self.finished && left < self.max_age).then(|| cache_control(left.max(0), ""))
    }
}

fn cache_control(max_age: i64, stale: &str) -> HeaderValue {
    value(&format!("public, max-age={max_age}{stale}"))
}

/// Every text that comes here is made of visible ASCII.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

impl Table {
    /// Builds the table of an edition. What is as it was in the table `before` is taken over.
    /// `workshop` makes what the edition promises.
    pub(super) fn of(
        edition: &Edition,
        workshop: Option<Arc<dyn Workshop>>,
        before: Option<&Self>,
    ) -> Self {
        let earlier = |path: &str| before.and_then(|before| before.entries.get(path));
        let mut entries = HashMap::with_capacity_and_hasher(
            edition.documents.len() + edition.deferred.len(),
            RandomState::default(),
        );
        let mut ended = HashSet::new();
        for document in &edition.documents {
            let path: Box<str> = document.path.as_str().into();
            if document.kind == DocumentKind::Gone {
                ended.insert(path);
                continue;
            }
            let resource = match earlier(&path) {
                Some(Entry::Made(same)) if Arc::ptr_eq(&same.document, document) => {
                    Arc::clone(same)
                }
                _ => Arc::new(Resource::of(Arc::clone(document))),
            };
            entries.insert(path, Entry::Made(resource));
        }
        for deferred in &edition.deferred {
            let path: Box<str> = deferred.path.as_str().into();
            let promise = match earlier(&path) {
                Some(Entry::Promised(same)) if same.is_still(deferred) => Arc::clone(same),
                Some(Entry::Promised(elder)) => Arc::new(Promise::of(deferred, Some(elder.recipe))),
                _ => Arc::new(Promise::of(deferred, None)),
            };
            entries.insert(path, Entry::Promised(promise));
        }
        Self {
            entries,
            workshop,
            ended,
            next_publication: edition.next_publication,
        }
    }

    /// What is made already, in order of path.
    pub(super) fn documents(&self) -> Vec<(String, Option<Timestamp>)> {
        let mut documents: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(path, entry)| match entry {
                Entry::Made(resource) => {
                    let changed = resource.head.last_modified.as_ref();
                    Some((path.to_string(), changed.map(|(changed, _)| *changed)))
                }
                Entry::Promised(_) => None,
            })
            .collect();
        documents.sort();
        documents
    }

    pub(super) fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    pub(super) fn workshop(&self) -> Option<Arc<dyn Workshop>> {
        self.workshop.clone()
    }

    /// Whether there was a feed at `path`, which readers need not ask for again.
    pub(super) fn has_ended(&self, path: &str) -> bool {
        self.ended.contains(path)
    }

    pub(super) const fn next_publication(&self) -> Option<Timestamp> {
        self.next_publication
    }
}

impl Promise {
    fn of(deferred: &Deferred, elder: Option<Recipe>) -> Self {
        Self {
            path: deferred.path.as_str().into(),
            kind: deferred.kind,
            recipe: deferred.recipe,
            elder,
            changed: deferred.changed,
            head: OnceLock::new(),
        }
    }

    fn is_still(&self, deferred: &Deferred) -> bool {
        self.recipe == deferred.recipe
            && self.changed == deferred.changed
            && self.kind == deferred.kind
    }
}

impl Head {
    fn of(document: &Document) -> Self {
        let last_modified = document
            .changed
            .map(|changed| (changed, value(&changed.rfc822())));
        let freshness = Freshness::of_document(document);
        let mut not_modified = HeaderMap::new();
        // The first place is for the date of each answer (`set_date`): adding a field to a copy
        // would make it grow.
        not_modified.insert(DATE, HeaderValue::from_static(""));
        not_modified.insert(CACHE_CONTROL, freshness.field.clone());
        not_modified.insert(ETAG, value(&format!("W/\"{}\"", document.etag)));
        not_modified.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        Self {
            kind: document.kind,
            etag: document.etag.as_str().into(),
            last_modified,
            freshness,
            not_modified,
        }
    }
}

impl Resource {
    pub(super) fn of(document: Arc<Document>) -> Self {
        let head = Head::of(&document);
        let represent = |body: &Bytes, coding: Option<&'static str>| {
            let mut fields = head.not_modified.clone();
            add_document_fields(&mut fields, &document);
            if let Some((_, field)) = &head.last_modified {
                fields.insert(LAST_MODIFIED, field.clone());
            }
            if let Some(coding) = coding {
                fields.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
            }
            Representation {
                fields,
                body: body.clone(),
            }
        };
        let body = &document.body;
        let identity = body.identity.as_ref().map(|body| represent(body, None));
        let coded =
            |body: &Option<Bytes>, name| body.as_ref().map(|body| represent(body, Some(name)));
        let (gzip, br) = (coded(&body.gzip, "gzip"), coded(&body.br, "br"));
        Self {
            head,
            identity,
            gzip,
            br,
            document,
        }
    }

    /// What it takes to keep it, in bytes: its own and those of its header fields, about.
    pub(super) fn weight(&self) -> usize {
        4_096 + self.document.body.weight()
    }

    pub(super) const fn has(&self, coding: Coding) -> bool {
        match coding {
            Coding::Identity => true,
            Coding::Gzip => self.gzip.is_some(),
            Coding::Br => self.br.is_some(),
        }
    }

    /// The representation in `coding`; `None` where it must be unpacked first.
    pub(super) const fn representation(&self, coding: Coding) -> Option<&Representation> {
        match coding {
            Coding::Identity => self.identity.as_ref(),
            Coding::Gzip => self.gzip.as_ref(),
            Coding::Br => self.br.as_ref(),
        }
    }
}

/// Puts the date into the fields of an answer.
pub(super) fn set_date(fields: &mut HeaderMap, date: HeaderValue) {
    match fields.iter_mut().next() {
        Some((name, place)) if *name == DATE => *place = date,
        _ => {
            fields.insert(DATE, date);
        }
    }
}

/// The fields of a 200 that do not depend on the coding or the time.
fn add_document_fields(fields: &mut HeaderMap, document: &Document) {
    fields.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(document.kind.media_type()),
    );
    fields.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Readers that run in a browser fetch feeds across origins.
    fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if document.kind != DocumentKind::Robots {
        // A feed in the search results helps nobody; the articles in it do.
        fields.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex, follow"));
    }
    if document.kind.is_feed() {
        fields.append(LINK, value(&format!("<{}>; rel=\"self\"", document.url)));
    }
    for (kind, url) in &document.sisters {
        fields.append(LINK, link(url, "alternate", *kind));
    }
    if let Some(url) = &document.license {
        // As RSL 1.0 has it, and as it stands in RSS and Atom themselves.
        fields.append(LINK, link(url, "license", DocumentKind::Rsl));
    }
}

/// A link to a document (RFC 8288 section 3).
fn link(url: &AbsoluteUrl, relation: &str, kind: DocumentKind) -> HeaderValue {
    let media_type = kind.essence();
    value(&format!(
        "<{url}>; rel=\"{relation}\"; type=\"{media_type}\""
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_answer_outlives_the_next_publication() {
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let feed = Freshness::of(DocumentKind::Rss);
        for (next, field) in [
            (None, None),
            (Some(1_900), None),
            (Some(1_899), Some("public, max-age=899")),
            (Some(1_000), Some("public, max-age=0")),
            (Some(900), Some("public, max-age=0")),
        ] {
            let until = feed.until(at(1_000), next.map(at));
            assert_eq!(until.as_ref().map(|field| field.to_str().unwrap()), field);
        }
    }
}
