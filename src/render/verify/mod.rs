//! Reads documents back before they are let out. Shares no code with the writers, so that
//! it can catch them.
//!
//! The rules are those a reader or a search engine would refuse the document by: well-formed
//! XML 1.0 with namespaces, then what each format says MUST be there.

mod atom;
mod json_feed;
mod json_ld;
mod llms;
mod opml;
mod robots;
mod rsl;
mod rss;
mod sitemap;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::HashSet;

use super::DocumentKind;
use tree::Element;

/// Why a document must not be let out: where in it, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct VerifyError {
    /// A path of elements, or a line.
    pub place: String,
    /// What is wrong there.
    pub fault: String,
}

/// Checks a document of the given kind.
///
/// # Errors
/// [`VerifyError`], the first thing that is wrong.
pub fn verify(kind: DocumentKind, bytes: &[u8]) -> Result<(), VerifyError> {
    if kind == DocumentKind::SitemapGzip {
        return sitemap::check_gzip(bytes);
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| fault("document", format!("it is not UTF-8: {error}")))?;
    match kind {
        DocumentKind::Rss => rss::check(&tree::parse(text)?),
        DocumentKind::Atom => atom::check(&tree::parse(text)?),
        DocumentKind::JsonFeed => json_feed::check(text),
        DocumentKind::Sitemap => sitemap::check_urlset(text),
        DocumentKind::SitemapIndex => sitemap::check_index(text),
        DocumentKind::SitemapText => sitemap::check_text(text),
        DocumentKind::SitemapGzip | DocumentKind::Gone => Ok(()),
        DocumentKind::Robots => robots::check(text),
        DocumentKind::Opml => opml::check(&tree::parse(text)?),
        DocumentKind::Llms => llms::check_index(text),
        DocumentKind::Markdown => llms::check_article(text),
        DocumentKind::JsonLd => json_ld::check(text),
        DocumentKind::Rsl => rsl::check(&tree::parse(text)?),
    }
}

type Check = Result<(), VerifyError>;

fn fault(place: &str, fault: impl Into<String>) -> VerifyError {
    VerifyError {
        place: place.to_owned(),
        fault: fault.into(),
    }
}

/// The text of the one child with this name.
fn exactly_one<'a>(
    parent: &'a Element,
    namespace: &str,
    name: &str,
) -> Result<&'a Element, VerifyError> {
    let mut found = parent.children(namespace, name);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(fault(&parent.name, format!("<{name}> is missing"))),
        (Some(_), Some(_)) => Err(fault(&parent.name, format!("<{name}> stands there twice"))),
    }
}

/// That no child with one of these names stands there twice.
fn at_most_one(parent: &Element, namespace: &str, names: &[&str]) -> Check {
    match names
        .iter()
        .find(|name| parent.children(namespace, name).nth(1).is_some())
    {
        None => Ok(()),
        Some(name) => Err(fault(&parent.name, format!("<{name}> stands there twice"))),
    }
}

fn absolute_url(place: &str, raw: &str) -> Check {
    match url::Url::parse(raw) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        _ => Err(fault(place, format!("{raw:?} is not an absolute URL"))),
    }
}

/// RFC 3339 as Atom has it: upper-case `T` and `Z`, and a zone (RFC 4287 section 3.3).
fn rfc3339(place: &str, raw: &str) -> Check {
    let shaped = raw.as_bytes().get(10) == Some(&b'T') && !raw.contains('z');
    if shaped && chrono::DateTime::parse_from_rfc3339(raw).is_ok() {
        return Ok(());
    }
    Err(fault(place, format!("{raw:?} is not a date of RFC 3339")))
}

fn unique<'a>(seen: &mut HashSet<&'a str>, place: &str, what: &str, value: &'a str) -> Check {
    if value.trim().is_empty() {
        return Err(fault(place, format!("{what} is empty")));
    }
    if !seen.insert(value) {
        return Err(fault(place, format!("{what} {value:?} was used before")));
    }
    Ok(())
}

const HISTORY: &str = "http://purl.org/syndication/history/1.0";

/// RFC 5005: a complete feed has no pages (section 2), and a page of an archive says where
/// the feed is that it belongs to (section 4). `links` are those of `head`.
fn history(head: &Element, links: &[&Element]) -> Check {
    let has = |rel: &str| links.iter().any(|link| link.attribute("rel") == Some(rel));
    let is = |mark: &str| head.children(HISTORY, mark).next().is_some();
    let paged = [
        "first",
        "last",
        "previous",
        "next",
        "prev-archive",
        "next-archive",
    ];
    if is("complete") && (is("archive") || paged.iter().any(|rel| has(rel))) {
        return Err(fault("document", "a complete feed has no pages"));
    }
    if is("archive") && !has("current") {
        return Err(fault(
            "document",
            "a page of an archive names no current feed",
        ));
    }
    Ok(())
}
