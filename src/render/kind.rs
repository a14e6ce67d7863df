//! The kinds of document.

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A feed in RSS 2.0.
    Rss,
    /// A feed in Atom (RFC 4287).
    Atom,
    /// A feed in JSON Feed 1.1.
    JsonFeed,
    /// A list of addresses (sitemaps.org 0.9).
    Sitemap,
    /// A list of sitemaps.
    SitemapIndex,
    /// A sitemap or an index of sitemaps, as a file that is gzip-coded.
    SitemapGzip,
    /// A list of addresses and nothing else.
    SitemapText,
    /// `robots.txt` (RFC 9309).
    Robots,
    /// A licence for machines (RSL 1.0).
    Rsl,
    /// A list of feeds (OPML 2.0).
    Opml,
    /// `llms.txt`
    Llms,
    /// An article in Markdown.
    Markdown,
    /// The articles of a feed as structured data (schema.org).
    JsonLd,
    /// What stands where a feed was that ended: readers that are told so stop asking.
    Gone,
}

impl DocumentKind {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 14] = [
        Self::Rss,
        Self::Atom,
        Self::JsonFeed,
        Self::Sitemap,
        Self::SitemapIndex,
        Self::SitemapGzip,
        Self::SitemapText,
        Self::Robots,
        Self::Rsl,
        Self::Opml,
        Self::Llms,
        Self::Markdown,
        Self::JsonLd,
        Self::Gone,
    ];

    /// Its name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::JsonFeed => "json-feed",
            Self::Sitemap => "sitemap",
            Self::SitemapIndex => "sitemap-index",
            Self::SitemapGzip => "sitemap-gzip",
            Self::SitemapText => "sitemap-text",
            Self::Robots => "robots",
            Self::Rsl => "rsl",
            Self::Opml => "opml",
            Self::Llms => "llms",
            Self::Markdown => "markdown",
            Self::JsonLd => "json-ld",
            Self::Gone => "gone",
        }
    }

    /// The kind with this name; `None` for one that this program does not know.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether feed readers subscribe to it.
    #[must_use]
    pub const fn is_feed(self) -> bool {
        matches!(self, Self::Rss | Self::Atom | Self::JsonFeed)
    }

    /// Whether the articles themselves are in it, which a licence is about.
    #[must_use]
    pub const fn holds_articles(self) -> bool {
        self.is_feed() || matches!(self, Self::JsonLd | Self::Markdown)
    }

    /// The media type as it is sent. XML goes out as `application/*`: as `text/*` without a
    /// charset old clients read it as US-ASCII. RSS has no registered type; this is the one
    /// that readers know.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::JsonFeed => "application/feed+json",
            Self::Sitemap | Self::SitemapIndex => "application/xml; charset=utf-8",
            Self::Rsl => "application/rsl+xml",
            Self::Opml => "text/x-opml; charset=utf-8",
            Self::Llms | Self::Markdown => "text/markdown; charset=utf-8",
            Self::JsonLd => "application/ld+json",
            // A file of its own, and not a coding of another: no Content-Encoding.
            Self::SitemapGzip => "application/gzip",
            Self::SitemapText | Self::Robots | Self::Gone => "text/plain; charset=utf-8",
        }
    }

    /// The media type without parameters, as links name it.
    #[must_use]
    pub fn essence(self) -> &'static str {
        let media_type = self.media_type();
        media_type
            .split_once(';')
            .map_or(media_type, |(essence, _)| essence)
    }
}
