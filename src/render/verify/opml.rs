//! OPML 2.0.

use super::{Check, Element, absolute_url, exactly_one, fault};

pub(super) fn check(root: &Element) -> Check {
    if !root.is("", "opml") || root.attribute("version") != Some("2.0") {
        return Err(fault("document", "the root is not <opml version=\"2.0\">"));
    }
    exactly_one(root, "", "head")?;
    let body = exactly_one(root, "", "body")?;
    if body.children("", "outline").next().is_none() {
        return Err(fault("body", "there is no outline"));
    }
    for (i, outline) in body.children("", "outline").enumerate() {
        let place = format!("outline {}", i + 1);
        if outline.attribute("text").is_none_or(str::is_empty) {
            return Err(fault(&place, "it has no text"));
        }
        let url = match outline.attribute("type") {
            Some("link") => outline.attribute("url"),
            _ => outline.attribute("xmlUrl"),
        };
        absolute_url(&place, url.unwrap_or_default())?;
    }
    Ok(())
}
