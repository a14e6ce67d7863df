//! What is kept, and in which form it goes in and comes out.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    article::{AbsoluteUrl, Adopted, Article, ArticleId, Axis, Dates, Listed, Moment, Timestamp},
    dates::{Declared, Event, Fingerprint, Memory},
};

/// An article as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// What is served.
    pub article: &'a Article,
    /// What the origin calls it.
    pub origin_id: Option<&'a str>,
    /// Its place at the origin, which stays when its address changes: a file, a slug.
    pub handle: &'a str,
    /// Where it stands, for messages; without the line.
    pub place: &'a str,
    /// What the origin declared.
    pub declared: Declared,
    /// What a reader would notice of it.
    pub fingerprint: Fingerprint,
    /// What it says, wherever it is; `None` where that is a title alone.
    pub words: Option<Fingerprint>,
    /// What it is grouped by.
    pub labels: &'a [Label],
}

/// Where an article stands at its origin: a file or row, and a line in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spot {
    /// The file, or the row of a table.
    pub place: String,
    /// Counted from 1.
    pub line: Option<u64>,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

/// An article as it was put, taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What was to be served.
    pub article: Article,
    /// Its place at the origin, as in [`Entry`].
    pub handle: String,
    /// What the origin calls it.
    pub origin_id: Option<String>,
    /// What the origin declared.
    pub declared: Declared,
    /// Where it stands, for messages.
    pub spot: Spot,
}

/// By what an article is known again at another address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Its place at the origin: a file, a slug.
    Handle,
    /// What it says.
    Words,
}

/// An article that is no longer there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Its id, which is not given again.
    pub id: ArticleId,
    /// Its title.
    pub title: String,
    /// When it was last changed.
    pub modified: Option<Moment>,
}

/// What is remembered of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id for good.
    pub id: ArticleId,
    /// What the origin calls it.
    pub origin_id: Option<String>,
    /// Where it is.
    pub url: AbsoluteUrl,
    /// Whether the origin had it no more when it was last read.
    pub removed: bool,
    /// Whether sitemaps list it: the author does not keep it out.
    pub listed: bool,
    /// What the judge needs to know.
    pub memory: Memory,
    /// What it was known by before Dateline served it.
    pub adopted: Adopted,
}

/// All that is remembered of an article: what `dateline history` moves from one store to
/// another. The names and order of the fields are a documented format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// Its id for good.
    pub id: ArticleId,
    /// What the origin calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_id: Option<String>,
    /// Its place at the origin, as in [`Entry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// Where it is.
    pub url: AbsoluteUrl,
    /// Its title, for people.
    pub title: String,
    /// When the origin was first seen without it, if it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Timestamp>,
    /// What the origin declared when it was last read.
    pub declared: Declared,
    /// What a reader would have noticed of it then.
    pub fingerprint: Fingerprint,
    /// What it said then, wherever it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Fingerprint>,
    /// Its dates, and why.
    pub dates: Dates,
    /// What it was known by before Dateline served it.
    #[serde(default)]
    pub adopted: Adopted,
    /// What happened to it, oldest first.
    pub history: Vec<Event>,
}

/// Another article has the id or the address already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The id, and where the other article stands.
    Id(String),
    /// The address, and where the other article stands.
    Url(String),
}

/// A value that articles are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// What the value is one of.
    pub axis: Axis,
    /// The value in addresses; two values with one slug are one label.
    pub slug: String,
    /// The value as it is shown.
    pub value: String,
}

/// What a sitemap needs of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Where it is.
    pub url: AbsoluteUrl,
    /// First availability.
    pub published: Option<Moment>,
    /// Last change.
    pub modified: Option<Moment>,
    /// Pictures, films and translations.
    pub listed: Listed,
}

/// Why a document has the bytes that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// It was made for the first time.
    First,
    /// An article in it changed, came or went.
    Articles,
    /// The configuration changed, or a new version of the program writes it otherwise.
    Form,
}

impl Cause {
    /// Every cause.
    pub(super) const ALL: [Self; 3] = [Self::First, Self::Articles, Self::Form];

    /// Its name in the store.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Articles => "articles",
            Self::Form => "form",
        }
    }
}

/// What is remembered of a document beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRecord {
    /// Where it is or was served.
    pub path: String,
    /// What kind of document it is.
    pub kind: String,
    /// The opaque part of its entity tag.
    pub etag: String,
    /// When the inputs of its bytes last changed.
    pub changed: Option<Timestamp>,
    /// Why they did.
    pub cause: Cause,
    /// A hash of the articles it carried.
    #[serde(with = "hexadecimal")]
    pub inputs: Vec<u8>,
    /// When those last changed.
    pub updated: Option<Timestamp>,
    /// A hash of everything that its bytes followed from; empty where that is not known, as
    /// in another store.
    #[serde(skip)]
    pub recipe: Vec<u8>,
}

/// A document of an edition, with its validators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// What is remembered of it when its bytes are gone. Of one that has none the entity tag
    /// is empty.
    pub record: DocumentRecord,
    /// Its bytes; `None` for one that is made on request.
    pub body: Option<Body>,
}

/// The bytes of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// As rendered; `None` for a long document, which is kept in the coding `gzip` alone.
    pub identity: Option<bytes::Bytes>,
    /// The bytes in the coding `gzip`, where that is smaller.
    pub gzip: Option<bytes::Bytes>,
    /// The bytes in the coding `br`, where that is smaller.
    pub br: Option<bytes::Bytes>,
}

/// Bytes as hexadecimal digits in the lines of a history.
mod hexadecimal {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<u8>, D::Error> {
        let digits = String::deserialize(input)?;
        let digits: Vec<char> = digits.chars().collect();
        let pairs = digits.chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16))
            .collect::<Result<_, _>>()
            .map_err(|_| D::Error::custom("inputs must be pairs of hexadecimal digits"))
    }
}
