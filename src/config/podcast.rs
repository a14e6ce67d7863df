//! `[feed.podcast]`

use super::{
    Site,
    fault::Faults,
    reader::{Table, Text, quoted},
    site::line,
    sitemap::resolve,
};
use crate::{
    article::{AbsoluteUrl, XmlText},
    render::Podcast,
};

/// Reads the table of a feed whose picture is `image`.
pub(super) fn read(
    feed: &mut Table<'_>,
    site: &Site,
    image: Option<&AbsoluteUrl>,
    faults: &mut Faults,
) -> Option<Podcast> {
    let mut table = feed.table(faults, "podcast")?;
    if image.is_none() {
        let help = "add image = \"cover.jpg\" to the feed: 1,400 to 3,000 pixels square";
        faults.add(table.span(), "a podcast needs a picture", help);
    }
    let author = table.text(faults, "author", "Ada Lovelace");
    let author = author.and_then(|text| line("feed.podcast.author", &text, faults));
    let usual = site.author.as_ref();
    let author = author
        .or_else(|| usual.map(|person| person.name.clone()))
        .unwrap_or_else(|| site.title.clone());
    let email = table.text(faults, "email", "ada@example.org");
    let email = match email {
        Some(text) => address(&text, faults),
        None => usual.and_then(|person| person.email.clone()),
    };
    let categories = categories(&mut table, faults);
    let explicit = table.flag(faults, "explicit", false);
    let serial = table.flag(faults, "serial", false);
    let guid = table.text(faults, "guid", "917393e3-1b1e-5cef-ace4-edaa54e1f810");
    let guid = guid.and_then(|text| uuid(&text, faults));
    let locked = table.has("locked");
    let locked = locked.then(|| table.flag(faults, "locked", false));
    let funding = funding(&mut table, site, faults);
    table.finish(faults);
    Some(Podcast {
        author,
        email,
        image: image?.clone(),
        categories,
        explicit,
        serial,
        guid,
        locked,
        funding,
    })
}

fn address(text: &Text<'_>, faults: &mut Faults) -> Option<XmlText> {
    let (email, _) = XmlText::line(text.value);
    let (user, host) = email.as_str().split_once('@').unwrap_or_default();
    if user.is_empty() || host.is_empty() || host.contains('@') || email.as_str().contains(' ') {
        let message = "feed.podcast.email is not an e-mail address";
        faults.add(
            text.span.clone(),
            message,
            "write for example \"ada@example.org\"",
        );
        return None;
    }
    Some(email)
}

/// `"Technology"`, or `"Society & Culture > Documentary"`.
fn categories(table: &mut Table<'_>, faults: &mut Faults) -> Vec<(XmlText, Option<XmlText>)> {
    let texts = table.texts(faults, "categories", "Technology");
    if texts.as_ref().is_none_or(Vec::is_empty) {
        let help = "add categories = [\"Technology\"], of Apple's list";
        faults.add(table.span(), "a podcast needs a category", help);
    }
    let texts = texts.unwrap_or_default();
    let named = |raw: &str| XmlText::line(raw).0;
    texts
        .iter()
        .filter_map(|text| {
            let (name, within) = match text.value.split_once('>') {
                Some((name, within)) => (named(name), Some(named(within))),
                None => (named(text.value), None),
            };
            if name.is_empty() || within.as_ref().is_some_and(XmlText::is_empty) {
                let message = format!("{} is no category", quoted(text.value));
                let help = "write \"Technology\", or \"Society & Culture > Documentary\"";
                faults.add(text.span.clone(), message, help);
                return None;
            }
            Some((name, within))
        })
        .collect()
}

/// Eight, four, four, four and twelve hexadecimal digits (RFC 9562 section 4).
fn uuid(text: &Text<'_>, faults: &mut Faults) -> Option<XmlText> {
    let lengths: Vec<usize> = text.value.split('-').map(str::len).collect();
    let digits = |c: char| c.is_ascii_hexdigit() || c == '-';
    if lengths == [8, 4, 4, 4, 12] && text.value.chars().all(digits) {
        return Some(XmlText::line(&text.value.to_ascii_lowercase()).0);
    }
    let message = format!("feed.podcast.guid cannot be {}", quoted(text.value));
    let help = "write the UUID that the podcast has for good, or leave the key out";
    faults.add(text.span.clone(), message, help);
    None
}

fn funding(
    table: &mut Table<'_>,
    site: &Site,
    faults: &mut Faults,
) -> Option<(AbsoluteUrl, XmlText)> {
    let mut table = table.table(faults, "funding")?;
    let url = table.required_text(faults, "url", "https://example.org/support/");
    let url = url.and_then(|text| resolve(&site.url, &text, "feed.podcast.funding.url", faults));
    let text = table.required_text(faults, "text", "Support the show");
    let text = text.and_then(|text| line("feed.podcast.funding.text", &text, faults));
    table.finish(faults);
    Some((url?, text?))
}
