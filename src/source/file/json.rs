//! JSON and newline-delimited JSON.

use std::{collections::BTreeMap, io::BufRead};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::{Entries, Lines, MAX_LINE_BYTES};
use crate::source::SourceError;

/// An array of articles, an object with `articles`, or a JSON Feed with its `items`.
pub(super) fn read(text: &str, entries: &mut Entries<'_>) -> Result<(), SourceError> {
    let articles: Articles<'_> = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line() as u64, error.column() as u64);
        entries.fail(line, column, &without_place(&error))
    })?;
    let Some(raws) = articles.found else {
        let what = "there are no articles: write an array, or an object with \"articles\"";
        return Err(entries.fail(1, 1, what));
    };
    let mut lines = Lines::new(text);
    for raw in raws {
        // A raw value is a slice of the text, so its place is that of the pointer.
        let offset = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let line = lines.at(offset);
        match parse(raw.get()) {
            Ok(mut value) => {
                if let Some(item) = value.as_object_mut() {
                    articles.defaults.add(item);
                }
                entries.value(line, &value);
            }
            Err(error) => entries.reject(line, without_place(&error)),
        }
    }
    Ok(())
}

/// What a JSON Feed (version 1.1, "top-level") says of every item that does not say it itself.
#[derive(Default)]
pub(in crate::source) struct Defaults {
    authors: Option<Value>,
    language: Option<Value>,
}

impl Defaults {
    /// Of the members of a feed.
    pub(in crate::source) fn of(members: &BTreeMap<String, &RawValue>) -> Self {
        let value = |name: &str| serde_json::from_str(members.get(name)?.get()).ok();
        Self {
            // `author` is of version 1.0.
            authors: value("authors").or_else(|| value("author")),
            language: value("language"),
        }
    }

    pub(in crate::source) fn add(&self, item: &mut Map<String, Value>) {
        let is_silent = |value: Option<&Value>| match value {
            None | Some(Value::Null) => true,
            Some(Value::Array(list)) => list.is_empty(),
            Some(_) => false,
        };
        if let Some(authors) = &self.authors
            && is_silent(item.get("authors"))
            && is_silent(item.get("author"))
        {
            item.insert("authors".to_owned(), authors.clone());
        }
        if let Some(language) = &self.language
            && is_silent(item.get("language"))
        {
            item.insert("language".to_owned(), language.clone());
        }
    }
}

/// One object per line. A broken line is rejected alone; blank ones are passed over.
pub(super) fn read_lines(
    mut reader: impl BufRead,
    entries: &mut Entries<'_>,
) -> Result<(), SourceError> {
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let read = std::io::Read::take(&mut reader, limit + 1)
            .read_until(b'\n', &mut bytes)
            .map_err(|error| entries.fail(line, 1, &format!("cannot be read: {error}")))?;
        if read == 0 {
            break;
        }
        if read > MAX_LINE_BYTES {
            let what = format!("a line is longer than {MAX_LINE_BYTES} bytes");
            return Err(entries.fail(line, 1, &what));
        }
        let text = bytes.trim_ascii();
        let text = if line == 1 {
            text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
        } else {
            text
        };
        if text.is_empty() {
            continue;
        }
        let value = match std::str::from_utf8(text) {
            Ok(text) => parse(text),
            // What is no UTF-8 is told where it stands.
            Err(_) => serde_json::from_slice::<Value>(text),
        };
        match value {
            Ok(value) => entries.value(line, &value),
            Err(error) => entries.reject(line, without_place(&error)),
        }
    }
    Ok(())
}

/// The value of `text`. Half of a surrogate pair is no character; programs that cut texts by
/// UTF-16 write one all the same (`"\ud83e`), and it becomes U+FFFD, as what XML forbids does.
pub(in crate::source) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text).or_else(|error| match with_whole_pairs(text) {
        Some(text) => serde_json::from_str(&text),
        None => Err(error),
    })
}

/// The same text without halves of surrogate pairs; `None` where there is none.
fn with_whole_pairs(text: &str) -> Option<String> {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut out, mut rest, mut found) = (String::new(), text, false);
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let high = unit(escape);
        let low = escape.get(6..).and_then(unit);
        let length = match (high, low) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\ufffd");
                found = true;
                rest = &escape[6..];
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        out.push_str(&escape[..length]);
        rest = &escape[length..];
    }
    found.then(|| out + rest)
}

/// The message without `at line 1 column 5`, which is said in our own way.
pub(in crate::source) fn without_place(error: &serde_json::Error) -> String {
    let said = error.to_string();
    said.rfind(" at line ")
        .map_or(said.as_str(), |end| &said[..end])
        .to_owned()
}

/// The articles wherever they stand, each unparsed, so that one that is broken in itself
/// (a wrong escape, a wrong number) does not take the others with it.
#[derive(Default)]
struct Articles<'a> {
    found: Option<Vec<&'a RawValue>>,
    defaults: Defaults,
}

impl<'de: 'a, 'a> Deserialize<'de> for Articles<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArticlesVisitor)
    }
}

struct ArticlesVisitor;

impl<'de> Visitor<'de> for ArticlesVisitor {
    type Value = Articles<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of articles, or an object with \"articles\" or \"items\"")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut raws = Vec::new();
        while let Some(raw) = items.next_element()? {
            raws.push(raw);
        }
        Ok(Articles {
            found: Some(raws),
            defaults: Defaults::default(),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut articles = Articles::default();
        let (mut is_feed, mut authors, mut author, mut language) = (false, None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "articles" | "items" if articles.found.is_none() => {
                    articles.found = Some(map.next_value()?);
                    is_feed = key == "items";
                }
                "authors" => authors = Some(map.next_value()?),
                // Of version 1.0.
                "author" => author = Some(map.next_value()?),
                "language" => language = Some(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if is_feed {
            let authors = authors.or(author);
            articles.defaults = Defaults { authors, language };
        }
        Ok(articles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_pair_becomes_the_character_that_stands_for_none() {
        for (text, expected) in [
            (r#""a\ud83e""#, Some("a\u{FFFD}")),
            (
                r#""\uD83E\uDD80 \udd80\ud83e""#,
                Some("🦀 \u{FFFD}\u{FFFD}"),
            ),
            (r#""\ud83e\n\\ud83e""#, Some("\u{FFFD}\n\\ud83e")),
            (r#""\ud83e\u0041""#, Some("\u{FFFD}A")),
            (r#""\\ud83e""#, Some("\\ud83e")),
            (r#""\ud83e" x"#, None),
            (r#""\ud8"#, None),
            (r#""\"#, None),
            (r#""\x41\ud83e""#, None),
        ] {
            let read = parse(text).ok();
            let read = read.as_ref().map(|value| value.as_str().unwrap());
            assert_eq!(read, expected, "{text}");
        }
    }
}
