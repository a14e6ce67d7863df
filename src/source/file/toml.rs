//! TOML: an array of tables `articles`.

use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

use super::{Entries, Lines, line_of};
use crate::source::SourceError;

pub(super) fn read(text: &str, entries: &mut Entries<'_>) -> Result<(), SourceError> {
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let start = text[..offset.min(text.len())]
            .rfind('\n')
            .map_or(0, |end| end + 1);
        let column = text
            .get(start..offset)
            .map_or(1, |before| before.chars().count() + 1);
        let line = line_of(text.as_bytes(), offset);
        entries.fail(line, column as u64, &error.message().replace('\n', "; "))
    })?;
    let articles = table
        .get_ref()
        .iter()
        .find(|(name, _)| name.get_ref() == "articles");
    let Some(array) = articles.and_then(|(_, value)| value.get_ref().as_array()) else {
        let what = "there are no articles: begin each with a line [[articles]]";
        return Err(entries.fail(1, 1, what));
    };
    let mut lines = Lines::new(text);
    for article in array.iter() {
        let line = lines.at(article.span().start);
        match article.get_ref().as_table() {
            Some(table) => entries.entry(line, &to_map(table)),
            None => entries.value(line, &Value::Null),
        }
    }
    Ok(())
}

/// TOML has one kind of value that JSON has not: dates, which become their text.
pub(in crate::source) fn to_map(table: &DeTable<'_>) -> Map<String, Value> {
    table
        .iter()
        .map(|(name, value)| (name.get_ref().to_string(), to_value(value.get_ref())))
        .collect()
}

fn to_value(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => number_as_written(number.as_str()),
        // What is too large to be counted with is text.
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            i64::from_str_radix(&digits, number.radix())
                .map_or_else(|_| Value::from(digits), Value::from)
        }
        DeValue::Float(number) => number_as_written(number.as_str()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        // The parser has a limit of depth, so this ends.
        DeValue::Array(items) => items.iter().map(|item| to_value(item.get_ref())).collect(),
        DeValue::Table(table) => Value::Object(to_map(table)),
    }
}

/// A number with every digit that was written, since it may be a name (`id = 1.10`). What
/// JSON has no number for (`inf`) is text.
fn number_as_written(text: &str) -> Value {
    let digits = text.replace('_', "");
    let digits = digits.strip_prefix('+').unwrap_or(&digits);
    digits
        .parse::<Number>()
        .map_or_else(|_| Value::from(digits), Value::Number)
}
