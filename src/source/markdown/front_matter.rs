//! What stands before the text: TOML between `+++`, YAML between `---`, or a JSON object.

use serde_json::{Map, Value};
use toml::de::DeTable;

use crate::source::file::{
    json_message, line_of, toml_to_map, yaml_limits, yaml_message, yaml_place,
};

/// More than this before a text is no front matter.
const MAX_BYTES: usize = 64 * 1024;
/// Scalars, lists and tables in it.
const MAX_EVENTS: usize = 20_000;

/// A file taken apart.
#[derive(Debug, PartialEq)]
pub(super) struct Split<'a> {
    /// What the front matter says; empty where there is none.
    pub(super) map: Map<String, Value>,
    /// The text.
    pub(super) body: &'a str,
}

/// Front matter that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// In the file, from 1.
    pub(super) line: u64,
    /// What is wrong.
    pub(super) reason: String,
}

/// Takes a file apart. White space before the front matter is passed over: were it taken for
/// text, a `draft: true` behind it would be published along with the article.
pub(super) fn split(text: &str) -> Result<Split<'_>, Fault> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let start = text.trim_start();
    let before = text.len() - start.len();
    let first = start.lines().next().unwrap_or_default().trim_end();
    let split = match first {
        "+++" => fenced(start, "+++", toml),
        "---" => fenced(start, "---", yaml),
        _ if begins_object(start) => json(start),
        _ => Ok(Split {
            map: Map::new(),
            body: text,
        }),
    };
    split.map_err(|fault| Fault {
        line: fault.line + line_of(text.as_bytes(), before) - 1,
        ..fault
    })
}

/// Whether a JSON object begins here, and not a template's `{{< x >}}` or `{% x %}`.
fn begins_object(text: &str) -> bool {
    text.strip_prefix('{')
        .is_some_and(|inside| inside.trim_start().starts_with(['"', '}']))
}

type Parse = fn(&str) -> Result<Map<String, Value>, Fault>;

/// Finds the line that ends the front matter, and parses what is between.
fn fenced<'a>(text: &'a str, fence: &str, parse: Parse) -> Result<Split<'a>, Fault> {
    let mut offset = 0;
    let mut start = None;
    for line in text.split_inclusive('\n') {
        let end = offset + line.len();
        match start {
            None => start = Some(end),
            Some(start) if line.trim_end() == fence => {
                let inside = text.get(start..offset).unwrap_or_default();
                if inside.len() > MAX_BYTES {
                    break;
                }
                // Lines are counted from the fence on, and the fence is the first.
                let map = parse(inside).map_err(|fault| Fault {
                    line: fault.line + 1,
                    ..fault
                })?;
                return Ok(Split {
                    map,
                    body: text.get(end..).unwrap_or_default(),
                });
            }
            Some(_) => {}
        }
        offset = end;
    }
    let reason = format!("the front matter does not end with {fence} within 64 KiB");
    Err(Fault { line: 1, reason })
}

fn toml(inside: &str) -> Result<Map<String, Value>, Fault> {
    let table = DeTable::parse(inside).map_err(|error| Fault {
        line: line_of(inside.as_bytes(), error.span().map_or(0, |span| span.start)),
        reason: format!(
            "the front matter is not TOML: {}",
            error.message().replace('\n', "; ")
        ),
    })?;
    Ok(toml_to_map(table.get_ref()))
}

fn yaml(inside: &str) -> Result<Map<String, Value>, Fault> {
    if inside.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_saphyr::from_str_with_options(inside, yaml_limits(MAX_EVENTS)).map_err(|error| Fault {
        line: yaml_place(&error).0,
        reason: format!("the front matter is not YAML: {}", yaml_message(&error)),
    })
}

/// An object right at the beginning, and the text behind it.
fn json(text: &str) -> Result<Split<'_>, Fault> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    match values.next() {
        Some(Ok(map)) if values.byte_offset() <= MAX_BYTES => {
            let body = text.get(values.byte_offset()..).unwrap_or_default();
            Ok(Split { map, body })
        }
        Some(Err(error)) => Err(Fault {
            line: error.line() as u64,
            reason: format!("the front matter is not JSON: {}", json_message(&error)),
        }),
        _ => Err(Fault {
            line: 1,
            reason: "the front matter is longer than 64 KiB".to_owned(),
        }),
    }
}
