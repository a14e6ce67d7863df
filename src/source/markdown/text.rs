//! The title and the summary that a text has in itself.
//!
//! The Markdown parser tells where things are: what looks like a mark in code is none.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd, html};

use crate::source::{Content, Draft};

/// Ends the summary (Hugo, Zola, Jekyll's `excerpt_separator`, WordPress).
const MORE: [&str; 2] = ["<!-- more -->", "<!--more-->"];

/// The body, with what stands before the mark as summary where there is no other, and the
/// first heading as title where there is no other.
pub(super) fn add(draft: &mut Draft, mut body: String) {
    if draft.title.is_none()
        && let Some((title, end)) = heading(&body)
    {
        draft.title = Some(title);
        body.replace_range(..end, "");
    }
    if let Some(mark) = more(&body) {
        if draft.summary.is_none() && !body[..mark.start].trim().is_empty() {
            draft.summary = Some(Content::Markdown(before(&body, mark.start)));
        }
        body.replace_range(mark, "");
    }
    if draft.content.is_none() && !body.trim().is_empty() {
        draft.content = Some(Content::Markdown(body));
    }
}

/// A heading of the first level (`# Title`) at the very beginning, as HTML, and where it ends.
fn heading(body: &str) -> Option<(String, usize)> {
    if !body.trim_start().starts_with("# ") {
        return None;
    }
    let mut events = Parser::new_ext(body, Content::MARKDOWN).into_offset_iter();
    let (first, place) = events.next()?;
    let Event::Start(Tag::Heading { level, .. }) = first else {
        return None;
    };
    let inside = events
        .map(|(event, _)| event)
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let mut title = String::new();
    html::push_html(&mut title, inside);
    let is_title = level == HeadingLevel::H1 && !title.trim().is_empty();
    is_title.then_some((title, place.end))
}

/// Where the mark is that ends the summary.
fn more(body: &str) -> Option<Range<usize>> {
    if !MORE.iter().any(|mark| body.contains(mark)) {
        return None;
    }
    let events = Parser::new_ext(body, Content::MARKDOWN).into_offset_iter();
    events
        .filter(|(event, _)| matches!(event, Event::Html(_) | Event::InlineHtml(_)))
        .find_map(|(_, place)| {
            let html = body.get(place.clone())?;
            let (at, mark) = MORE
                .iter()
                .filter_map(|mark| html.find(mark).map(|at| (at, mark)))
                .min()?;
            let start = place.start + at;
            Some(start..start + mark.len())
        })
}

/// What stands before `end`, with the addresses that its links name and are given behind it,
/// and without footnotes, which a summary has no foot for.
fn before(body: &str, end: usize) -> String {
    let mut out = String::new();
    let parser = Parser::new_ext(body, Content::MARKDOWN);
    let mut named: Vec<Range<usize>> = parser
        .reference_definitions()
        .iter()
        .map(|(_, definition)| definition.span.clone())
        .filter(|place| place.start >= end)
        .collect();
    named.sort_by_key(|place| place.start);
    for place in named {
        out.push_str(body.get(place).unwrap_or_default().trim());
        out.push('\n');
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let mut from = 0;
    for (event, place) in parser.into_offset_iter() {
        let is_note = matches!(
            event,
            Event::FootnoteReference(_) | Event::Start(Tag::FootnoteDefinition(_))
        );
        if is_note && place.start >= from && place.start < end {
            out.push_str(&body[from..place.start]);
            from = place.end.min(end);
        }
    }
    out.push_str(&body[from..end]);
    out
}
