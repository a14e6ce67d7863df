//! A list of all feeds, OPML 2.0.

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{FeedFormat, FeedListing, RenderError};
use crate::article::{AbsoluteUrl, Person, XmlText};

/// Writes the list. Each feed stands there once, in the format that most readers know.
///
/// # Errors
/// [`RenderError::Writer`] when the XML writer fails.
pub fn render(
    title: &XmlText,
    home: &AbsoluteUrl,
    owner: Option<&Person>,
    feeds: &[FeedListing],
) -> Result<Vec<u8>, RenderError> {
    let mut xml = Writer::new(Vec::new());
    write(&mut xml, title, home, owner, feeds)
        .map_err(|error| RenderError::Writer(error.to_string()))?;
    Ok(xml.into_inner())
}

fn write(
    xml: &mut Writer<Vec<u8>>,
    title: &XmlText,
    home: &AbsoluteUrl,
    owner: Option<&Person>,
    feeds: &[FeedListing],
) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::Text(BytesText::from_escaped("\n")))?;
    let root = BytesStart::new("opml").with_attributes([("version", "2.0")]);
    xml.write_event(Event::Start(root))?;
    xml.write_event(Event::Start(BytesStart::new("head")))?;
    text(xml, "title", title.as_str())?;
    if let Some(owner) = owner {
        text(xml, "ownerName", owner.name.as_str())?;
        if let Some(email) = &owner.email {
            text(xml, "ownerEmail", email.as_str())?;
        }
    }
    xml.write_event(Event::End(BytesEnd::new("head")))?;
    xml.write_event(Event::Start(BytesStart::new("body")))?;
    let mut empty = true;
    for feed in feeds {
        if let Some(outline) = outline(feed, home) {
            xml.write_event(Event::Empty(outline))?;
            empty = false;
        }
    }
    if empty {
        // A body must have an outline, and the site is there even without a feed.
        let site = BytesStart::new("outline").with_attributes([
            ("text", title.as_str()),
            ("type", "link"),
            ("url", home.as_str()),
        ]);
        xml.write_event(Event::Empty(site))?;
    }
    xml.write_event(Event::End(BytesEnd::new("body")))?;
    xml.write_event(Event::End(BytesEnd::new("opml")))
}

fn outline<'a>(feed: &'a FeedListing, home: &'a AbsoluteUrl) -> Option<BytesStart<'a>> {
    let known = [
        (FeedFormat::Rss, "rss", "RSS2"),
        (FeedFormat::Atom, "rss", "ATOM1"),
        // As FreshRSS has it; no reader takes a feed in JSON for one in XML.
        (FeedFormat::Json, "JSONFeed", "JSONFeed1.1"),
    ];
    let (url, kind, version) = known.iter().find_map(|(format, kind, version)| {
        let (_, url) = feed.formats.iter().find(|(known, _)| known == format)?;
        Some((url, *kind, *version))
    })?;
    Some(BytesStart::new("outline").with_attributes([
        ("text", feed.title.as_str()),
        ("title", feed.title.as_str()),
        ("type", kind),
        ("xmlUrl", url.as_str()),
        ("htmlUrl", home.as_str()),
        ("description", feed.description.as_str()),
        ("language", feed.language.as_str()),
        ("version", version),
    ]))
}

fn text(xml: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    xml.write_event(Event::Start(BytesStart::new(name)))?;
    xml.write_event(Event::Text(BytesText::new(text)))?;
    xml.write_event(Event::End(BytesEnd::new(name)))
}
