//! RSS 2.0: what the specification demands, and what the Advisory Board's validator flags.

use std::collections::HashSet;

use super::{Check, Element, absolute_url, at_most_one, exactly_one, fault, history, unique};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const ITUNES: &str = "http://www.itunes.com/dtds/podcast-1.0.dtd";
const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";
/// What the specification gives a channel, each once, before the items.
const CHANNEL: [&str; 11] = [
    "language",
    "copyright",
    "managingEditor",
    "webMaster",
    "pubDate",
    "lastBuildDate",
    "generator",
    "docs",
    "ttl",
    "image",
    "rating",
];
const ITEM: [&str; 8] = [
    "title",
    "link",
    "description",
    "author",
    "comments",
    "enclosure",
    "guid",
    "pubDate",
];

pub(super) fn check(root: &Element) -> Check {
    if !root.is("", "rss") || root.attribute("version") != Some("2.0") {
        return Err(fault("document", "the root is not <rss version=\"2.0\">"));
    }
    let channel = exactly_one(root, "", "channel")?;
    for name in ["title", "link", "description"] {
        exactly_one(channel, "", name)?;
    }
    at_most_one(channel, "", &CHANNEL)?;
    known(
        channel,
        &[
            &CHANNEL[..],
            &["title", "link", "description", "category", "item"],
        ]
        .concat(),
    )?;
    absolute_url("channel/link", &exactly_one(channel, "", "link")?.text)?;
    for date in channel
        .children("", "lastBuildDate")
        .chain(channel.children("", "pubDate"))
    {
        rfc822("channel", &date.text)?;
    }
    let links: Vec<_> = channel.children(ATOM, "link").collect();
    if links
        .iter()
        .filter(|link| link.attribute("rel") == Some("self"))
        .count()
        != 1
    {
        return Err(fault(
            "channel",
            "there is not one <atom:link rel=\"self\">",
        ));
    }
    history(channel, &links)?;
    for link in links {
        absolute_url(
            "channel/atom:link",
            link.attribute("href").unwrap_or_default(),
        )?;
    }
    let podcast = channel.children(ITUNES, "category").next().is_some();
    if podcast {
        check_podcast(channel)?;
    }
    let mut guids = HashSet::new();
    for (i, item) in channel.children("", "item").enumerate() {
        check_item(&format!("item {}", i + 1), item, &mut guids)?;
    }
    Ok(())
}

fn check_item<'a>(place: &str, item: &'a Element, guids: &mut HashSet<&'a str>) -> Check {
    let first = |name| item.children("", name).next();
    if first("title").is_none() && first("description").is_none() {
        return Err(fault(place, "it has neither <title> nor <description>"));
    }
    at_most_one(item, "", &ITEM)?;
    known(item, &[&ITEM[..], &["category", "source"]].concat())?;
    if let Some(link) = first("link") {
        absolute_url(place, &link.text)?;
    }
    if let Some(date) = first("pubDate") {
        rfc822(place, &date.text)?;
    }
    if let Some(guid) = first("guid") {
        unique(guids, place, "the guid", &guid.text)?;
        if guid.attribute("isPermaLink") != Some("false") {
            absolute_url(place, &guid.text)?;
        }
    }
    if let Some(enclosure) = first("enclosure") {
        absolute_url(place, enclosure.attribute("url").unwrap_or_default())?;
        let length = enclosure.attribute("length").unwrap_or_default();
        if length.parse::<u64>().is_err() || !enclosure.attribute("type").is_some_and(is_media_type)
        {
            return Err(fault(place, "an enclosure lacks a true length or type"));
        }
    }
    if let Some(source) = first("source") {
        absolute_url(place, source.attribute("url").unwrap_or_default())?;
    }
    if let Some(author) = first("author")
        && !author.text.contains('@')
    {
        return Err(fault(place, "<author> is not an e-mail address"));
    }
    content_after_description(place, item)
}

/// What Apple refuses a podcast without.
fn check_podcast(channel: &Element) -> Check {
    exactly_one(channel, "", "language")?;
    let image = exactly_one(channel, ITUNES, "image")?;
    absolute_url("itunes:image", image.attribute("href").unwrap_or_default())?;
    let explicit = &exactly_one(channel, ITUNES, "explicit")?.text;
    if !matches!(explicit.as_str(), "true" | "false") {
        return Err(fault("itunes:explicit", "it is neither true nor false"));
    }
    for (i, item) in channel.children("", "item").enumerate() {
        let place = format!("item {}", i + 1);
        if item.children("", "enclosure").next().is_none() {
            return Err(fault(&place, "an episode has no enclosure"));
        }
        at_most_one(item, ITUNES, &["duration", "episode", "season", "image"])?;
    }
    Ok(())
}

/// An element without a namespace that the specification does not know is not allowed.
fn known(parent: &Element, names: &[&str]) -> Check {
    let mut plain = parent
        .children
        .iter()
        .filter(|child| child.namespace.is_empty());
    match plain.find(|child| !names.contains(&child.name.as_str())) {
        None => Ok(()),
        Some(stranger) => Err(fault(
            &parent.name,
            format!("<{}> is not RSS", stranger.name),
        )),
    }
}

fn content_after_description(place: &str, item: &Element) -> Check {
    let position = |namespace, name| {
        item.children
            .iter()
            .position(|child| child.is(namespace, name))
    };
    match (position(CONTENT, "encoded"), position("", "description")) {
        (None, _) => Ok(()),
        (Some(content), Some(description)) if description < content => Ok(()),
        _ => Err(fault(
            place,
            "<content:encoded> has no <description> before it",
        )),
    }
}

fn is_media_type(raw: &str) -> bool {
    raw.split_once('/')
        .is_some_and(|(kind, subtype)| !kind.is_empty() && !subtype.is_empty())
}

/// Four-digit year, the right day of the week, and a zone that is GMT or a number.
fn rfc822(place: &str, raw: &str) -> Check {
    let zone = raw.rsplit(' ').next().unwrap_or_default();
    let year = raw.split(' ').nth(3).unwrap_or_default();
    let shaped = (zone == "GMT" || zone.starts_with(['+', '-'])) && year.len() == 4;
    if shaped && chrono::DateTime::parse_from_rfc2822(raw).is_ok() {
        return Ok(());
    }
    Err(fault(place, format!("{raw:?} is not a date of RFC 822")))
}
