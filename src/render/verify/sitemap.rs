//! Sitemaps and their index: the protocol and its schema.

use super::{Check, Element, VerifyError, absolute_url, exactly_one, fault, tree};

const SITEMAP: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const MAX_BYTES: usize = 50 * 1024 * 1024;
const MAX_ENTRIES: usize = 50_000;

pub(super) fn check_urlset(text: &str) -> Check {
    check(
        text,
        "urlset",
        "url",
        &["loc", "lastmod", "changefreq", "priority"],
    )
}

pub(super) fn check_index(text: &str) -> Check {
    check(text, "sitemapindex", "sitemap", &["loc", "lastmod"])
}

fn check(text: &str, root: &str, element: &str, order: &[&str]) -> Check {
    if text.len() > MAX_BYTES {
        return Err(fault("document", "it is longer than 50 MiB"));
    }
    let mut count = 0;
    let whole = tree::walk(text, 1, |entry| {
        check_entry(&mut count, &entry, element, order)
    })?;
    if !whole.is(SITEMAP, root) {
        return Err(fault(
            "document",
            format!("the root is not a <{root}> of sitemaps.org"),
        ));
    }
    Ok(())
}

fn check_entry(
    count: &mut usize,
    entry: &Element,
    element: &str,
    order: &[&str],
) -> Result<(), VerifyError> {
    *count += 1;
    let place = format!("{element} {count}");
    if *count > MAX_ENTRIES {
        return Err(fault(&place, "more than 50,000 entries stand in one file"));
    }
    if !entry.is(SITEMAP, element) {
        return Err(fault(&place, format!("<{}> has no place here", entry.name)));
    }
    let location = &exactly_one(entry, SITEMAP, "loc")?.text;
    absolute_url(&place, location)?;
    if !(12..2_048).contains(&location.len()) || !location.is_ascii() {
        return Err(fault(
            &place,
            "its <loc> is too long or not percent-encoded",
        ));
    }
    let mut rest = order.iter();
    for child in entry
        .children
        .iter()
        .filter(|child| child.namespace == SITEMAP)
    {
        // Each may stand once, in the order of the schema.
        if !rest.any(|name| *name == child.name) {
            return Err(fault(&place, format!("<{}> is out of order", child.name)));
        }
        if child.name == "lastmod" && !is_w3c(&child.text) {
            return Err(fault(&place, format!("{:?} is no W3C date", child.text)));
        }
    }
    Ok(())
}

/// A date, or a date with a time and a zone.
fn is_w3c(raw: &str) -> bool {
    raw.parse::<chrono::NaiveDate>()
        .is_ok_and(|_| raw.len() == 10)
        || chrono::DateTime::parse_from_rfc3339(raw).is_ok_and(|_| raw.contains('T'))
}
