//! Entries of systems whose editors make up the fields: what they are usually called, and what
//! usually stands in them.

use serde_json::{Map, Value, json};

use super::rich_text;
use crate::article::AbsoluteUrl;

const PICTURES: [&str; 9] = [
    "image",
    "cover",
    "coverImage",
    "cover_image",
    "heroImage",
    "featuredImage",
    "featured_image",
    "thumbnail",
    "banner_image",
];
const TEXTS: [&str; 6] = ["content", "body", "text", "richText", "markdown", "html"];
/// Where tables have what people call them by.
const CALLED: [&str; 6] = ["name", "title", "label", "username", "fullName", "slug"];

/// An entry by our names. Names of ours in it stay.
pub(super) fn article(mut entry: Map<String, Value>, page: &AbsoluteUrl) -> Map<String, Value> {
    if let Some(id) = entry.get("documentId").cloned() {
        entry.insert("id".to_owned(), id);
    }
    let picture = PICTURES
        .iter()
        .find_map(|name| picture(entry.get(*name)?, page));
    for name in PICTURES {
        entry.remove(name);
    }
    if let Some((url, words)) = picture {
        entry.insert("image".to_owned(), url.into());
        if let Some(words) = words {
            entry.insert("image_alt".to_owned(), words.into());
        }
    }
    let text = TEXTS.iter().find_map(|name| text(entry.get(*name)?));
    for name in TEXTS {
        entry.remove(name);
    }
    if let Some((ours, text)) = text {
        let has_own = ["content_html", "content_markdown", "content_text"]
            .iter()
            .any(|name| entry.contains_key(*name));
        if !has_own {
            entry.insert(ours.to_owned(), text.into());
        }
    }
    let authors = entry.remove("authors").or_else(|| entry.remove("author"));
    entry.remove("author");
    if let Some(authors) = authors {
        entry.insert("authors".to_owned(), people(&authors));
    }
    let mut tags = Vec::new();
    for name in ["category", "categories", "tags"] {
        let Some(value) = entry.remove(name) else {
            continue;
        };
        let Value::Array(names) = names(&value) else {
            continue;
        };
        if name != "tags"
            && !entry.contains_key("section")
            && let Some(first) = names.first()
        {
            entry.insert("section".to_owned(), first.clone());
        }
        tags.extend(names);
    }
    entry.insert("tags".to_owned(), Value::Array(tags));
    if let Some(section) = entry.remove("section")
        && let Some(first) = names(&section).get(0)
    {
        entry.insert("section".to_owned(), first.clone());
    }
    if let Some(files) = entry.remove("enclosures").or_else(|| entry.remove("audio")) {
        let files = each(&files).filter_map(|file| enclosure(file, page));
        let files: Vec<Value> = files.collect();
        entry.insert("enclosures".to_owned(), Value::Array(files));
    }
    // Where the origin leaves out or says nothing, a table of its own is no reason to refuse
    // the article.
    for name in ["summary", "description", "excerpt", "title", "url", "slug"] {
        if entry.get(name).is_some_and(Value::is_object) {
            entry.remove(name);
        }
    }
    entry
}

/// A text in the language it is written in: rich text, HTML where it begins so, else Markdown,
/// which is what the editors of these systems write.
fn text(value: &Value) -> Option<(&'static str, String)> {
    if let Some(html) = rich_text::html(value) {
        return Some(("content_html", html));
    }
    let text = value.as_str().filter(|text| !text.trim().is_empty())?;
    let is_html = text.trim_start().starts_with('<');
    let ours = if is_html {
        "content_html"
    } else {
        "content_markdown"
    };
    Some((ours, text.to_owned()))
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.iter(),
        other => std::slice::from_ref(other).iter(),
    }
}

fn called(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(table) => CALLED
            .iter()
            .find_map(|name| table.get(*name).and_then(Value::as_str)),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

/// What a list of texts or tables calls its items.
pub(super) fn names(value: &Value) -> Value {
    each(value).filter_map(called).map(Value::from).collect()
}

/// Authors as texts or tables.
pub(super) fn people(value: &Value) -> Value {
    let person = |person: &Value| {
        let name = called(person)?;
        let of = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| person.get(*name).and_then(Value::as_str))
                .filter(|text| !text.is_empty())
        };
        Some(json!({
            "name": name,
            "email": of(["email", "mail"]),
            "url": of(["website", "url"]),
        }))
    };
    each(value).filter_map(person).collect()
}

/// The absolute address of a picture and what it shows. Addresses without a host are of the
/// system that holds them, not of the site.
pub(super) fn picture(value: &Value, page: &AbsoluteUrl) -> Option<(String, Option<String>)> {
    let picture = each(value).next()?;
    let url = picture.as_str().or_else(|| picture.get("url")?.as_str())?;
    let words = picture.get("alternativeText").and_then(Value::as_str);
    let words = words.filter(|words| !words.is_empty()).map(str::to_owned);
    Some((page.join(url).ok()?.to_string(), words))
}

fn enclosure(file: &Value, page: &AbsoluteUrl) -> Option<Value> {
    let url = file.as_str().or_else(|| file.get("url")?.as_str())?;
    let url = page.join(url).ok()?.to_string();
    let of = |names: [&str; 3]| names.iter().find_map(|name| file.get(*name).cloned());
    Some(json!({
        "url": url,
        "type": of(["mime", "type", "mime_type"]),
        "length": of(["length", "size_in_bytes", "bytes"]),
    }))
}
