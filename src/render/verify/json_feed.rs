//! JSON Feed 1.1.

use std::collections::HashSet;

use serde_json::Value;

use super::{Check, VerifyError, absolute_url, fault, rfc3339, unique};

pub(super) fn check(text: &str) -> Check {
    let feed: Value =
        serde_json::from_str(text).map_err(|error| fault("document", error.to_string()))?;
    if feed["version"] != "https://jsonfeed.org/version/1.1" {
        return Err(fault("version", "it is not that of JSON Feed 1.1"));
    }
    text_of("title", &feed["title"])?;
    for key in ["home_page_url", "feed_url"] {
        absolute_url(key, text_of(key, &feed[key])?)?;
    }
    if !feed["next_url"].is_null() && feed["next_url"] == feed["feed_url"] {
        return Err(fault("next_url", "it leads back to the feed"));
    }
    let items = feed["items"]
        .as_array()
        .ok_or_else(|| fault("items", "it is not an array"))?;
    let mut ids = HashSet::new();
    for (i, item) in items.iter().enumerate() {
        let place = format!("item {}", i + 1);
        unique(&mut ids, &place, "the id", text_of(&place, &item["id"])?)?;
        check_item(&place, item)?;
    }
    Ok(())
}

fn check_item(place: &str, item: &Value) -> Check {
    if !item["content_html"].is_string() && !item["content_text"].is_string() {
        return Err(fault(place, "it has neither content_html nor content_text"));
    }
    for key in ["url", "image"] {
        if let Some(url) = item[key].as_str() {
            absolute_url(place, url)?;
        }
    }
    for key in ["date_published", "date_modified"] {
        if let Some(date) = item[key].as_str() {
            rfc3339(place, date)?;
        }
    }
    for author in item["authors"].as_array().into_iter().flatten() {
        if author.as_object().is_none_or(serde_json::Map::is_empty) {
            return Err(fault(place, "an author is empty"));
        }
    }
    for attachment in item["attachments"].as_array().into_iter().flatten() {
        absolute_url(place, text_of(place, &attachment["url"])?)?;
        text_of(place, &attachment["mime_type"])?;
    }
    Ok(())
}

fn text_of<'a>(place: &str, value: &'a Value) -> Result<&'a str, VerifyError> {
    value
        .as_str()
        .ok_or_else(|| fault(place, "a text is missing"))
}
