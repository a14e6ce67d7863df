//! RSL 1.0: what a licence must say to be one.

use super::{Check, Element, absolute_url, exactly_one, fault};

const RSL: &str = "https://rslstandard.org/rsl";

pub(super) fn check(root: &Element) -> Check {
    if !root.is(RSL, "rsl") {
        return Err(fault("document", "the root is not an <rsl> licence"));
    }
    let content = exactly_one(root, RSL, "content")?;
    if !content
        .attribute("url")
        .is_some_and(|url| url.starts_with('/'))
    {
        return Err(fault("content", "it does not say what it is about"));
    }
    let license = exactly_one(content, RSL, "license")?;
    for name in ["permits", "prohibits"] {
        for uses in license.children(RSL, name) {
            if uses.attribute("type") != Some("usage") || uses.text.trim().is_empty() {
                return Err(fault("license", format!("<{name}> names no use")));
            }
        }
    }
    if license.children.is_empty() {
        return Err(fault("license", "it says nothing"));
    }
    content
        .children(RSL, "terms")
        .try_for_each(|terms| absolute_url("terms", &terms.text))
}
