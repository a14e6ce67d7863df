//! Markup → one line of plain text, for titles and summaries.

use crate::article::markup::{INLINE, Mark, is_inline, walk};

/// Elements whose content is no text to read.
const SILENT: [&str; 8] = [
    "iframe", "math", "noscript", "script", "style", "svg", "template", "textarea",
];

/// The other elements of HTML, of the past as well; what has another name is no markup. Those
/// that people write as types of a program (`Future<Output>`, `Frame`) are left to them.
const BLOCK: [&str; 81] = [
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "basefont",
    "bgsound",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "col",
    "colgroup",
    "datalist",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "img",
    "input",
    "keygen",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "marquee",
    "menu",
    "meta",
    "nav",
    "noembed",
    "noframes",
    "object",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "picture",
    "plaintext",
    "pre",
    "section",
    "select",
    "source",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
    "video",
    "xmp",
];

/// The text of `markup` with tags dropped and entities decoded, white space as it stands
/// and a space at each boundary of blocks.
///
/// A tag that HTML does not know is text (`Why Vec<T> grows`): titles are often written
/// by people who did not think of markup at all.
pub fn plain(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut silent: Option<String> = None;
    walk(&escape_unknown(markup), |mark| match (mark, &silent) {
        (Mark::Start(tag), None) if SILENT.contains(&&*tag.name) => {
            silent = (!tag.self_closing).then(|| tag.name.to_string());
        }
        (Mark::End(name), Some(open)) if name == open => silent = None,
        (_, Some(_)) => {}
        (Mark::Start(tag), None) => separate(&tag.name, &mut out),
        (Mark::End(name), None) => separate(name, &mut out),
        (Mark::Text(text), None) => out.push_str(text),
    });
    out
}

fn separate(name: &str, out: &mut String) {
    if !is_inline(name) {
        out.push(' ');
    }
}

/// Escapes each `<` that begins no tag of HTML and no comment.
fn escape_unknown(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        let inside = &tail[1..];
        out.push_str(before);
        out.push_str(if begins_tag(inside) { "<" } else { "&lt;" });
        rest = inside;
    }
    out.push_str(rest);
    out
}

fn begins_tag(inside: &str) -> bool {
    const OTHERS: [&str; 4] = ["!--", "![CDATA[", "!DOCTYPE", "?"];
    if OTHERS.iter().any(|other| inside.starts_with(other)) {
        return true;
    }
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let end = name.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    let (name, rest) = name.split_at(end.unwrap_or(name.len()));
    let name = name.to_ascii_lowercase();
    let is = |names: &[&str]| names.contains(&name.as_str());
    if is(&SILENT) {
        return true;
    }
    // `a<b` and `if a<b && c>d` are no tags either: what has attributes has a value somewhere.
    let (attributes, is_closed) = match rest.split_once('>') {
        Some((attributes, _)) => (attributes, true),
        None => (rest, false),
    };
    let bare = attributes.trim_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    let could_be =
        inside.starts_with('/') || attributes.contains('=') || bare.is_empty() && is_closed;
    could_be && (is(&INLINE) || is(&BLOCK))
}

/// The first words of a line of text, for a piece without a title: at most `limit`
/// characters, cut between words where there is one to cut at, with an ellipsis.
pub fn first_words(line: &str, limit: usize) -> String {
    let Some((end, _)) = line.char_indices().nth(limit) else {
        return line.to_owned();
    };
    let head = &line[..end];
    let cut = head.rfind(' ').filter(|at| *at > 0).unwrap_or(end);
    format!(
        "{}…",
        head[..cut].trim_end_matches([' ', ',', ';', ':', '.'])
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::XmlText;
    use proptest::prelude::*;

    fn line(markup: &str) -> String {
        XmlText::line(&plain(markup)).0.into()
    }

    #[test]
    fn markup_goes_and_its_text_stays() {
        let table = [
            ("A <em>b</em>c &amp; &ldquo;d&rdquo;", "A bc & “d”"),
            ("<p>one</p><p>two</p>", "one two"),
            ("one<br>two<br/>three", "one two three"),
            ("a<script>x()</script>b<style>p{}</style>c", "abc"),
            ("a<svg><title>icon</title></svg>b", "ab"),
            ("a<!-- no -->b", "ab"),
            ("a<?php x() ?>b<![CDATA[c]]>d<!DOCTYPE html>e", "abde"),
            (
                "a<noembed>b</noembed> impl Future<Output = T>",
                "a b impl Future<Output = T>",
            ),
            ("<a href='x'>link</a>s", "links"),
            ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"),
            ("a<b", "a<b"),
            ("if a<b && c>d", "if a<b && c>d"),
            ("for i<p and <my-tag>", "for i<p and <my-tag>"),
            ("cut <a href=\"https://x.exam", "cut"),
            ("<BR/>x <b class=y >z</b >", "x z"),
            (
                "Why Vec<T> and Map<K, V> grow",
                "Why Vec<T> and Map<K, V> grow",
            ),
            ("AT&T &unknown; &#x41;", "AT&T &unknown; A"),
            ("a\u{a0}b", "a b"),
            ("a < b", "a < b"),
            ("<", "<"),
            ("&lt;b&gt;", "<b>"),
        ];
        for (markup, expected) in table {
            assert_eq!(line(markup), expected, "{markup}");
        }
    }

    #[test]
    fn the_first_words_end_between_words() {
        assert_eq!(first_words("short", 10), "short");
        assert_eq!(first_words("exactly 10", 10), "exactly 10");
        assert_eq!(first_words("one two, three", 10), "one two…");
        assert_eq!(first_words("unbreakable", 4), "unbr…");
        assert_eq!(first_words("ünbreakable", 2), "ün…");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(raw in any::<String>(), limit in 1..20_usize) {
            let line = line(&raw);
            prop_assert!(first_words(&line, limit).chars().count() <= limit + 1);
        }
    }
}
