//! Atom: the MUSTs of RFC 4287.

use std::collections::HashSet;

use super::{
    Check, Element, absolute_url, at_most_one, exactly_one, fault, history, rfc3339, unique,
};

const ATOM: &str = "http://www.w3.org/2005/Atom";

pub(super) fn check(root: &Element) -> Check {
    if !root.is(ATOM, "feed") {
        return Err(fault("document", "the root is not an Atom <feed>"));
    }
    check_head("feed", root)?;
    at_most_one(
        root,
        ATOM,
        &["generator", "icon", "logo", "rights", "subtitle"],
    )?;
    let own = root
        .children(ATOM, "link")
        .filter(|link| link.attribute("rel") == Some("self"));
    if own.count() != 1 {
        return Err(fault("feed", "there is not one <link rel=\"self\">"));
    }
    history(root, &root.children(ATOM, "link").collect::<Vec<_>>())?;
    let has_author = root.children(ATOM, "author").next().is_some();
    let mut ids = HashSet::new();
    for (i, entry) in root.children(ATOM, "entry").enumerate() {
        let place = format!("entry {}", i + 1);
        check_entry(&place, entry, has_author)?;
        // Twice the same id only with different dates (4.1.1); here not even so.
        unique(
            &mut ids,
            &place,
            "the id",
            &exactly_one(entry, ATOM, "id")?.text,
        )?;
    }
    Ok(())
}

/// What a feed and an entry have in common.
fn check_head(place: &str, element: &Element) -> Check {
    exactly_one(element, ATOM, "title")?;
    let id = exactly_one(element, ATOM, "id")?;
    if url::Url::parse(&id.text).is_err() {
        return Err(fault(
            place,
            format!("the id {:?} is no absolute IRI", id.text),
        ));
    }
    rfc3339(place, &exactly_one(element, ATOM, "updated")?.text)?;
    for person in element
        .children(ATOM, "author")
        .chain(element.children(ATOM, "contributor"))
    {
        if exactly_one(person, ATOM, "name")?.text.trim().is_empty() {
            return Err(fault(place, "a person has no name"));
        }
        at_most_one(person, ATOM, &["email", "uri"])?;
    }
    for category in element.children(ATOM, "category") {
        if category.attribute("term").is_none_or(str::is_empty) {
            return Err(fault(place, "a category has no term"));
        }
    }
    check_links(place, element)
}

fn check_links(place: &str, element: &Element) -> Check {
    let mut alternates = HashSet::new();
    for link in element.children(ATOM, "link") {
        absolute_url(place, link.attribute("href").unwrap_or_default())?;
        let relation = link.attribute("rel").unwrap_or("alternate");
        let key = (link.attribute("type"), link.attribute("hreflang"));
        if relation == "alternate" && !alternates.insert(key) {
            return Err(fault(
                place,
                "two alternate links have one type and language",
            ));
        }
    }
    Ok(())
}

fn check_entry(place: &str, entry: &Element, feed_has_author: bool) -> Check {
    check_head(place, entry)?;
    at_most_one(
        entry,
        ATOM,
        &["published", "content", "summary", "rights", "source"],
    )?;
    if let Some(published) = entry.children(ATOM, "published").next() {
        rfc3339(place, &published.text)?;
    }
    if !feed_has_author && entry.children(ATOM, "author").next().is_none() {
        return Err(fault(place, "neither it nor the feed has an author"));
    }
    let content = entry.children(ATOM, "content").next();
    let linked = entry
        .children(ATOM, "link")
        .any(|link| matches!(link.attribute("rel"), None | Some("alternate")));
    if content.is_none() && !linked {
        return Err(fault(place, "it has neither content nor an alternate link"));
    }
    let texts = ["title", "summary", "content", "rights"];
    let raw = texts.iter().flat_map(|name| entry.children(ATOM, name));
    for construct in raw {
        let kind = construct.attribute("type").unwrap_or("text");
        if matches!(kind, "text" | "html") && !construct.children.is_empty() {
            return Err(fault(
                place,
                format!("<{}> holds raw markup", construct.name),
            ));
        }
    }
    Ok(())
}
