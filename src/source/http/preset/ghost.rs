//! Posts of the Content API of Ghost.

use serde_json::{Map, Value};

use super::cms::people;

/// Their name → ours, the first that is there counting.
const NAMES: [(&str, &[&str]); 12] = [
    ("id", &["id"]),
    ("url", &["url"]),
    ("slug", &["slug"]),
    ("title", &["title"]),
    ("summary", &["custom_excerpt", "excerpt"]),
    ("content_html", &["html"]),
    ("published", &["published_at"]),
    ("updated", &["updated_at"]),
    ("image", &["feature_image"]),
    ("image_alt", &["feature_image_alt"]),
    ("canonical", &["canonical_url"]),
    ("language", &["locale"]),
];

/// A post by our names. What is for members alone has no text, or the beginning of it.
pub(super) fn article(post: &Map<String, Value>) -> Map<String, Value> {
    let mut article = Map::new();
    for (ours, theirs) in NAMES {
        let found = theirs.iter().find_map(|name| {
            post.get(*name)
                .filter(|value| !value.is_null() && value.as_str() != Some(""))
        });
        if let Some(value) = found {
            article.insert(ours.to_owned(), value.clone());
        }
    }
    if let Some(minutes) = post.get("reading_time").and_then(Value::as_u64)
        && minutes > 0
    {
        article.insert("reading_minutes".to_owned(), minutes.into());
    }
    if let Some(authors) = post.get("authors") {
        article.insert("authors".to_owned(), people(authors));
    }
    let tags = post.get("tags").and_then(Value::as_array);
    let tags = tags.into_iter().flatten().filter_map(|tag| {
        let name = tag.get("name")?.as_str()?;
        // Internal tags are for the theme.
        let visibility = tag.get("visibility").and_then(Value::as_str);
        let is_public = visibility != Some("internal") && !name.starts_with('#');
        is_public.then(|| Value::from(name))
    });
    let tags: Vec<Value> = tags.collect();
    if let Some(first) = tags.first() {
        article.insert("section".to_owned(), first.clone());
    }
    article.insert("tags".to_owned(), Value::Array(tags));
    let status = post.get("status").and_then(Value::as_str);
    let is_public = matches!(status, None | Some("published"));
    article.insert("draft".to_owned(), Value::Bool(!is_public));
    article
}
