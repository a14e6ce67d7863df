//! HTML from an origin → HTML that is safe to hand to a stranger, with absolute URLs.
//!
//! What may stay is a list; everything else goes. Readers show this inside their own pages,
//! so nothing in it may run, load a frame, submit a form or style what is around it.

use std::{borrow::Cow, collections::HashMap};

use ammonia::Builder;
use percent_encoding::percent_decode_str;
use url::Url;

use super::{
    degrade::{self, Wishes, degrade},
    limits::{self, TooLarge},
};

/// Elements that stay besides those of ammonia's own list: media, and the parts of a page.
const ELEMENTS: [&str; 9] = [
    "address", "audio", "figure", "main", "picture", "section", "source", "tfoot", "video",
];

/// Elements that go with all that is in them, for their content is no part of the text.
/// SVG and MathML are never let through: each has led past the sanitiser more than once.
const EMPTIED: [&str; 16] = [
    "button", "head", "iframe", "math", "noembed", "noframes", "noscript", "option", "script",
    "select", "style", "svg", "template", "textarea", "title", "datalist",
];

/// Attributes that stay besides those of ammonia's own list.
const ATTRIBUTES: [(&str, &[&str]); 10] = [
    ("audio", &["src", "controls", "loop", "muted", "preload"]),
    ("code", &["class"]),
    ("details", &["open"]),
    ("img", &["srcset", "sizes"]),
    ("li", &["value"]),
    ("ol", &["reversed", "type"]),
    (
        "source",
        &["src", "srcset", "sizes", "type", "media", "width", "height"],
    ),
    ("time", &["datetime"]),
    ("data", &["value"]),
    (
        "video",
        &[
            "src", "poster", "controls", "loop", "muted", "preload", "width", "height",
        ],
    ),
];

/// Addresses of pages that links name by their files (`@/blog/one.md`); `None` for one that is
/// not to be had, whose link goes while its words stay.
pub type Pages = HashMap<String, Option<String>>;

/// Sanitises `html`. URLs are made absolute against `base`, the article's own address;
/// those with a scheme that is not http, https or (in links) mailto are dropped.
///
/// A link to a fragment becomes a link into the page of the article: alone, it would lead
/// to nowhere in a reader that shows many articles on one page.
///
/// Formulas, drawings, pictures that wait for a script and the frames that `wishes` names
/// are put into a form that readers show. Links to `pages` lead to their addresses.
///
/// # Errors
/// [`TooLarge`] before anything is parsed that would take long.
pub fn sanitise(html: &str, base: &Url, wishes: &Wishes, pages: Pages) -> Result<String, TooLarge> {
    limits::check(html)?;
    let rewritten = degrade(html, wishes);
    let html = rewritten.as_deref().unwrap_or(html);
    let builder = builder(base.clone(), wishes, pages);
    let clean = |html: &str| with_first_lines(builder.clean(html).to_string());
    let mut text = clean(html);
    // A table moves what cannot stand in it to its front (HTML section 13.2.6.1), be that a link
    // within a link, which comes apart when it is read the next time: at a reader's.
    for _ in 0..2 {
        let again = text.contains("<table").then(|| clean(&text));
        match again.filter(|again| *again != text) {
            Some(again) => text = again,
            None => break,
        }
    }
    Ok(text)
}

/// A line end right behind `<pre>` is no part of the text to whoever reads it (HTML section
/// 13.2.6.4.7), and the writer does not know: a text that begins with one gets one more.
fn with_first_lines(html: String) -> String {
    if !html.contains("<pre") {
        return html;
    }
    let (mut out, mut rest) = (String::with_capacity(html.len() + 8), html.as_str());
    while let Some((before, tag)) = rest.split_once("<pre") {
        let (tag, after) = tag.split_at(tag.find('>').map_or(tag.len(), |end| end + 1));
        out.extend([before, "<pre", tag]);
        if after.starts_with('\n') {
            out.push('\n');
        }
        rest = after;
    }
    out + rest
}

/// One per article, since the base is the article's; making it is a small part of the work.
fn builder(base: Url, wishes: &Wishes, pages: Pages) -> Builder<'static> {
    let hosts = wishes.iframes.clone();
    let mut builder = Builder::default();
    builder
        .add_tags(ELEMENTS)
        .clean_content_tags(
            EMPTIED
                .into_iter()
                .filter(|name| hosts.is_empty() || *name != "iframe")
                .collect(),
        )
        .add_generic_attributes(["dir", "id"])
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(None)
        .attribute_filter({
            let hosts = hosts.clone();
            move |element, name, value| match (element, name) {
                ("iframe", "src") if !degrade::is_kept(value, &hosts) => None,
                (_, "href") if value.trim_start().starts_with("@/") => {
                    page(&pages, &base, value).map(Cow::Owned)
                }
                _ => filter(&base, name, value),
            }
        });
    if !hosts.is_empty() {
        builder
            .add_tags(["iframe"])
            .add_tag_attributes("iframe", ["src", "width", "height", "allowfullscreen"]);
    }
    for (element, attributes) in ATTRIBUTES {
        builder.add_tag_attributes(element, attributes);
    }
    builder
}

/// What becomes of an allowed attribute's value; `None` drops the attribute.
fn filter<'v>(base: &Url, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    match name {
        "href" => absolute(base, value, &["http", "https", "mailto"]).map(Cow::Owned),
        // An empty reference means the page itself, which is no picture or sound.
        "src" | "poster" | "cite" if value.trim().is_empty() => None,
        "src" | "poster" | "cite" => absolute(base, value, &["http", "https"]).map(Cow::Owned),
        "srcset" => srcset(base, value).map(Cow::Owned),
        "class" => language_class(value).map(Cow::Borrowed),
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Where the link to a file leads. One that was not looked up is an address like any other.
fn page(pages: &Pages, base: &Url, reference: &str) -> Option<String> {
    let reference = reference.trim();
    let end = reference.find(['#', '?']).unwrap_or(reference.len());
    let (name, tail) = reference.split_at(end);
    let name = percent_decode_str(name).decode_utf8_lossy();
    match pages.get(name.as_ref()) {
        Some(page) => page.as_ref().map(|page| format!("{page}{tail}")),
        None => absolute(base, reference, &["http", "https"]),
    }
}

fn absolute(base: &Url, reference: &str, schemes: &[&str]) -> Option<String> {
    let url = base.join(reference.trim()).ok()?;
    schemes.contains(&url.scheme()).then(|| url.into())
}

/// The class that tells a highlighter the language of code (`HTML`, section 4.5.15).
fn language_class(value: &str) -> Option<&str> {
    value
        .split_ascii_whitespace()
        .find(|class| class.starts_with("language-"))
}

/// A list of pictures to choose from, read as HTML section 4.8.4.2.1 says: a URL ends at
/// white space, and commas inside it belong to it.
fn srcset(base: &Url, value: &str) -> Option<String> {
    let mut candidates = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            break;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace());
        let (reference, tail) = rest.split_at(end.unwrap_or(rest.len()));
        let alone = reference.trim_end_matches(',');
        let descriptor = if alone.len() < reference.len() {
            rest = tail;
            ""
        } else {
            let (descriptor, next) = tail.split_once(',').unwrap_or((tail, ""));
            rest = next;
            descriptor.trim()
        };
        if let Some(url) = absolute(base, alone, &["http", "https"]) {
            candidates.push(format!("{url} {descriptor}").trim_end().to_owned());
        }
    }
    (!candidates.is_empty()).then(|| candidates.join(", "))
}

#[cfg(test)]
mod tests;
