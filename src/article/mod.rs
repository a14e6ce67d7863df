//! The vocabulary: values that cannot be wrong once made.
//!
//! Everything here is plain data. Nothing in this room does I/O or reads a clock, and
//! nothing in it knows which kind of origin an article came from.

mod adopted;
mod axis;
mod extras;
mod hreflang;
mod html;
mod id;
mod language;
mod listed;
pub mod markup;
mod moment;
mod person;
mod selection;
mod slug;
mod tag;
mod text;
mod timestamp;
mod url;
mod url_template;

pub use adopted::Adopted;
pub use axis::Axis;
pub use extras::{Episode, EpisodeKind, Extras, Original, Video, VideoPlace};
pub use hreflang::Hreflang;
pub use html::Html;
pub use id::{ArticleId, InvalidId};
pub use language::{InvalidLanguage, Language};
pub use listed::{Listed, MAX_IMAGES};
pub use moment::Moment;
pub use person::Person;
pub use selection::{Criterion, Order, Selection};
pub use slug::slug;
pub use tag::Tag;
pub use text::XmlText;
pub use timestamp::{OutOfRange, Timestamp};
pub use url::{AbsoluteUrl, InvalidUrl};
pub use url_template::{InvalidTemplate, NoAddress, UrlParts, UrlTemplate};

use serde::{Deserialize, Serialize};

/// One published article: who it is, what it says, and when that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Given once and kept through a change of slug, title or host.
    pub id: ArticleId,
    /// What a reader sees.
    pub piece: Piece,
    /// The dates as judged, with the reason for them.
    pub dates: Dates,
    /// What it was known by before Dateline served it.
    pub adopted: Adopted,
}

/// What a reader sees of an article: everything but its identity and its dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The canonical address.
    pub url: AbsoluteUrl,
    /// Plain text on one line; never empty (an untitled piece gets its first words).
    pub title: XmlText,
    /// Plain text on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<XmlText>,
    /// The full text, sanitised, with absolute URLs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Html>,
    /// In the order in which the origin names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Person>,
    /// In the order in which the origin names them, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// The one part of the site that the article belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<Tag>,
    /// The article's own language, where it says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The picture that stands for the article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<AbsoluteUrl>,
    /// Files that belong to the article: a podcast episode, a PDF.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enclosures: Vec<Enclosure>,
    /// The same article in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternates: Vec<Alternate>,
    /// Kept out of the sitemap at the author's wish.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub noindex: bool,
    /// How long reading takes, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading_minutes: Option<u32>,
    /// What only some articles have.
    #[serde(default, skip_serializing_if = "Extras::is_empty")]
    pub extras: Extras,
}

/// Everything that a feed says of an article: a piece but for what only sitemaps look at.
#[derive(Serialize)]
struct Said<'a> {
    url: &'a AbsoluteUrl,
    title: &'a XmlText,
    summary: &'a Option<XmlText>,
    content: &'a Option<Html>,
    authors: &'a [Person],
    tags: &'a [Tag],
    section: &'a Option<Tag>,
    language: &'a Option<Language>,
    image: &'a Option<AbsoluteUrl>,
    enclosures: &'a [Enclosure],
    reading_minutes: Option<u32>,
    extras: &'a Extras,
    dates: &'a Dates,
    adopted: &'a Adopted,
}

impl Article {
    /// A hash of everything that a feed says of it: another one, and each feed that has it
    /// may have other bytes.
    #[must_use]
    pub fn version(&self) -> i64 {
        let piece = &self.piece;
        let said = Said {
            url: &piece.url,
            title: &piece.title,
            summary: &piece.summary,
            content: &piece.content,
            authors: &piece.authors,
            tags: &piece.tags,
            section: &piece.section,
            language: &piece.language,
            image: &piece.image,
            enclosures: &piece.enclosures,
            reading_minutes: piece.reading_minutes,
            extras: &piece.extras,
            dates: &self.dates,
            adopted: &self.adopted,
        };
        // Texts and numbers always have a JSON form.
        let said = serde_json::to_vec(&said).unwrap_or_default();
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::hash(&said).as_bytes()[..8]);
        // Nought is what a version is called that is not known.
        (i64::from_le_bytes(first) & i64::MAX).max(1)
    }
}

impl Piece {
    /// The file that its episode is: the first of sound or film.
    #[must_use]
    pub fn recording(&self) -> Option<&Enclosure> {
        self.enclosures.iter().find(|file| {
            let kind = file.media_type.as_str().split('/').next();
            matches!(kind, Some("audio" | "video"))
        })
    }

    /// A piece of which nothing is known but its address and title.
    #[must_use]
    pub fn stand_in(url: AbsoluteUrl, title: &str) -> Self {
        Self {
            url,
            title: XmlText::from(title),
            summary: None,
            content: None,
            authors: Vec::new(),
            tags: Vec::new(),
            section: None,
            language: None,
            image: None,
            enclosures: Vec::new(),
            alternates: Vec::new(),
            noindex: false,
            reading_minutes: None,
            extras: Extras::default(),
        }
    }
}

/// A file that belongs to an article (RSS 2.0 `enclosure`, JSON Feed `attachments`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// Where the file is.
    pub url: AbsoluteUrl,
    /// Its media type, such as `audio/mpeg`.
    pub media_type: XmlText,
    /// Its size in bytes; `None` where the origin does not say (RSS then writes 0).
    pub length: Option<u64>,
}

/// The address of an article in another language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alternate {
    /// For whom the page at `url` is.
    pub language: Hreflang,
    /// Where that page is.
    pub url: AbsoluteUrl,
}

/// The dates of an article and why they are what they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// First availability (RFC 4287 section 4.2.9).
    pub published: Option<Moment>,
    /// Last change that a reader would notice; never before `published`.
    pub modified: Option<Moment>,
    /// Why `modified` is what it is.
    pub evidence: Evidence,
}

impl Dates {
    /// The dates as they may be shown at `now`. One that was seen under a clock that ran
    /// ahead is kept back until its instant: no date that leaves lies in the future, and
    /// none goes back.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        self.modified = self.modified.filter(|modified| modified.instant() <= now);
        self
    }
}

/// Why a modification date is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The origin declared it.
    Declared,
    /// The site's own feeds or sitemaps gave it before Dateline did.
    Adopted,
    /// The last commit that changed the article's content.
    Git,
    /// Nothing newer is known than the publication.
    Published,
    /// Dateline saw the content change at that instant.
    Observed,
    /// Nothing is known; the date is left out everywhere.
    Unknown,
}
