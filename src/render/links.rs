//! How a page tells of its feeds and its licence: tags for its head, and `Link` fields that say
//! the same.

use super::{DocumentKind, FeedFormat, FeedListing};
use crate::article::{AbsoluteUrl, XmlText};

/// The tags for the head of a page (HTML, "link type alternate" and "link type license"), one
/// a line.
#[must_use]
pub fn tags(feeds: &[FeedListing], license: Option<&AbsoluteUrl>) -> String {
    let mut tags = each(feeds, |title, format, url| {
        let title = attribute(&format!("{title} ({})", format.label()));
        let kind = format.kind().essence();
        format!(
            "<link rel=\"alternate\" type=\"{kind}\" title=\"{title}\" href=\"{}\">\n",
            attribute(url)
        )
    });
    if let Some(url) = license {
        let (kind, url) = (DocumentKind::Rsl.essence(), attribute(url.as_str()));
        tags.push_str(&format!(
            "<link rel=\"license\" type=\"{kind}\" href=\"{url}\">\n"
        ));
    }
    tags
}

/// The same as fields of a response (RFC 8288). A title in other than ASCII has the form of
/// RFC 8187.
#[must_use]
pub fn fields(feeds: &[FeedListing], license: Option<&AbsoluteUrl>) -> String {
    let mut fields = each(feeds, |title, format, url| {
        let title = format!("{title} ({})", format.label());
        let kind = format.kind().essence();
        format!(
            "Link: <{url}>; rel=\"alternate\"; type=\"{kind}\"; {}\n",
            parameter(&title)
        )
    });
    if let Some(url) = license {
        let kind = DocumentKind::Rsl.essence();
        fields.push_str(&format!(
            "Link: <{url}>; rel=\"license\"; type=\"{kind}\"\n"
        ));
    }
    fields
}

fn each(
    feeds: &[FeedListing],
    mut line: impl FnMut(&XmlText, FeedFormat, &str) -> String,
) -> String {
    let lines = feeds.iter().flat_map(|feed| {
        let formats = feed.formats.iter();
        formats.map(move |(format, url)| (&feed.title, *format, url.as_str()))
    });
    lines
        .filter(|(_, format, _)| format.kind().is_feed())
        .map(|(title, format, url)| line(title, format, url))
        .collect()
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

fn parameter(title: &str) -> String {
    if title.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        let quoted = title.replace('\\', "\\\\").replace('"', "\\\"");
        return format!("title=\"{quoted}\"");
    }
    // The characters that RFC 8187 section 3.2.1 leaves as they are.
    const CODED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    let coded = percent_encoding::utf8_percent_encode(title, CODED);
    format!("title*=UTF-8''{coded}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Language;

    #[test]
    fn a11_3_tags_and_fields_say_the_same() {
        let url = |text: &str| AbsoluteUrl::parse(text).unwrap();
        let feed = |title: &str| FeedListing {
            title: XmlText::from(title),
            description: XmlText::from("D"),
            language: Language::parse("en").unwrap(),
            formats: vec![
                (FeedFormat::Rss, url("https://a.example/rss.xml?a&b")),
                (FeedFormat::JsonLd, url("https://a.example/feed.jsonld")),
            ],
        };
        let license = url("https://a.example/license.xml?a&b");
        assert_eq!(
            tags(&[feed("A \"q\" & b")], Some(&license)),
            "<link rel=\"alternate\" type=\"application/rss+xml\" \
             title=\"A &quot;q&quot; &amp; b (RSS)\" href=\"https://a.example/rss.xml?a&amp;b\">\n\
             <link rel=\"license\" type=\"application/rsl+xml\" \
             href=\"https://a.example/license.xml?a&amp;b\">\n"
        );
        assert_eq!(
            fields(&[feed("A \"q\""), feed("Ä")], Some(&license)),
            "Link: <https://a.example/rss.xml?a&b>; rel=\"alternate\"; \
             type=\"application/rss+xml\"; title=\"A \\\"q\\\" (RSS)\"\n\
             Link: <https://a.example/rss.xml?a&b>; rel=\"alternate\"; \
             type=\"application/rss+xml\"; title*=UTF-8''%C3%84%20%28RSS%29\n\
             Link: <https://a.example/license.xml?a&b>; rel=\"license\"; \
             type=\"application/rsl+xml\"\n"
        );
    }
}
