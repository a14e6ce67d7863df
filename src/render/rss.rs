//! RSS 2.0, after the specification and the RSS Advisory Board's best-practices profile.

use rss::{
    Category, Channel as RssChannel, Enclosure, Guid, Image, Item,
    extension::{atom::AtomExtension, dublincore::DublinCoreExtension},
};

use super::{Channel, ContentMode, DocumentKind, RenderError, excerpt};
use crate::article::{Article, Person, Timestamp};

/// Writes a feed as RSS 2.0, newest article first as given.
///
/// # Errors
/// [`RenderError::Writer`] when the XML writer fails.
pub fn render(channel: &Channel, articles: &[Article]) -> Result<Vec<u8>, RenderError> {
    let rss = RssChannel {
        title: channel.title.to_string(),
        link: channel.home.to_string(),
        description: channel.description.to_string(),
        language: Some(channel.language.to_string()),
        // The same title and link as the channel's (profile, "image").
        image: channel.image.as_ref().map(|image| Image {
            url: image.to_string(),
            title: channel.title.to_string(),
            link: channel.home.to_string(),
            ..Image::default()
        }),
        managing_editor: channel.author.as_ref().and_then(mailbox),
        // The content's last change, never the clock: else every poll is a new document.
        last_build_date: channel.updated.map(Timestamp::rfc822),
        // Without a version, or an upgrade of the program would be a new document.
        generator: Some("Dateline".to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        items: articles
            .iter()
            .map(|article| item(channel, article))
            .collect(),
        atom_ext: Some(AtomExtension {
            links: links(channel),
        }),
        ..RssChannel::default()
    };
    let bytes = rss
        .write_to(Vec::new())
        .map_err(|error| RenderError::Writer(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| RenderError::Writer(error.to_string()))?;
    Ok(hexadecimal(&text).into_bytes())
}

fn links(channel: &Channel) -> Vec<rss::extension::atom::Link> {
    let link = |rel: &str, href: &str, media_type: &str| rss::extension::atom::Link {
        rel: rel.to_owned(),
        href: href.to_owned(),
        mime_type: Some(media_type.to_owned()),
        ..Default::default()
    };
    let own = link(
        "self",
        channel.self_url.as_str(),
        DocumentKind::Rss.essence(),
    );
    let sisters = channel
        .sisters
        .iter()
        .map(|(kind, url)| link("alternate", url.as_str(), kind.essence()));
    std::iter::once(own).chain(sisters).collect()
}

fn item(channel: &Channel, article: &Article) -> Item {
    let piece = &article.piece;
    let content = piece
        .content
        .as_ref()
        .filter(|_| channel.content == ContentMode::Full);
    let description = excerpt::description(piece);
    Item {
        title: Some(piece.title.to_string()),
        link: Some(piece.url.to_string()),
        // Readers take it for HTML, so plain text is escaped once more. Where there is the
        // full text a description must stand before it (profile, "content:encoded").
        description: description
            .or_else(|| content.map(|_| piece.title.to_string()))
            .map(|plain| excerpt::as_html(&plain)),
        categories: channel
            .categories(piece)
            .map(|(name, scheme)| Category {
                name: name.to_string(),
                domain: scheme.map(str::to_owned),
            })
            .collect(),
        enclosure: piece.enclosures.first().map(|enclosure| Enclosure {
            url: enclosure.url.to_string(),
            length: enclosure.length.unwrap_or(0).to_string(),
            mime_type: enclosure.media_type.to_string(),
        }),
        guid: Some(guid(article)),
        pub_date: article
            .dates
            .published
            .map(|published| published.instant().rfc822()),
        content: content.map(|html| html.as_str().to_owned()),
        dublin_core_ext: creators(&piece.authors),
        ..Item::default()
    }
}

/// The id that the site's RSS gave before, where it gave one: readers know that.
fn guid(article: &Article) -> Guid {
    let id = article.adopted.rss.as_deref();
    let value = id.unwrap_or(article.id.as_str()).to_owned();
    Guid {
        permalink: value == article.piece.url.as_str(),
        value,
    }
}

/// `author` must be an e-mail address (RSS 2.0), and few want theirs in a feed; names go
/// into `dc:creator`.
fn creators(authors: &[Person]) -> Option<DublinCoreExtension> {
    let creators: Vec<String> = authors
        .iter()
        .map(|author| author.name.to_string())
        .collect();
    (!creators.is_empty()).then(|| DublinCoreExtension {
        creators,
        ..Default::default()
    })
}

fn mailbox(person: &Person) -> Option<String> {
    person
        .email
        .as_ref()
        .map(|email| format!("{email} ({})", person.name))
}

/// Writes `&` and `<` in text as hexadecimal references, which more readers show right in
/// titles than the named ones (profile, "character data"). CDATA sections stay as they are.
fn hexadecimal(xml: &str) -> String {
    const OPEN: &str = "<![CDATA[";
    const CLOSE: &str = "]]>";
    let mut out = String::with_capacity(xml.len() + 64);
    let mut rest = xml;
    while let Some((markup, tail)) = rest.split_once(OPEN) {
        out.push_str(&references(markup));
        let (data, after) = tail.split_once(CLOSE).unwrap_or((tail, ""));
        out.push_str(OPEN);
        out.push_str(data);
        out.push_str(CLOSE);
        rest = after;
    }
    out.push_str(&references(rest));
    out
}

fn references(markup: &str) -> String {
    markup.replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;")
}
