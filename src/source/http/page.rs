//! One answer of an origin, as a page of articles.

use std::io::BufRead;

use hyper::{HeaderMap, header};
use serde_json::{Map, Value};

use super::{
    json::{self, Raw},
    lines,
    preset::{contentful, feed},
    url::next_link,
};
use crate::{
    article::AbsoluteUrl,
    config::Preset,
    outbound::{Answer, shown},
    source::{
        SourceError,
        file::{JsonFeedDefaults, json_message, parse_json},
    },
};

/// Where an array of articles may stand, if the configuration does not say.
const ITEMS: [&str; 7] = [
    "items", "articles", "posts", "data", "results", "entries", "records",
];
/// Where an answer may say how many articles there are.
const TOTAL_FIELDS: [&str; 3] = ["x-wp-total", "x-total-count", "x-total"];
const TOTAL_PATHS: [&str; 2] = ["meta.pagination.total", "total"];

/// An article as it stands in a page, or why it cannot be read.
pub(super) type Entry = Result<Map<String, Value>, String>;

/// An answer whose body is of the expected kind.
pub(super) struct Page<'a> {
    answer: &'a Answer,
    content: Content<'a>,
    pub(super) preset: Preset,
}

/// What an answer holds.
enum Content<'a> {
    Json(Raw<'a>),
    Feed(&'a str),
    /// An object a line, as they come, and how many bytes there may be of them.
    Lines(Box<dyn BufRead + 'a>, usize),
}

impl<'a> Page<'a> {
    /// Takes an answer for what `preset` says, or for what it looks like.
    ///
    /// # Errors
    /// [`SourceError`], where it is something else.
    pub(super) fn of(answer: &'a Answer, preset: Option<Preset>) -> Result<Self, SourceError> {
        let failed = |what: &str| SourceError(format!("{} {what}", shown(&answer.url)));
        let text = std::str::from_utf8(&answer.body)
            .map_err(|_| failed("gives text that is not UTF-8"))?
            .trim_start_matches('\u{FEFF}')
            .trim();
        if text.is_empty() {
            return Err(failed("gives an empty answer"));
        }
        let start = text.get(..text.len().min(256)).unwrap_or_default();
        let start = start.to_ascii_lowercase();
        if start.starts_with("<!doctype html") || start.starts_with("<html") {
            return Err(failed(
                "gives a page for people (HTML) and no articles; see url in [source.http]",
            ));
        }
        let preset = preset.unwrap_or_else(|| shape(answer, text));
        let content = match preset {
            Preset::Ndjson => Content::Lines(Box::new(text.as_bytes()), usize::MAX),
            Preset::Feed => Content::Feed(text),
            _ => Content::Json(serde_json::from_str(text).map_err(|error| {
                let said = json_message(&error);
                let (line, column) = (error.line(), error.column());
                failed(&format!("gives broken JSON (line {line}:{column}): {said}"))
            })?),
        };
        Ok(Self {
            answer,
            content,
            preset,
        })
    }

    /// Takes an answer for lines, of `limit` bytes at most, which are read as they come.
    pub(super) fn of_lines(answer: &'a Answer, lines: Box<dyn BufRead + 'a>, limit: usize) -> Self {
        Self {
            answer,
            content: Content::Lines(lines, limit),
            preset: Preset::Ndjson,
        }
    }

    /// Hands each article to `each`, in the origin's order. Returns how many there are.
    ///
    /// # Errors
    /// [`SourceError`], where there is no array of articles, or the lines break off.
    pub(super) fn each(
        &mut self,
        items: Option<&str>,
        each: &mut dyn FnMut(Entry),
    ) -> Result<usize, SourceError> {
        let root = match &mut self.content {
            Content::Json(root) => *root,
            Content::Feed(text) => return feed::read(text, &self.answer.url, each),
            Content::Lines(lines, limit) => {
                return lines::read(lines, *limit, each)
                    .map_err(|what| SourceError(format!("{} {what}", shown(&self.answer.url))));
            }
        };
        let list = self.list(root, items)?;
        let count = list.len();
        match self.preset {
            Preset::Contentful => {
                let links = contentful::Links::of(root);
                list.into_iter()
                    .map(|raw| object(raw).map(|entry| links.resolve(entry)))
                    .for_each(each);
            }
            Preset::JsonFeed => {
                let defaults = JsonFeedDefaults::of(&json::members(root).unwrap_or_default());
                list.into_iter()
                    .map(|raw| {
                        object(raw).map(|mut entry| {
                            defaults.add(&mut entry);
                            entry
                        })
                    })
                    .for_each(each);
            }
            _ => list.into_iter().map(object).for_each(each),
        }
        Ok(count)
    }

    fn list(&self, root: Raw<'a>, items: Option<&str>) -> Result<Vec<Raw<'a>>, SourceError> {
        let failed = |what: String| SourceError(format!("{} {what}", shown(&self.answer.url)));
        if let Some(path) = items {
            let list = json::at(root, path).and_then(json::items);
            return list.ok_or_else(|| {
                failed(format!(
                    "has no array at {path:?}; see items in [source.http]"
                ))
            });
        }
        if let Some(list) = json::items(root) {
            return Ok(list);
        }
        let members = json::members(root)
            .ok_or_else(|| failed("gives a single value and no articles".to_owned()))?;
        ITEMS
            .iter()
            .find_map(|name| json::items(members.get(*name)?))
            .ok_or_else(|| {
                let names: Vec<&str> = members.keys().take(8).map(String::as_str).collect();
                failed(format!(
                    "gives an object ({}) without an array of articles; set items in \
                     [source.http] to the path of the array",
                    names.join(", ")
                ))
            })
    }

    /// How many articles the origin says there are.
    pub(super) fn total(&self, configured: Option<&str>) -> Option<u64> {
        let number = |text: String| text.trim().parse().ok();
        let field = |name: &str| {
            let field = self.answer.headers.get(name)?;
            number(field.to_str().ok()?.to_owned())
        };
        let path = |path: &str| number(self.at(path)?);
        match configured {
            Some("none") => None,
            Some(place) => field(place).or_else(|| path(place)),
            None => TOTAL_FIELDS
                .into_iter()
                .find_map(field)
                .or_else(|| TOTAL_PATHS.into_iter().find_map(path)),
        }
    }

    /// The text or number at a dotted path: a cursor, or an address.
    pub(super) fn at(&self, path: &str) -> Option<String> {
        match self.content {
            Content::Json(root) => json::text_at(root, path),
            _ => None,
        }
    }

    /// The next page as a `Link` field or the feed itself has it.
    pub(super) fn link(&self) -> Option<String> {
        let fields = self.answer.headers.get_all("link");
        let fields = fields.iter().filter_map(|field| field.to_str().ok());
        next_link(fields).or_else(|| match self.content {
            Content::Feed(text) => feed::next(text),
            _ => None,
        })
    }

    /// Where the page is, in the end.
    pub(super) const fn url(&self) -> &AbsoluteUrl {
        &self.answer.url
    }
}

const NO_OBJECT: &str = "an article must be a table of names and values";

fn object(raw: Raw<'_>) -> Entry {
    entry(raw.get())
}

/// An article as it is written.
pub(super) fn entry(text: &str) -> Entry {
    match parse_json(text) {
        Ok(Value::Object(entry)) => Ok(entry),
        Ok(_) => Err(NO_OBJECT.to_owned()),
        Err(error) => Err(json_message(&error)),
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    media_type.unwrap_or_default().to_ascii_lowercase()
}

/// Whether the fields of an answer say that it is lines.
pub(super) fn is_lines(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers);
    let names = ["ndjson", "jsonl", "json-seq"];
    names.iter().any(|name| media_type.contains(name))
}

/// What kind of API answers so.
fn shape(answer: &Answer, text: &str) -> Preset {
    let media_type = media_type(&answer.headers);
    if text.starts_with('<') {
        return Preset::Feed;
    }
    if is_lines(&answer.headers) {
        return Preset::Ndjson;
    }
    let Ok(root) = serde_json::from_str::<Raw<'_>>(text) else {
        // Lines that are each an object are no JSON together.
        let first = text.lines().next().unwrap_or_default();
        let is_line = serde_json::from_str::<Raw<'_>>(first).is_ok();
        return if is_line && text.starts_with('{') {
            Preset::Ndjson
        } else {
            Preset::Json
        };
    };
    if let Some(list) = json::items(root) {
        let first = list.first().copied();
        let has = |path| first.is_some_and(|first| json::at(first, path).is_some());
        return if has("title.rendered") && has("modified_gmt") {
            Preset::WordPress
        } else {
            Preset::Json
        };
    }
    let is = |path: &str, value: &str| json::text_at(root, path).as_deref() == Some(value);
    let version = json::text_at(root, "version").unwrap_or_default();
    if media_type.contains("feed+json") || version.contains("jsonfeed.org/version/") {
        Preset::JsonFeed
    } else if is("sys.type", "Array") {
        Preset::Contentful
    } else if json::at(root, "posts").is_some() && json::at(root, "meta.pagination").is_some() {
        Preset::Ghost
    } else if json::at(root, "data").is_some()
        && json::at(root, "meta.pagination.pageSize").is_some()
    {
        Preset::Strapi
    } else {
        Preset::Json
    }
}
