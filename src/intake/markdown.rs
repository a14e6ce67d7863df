//! Markdown and plain text → HTML, which is then sanitised like any other.

use pulldown_cmark::{Parser, html};

use crate::source::Content;

/// CommonMark with tables, footnotes and strikethrough; raw HTML is passed through.
pub fn from_markdown(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, Parser::new_ext(markdown, Content::MARKDOWN));
    out
}

/// Plain text: blank lines separate paragraphs, other line breaks are kept.
pub fn from_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    let mut in_paragraph = false;
    for line in text.lines().map(str::trim) {
        match (line.is_empty(), in_paragraph) {
            (true, false) => continue,
            (true, true) => out.push_str("</p>\n"),
            (false, false) => out.push_str("<p>"),
            (false, true) => out.push_str("<br>\n"),
        }
        in_paragraph = !line.is_empty();
        escape(line, &mut out);
    }
    if in_paragraph {
        out.push_str("</p>\n");
    }
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_paragraphs() {
        assert_eq!(
            from_text("\n a <b> & c\r\nd\n\n\n e\n"),
            "<p>a &lt;b&gt; &amp; c<br>\nd</p>\n<p>e</p>\n"
        );
        assert_eq!(from_text(" \n"), "");
    }
}
