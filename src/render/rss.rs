//! RSS 2.0, after the specification and the RSS Advisory Board's best-practices profile.

use rss::{
    Category, Channel as RssChannel, Enclosure as RssEnclosure, Guid, Image, Item, Source,
    extension::{atom::AtomExtension, dublincore::DublinCoreExtension},
};

use super::{
    Channel, ContentMode, DocumentKind, History, RenderError,
    element::{self, ATOM, Element, HISTORY, MEDIA, PODCAST},
    excerpt, media, podcast,
};
use crate::article::{Article, Enclosure, Person, Piece, Timestamp};

/// Writes a feed as RSS 2.0, newest article first as given.
///
/// # Errors
/// [`RenderError::Writer`] when the XML writer fails.
pub fn render(channel: &Channel, articles: &[Article]) -> Result<Vec<u8>, RenderError> {
    let own = channel.podcast.iter().flat_map(podcast::channel_elements);
    let mark = channel.history.as_ref().and_then(History::mark);
    let own: Vec<Element> = own.chain(mark).collect();
    let foreign: Vec<Vec<Element>> = articles
        .iter()
        .map(|article| foreign(channel, article))
        .collect();
    let all = own.iter().chain(foreign.iter().flatten());
    let namespaces = element::namespaces(all, &[MEDIA, PODCAST, ATOM, HISTORY]);
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
            .zip(foreign)
            .map(|(article, foreign)| item(channel, article, foreign))
            .collect(),
        itunes_ext: channel.podcast.as_ref().map(podcast::channel),
        extensions: element::for_rss(own),
        namespaces,
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
    let history = channel.history.iter().flat_map(History::links);
    let history = history.map(|(rel, url)| link(rel, url.as_str(), DocumentKind::Rss.essence()));
    let license = channel.license.iter();
    let license = license.map(|url| link("license", url.as_str(), DocumentKind::Rsl.essence()));
    std::iter::once(own)
        .chain(sisters)
        .chain(history)
        .chain(license)
        .collect()
}

/// What RSS has no element for.
fn foreign(channel: &Channel, article: &Article) -> Vec<Element> {
    let piece = &article.piece;
    let enclosure = enclosure(channel, piece);
    let is_other = |file: &&Enclosure| !enclosure.is_some_and(|one| std::ptr::eq(one, *file));
    let others = piece.enclosures.iter().filter(is_other);
    let mut elements = media::elements(piece, others);
    // RSS knows one date. The second is worth its bytes only where it is another.
    if let Some(modified) = article.dates.modified
        && article.dates.published != Some(modified)
    {
        let modified = modified.instant().rfc3339();
        elements.push(Element::new("atom:updated").text(modified));
    }
    elements.extend(podcast::item_elements(channel, article));
    elements
}

/// The one file that RSS has a place for (profile, "enclosure"): the first, but in a podcast what
/// is heard, whatever else comes with it.
fn enclosure<'a>(channel: &Channel, piece: &'a Piece) -> Option<&'a Enclosure> {
    let recording = piece.recording().filter(|_| channel.podcast.is_some());
    recording.or_else(|| piece.enclosures.first())
}

fn item(channel: &Channel, article: &Article, foreign: Vec<Element>) -> Item {
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
        enclosure: enclosure(channel, piece).map(|enclosure| RssEnclosure {
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
        source: source(piece),
        dublin_core_ext: dublin_core(piece),
        itunes_ext: podcast::item(channel, article),
        extensions: element::for_rss(foreign),
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

/// The feed that a republished piece was in first. The specification wants that feed's
/// address, so a piece of which only the page is known has `dc:source` instead.
fn source(piece: &Piece) -> Option<Source> {
    let original = piece.extras.original.as_ref()?;
    original.feed.as_ref().map(|feed| Source {
        url: feed.to_string(),
        title: Some(original.title.to_string()),
    })
}

/// `author` must be an e-mail address (RSS 2.0), and few want theirs in a feed; names go
/// into `dc:creator`.
fn dublin_core(piece: &Piece) -> Option<DublinCoreExtension> {
    let original = piece.extras.original.iter();
    let extension = DublinCoreExtension {
        creators: piece
            .authors
            .iter()
            .map(|author| author.name.to_string())
            .collect(),
        languages: piece.language.iter().map(ToString::to_string).collect(),
        sources: original.map(|original| original.url.to_string()).collect(),
        ..DublinCoreExtension::default()
    };
    (extension != DublinCoreExtension::default()).then_some(extension)
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
