//! Posts of the REST API of WordPress (`/wp-json/wp/v2/posts`), with what is embedded.

use serde_json::{Map, Value, json};

/// A post by our names. Its id is the `guid` of WordPress' own feeds, so that readers who
/// subscribed to those see nothing twice.
pub(super) fn article(post: &Map<String, Value>) -> Map<String, Value> {
    let mut article = Map::new();
    let mut set = |name: &str, value: Value| {
        if !value.is_null() {
            article.insert(name.to_owned(), value);
        }
    };
    let rendered = |name: &str| {
        let field = post.get(name);
        let is_protected = field.and_then(|field| field.get("protected"));
        match field.and_then(|field| field.get("rendered")) {
            // Behind a password there is a form, and no text.
            Some(_) if is_protected == Some(&Value::Bool(true)) => Value::Null,
            Some(text) => text.clone(),
            None => Value::Null,
        }
    };
    let plain = |name: &str| post.get(name).cloned().unwrap_or_default();
    let guid = post.get("guid").and_then(|guid| guid.get("rendered"));
    let guid = guid.and_then(Value::as_str).map(decoded);
    let guid = guid.filter(|guid| !guid.trim().is_empty());
    set("id", guid.map_or_else(|| plain("id"), Value::from));
    set("url", plain("link"));
    set("slug", plain("slug"));
    set("title", rendered("title"));
    set("summary", rendered("excerpt"));
    set("content_html", rendered("content"));
    set("published", date(post, "date"));
    set("updated", date(post, "modified"));
    set("language", plain("lang"));
    let status = post.get("status").and_then(Value::as_str);
    let is_public = matches!(status, None | Some("publish" | "future" | "inherit"));
    set("draft", Value::Bool(!is_public));

    let embedded = |name: &str| {
        let list = post.get("_embedded").and_then(|all| all.get(name));
        list.and_then(Value::as_array).into_iter().flatten()
    };
    // What may not be read is embedded as an error, which has no name.
    let authors: Vec<Value> = embedded("author")
        .filter_map(|author| {
            let name = decoded(author.get("name")?.as_str()?);
            Some(json!({"name": name, "url": author.get("link")}))
        })
        .collect();
    set("authors", Value::Array(authors));
    let terms = |taxonomy: &'static str| {
        embedded("wp:term")
            .filter_map(Value::as_array)
            .flatten()
            .filter(move |term| term.get("taxonomy").and_then(Value::as_str) == Some(taxonomy))
            .filter_map(|term| Some(decoded(term.get("name")?.as_str()?)))
    };
    set("section", terms("category").next().into());
    set("tags", terms("category").chain(terms("post_tag")).collect());
    if let Some(picture) = embedded("wp:featuredmedia").next() {
        set(
            "image",
            picture.get("source_url").cloned().unwrap_or_default(),
        );
        set(
            "image_alt",
            picture.get("alt_text").cloned().unwrap_or_default(),
        );
    }
    article
}

/// `date_gmt` is in UTC and does not say so; drafts have zeros in it. `date` is in the zone
/// of the site.
fn date(post: &Map<String, Value>, name: &str) -> Value {
    let universal = post.get(&format!("{name}_gmt")).and_then(Value::as_str);
    match universal.filter(|date| !date.is_empty() && !date.starts_with("0000")) {
        Some(date) if date.ends_with('Z') => date.into(),
        Some(date) => format!("{date}Z").into(),
        None => post.get(name).cloned().unwrap_or_default(),
    }
}

/// Names and guids are written for HTML: `R&amp;D`.
fn decoded(text: &str) -> String {
    let known = |name: &str| quick_xml::escape::resolve_predefined_entity(name);
    quick_xml::escape::unescape_with(text, known)
        .map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}
