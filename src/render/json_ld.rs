//! The articles of a feed as structured data for a page (schema.org, JSON-LD 1.1).

use serde::Serialize;

use super::{Channel, RenderError};
use crate::article::{AbsoluteUrl, Article, Moment, Person, Piece, Tag, XmlText};

#[derive(Serialize)]
struct Blog<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "@id")]
    id: &'a str,
    name: &'a str,
    description: &'a str,
    url: &'a str,
    #[serde(rename = "inLanguage")]
    language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<&'a str>,
    #[serde(rename = "blogPost")]
    posts: Vec<Post<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Post<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "@id")]
    id: &'a str,
    url: &'a str,
    headline: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_modified: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    author: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    article_section: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_language: Option<&'a str>,
}

#[derive(Serialize)]
struct Author<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

/// Writes a `Blog` of these articles. It can be put between `<script>` tags as it is: no `<`
/// stands in it.
///
/// # Errors
/// [`RenderError::Writer`] when the JSON writer fails.
pub fn render(channel: &Channel, articles: &[Article]) -> Result<Vec<u8>, RenderError> {
    let blog = Blog {
        context: "https://schema.org",
        kind: "Blog",
        id: &channel.id,
        name: channel.title.as_str(),
        description: channel.description.as_str(),
        url: channel.home.as_str(),
        language: channel.language.as_str(),
        license: channel.license.as_ref().map(AbsoluteUrl::as_str),
        posts: articles.iter().map(post).collect(),
    };
    let text =
        serde_json::to_string(&blog).map_err(|error| RenderError::Writer(error.to_string()))?;
    // `</script>` and `<!--` would end or bend the element around it. A `<` can stand in
    // texts alone, where this is the same character.
    Ok((text.replace('<', "\\u003c") + "\n").into_bytes())
}

fn post(article: &Article) -> Post<'_> {
    let piece: &Piece = &article.piece;
    Post {
        kind: "BlogPosting",
        id: piece.url.as_str(),
        url: piece.url.as_str(),
        headline: piece.title.as_str(),
        description: piece.summary.as_ref().map(XmlText::as_str),
        image: piece.image.as_ref().map(AbsoluteUrl::as_str),
        date_published: article.dates.published.map(Moment::w3c),
        date_modified: article.dates.modified.map(Moment::w3c),
        author: piece.authors.iter().map(author).collect(),
        keywords: piece.tags.iter().map(Tag::as_str).collect(),
        article_section: piece.section.as_ref().map(Tag::as_str),
        in_language: piece
            .language
            .as_ref()
            .map(crate::article::Language::as_str),
    }
}

fn author(person: &Person) -> Author<'_> {
    Author {
        kind: "Person",
        name: person.name.as_str(),
        url: person.url.as_ref().map(AbsoluteUrl::as_str),
    }
}
