//! What is said where a document was.

use std::collections::HashSet;

use bytes::Bytes;

use super::Maker;
use crate::{
    config::FeedScope,
    edition::sitemaps,
    render::DocumentKind,
    store::{Body, DocumentRecord, StoreError, StoredDocument},
};

/// What a person reads where a feed or a part of the sitemap was.
const GONE: &[u8] = b"This has ended: no article is in it any more.\n";

impl Maker<'_> {
    /// Of each feed of a value (a tag, an author …) that no article has any more, and of each
    /// part of the sitemap that lists nothing any more: its address answers that it is gone, as
    /// long as there are documents of that kind at all.
    pub(super) fn bury(&mut self) -> Result<Vec<StoredDocument>, StoreError> {
        let documents = self.documents.iter();
        let made: HashSet<&str> = documents.map(|d| d.record.path.as_str()).collect();
        let carried = self.carried.paths();
        let mut tombs = Vec::new();
        for record in self.earlier()? {
            let path = record.path.as_str();
            let made = made.contains(path) || carried.contains(path);
            if made || !(self.is_of_a_value(path) || self.is_part_of_the_sitemap(path)) {
                continue;
            }
            let is_new = record.kind != DocumentKind::Gone.name();
            let tomb = StoredDocument {
                // As the feed last was: should it come back the same, it is the same.
                record: DocumentRecord {
                    kind: DocumentKind::Gone.name().to_owned(),
                    ..record
                },
                body: Some(Body {
                    identity: Some(Bytes::from_static(GONE)),
                    gzip: None,
                    br: None,
                }),
            };
            if is_new {
                self.transaction.put_document(&tomb)?;
            }
            tombs.push(tomb);
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

    fn is_part_of_the_sitemap(&self, path: &str) -> bool {
        let below = path.strip_prefix(self.config.site.url.path());
        below.is_some_and(|file| sitemaps::is_part(file, &self.config.sitemap))
    }
}
