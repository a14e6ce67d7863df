//! Hands out the typed values of a TOML table, and gathers what is wrong with them.
//!
//! A fault in one key hides no other: each getter notes what it finds and gives the default,
//! and what was never asked for is unknown.

use std::{
    ops::{Range, RangeInclusive},
    time::Duration,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::fault::Faults;

/// A table of the file while it is being read.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// As it would be written between brackets; empty for the whole file.
    name: String,
    span: Range<usize>,
    values: &'a DeTable<'a>,
    asked: Vec<&'a str>,
}

/// A text of the file, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Text<'a> {
    pub(super) value: &'a str,
    pub(super) span: Range<usize>,
}

/// An entry of an array that may hold texts and tables.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Text(Text<'a>),
    Table(Table<'a>),
}

/// A date of the file as it is written, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Dated {
    pub(super) value: String,
    pub(super) span: Range<usize>,
}

impl<'a> Table<'a> {
    pub(super) fn new(
        name: impl Into<String>,
        span: Range<usize>,
        values: &'a DeTable<'a>,
    ) -> Self {
        Self {
            name: name.into(),
            span,
            values,
            asked: Vec::new(),
        }
    }

    /// Where the table stands.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Where the key itself stands, if it is there.
    pub(super) fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.values
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(name, _)| name.span())
    }

    /// Whether the key is there at all. It counts as asked for.
    pub(super) fn has(&mut self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.values
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// What a key is called in a message: `site.url`.
    pub(super) fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    fn wrong_type(
        &self,
        faults: &mut Faults,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
        example: &str,
    ) {
        let found = describe(value.get_ref());
        faults.add(
            value.span(),
            format!("{} must be {expected}, and is {found}", self.path(key)),
            format!("write for example {key} = {example}"),
        );
    }

    pub(super) fn text(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        example: &str,
    ) -> Option<Text<'a>> {
        let value = self.get(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some(Text {
                value: text,
                span: value.span(),
            }),
            None => {
                self.wrong_type(faults, key, value, "a string", &quoted(example));
                None
            }
        }
    }

    pub(super) fn required_text(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        example: &str,
    ) -> Option<Text<'a>> {
        if !self.has(key) {
            self.missing(faults, key, &quoted(example));
        }
        self.text(faults, key, example)
    }

    fn missing(&self, faults: &mut Faults, key: &str, example: &str) {
        let message = format!("{} is missing", self.path(key));
        faults.add(self.span(), message, format!("add {key} = {example}"));
    }

    pub(super) fn integer(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        range: RangeInclusive<usize>,
        default: usize,
    ) -> usize {
        let Some(value) = self.get(key) else {
            return default;
        };
        let Some(number) = value.get_ref().as_integer() else {
            self.wrong_type(faults, key, value, "a whole number", &default.to_string());
            return default;
        };
        match usize::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
            Ok(number) if range.contains(&number) => number,
            _ => {
                faults.add(
                    value.span(),
                    format!("{} is out of range", self.path(key)),
                    format!("write a number from {} to {}", range.start(), range.end()),
                );
                default
            }
        }
    }

    /// A length of time: `"30s"`, `"5m"`, `"1h"`, `"2d"`, `"500ms"`.
    pub(super) fn duration(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        range: RangeInclusive<Duration>,
        default: Duration,
    ) -> Duration {
        let example = spelled(default);
        let Some(text) = self.text(faults, key, &example) else {
            return default;
        };
        let (message, help) = match duration(text.value) {
            Some(duration) if range.contains(&duration) => return duration,
            Some(_) => (
                format!("{} is out of range", self.path(key)),
                format!(
                    "write a time from \"{}\" to \"{}\"",
                    spelled(*range.start()),
                    spelled(*range.end())
                ),
            ),
            None => (
                format!("{} is no length of time", self.path(key)),
                format!("write a number and ms, s, m, h or d: {key} = \"{example}\""),
            ),
        };
        faults.add(text.span, message, help);
        default
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, faults: &mut Faults, key: &'static str, default: bool) -> bool {
        let Some(value) = self.get(key) else {
            return default;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(faults, key, value, "true or false", &default.to_string());
            default
        })
    }

    /// A date, as TOML has it or as a text.
    pub(super) fn date(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        example: &str,
    ) -> Option<Dated> {
        let value = self.get(key)?;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            _ => {
                self.wrong_type(faults, key, value, "a date", &quoted(example));
                return None;
            }
        };
        Some(Dated {
            value: text,
            span: value.span(),
        })
    }

    /// Every key of a table whose keys are the operator's own, with its text.
    pub(super) fn all_texts(
        &mut self,
        faults: &mut Faults,
        example: &str,
    ) -> Vec<(Text<'a>, Text<'a>)> {
        let mut pairs = Vec::new();
        for (key, value) in self.values.iter() {
            let name = key.get_ref().as_ref();
            let Some(text) = value.get_ref().as_str() else {
                self.wrong_type(faults, name, value, "a string", &quoted(example));
                continue;
            };
            let key = Text {
                value: name,
                span: key.span(),
            };
            let text = Text {
                value: text,
                span: value.span(),
            };
            pairs.push((key, text));
        }
        pairs
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let example = words.first().map_or("", |(word, _)| word);
        let text = self.text(faults, key, example)?;
        let path = self.path(key);
        pick(faults, &path, &text, words)
    }

    /// An array of texts; a single text counts as an array of one.
    pub(super) fn texts(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        example: &str,
    ) -> Option<Vec<Text<'a>>> {
        let value = self.get(key)?;
        if let Some(text) = value.get_ref().as_str() {
            return Some(vec![Text {
                value: text,
                span: value.span(),
            }]);
        }
        let Some(array) = value.get_ref().as_array() else {
            let example = format!("[{}]", quoted(example));
            self.wrong_type(faults, key, value, "an array of strings", &example);
            return None;
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Text {
                    value: text,
                    span: item.span(),
                }),
                None => {
                    let example = format!("[{}]", quoted(example));
                    self.wrong_type(faults, key, item, "an array of strings", &example);
                }
            }
        }
        Some(texts)
    }

    pub(super) fn table(&mut self, faults: &mut Faults, key: &'static str) -> Option<Table<'a>> {
        let value = self.get(key)?;
        match value.get_ref().as_table() {
            Some(values) => {
                // The header is the better place to point at, where there is one.
                let span = self.key_span(key).unwrap_or_else(|| value.span());
                Some(Table::new(self.path(key), span, values))
            }
            None => {
                let found = describe(value.get_ref());
                faults.add(
                    value.span(),
                    format!("{} must be a table, and is {found}", self.path(key)),
                    format!("begin it with a line [{}]", self.path(key)),
                );
                None
            }
        }
    }

    /// An array of tables, `[[key]]`.
    pub(super) fn tables(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
    ) -> Option<Vec<Table<'a>>> {
        let value = self.get(key)?;
        let help = format!("begin each with a line [[{}]]", self.path(key));
        let items = value
            .get_ref()
            .as_array()
            .map(|array| array.iter().collect::<Vec<_>>());
        let Some(items) = items else {
            let found = describe(value.get_ref());
            let message = format!(
                "{} must be an array of tables, and is {found}",
                self.path(key)
            );
            faults.add(
                self.key_span(key).unwrap_or_else(|| value.span()),
                message,
                help,
            );
            return None;
        };
        let mut tables = Vec::new();
        for item in items {
            match item.get_ref().as_table() {
                Some(values) => tables.push(Table::new(self.path(key), item.span(), values)),
                None => {
                    let found = describe(item.get_ref());
                    let message = format!("{} must hold tables, and holds {found}", self.path(key));
                    faults.add(item.span(), message, help.clone());
                }
            }
        }
        Some(tables)
    }

    /// An array of texts and tables; a single one counts as an array of one.
    pub(super) fn texts_or_tables(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        example: &str,
    ) -> Option<Vec<Item<'a>>> {
        let value = self.get(key)?;
        let items = match value.get_ref().as_array() {
            Some(array) => array,
            None => std::slice::from_ref(value),
        };
        let mut found = Vec::new();
        for item in items {
            if let Some(text) = item.get_ref().as_str() {
                found.push(Item::Text(Text {
                    value: text,
                    span: item.span(),
                }));
            } else if let Some(values) = item.get_ref().as_table() {
                let table = Table::new(self.path(key), item.span(), values);
                found.push(Item::Table(table));
            } else {
                let expected = "a string, a table, or an array of them";
                self.wrong_type(faults, key, item, expected, &quoted(example));
            }
        }
        Some(found)
    }

    /// Every key with its text, for a table whose keys are free.
    pub(super) fn entries(
        &mut self,
        faults: &mut Faults,
        example: &str,
    ) -> Vec<(Text<'a>, Text<'a>)> {
        let mut entries = Vec::new();
        for (key, value) in self.values {
            let name = key.get_ref().as_ref();
            self.asked.push(name);
            match value.get_ref().as_str() {
                Some(text) => entries.push((
                    Text {
                        value: name,
                        span: key.span(),
                    },
                    Text {
                        value: text,
                        span: value.span(),
                    },
                )),
                None => {
                    let key = quoted(name);
                    self.wrong_type(faults, &key, value, "a string", &quoted(example));
                }
            }
        }
        entries
    }

    pub(super) fn boolean(
        &mut self,
        faults: &mut Faults,
        key: &'static str,
        default: bool,
    ) -> bool {
        let Some(value) = self.get(key) else {
            return default;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            let example = (!default).to_string();
            self.wrong_type(faults, key, value, "true or false", &example);
            default
        })
    }

    /// Says what was never asked for.
    pub(super) fn finish(self, faults: &mut Faults) {
        for (key, _) in self.values.iter() {
            let name = key.get_ref().as_ref();
            if !self.asked.contains(&name) {
                let message = format!("{} is not known", self.path(name));
                faults.add(key.span(), message, suggest(name, &self.asked));
            }
        }
    }
}

/// The units of time, the largest first, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 24 * 60 * 60 * 1000),
    ("h", 60 * 60 * 1000),
    ("m", 60 * 1000),
    ("s", 1000),
    ("ms", 1),
];

fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (_, unit) = UNITS
        .iter()
        .find(|(unit, _)| *unit == &text[digits.len()..])?;
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(*unit).map(Duration::from_millis)
}

/// In the largest unit of which it is a whole number.
fn spelled(duration: Duration) -> String {
    let length = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let whole = |(_, unit): &&(&str, u64)| length >= *unit && length % unit == 0;
    match UNITS.iter().find(whole) {
        Some((name, unit)) => format!("{}{name}", length / unit),
        None => "0s".to_owned(),
    }
}

/// The value that a text names, or a fault with the nearest one.
pub(super) fn pick<T: Copy>(
    faults: &mut Faults,
    path: &str,
    text: &Text<'_>,
    words: &[(&'static str, T)],
) -> Option<T> {
    let found = words.iter().find(|(word, _)| *word == text.value);
    if found.is_none() {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("{path} cannot be {}", quoted(text.value));
        faults.add(text.span.clone(), message, suggest(text.value, &names));
    }
    found.map(|(_, value)| *value)
}

/// The nearest known name, or all of them.
fn suggest(name: &str, known: &[&str]) -> String {
    const NEAR: f64 = 0.75;
    let nearest = known
        .iter()
        .map(|word| (strsim::jaro_winkler(name, word), *word))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, word)) if likeness >= NEAR => format!("did you mean {word}?"),
        _ => match known {
            [] => "leave it out".to_owned(),
            known => format!("known here: {}", known.join(", ")),
        },
    }
}

pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}

/// `an integer`
fn describe(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
