//! A few plain words in place of a summary.

use crate::article::{
    Article, Html, Piece, XmlText,
    markup::{self, Mark},
};

/// How long an excerpt may be, in characters.
const LENGTH: usize = 300;

/// What says in plain text what an article is about: its summary, or else the beginning of
/// its text; `None` if it has neither.
pub(super) fn description(piece: &Piece) -> Option<String> {
    match (&piece.summary, &piece.content) {
        (Some(summary), _) => Some(summary.as_str().to_owned()),
        (None, Some(content)) => excerpt(content),
        (None, None) => None,
    }
}

/// The same article without its text: what it is about stands for it.
#[must_use]
pub fn summarised(article: &Article) -> Article {
    let mut article = article.clone();
    let summary = description(&article.piece);
    article.piece.summary = summary.as_deref().map(XmlText::from);
    article.piece.content = None;
    article
}

/// The first words of a text, cut at a word.
fn excerpt(content: &Html) -> Option<String> {
    let mut text = String::new();
    let mut length = 0;
    markup::walk(content.as_str(), |mark| match mark {
        Mark::Text(run) if length <= 4 * LENGTH => {
            length += run.chars().count();
            text.push_str(run);
        }
        Mark::Start(tag) if !markup::is_inline(&tag.name) => text.push(' '),
        Mark::End(name) if !markup::is_inline(name) => text.push(' '),
        _ => {}
    });
    // Markup is text in which `&#16` can hide what XML forbids.
    let (text, _) = XmlText::clean(&text);
    let mut out = String::new();
    for word in text.as_str().split_whitespace() {
        if out.chars().count() + 1 + word.chars().count() > LENGTH {
            if out.is_empty() {
                out.extend(word.chars().take(LENGTH));
            }
            out.push('…');
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    (!out.is_empty()).then_some(out)
}

/// Plain text as HTML, for fields that readers take for HTML.
pub(super) fn as_html(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> Option<String> {
        excerpt(&Html::from_sanitised(XmlText::from(html)))
    }

    #[test]
    fn an_excerpt_ends_at_a_word_and_blocks_divide_words() {
        assert_eq!(
            of("<p>One <b>t</b>wo</p><p>three &amp; four</p>").unwrap(),
            "One two three & four"
        );
        let long = of(&format!("<p>{}</p>", "word ".repeat(100))).unwrap();
        assert!(
            long.ends_with("word…") && long.chars().count() <= LENGTH + 1,
            "{long}"
        );
        let endless = of(&"x".repeat(1_000)).unwrap();
        assert_eq!(endless.chars().count(), LENGTH + 1);
        assert_eq!(of("<p> </p>"), None);
    }
}
