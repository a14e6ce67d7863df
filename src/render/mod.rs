//! Pure functions from articles and a feed's definition to bytes, one file per format. No
//! I/O, no clock, no compression.

use crate::article::{AbsoluteUrl, Language, Moment, Person, Timestamp, XmlText};

/// What a feed says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// An absolute IRI that does not depend on the format (RFC 4287 section 4.2.6).
    pub id: String,
    /// Plain text.
    pub title: XmlText,
    /// Plain text.
    pub description: XmlText,
    /// Of the feed as a whole.
    pub language: Language,
    /// The page for people that the feed goes with.
    pub home: AbsoluteUrl,
    /// Where this very document is served (RSS Advisory Board profile, `atom:link`).
    pub self_url: AbsoluteUrl,
    /// The same feed in other formats: media type and address.
    pub sisters: Vec<(&'static str, AbsoluteUrl)>,
    /// Stands for articles that name no author.
    pub author: Option<Person>,
    /// When an article in it last changed, entered or was removed; `None` if no date is
    /// known for anything in it.
    pub updated: Option<Timestamp>,
    /// How much of each article to carry.
    pub content: ContentMode,
}

/// An entry of a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapUrl {
    /// `loc`
    pub url: AbsoluteUrl,
    /// `lastmod`; left out where unknown.
    pub modified: Option<Moment>,
}

/// An entry of a sitemap index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapFile {
    /// `loc`
    pub url: AbsoluteUrl,
    /// When that file changed; left out where unknown.
    pub changed: Option<Timestamp>,
}

/// How much of an article a feed carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentMode {
    /// `"full"`: the whole text, where it is known.
    Full,
    /// `"summary"`
    Summary,
}

/// A format that a feed is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedFormat {
    /// `"rss"`: `rss.xml`
    Rss,
    /// `"atom"`: `atom.xml`
    Atom,
    /// `"json"`: `feed.json`
    Json,
}

/// stub
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// r
    Rss,
    /// a
    Atom,
    /// j
    JsonFeed,
    /// s
    Sitemap,
    /// i
    SitemapIndex,
    /// r
    Robots,
}
impl DocumentKind {
    /// n
    pub fn name(self) -> &'static str {
        ""
    }
    /// n
    pub fn from_name(_: &str) -> Option<Self> {
        None
    }
    /// f
    pub fn is_feed(self) -> bool {
        true
    }
    /// m
    pub fn media_type(self) -> &'static str {
        ""
    }
}
impl FeedFormat {
    /// k
    pub fn kind(self) -> DocumentKind {
        DocumentKind::Rss
    }
    /// f
    pub fn file_name(self) -> &'static str {
        ""
    }
}
/// e
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct RenderError;
/// v
pub fn verify(_: DocumentKind, _: &[u8]) -> Result<(), RenderError> {
    Ok(())
}
/// r
pub mod rss {
    use super::*;
    use crate::article::Article;
    /// r
    pub fn render(_: &Channel, _: &[Article]) -> Result<Vec<u8>, RenderError> {
        Err(RenderError)
    }
}
pub use rss as atom;
pub use rss as json_feed;
/// s
pub mod sitemap {
    use super::*;
    /// m
    pub const MAX_URLS: usize = 50_000;
    /// b
    pub const MAX_BYTES: usize = 52_428_800;
    /// u
    pub fn render_urlset<'a>(
        _: impl Iterator<Item = &'a SitemapUrl>,
    ) -> Result<Vec<u8>, RenderError> {
        Err(RenderError)
    }
    /// i
    pub fn render_index<'a>(
        _: impl Iterator<Item = &'a SitemapFile>,
    ) -> Result<Vec<u8>, RenderError> {
        Err(RenderError)
    }
}
/// r
pub mod robots {
    use super::*;
    /// r
    pub fn render(_: &AbsoluteUrl) -> Vec<u8> {
        vec![]
    }
}
