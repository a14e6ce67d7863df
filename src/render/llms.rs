//! `llms.txt` and articles in Markdown, for programs that read as people do (llmstxt.org).

use htmd::HtmlToMarkdown;

use super::{FeedListing, RenderError};
use crate::article::{AbsoluteUrl, Article, Html, Person, XmlText};

/// An article in the list, and where it is to be had in Markdown, if anywhere.
pub type Entry<'a> = (&'a Article, Option<AbsoluteUrl>);

/// Writes `llms.txt`: one heading, what the site is about and where it is, then lists of
/// links. What stands under "Optional" may be skipped.
#[must_use]
pub fn render(
    title: &XmlText,
    description: &XmlText,
    home: &AbsoluteUrl,
    articles: &[Entry<'_>],
    feeds: &[FeedListing],
) -> Vec<u8> {
    // The parser of llmstxt.org finds the summary only where a text follows it.
    let mut text = format!(
        "# {}\n\n> {}\n\nThe site is at <{home}>.\n",
        inline(title),
        inline(description)
    );
    if !articles.is_empty() {
        text.push_str("\n## Articles\n\n");
    }
    for (article, markdown) in articles {
        let piece = &article.piece;
        let url = markdown.as_ref().unwrap_or(&piece.url);
        text.push_str(&format!("- [{}]({})", inline(&piece.title), target(url)));
        if let Some(summary) = &piece.summary {
            text.push_str(&format!(": {}", inline(summary)));
        }
        text.push('\n');
    }
    let mut links = feeds
        .iter()
        .filter_map(|feed| Some((feed, feed.formats.first()?)))
        .peekable();
    if links.peek().is_some() {
        text.push_str("\n## Optional\n\n");
    }
    for (feed, (_, url)) in links {
        text.push_str(&format!(
            "- [{}]({}): feed\n",
            inline(&feed.title),
            target(url)
        ));
    }
    text.into_bytes()
}

/// Writes an article with its text in Markdown, behind what is known of it.
///
/// # Errors
/// [`RenderError::Writer`] when its text cannot be turned into Markdown.
pub fn render_article(article: &Article, content: &Html) -> Result<Vec<u8>, RenderError> {
    let piece = &article.piece;
    let body = HtmlToMarkdown::new()
        .convert(&with_code(content.as_str()))
        .map_err(|error| RenderError::Writer(error.to_string()))?;
    let mut text = format!("# {}\n\n", inline(&piece.title));
    let authors: Vec<String> = piece.authors.iter().map(name).collect();
    if !authors.is_empty() {
        text.push_str(&format!("By {}\n\n", authors.join(", ")));
    }
    if let Some(published) = article.dates.published {
        text.push_str(&format!("Published {}", published.w3c()));
        if let Some(modified) = article.dates.modified.filter(|m| *m != published) {
            text.push_str(&format!(", updated {}", modified.w3c()));
        }
        text.push_str("\n\n");
    }
    text.push_str(&format!("<{}>\n\n{}\n", piece.url, body.trim()));
    Ok(text.into_bytes())
}

/// The same HTML with `<code>` in each `<pre>`: what turns it into Markdown takes any other for
/// a paragraph, and its lines run together.
fn with_code(html: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(html.len()), html);
    while let Some((before, tag)) = rest.split_once("<pre") {
        let (tag, after) = tag.split_at(tag.find('>').map_or(tag.len(), |end| end + 1));
        let (inside, end) = after.split_at(after.find("</pre>").unwrap_or(after.len()));
        out.extend([before, "<pre", tag]);
        if inside.contains("<code") {
            out.push_str(inside);
        } else {
            out.extend(["<code>", inside, "</code>"]);
        }
        rest = end;
    }
    out + rest
}

fn name(person: &Person) -> String {
    inline(&person.name)
}

/// A line of text in which nothing is markup. Square brackets are references: the parser that
/// llmstxt.org offers ends a name at the first one, escaped or not, and fails at the rest.
fn inline(text: &XmlText) -> String {
    let mut out = String::with_capacity(text.as_str().len());
    for c in text.as_str().chars() {
        match c {
            '[' => out.push_str("&#91;"),
            ']' => out.push_str("&#93;"),
            '\\' | '<' | '>' | '`' | '*' | '_' | '#' | '&' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// An address between brackets: a round one in it would end it.
fn target(url: &AbsoluteUrl) -> String {
    url.as_str().replace('(', "%28").replace(')', "%29")
}
