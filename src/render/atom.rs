//! Atom, RFC 4287.

use atom_syndication::{
    Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person as AtomPerson, Text,
    WriteConfig,
};

use super::{
    Channel, ContentMode, DocumentKind, History, RenderError,
    element::{self, Element, HISTORY, MEDIA},
    media,
};
use crate::article::{Article, Moment, Person, Piece, Timestamp, XmlText};

/// The writer's own declaration names no encoding.
const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// Writes a feed as Atom, newest article first as given.
///
/// An entry must have `updated` (section 4.1.2), and no date may be invented, so an article
/// of which no date is known is left out. A feed without any date says 1970.
///
/// # Errors
/// [`RenderError::Writer`] when the XML writer fails.
pub fn render(channel: &Channel, articles: &[Article]) -> Result<Vec<u8>, RenderError> {
    let pictures: Vec<Vec<Element>> = articles
        .iter()
        .map(|article| media::elements(&article.piece, std::iter::empty()))
        .collect();
    let mark: Vec<Element> = channel.history.iter().filter_map(History::mark).collect();
    let all = mark.iter().chain(pictures.iter().flatten());
    let namespaces = element::namespaces(all, &[MEDIA, HISTORY]);
    let feed = Feed {
        title: Text::plain(channel.title.to_string()),
        id: channel.id.clone(),
        updated: date(channel.updated.unwrap_or(Timestamp::MIN)),
        authors: vec![feed_author(channel)],
        generator: Some(Generator {
            value: "Dateline".to_owned(),
            ..Generator::default()
        }),
        links: links(channel),
        logo: channel.image.as_ref().map(ToString::to_string),
        subtitle: Some(Text::plain(channel.description.to_string())),
        entries: articles
            .iter()
            .zip(pictures)
            .filter_map(|(article, pictures)| entry(channel, article, pictures))
            .collect(),
        extensions: element::for_atom(mark),
        namespaces,
        lang: Some(channel.language.to_string()),
        ..Feed::default()
    };
    let config = WriteConfig {
        write_document_declaration: false,
        indent_size: None,
    };
    feed.write_with_config(DECLARATION.to_vec(), config)
        .map_err(|error| RenderError::Writer(error.to_string()))
}

/// Entries without an author take the feed's, and one must be there (section 4.1.1): the
/// site's, or else the site under its own name.
fn feed_author(channel: &Channel) -> AtomPerson {
    match &channel.author {
        Some(author) => person(author),
        None => AtomPerson {
            name: channel.title.to_string(),
            ..AtomPerson::default()
        },
    }
}

fn links(channel: &Channel) -> Vec<Link> {
    let link = |rel: &str, href: &str, media_type: &str| Link {
        href: href.to_owned(),
        rel: rel.to_owned(),
        mime_type: Some(media_type.to_owned()),
        ..Link::default()
    };
    let own = link(
        "self",
        channel.self_url.as_str(),
        DocumentKind::Atom.essence(),
    );
    let home = link("alternate", channel.home.as_str(), "text/html");
    let sisters = channel
        .sisters
        .iter()
        .map(|(kind, url)| link("alternate", url.as_str(), kind.essence()));
    let history = channel.history.iter().flat_map(History::links);
    let history = history.map(|(rel, url)| link(rel, url.as_str(), DocumentKind::Atom.essence()));
    // RFC 4946; the type says that it is one in RSL 1.0.
    let license = channel.license.iter();
    let license = license.map(|url| link("license", url.as_str(), DocumentKind::Rsl.essence()));
    [own, home]
        .into_iter()
        .chain(sisters)
        .chain(history)
        .chain(license)
        .collect()
}

fn entry(channel: &Channel, article: &Article, pictures: Vec<Element>) -> Option<Entry> {
    let piece = &article.piece;
    let updated = article.dates.modified.or(article.dates.published)?;
    let content = piece
        .content
        .as_ref()
        .filter(|_| channel.content == ContentMode::Full);
    let alternate = Link {
        href: piece.url.to_string(),
        rel: "alternate".to_owned(),
        mime_type: Some("text/html".to_owned()),
        ..Link::default()
    };
    let enclosures = piece.enclosures.iter().map(|enclosure| Link {
        href: enclosure.url.to_string(),
        rel: "enclosure".to_owned(),
        mime_type: Some(enclosure.media_type.to_string()),
        length: enclosure.length.map(|length| length.to_string()),
        ..Link::default()
    });
    let text = |text: &XmlText| Text {
        lang: piece.language.as_ref().map(ToString::to_string),
        ..Text::plain(text.to_string())
    };
    let original = piece.extras.original.as_ref();
    let via = original.map(|original| Link {
        href: original.url.to_string(),
        rel: "via".to_owned(),
        mime_type: Some("text/html".to_owned()),
        title: Some(original.title.to_string()),
        ..Link::default()
    });
    let foreign = pictures.into_iter().chain(source(piece)).collect();
    Some(Entry {
        title: text(&piece.title),
        id: article
            .adopted
            .atom
            .as_deref()
            .unwrap_or(article.id.as_str())
            .to_owned(),
        updated: date(updated.instant()),
        authors: piece.authors.iter().map(person).collect(),
        categories: channel
            .categories(piece)
            .map(|(term, scheme)| Category {
                term: term.to_string(),
                scheme: scheme.map(str::to_owned),
                ..Category::default()
            })
            .collect(),
        links: std::iter::once(alternate)
            .chain(enclosures)
            .chain(via)
            .collect(),
        extensions: element::for_atom(foreign),
        published: article.dates.published.map(Moment::instant).map(date),
        summary: piece.summary.as_ref().map(text),
        // `html`, never `xhtml`: that would be written raw, and one open tag breaks the feed.
        content: content.map(|html| Content {
            value: Some(html.as_str().to_owned()),
            content_type: Some("html".to_owned()),
            lang: piece.language.as_ref().map(ToString::to_string),
            ..Content::default()
        }),
        ..Entry::default()
    })
}

/// The feed that a republished piece was in first (section 4.2.11). Not by the writer's own
/// element, which cannot be without a date, and that feed's is not known here.
fn source(piece: &Piece) -> Option<Element> {
    let original = piece.extras.original.as_ref()?;
    let feed = original.feed.as_ref()?;
    let link = Element::new("link")
        .attribute("rel", "self")
        .attribute("href", feed);
    Some(
        Element::new("source")
            .child(Element::new("id").text(feed))
            .child(Element::new("title").text(&original.title))
            .child(link),
    )
}

fn person(person: &Person) -> AtomPerson {
    AtomPerson {
        name: person.name.to_string(),
        email: person.email.as_ref().map(ToString::to_string),
        uri: person.url.as_ref().map(ToString::to_string),
        ..AtomPerson::default()
    }
}

fn date(instant: Timestamp) -> FixedDateTime {
    instant.to_chrono().fixed_offset()
}
