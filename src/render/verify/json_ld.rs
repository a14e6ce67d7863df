//! Structured data of schema.org, as search engines take it.

use serde_json::Value;

use super::{Check, absolute_url, fault};

pub(super) fn check(text: &str) -> Check {
    if text.contains('<') {
        return Err(fault("document", "it cannot stand between <script> tags"));
    }
    let blog: Value =
        serde_json::from_str(text).map_err(|error| fault("document", error.to_string()))?;
    if blog["@context"] != "https://schema.org" || blog["@type"] != "Blog" {
        return Err(fault("document", "it is no Blog of schema.org"));
    }
    let posts = blog["blogPost"].as_array();
    let posts = posts.ok_or_else(|| fault("blogPost", "it is not an array"))?;
    for (i, post) in posts.iter().enumerate() {
        let place = format!("post {}", i + 1);
        absolute_url(&place, post["url"].as_str().unwrap_or_default())?;
        if post["headline"].as_str().is_none_or(str::is_empty) {
            return Err(fault(&place, "it has no headline"));
        }
    }
    Ok(())
}
