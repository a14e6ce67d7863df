//! Entries of Contentful's delivery API: fields with links to what stands elsewhere in the
//! answer.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::source::http::json::{self, Raw};

/// An author is reached from an article, and an author's picture, which is no entry. Links
/// go round, and articles that each have ten related ones would be a thousand at the third
/// step.
const MAX_DEPTH: usize = 1;

/// What the links of a page lead to, by kind and id.
pub(in crate::source::http) struct Links<'a>(HashMap<(&'static str, String), Raw<'a>>);

impl<'a> Links<'a> {
    pub(in crate::source::http) fn of(root: Raw<'a>) -> Self {
        let mut links = HashMap::new();
        for (kind, path) in [
            ("Asset", "includes.Asset"),
            ("Entry", "includes.Entry"),
            ("Entry", "items"),
        ] {
            let list = json::at(root, path).and_then(json::items);
            for raw in list.unwrap_or_default() {
                if let Some(id) = json::text_at(raw, "sys.id") {
                    links.insert((kind, id), raw);
                }
            }
        }
        Self(links)
    }

    /// With what it links to in place of its links.
    pub(in crate::source::http) fn resolve(&self, entry: Map<String, Value>) -> Map<String, Value> {
        match self.replace(Value::Object(entry), MAX_DEPTH) {
            Value::Object(entry) => entry,
            _ => Map::new(),
        }
    }

    fn replace(&self, value: Value, depth: usize) -> Value {
        match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.replace(item, depth))
                // What is linked and not published is not in the answer.
                .filter(|item| !item.is_null())
                .collect(),
            Value::Object(table) => match target(&table) {
                // It has no links of its own.
                Some(target @ ("Asset", _)) => self.linked(&target),
                Some(target) if depth > 0 => self.replace(self.linked(&target), depth - 1),
                Some(_) => Value::Null,
                None => {
                    let each = table.into_iter();
                    let each = each.map(|(name, value)| (name, self.replace(value, depth)));
                    Value::Object(each.collect())
                }
            },
            other => other,
        }
    }

    /// What stands elsewhere in the answer, if it does.
    fn linked(&self, target: &(&'static str, String)) -> Value {
        let found = self.0.get(target);
        found
            .and_then(|raw| serde_json::from_str(raw.get()).ok())
            .unwrap_or_default()
    }
}

/// What a link leads to; tags, spaces and the like lead nowhere here.
fn target(table: &Map<String, Value>) -> Option<(&'static str, String)> {
    let sys = table.get("sys")?;
    let text = |name: &str| sys.get(name).and_then(Value::as_str);
    if text("type") != Some("Link") {
        return None;
    }
    let kind = match text("linkType")? {
        "Asset" => "Asset",
        "Entry" => "Entry",
        _ => return None,
    };
    Some((kind, text("id")?.to_owned()))
}

/// An entry whose fields stand at its top, as do those of what it holds.
pub(super) fn flat(entry: Map<String, Value>) -> Map<String, Value> {
    let sys = entry.get("sys").cloned().unwrap_or_default();
    let tags = entry.get("metadata").and_then(|data| data.get("tags"));
    let tags: Vec<Value> = tags
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| tag.get("sys")?.get("id").cloned())
        .collect();
    let mut article = match lift(Value::Object(entry)) {
        Value::Object(article) => article,
        _ => Map::new(),
    };
    let system = |name: &str| sys.get(name).filter(|value| !value.is_null()).cloned();
    // The names that count last: an entry's own dates say more than the system's.
    for (ours, theirs) in [
        ("created_at", "createdAt"),
        ("dateModified", "updatedAt"),
        ("locale", "locale"),
    ] {
        if let Some(value) = system(theirs)
            && !article.contains_key(ours)
        {
            article.insert(ours.to_owned(), value);
        }
    }
    if let Some(id) = system("id") {
        article.insert("id".to_owned(), id);
    }
    if !tags.is_empty() && !article.contains_key("tags") {
        article.insert("tags".to_owned(), Value::Array(tags));
    }
    article
}

fn lift(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(lift).collect(),
        Value::Object(mut table) => match (table.remove("fields"), table.contains_key("sys")) {
            (Some(Value::Object(fields)), true) => match file(&fields) {
                Some(file) => file,
                None => lift(Value::Object(fields)),
            },
            (fields, _) => {
                if let Some(fields) = fields {
                    table.insert("fields".to_owned(), fields);
                }
                let each = table.into_iter();
                Value::Object(each.map(|(name, value)| (name, lift(value))).collect())
            }
        },
        other => other,
    }
}

/// An asset in the words of Strapi. Its address has no scheme.
fn file(fields: &Map<String, Value>) -> Option<Value> {
    let file = fields.get("file")?;
    let url = file.get("url")?.as_str()?;
    let url = match url.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => url.to_owned(),
    };
    let words = fields.get("description").or_else(|| fields.get("title"));
    let size = file.get("details").and_then(|details| details.get("size"));
    Some(json!({
        "url": url,
        "alternativeText": words,
        "mime": file.get("contentType"),
        "length": size,
    }))
}
