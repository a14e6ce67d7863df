//! Reads the feeds and sitemaps that a site has had so far, for the ids and dates that
//! readers and crawlers know it by. Writes nothing, and dials out to nobody.

mod document;
mod stamps;

use std::collections::HashMap;

use crate::{
    article::{AbsoluteUrl, Adopted},
    config::Site,
    dates::Guards,
};

pub use document::{Kind, UnknownDocument};

/// What one document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What it is.
    pub kind: Kind,
    /// The key of an article's address ([`Site::address_key`]) and what is known of it.
    pub articles: Vec<(String, Adopted)>,
    /// The sitemaps that an index names.
    pub sitemaps: Vec<AbsoluteUrl>,
    /// What was left out, and why.
    pub left_out: Vec<String>,
}

/// Reads a document of `site`, packed with gzip or not. Relative addresses are resolved
/// against `base`, where it was found.
///
/// An id that two articles share is neither's, and a date that more articles share than
/// `guards` would let move at once is the stamp of a build: both are left out.
///
/// # Errors
/// [`UnknownDocument`] when it is no feed and no sitemap.
pub fn read(
    bytes: &[u8],
    base: &AbsoluteUrl,
    site: &Site,
    guards: &Guards,
) -> Result<Read, UnknownDocument> {
    let document::Document {
        kind,
        entries,
        sitemaps,
    } = document::parse(bytes, base, site.timezone)?;
    let mut left_out = Vec::new();
    let mut articles = Vec::with_capacity(entries.len());
    let mut uses: HashMap<String, usize> = HashMap::new();
    for id in entries.iter().filter_map(|entry| entry.id.as_ref()) {
        *uses.entry(id.clone()).or_default() += 1;
    }
    for entry in entries {
        let Some(url) = entry.url else {
            left_out.push(format!("{}: it has no address", entry.name));
            continue;
        };
        let id = entry.id.filter(|id| match document::fault_of(kind, id) {
            None if uses.get(id) == Some(&1) => true,
            None => {
                left_out.push(format!("{url}: its id {id} stands for other articles too"));
                false
            }
            Some(fault) => {
                left_out.push(format!("{url}: its id {fault}"));
                false
            }
        });
        let mut known = Adopted {
            published: entry.published,
            modified: entry.modified,
            ..Adopted::default()
        };
        match kind {
            Kind::Rss => known.rss = id,
            Kind::Atom => known.atom = id,
            Kind::JsonFeed => known.json = id,
            Kind::Sitemap | Kind::SitemapIndex => {}
        }
        articles.push((site.address_key(&url), known));
    }
    left_out.extend(stamps::drop(&mut articles, guards));
    Ok(Read {
        kind,
        articles,
        sitemaps,
        left_out,
    })
}

#[cfg(test)]
mod tests;
