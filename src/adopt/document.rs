//! One earlier feed or sitemap, as it was written.

use std::io::{Cursor, Read as _};

use quick_xml::{NsReader, events::Event, name::ResolveResult};
use serde_json::Value;

use crate::{
    article::{AbsoluteUrl, Moment, XmlText},
    dates::{self, Zone},
};

/// Past this a document is no feed, packed or not.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RSS 2.0 or an older form of it.
    Rss,
    /// Atom.
    Atom,
    /// JSON Feed.
    JsonFeed,
    /// A sitemap.
    Sitemap,
    /// A list of sitemaps.
    SitemapIndex,
}

impl Kind {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rss => "RSS",
            Self::Atom => "Atom",
            Self::JsonFeed => "JSON Feed",
            Self::Sitemap => "sitemap",
            Self::SitemapIndex => "sitemap index",
        }
    }
}

/// A document that nothing can be taken over from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no RSS, Atom, JSON Feed or sitemap: {0}")]
pub struct UnknownDocument(pub String);

/// What was found in a document.
pub(super) struct Document {
    pub(super) kind: Kind,
    pub(super) entries: Vec<Entry>,
    pub(super) sitemaps: Vec<AbsoluteUrl>,
}

/// What it says of one article.
#[derive(Default)]
pub(super) struct Entry {
    /// For messages.
    pub(super) name: String,
    pub(super) url: Option<AbsoluteUrl>,
    pub(super) id: Option<String>,
    pub(super) published: Option<Moment>,
    pub(super) modified: Option<Moment>,
}

/// Takes a document apart.
pub(super) fn parse(
    bytes: &[u8],
    base: &AbsoluteUrl,
    zone: Zone,
) -> Result<Document, UnknownDocument> {
    let unpacked;
    let bytes = if bytes.starts_with(&[0x1F, 0x8B]) {
        unpacked = gunzip(bytes)?;
        &unpacked
    } else {
        bytes
    };
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    if text.starts_with('{') {
        return json(text, base, zone);
    }
    let kind = kind_of(text)?;
    let mut sitemaps = Vec::new();
    let entries = match kind {
        Kind::Rss => rss(text, base, zone)?,
        Kind::Atom => atom(text, base)?,
        Kind::JsonFeed => Vec::new(),
        Kind::Sitemap => sitemap(text, "url", zone)?,
        Kind::SitemapIndex => {
            let entries = sitemap(text, "sitemap", zone)?;
            sitemaps = entries.into_iter().filter_map(|entry| entry.url).collect();
            Vec::new()
        }
    };
    Ok(Document {
        kind,
        entries,
        sitemaps,
    })
}

/// Why an id cannot stand in a document of this kind, if it cannot.
pub(super) fn fault_of(kind: Kind, id: &str) -> Option<&'static str> {
    const MAX_BYTES: usize = 2_000;
    if id.len() > MAX_BYTES {
        return Some("is longer than 2,000 bytes");
    }
    if XmlText::clean(id).1 > 0 {
        return Some("holds a character that XML forbids");
    }
    // RFC 4287 section 4.2.6.
    if kind == Kind::Atom && url::Url::parse(id).is_err() {
        return Some("is no absolute IRI, as Atom demands");
    }
    None
}

/// A sitemap may be kept as `.xml.gz` (sitemaps.org).
fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, UnknownDocument> {
    let mut unpacked = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    flate2::read::MultiGzDecoder::new(bytes)
        .take(limit + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| UnknownDocument(format!("it cannot be unpacked: {error}")))?;
    if unpacked.len() > MAX_BYTES {
        return Err(UnknownDocument("it is larger than 64 MiB".to_owned()));
    }
    Ok(unpacked)
}

/// By the first element.
fn kind_of(text: &str) -> Result<Kind, UnknownDocument> {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                let name = element.local_name();
                return match name.as_ref() {
                    b"rss" | b"RDF" => Ok(Kind::Rss),
                    b"feed" => Ok(Kind::Atom),
                    b"urlset" => Ok(Kind::Sitemap),
                    b"sitemapindex" => Ok(Kind::SitemapIndex),
                    other => Err(UnknownDocument(format!(
                        "it begins with <{}>",
                        String::from_utf8_lossy(other)
                    ))),
                };
            }
            // None is ever expanded, but what refers to one would be read without it.
            Ok(Event::DocType(declared)) if declares_entities(&declared) => {
                let what = "it declares entities of its own, which are not read";
                return Err(UnknownDocument(what.to_owned()));
            }
            Ok(Event::Eof) => return Err(UnknownDocument("it has no element".to_owned())),
            Ok(_) => {}
            Err(error) => return Err(UnknownDocument(error.to_string())),
        }
    }
}

fn declares_entities(doctype: &[u8]) -> bool {
    const WORD: &[u8] = b"<!ENTITY";
    doctype.windows(WORD.len()).any(|part| part == WORD)
}

fn rss(text: &str, base: &AbsoluteUrl, zone: Zone) -> Result<Vec<Entry>, UnknownDocument> {
    let channel = rss::Channel::read_from(Cursor::new(text))
        .map_err(|error| UnknownDocument(error.to_string()))?;
    let items = channel.items.into_iter().map(|item| {
        let guid = item.guid;
        // Where there is no link, a permalink is one.
        let permalink = guid.as_ref().filter(|guid| guid.permalink);
        let permalink = permalink.map(|guid| guid.value.as_str());
        let url = item.link.as_deref().or(permalink);
        let dublin_core = item.dublin_core_ext.as_ref();
        let dublin_core = dublin_core.and_then(|dc| dc.dates.first());
        Entry {
            name: item.title.clone().unwrap_or_else(|| "an item".to_owned()),
            url: url.and_then(|url| base.join(url).ok()),
            published: date(item.pub_date.as_ref().or(dublin_core), zone),
            // RSS has no date of change.
            modified: None,
            id: guid.map(|guid| guid.value.trim().to_owned()),
        }
    });
    Ok(items.map(without_blank_id).collect())
}

fn atom(text: &str, base: &AbsoluteUrl) -> Result<Vec<Entry>, UnknownDocument> {
    let feed = atom_syndication::Feed::read_from(Cursor::new(text))
        .map_err(|error| UnknownDocument(error.to_string()))?;
    let own = feed.base.as_deref().and_then(|own| base.join(own).ok());
    let base = own.as_ref().unwrap_or(base);
    let moment = |date: &atom_syndication::FixedDateTime| {
        let instant = crate::article::Timestamp::from_chrono(date).ok()?;
        // What the reader makes of a date that is missing.
        (instant.unix() != 0).then(|| Moment::at(instant))
    };
    let entries = feed.entries.into_iter().map(|entry| {
        let mut links = entry.links.iter();
        let link = links.find(|link| link.rel == "alternate");
        Entry {
            name: entry.title.value.clone(),
            url: link.and_then(|link| base.join(&link.href).ok()),
            id: Some(entry.id.trim().to_owned()),
            published: entry.published.as_ref().and_then(moment),
            modified: moment(&entry.updated),
        }
    });
    Ok(entries.map(without_blank_id).collect())
}

fn json(text: &str, base: &AbsoluteUrl, zone: Zone) -> Result<Document, UnknownDocument> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| UnknownDocument(error.to_string()))?;
    let Some(items) = value.get("items").and_then(Value::as_array) else {
        return Err(UnknownDocument("it has no items".to_owned()));
    };
    let entries = items.iter().map(|item| {
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        // The specification asks readers to take a number for a text.
        let id = match item.get("id") {
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => text("id"),
        };
        Entry {
            name: text("title").unwrap_or_else(|| "an item".to_owned()),
            url: text("url").and_then(|url| base.join(&url).ok()),
            id,
            published: date(text("date_published").as_ref(), zone),
            modified: date(text("date_modified").as_ref(), zone),
        }
    });
    Ok(Document {
        kind: Kind::JsonFeed,
        entries: entries.map(without_blank_id).collect(),
        sitemaps: Vec::new(),
    })
}

/// The `loc` and `lastmod` of every element with this name.
fn sitemap(text: &str, name: &str, zone: Zone) -> Result<Vec<Entry>, UnknownDocument> {
    const NAMESPACE: &[u8] = b"http://www.sitemaps.org/schemas/sitemap/0.9";
    let mut reader = NsReader::from_str(text);
    let mut entries = Vec::new();
    let (mut entry, mut field, mut value) = (Entry::default(), None, String::new());
    loop {
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|error| UnknownDocument(error.to_string()))?;
        // Images and films have a `loc` too, in namespaces of their own.
        let ours = match namespace {
            ResolveResult::Bound(bound) => bound.as_ref() == NAMESPACE,
            ResolveResult::Unbound => true,
            ResolveResult::Unknown(_) => false,
        };
        match event {
            Event::Start(element) if ours => {
                let element = element.local_name().as_ref().to_vec();
                if element == name.as_bytes() {
                    entry = Entry::default();
                }
                field = Some(element);
                value.clear();
            }
            Event::Text(text) => value.push_str(&String::from_utf8_lossy(&text)),
            Event::CData(text) => value.push_str(&String::from_utf8_lossy(&text)),
            Event::GeneralRef(reference) => value.push_str(&resolve(&reference)),
            Event::End(element) if ours => {
                let element = element.local_name().as_ref().to_vec();
                match element.as_slice() {
                    b"loc" if field.take().as_deref() == Some(b"loc") => {
                        entry.name = value.trim().to_owned();
                        entry.url = AbsoluteUrl::parse(value.trim()).ok();
                    }
                    b"lastmod" if field.take().as_deref() == Some(b"lastmod") => {
                        entry.modified = dates::parse(value.trim(), zone).ok();
                    }
                    closed if closed == name.as_bytes() => {
                        entries.push(std::mem::take(&mut entry));
                    }
                    _ => {}
                }
            }
            Event::Eof => return Ok(entries),
            _ => {}
        }
    }
}

/// A character reference or one of XML's own five.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name = String::from_utf8_lossy(reference);
    quick_xml::escape::resolve_predefined_entity(&name)
        .unwrap_or_default()
        .to_owned()
}

fn date(raw: Option<&String>, zone: Zone) -> Option<Moment> {
    raw.and_then(|raw| dates::parse(raw, zone).ok())
}

fn without_blank_id(mut entry: Entry) -> Entry {
    entry.id = entry.id.filter(|id| !id.is_empty());
    entry
}
