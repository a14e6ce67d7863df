//! The excerpts of `docs/documents.md` are of what the program makes: a reader can rely on them.

use std::{collections::BTreeSet, fs, path::Path};

use dateline::{
    article::AbsoluteUrl,
    render::{DocumentKind, links},
};
use serde_json::Value;

use crate::workshop::{DAY, Workshop, document};

/// Noon of the day that the guide names.
const NOW: i64 = DAY + 43_200;

/// The text of the guide from its chapter of excerpts on.
fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/documents.md");
    let guide = fs::read_to_string(path).unwrap();
    let (_, excerpts) = guide.split_once("\n## Excerpts\n").unwrap();
    excerpts.to_owned()
}

/// What stands between the fences behind the first "```kind".
fn block<'a>(text: &'a str, kind: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("```{kind}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

fn inked(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Where an excerpt leaves its document, if it does: its parts must stand in it in order.
fn departs(excerpt: &str, document: &str) -> Option<String> {
    let whole = inked(document);
    let mut rest = whole.as_str();
    for part in excerpt.split('…').map(inked) {
        match rest.split_once(&part) {
            Some((_, after)) => rest = after,
            None => return Some(part),
        }
    }
    None
}

#[test]
fn every_kind_of_document_has_an_excerpt_and_each_is_true() {
    let guide = guide();
    let articles: Vec<Value> = serde_json::from_str(block(&guide, "json")).unwrap();
    let made = Workshop::of(block(&guide, "toml")).at(NOW, &articles);
    let mut shown = BTreeSet::new();
    for chapter in guide.split("\n### ").skip(1) {
        let (heading, text) = chapter.split_once('\n').unwrap();
        let name = heading.trim_matches('`');
        let (_, fenced) = text.split_once("```").unwrap();
        let excerpt = fenced
            .split_once('\n')
            .unwrap()
            .1
            .split_once("```")
            .unwrap()
            .0;
        let whole = match name {
            "dateline links" => {
                let license = AbsoluteUrl::parse("https://a.example/license.xml");
                links::tags(&made.made.feeds, license.ok().as_ref())
            }
            _ if heading.ends_with("past 50,000 addresses") => {
                shown.insert(DocumentKind::SitemapIndex.name());
                include_str!("../golden/sitemap-index.xml").to_owned()
            }
            path => {
                let document = document(&made, path);
                shown.insert(document.kind.name());
                String::from_utf8(document.body.plain().to_vec()).unwrap()
            }
        };
        if let Some(part) = departs(excerpt, &whole) {
            panic!("docs/documents.md, {heading}: {part}\nis not, or not there, in\n{whole}");
        }
    }
    // The one is the other packed, and the other nothing but a word.
    shown.extend([DocumentKind::SitemapGzip.name(), DocumentKind::Gone.name()]);
    for kind in DocumentKind::ALL {
        assert!(
            shown.contains(kind.name()),
            "docs/documents.md has no excerpt of a document of the kind {}",
            kind.name()
        );
    }
}

#[test]
fn an_excerpt_that_is_not_true_is_noticed() {
    assert_eq!(departs("<a>… <b>\n  x</b>", "<a><c/><b>x</b></a>"), None);
    assert!(departs("<a>y", "<a>x</a>").is_some());
    assert!(
        departs("<b>…<a>", "<a><b>x</b></a>").is_some(),
        "in another order"
    );
}
