//! Pure functions from articles and a feed's definition to bytes, one file per format. No
//! I/O, no clock, no compression.

pub mod atom;
mod element;
mod excerpt;
pub mod json_feed;
pub mod json_ld;
mod kind;
pub mod links;
pub mod llms;
mod media;
pub mod opml;
mod podcast;
pub mod robots;
pub mod rsl;
pub mod rss;
pub mod sitemap;
mod verify;

pub use excerpt::summarised;
pub use kind::DocumentKind;
pub use podcast::Podcast;
pub use verify::{VerifyError, verify};

use crate::article::{
    AbsoluteUrl, Language, Listed, Moment, Person, Piece, Tag, Timestamp, XmlText,
};

/// The version of the bytes: another one whenever a document of the same articles and the
/// same configuration has other bytes than before. Documents that are made on request have
/// changed then, as far as anyone can tell.
pub const FORMAT: u32 = 1;

/// A document could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The XML or JSON writer failed.
    #[error("it cannot be written: {0}")]
    Writer(String),
    /// Past what sitemaps.org allows in one file.
    #[error("{0} entries or {1} bytes are more than one sitemap may have")]
    TooLarge(usize, usize),
}

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
    /// The same feed in other formats.
    pub sisters: Vec<(DocumentKind, AbsoluteUrl)>,
    /// Stands for articles that name no author.
    pub author: Option<Person>,
    /// When an article in it last changed, entered or was removed; `None` if no date is
    /// known for anything in it.
    pub updated: Option<Timestamp>,
    /// How much of each article to carry.
    pub content: ContentMode,
    /// A picture that stands for the feed.
    pub image: Option<AbsoluteUrl>,
    /// What kind of category tags are (RFC 4287 section 4.2.2.2).
    pub tag_scheme: Option<XmlText>,
    /// What kind of category sections are; only then are they categories.
    pub section_scheme: Option<XmlText>,
    /// What it says of itself as a podcast, if it is one.
    pub podcast: Option<Podcast>,
    /// A licence in RSL 1.0 that holds for what is in it.
    pub license: Option<AbsoluteUrl>,
    /// Where it stands in the history of the feed, if one is kept.
    pub history: Option<History>,
}

/// Where a document stands in the history of its feed (RFC 5005).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum History {
    /// Every entry there is, is in it (section 2).
    Complete,
    /// What readers subscribe to; what is older is in an archive (section 4).
    Subscription {
        /// The newest page of the archive.
        older: AbsoluteUrl,
    },
    /// A finished page of an archive (section 4). It names no newer page: it would have to
    /// change when there is one.
    Archive {
        /// What readers subscribe to.
        current: AbsoluteUrl,
        /// The page before it; `None` for the first.
        older: Option<AbsoluteUrl>,
    },
}

impl History {
    /// Its links, each with its relation (section 4 and IANA's registry).
    fn links(&self) -> impl Iterator<Item = (&'static str, &AbsoluteUrl)> {
        let (current, older) = match self {
            Self::Complete => (None, None),
            Self::Subscription { older } => (None, Some(older)),
            Self::Archive { current, older } => (Some(current), older.as_ref()),
        };
        let current = current.map(|url| ("current", url));
        current
            .into_iter()
            .chain(older.map(|url| ("prev-archive", url)))
    }

    /// The page before it.
    fn older(&self) -> Option<&AbsoluteUrl> {
        self.links()
            .find(|(rel, _)| *rel == "prev-archive")
            .map(|(_, url)| url)
    }

    /// What marks the document as a whole.
    fn mark(&self) -> Option<element::Element> {
        let name = match self {
            Self::Complete => "fh:complete",
            Self::Subscription { .. } => return None,
            Self::Archive { .. } => "fh:archive",
        };
        Some(element::Element::new(name))
    }
}

impl Channel {
    /// What `piece` is sorted under: a word and what kind of word that is.
    fn categories<'a>(
        &'a self,
        piece: &'a Piece,
    ) -> impl Iterator<Item = (&'a Tag, Option<&'a str>)> {
        let tags = piece.tags.iter();
        let scheme = self.tag_scheme.as_ref().map(XmlText::as_str);
        let sections = self.section_scheme.iter().zip(&piece.section);
        tags.map(move |tag| (tag, scheme))
            .chain(sections.map(|(scheme, section)| (section, Some(scheme.as_str()))))
    }
}

/// An entry of a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapUrl {
    /// `loc`
    pub url: AbsoluteUrl,
    /// `lastmod`; left out where unknown.
    pub modified: Option<Moment>,
    /// What the extensions say of it.
    pub listed: Listed,
    /// That it is news, in a sitemap of news: boxed, since of a million entries none is.
    pub news: Option<Box<News>>,
}

impl SitemapUrl {
    /// An entry that says no more than its address and date.
    #[must_use]
    pub fn plain(url: AbsoluteUrl, modified: Option<Moment>) -> Self {
        Self {
            url,
            modified,
            listed: Listed::default(),
            news: None,
        }
    }
}

/// What a sitemap of news says of an article (Google's news sitemaps).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The publication, exactly as on its site.
    pub publication: XmlText,
    /// The article's language.
    pub language: Language,
    /// First publication.
    pub published: Moment,
    /// The article's title.
    pub title: XmlText,
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
    /// `"jsonld"`: `feed.jsonld`, for the site's own pages and not for readers
    JsonLd,
}

impl FeedFormat {
    /// Every format that readers subscribe to.
    pub const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// What its document is.
    #[must_use]
    pub const fn kind(self) -> DocumentKind {
        match self {
            Self::Rss => DocumentKind::Rss,
            Self::Atom => DocumentKind::Atom,
            Self::Json => DocumentKind::JsonFeed,
            Self::JsonLd => DocumentKind::JsonLd,
        }
    }

    /// The last part of its address.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Rss => "rss.xml",
            Self::Atom => "atom.xml",
            Self::Json => "feed.json",
            Self::JsonLd => "feed.jsonld",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rss => "RSS",
            Self::Atom => "Atom",
            Self::Json => "JSON Feed",
            Self::JsonLd => "JSON-LD",
        }
    }
}

/// A feed as others list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedListing {
    /// Plain text.
    pub title: XmlText,
    /// Plain text.
    pub description: XmlText,
    /// Of the feed as a whole.
    pub language: Language,
    /// Where it is, in each of its formats.
    pub formats: Vec<(FeedFormat, AbsoluteUrl)>,
}
