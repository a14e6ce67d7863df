//! JSON Feed 1.1.

use serde::Serialize;

use super::{Channel, ContentMode, History, RenderError, excerpt};
use crate::article::{
    AbsoluteUrl, Article, Enclosure, Html, Language, Moment, Person, Piece, Tag, XmlText,
};

#[derive(Serialize)]
struct Feed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<&'a str>,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    language: &'a str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_modified: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    _dateline: Option<Extension>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_seconds: Option<u32>,
}

/// What JSON Feed has no name for; extensions begin with `_` and a letter.
#[derive(Serialize)]
struct Extension {
    reading_minutes: u32,
}

/// Writes a feed as JSON Feed 1.1, newest article first as given.
///
/// # Errors
/// [`RenderError::Writer`] when the JSON writer fails.
pub fn render(channel: &Channel, articles: &[Article]) -> Result<Vec<u8>, RenderError> {
    let feed = Feed {
        version: "https://jsonfeed.org/version/1.1",
        title: channel.title.as_str(),
        home_page_url: channel.home.as_str(),
        feed_url: channel.self_url.as_str(),
        next_url: channel
            .history
            .as_ref()
            .and_then(History::older)
            .map(AbsoluteUrl::as_str),
        description: channel.description.as_str(),
        icon: channel.image.as_ref().map(AbsoluteUrl::as_str),
        authors: channel.author.iter().map(author).collect(),
        language: channel.language.as_str(),
        items: articles
            .iter()
            .map(|article| item(channel, article))
            .collect(),
    };
    let mut bytes =
        serde_json::to_vec(&feed).map_err(|error| RenderError::Writer(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn item<'a>(channel: &Channel, article: &'a Article) -> Item<'a> {
    let piece = &article.piece;
    let content = piece
        .content
        .as_ref()
        .filter(|_| channel.content == ContentMode::Full);
    Item {
        id: article
            .adopted
            .json
            .as_deref()
            .unwrap_or(article.id.as_str()),
        url: piece.url.as_str(),
        external_url: piece.extras.original.as_ref().map(|o| o.url.as_str()),
        title: piece.title.as_str(),
        content_html: content.map(Html::as_str),
        // An item must have a text; where none is to be had, what says what it is about.
        content_text: content.is_none().then(|| {
            excerpt::description(piece).unwrap_or_else(|| piece.title.as_str().to_owned())
        }),
        summary: piece.summary.as_ref().map(XmlText::as_str),
        image: piece.image.as_ref().map(AbsoluteUrl::as_str),
        date_published: article.dates.published.map(date),
        date_modified: article.dates.modified.map(date),
        authors: piece.authors.iter().map(author).collect(),
        tags: piece.tags.iter().map(Tag::as_str).collect(),
        language: piece.language.as_ref().map(Language::as_str),
        attachments: attachments(piece),
        _dateline: piece
            .reading_minutes
            .map(|reading_minutes| Extension { reading_minutes }),
    }
}

fn author(person: &Person) -> Author<'_> {
    let url = person.url.as_ref().map(AbsoluteUrl::as_str);
    Author {
        name: person.name.as_str(),
        url,
    }
}

/// The duration is that of the episode.
fn attachments(piece: &Piece) -> Vec<Attachment<'_>> {
    let episode = piece.extras.episode.as_ref();
    let duration = episode.and_then(|episode| episode.duration);
    let recording = piece.recording().or_else(|| piece.enclosures.first());
    let is_episode = |file: &Enclosure| recording.is_some_and(|one| std::ptr::eq(one, file));
    let files = piece.enclosures.iter();
    files
        .map(|enclosure| Attachment {
            url: enclosure.url.as_str(),
            mime_type: enclosure.media_type.as_str(),
            size_in_bytes: enclosure.length,
            duration_in_seconds: duration.filter(|_| is_episode(enclosure)),
        })
        .collect()
}

fn date(moment: Moment) -> String {
    moment.instant().rfc3339()
}
