//! What the whole program wrote of 1,000 random catalogues, feed-rs reads back: the same ids,
//! titles, dates, links, enclosures and texts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use dateline::{article::markup, render::FeedFormat};
use feed_rs::model::Entry;
use serde_json::{Value, json};

use crate::workshop::{DAY, Workshop, text};

const CATALOGUES: u64 = 1_000;
/// Catalogues that are read at once, each as a section with feeds of its own.
const PART: u64 = 100;

const WORDS: [&str; 20] = [
    "R&D",
    "]]>",
    "“quoted”",
    "\"plain\"",
    "l'été",
    "мир",
    "数据库",
    "مرحبا",
    "🦀",
    "a\u{301}",
    "&c.",
    "100%",
    "#1",
    "—",
    "<b>",
    "C++",
    "x=1;",
    "\u{200F}",
    "ß",
    "//",
];

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let index = self.below(u64::try_from(of.len()).unwrap());
        of[usize::try_from(index).unwrap()]
    }

    fn words(&mut self, most: u64) -> String {
        let count = 1 + self.below(most);
        let words: Vec<&str> = (0..count).map(|_| self.one(&WORDS)).collect();
        words.join(" ")
    }
}

/// What a reader must find in an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    /// `None` where the program named the article.
    id: Option<String>,
    title: String,
    published: i64,
    updated: i64,
    text: String,
    files: BTreeSet<(String, String, u64)>,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn date(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// An article for a catalogue, its address, and what is to be read back of it.
fn article(dice: &mut Dice, catalogue: u64, number: u64) -> (Value, String, Seen) {
    let published = i64::try_from(dice.below(35 * 31_536_000)).unwrap() + 631_152_000;
    let changed = dice.below(2) == 0;
    let later = i64::try_from(dice.below(31_536_000)).unwrap();
    let updated = published + if changed { later } else { 0 };
    let (title, words) = (dice.words(8), dice.words(40));
    let tail = dice.one(&["", "?a=1&b=2", "%C3%A9/", "a%20b/"]);
    let url = format!("https://a.example/{catalogue}/{number}/{tail}");
    let files: BTreeSet<_> = (0..dice.one(&[0, 0, 1, 2]))
        .map(|file| {
            let url = format!("https://files.example/{number}-{file}?x=1&y=2");
            let media_type = dice.one(&["audio/mpeg", "video/mp4", "application/pdf"]);
            (url, media_type.to_owned(), 1 + dice.below(1 << 33))
        })
        .collect();
    let mut made = json!({
        "url": url,
        "title": escaped(&title),
        "section": format!("c{catalogue}"),
        "published": date(published).to_rfc3339(),
        "updated": date(updated).to_rfc2822(),
        "content_html": format!("<p>{number} <em>{}</em></p>", escaped(&words)),
        "enclosures": files.iter().map(|(url, media_type, length)| {
            json!({ "url": url, "type": media_type, "length": length })
        }).collect::<Vec<_>>(),
    });
    let id = (dice.below(2) == 0).then(|| format!("urn:x:{catalogue}:{number}"));
    if let Some(id) = &id {
        made["id"] = json!(id);
    }
    let text = format!("{number} {words}");
    let seen = Seen {
        id,
        title,
        published,
        updated,
        text,
        files,
    };
    (made, url, seen)
}

fn words_of(html: &str) -> String {
    let mut text = String::new();
    markup::walk(html, |mark| {
        if let markup::Mark::Text(part) = mark {
            text.push_str(part);
        }
    });
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What feed-rs finds in an entry, and its address.
fn read(format: FeedFormat, entry: &Entry) -> (String, Seen) {
    let mut files: BTreeSet<(String, String, u64)> = BTreeSet::new();
    // Only files have a length.
    for link in entry.links.iter().filter(|link| link.length.is_some()) {
        let media_type = link.media_type.clone().unwrap();
        files.insert((link.href.clone(), media_type, link.length.unwrap()));
    }
    for file in entry.media.iter().flat_map(|media| &media.content) {
        let media_type = file.content_type.as_ref().unwrap().to_string();
        files.insert((
            file.url.as_ref().unwrap().to_string(),
            media_type,
            file.size.unwrap(),
        ));
    }
    let content = entry.content.as_ref().unwrap();
    let published = entry.published.unwrap().timestamp();
    // feed-rs does not read `atom:updated` in RSS.
    let updated = entry.updated.filter(|_| format != FeedFormat::Rss);
    let seen = Seen {
        id: Some(entry.id.clone()),
        title: entry.title.as_ref().unwrap().content.clone(),
        published,
        updated: updated.map_or(published, |date| date.timestamp()),
        text: words_of(content.body.as_ref().unwrap()),
        files,
    };
    let link = entry.links.iter().find(|link| link.length.is_none());
    (link.unwrap().href.clone(), seen)
}

/// What differs between what was read and what was written.
fn differences(format: FeedFormat, feed: &str, wanted: &BTreeMap<String, Seen>) -> Vec<String> {
    let feed = feed_rs::parser::parse(feed.as_bytes()).unwrap();
    let found: BTreeMap<String, Seen> = feed
        .entries
        .iter()
        .map(|entry| read(format, entry))
        .collect();
    let mut differences = Vec::new();
    if !found.keys().eq(wanted.keys()) {
        differences.push(format!("{:?} for {:?}", found.keys(), wanted.keys()));
    }
    for (url, wanted) in wanted {
        let Some(found) = found.get(url) else {
            continue;
        };
        let mut wanted = wanted.clone();
        wanted.id = wanted.id.or_else(|| found.id.clone());
        if format == FeedFormat::Rss {
            wanted.updated = found.updated;
        }
        if *found != wanted {
            differences.push(format!("{format:?}: {found:?}\nfor {wanted:?}"));
        }
    }
    differences
}

fn catalogue(number: u64) -> (Vec<Value>, BTreeMap<String, Seen>) {
    let mut dice = Dice(number);
    let count = 1 + dice.below(20);
    let (mut articles, mut wanted) = (Vec::new(), BTreeMap::new());
    for article_number in 0..count {
        let (made, url, seen) = article(&mut dice, number, article_number);
        articles.push(made);
        wanted.insert(url, seen);
    }
    (articles, wanted)
}

#[test]
fn feed_rs_reads_back_what_the_catalogue_says() {
    for first in (0..CATALOGUES).step_by(usize::try_from(PART).unwrap()) {
        let site = Workshop::new("[[feed]]\neach = \"section\"\nlimit = 100\n");
        let catalogues: Vec<_> = (first..first + PART)
            .map(|number| (number, catalogue(number)))
            .collect();
        let articles: Vec<Value> = catalogues
            .iter()
            .flat_map(|(_, (articles, _))| articles.clone())
            .collect();
        let made = site.at(DAY, &articles);
        for (number, (_, wanted)) in &catalogues {
            for format in FeedFormat::ALL {
                let feed = text(
                    &made,
                    &format!("/sections/c{number}/{}", format.file_name()),
                );
                let found = differences(format, &feed, wanted);
                assert!(found.is_empty(), "catalogue {number}: {}", found.join("\n"));
            }
        }
    }
}

#[test]
fn a_feed_that_says_otherwise_is_noticed() {
    let site = Workshop::new("[[feed]]\neach = \"section\"\nlimit = 100\n");
    let (articles, wanted) = catalogue(7);
    let made = site.at(DAY, &articles);
    for (format, before, after) in [
        (FeedFormat::Rss, " GMT</pubDate>", " +0001</pubDate>"),
        (FeedFormat::Rss, "<title>", "<title>x"),
        (FeedFormat::Atom, "<id>urn:x:7", "<id>urn:x:8"),
        (FeedFormat::Atom, "files.example", "elsewhere.example"),
        (
            FeedFormat::Json,
            "https://a.example/7/1/",
            "https://a.example/7/x/",
        ),
        (FeedFormat::Json, "<em>", "<em>x"),
    ] {
        let feed = text(&made, &format!("/sections/c7/{}", format.file_name()));
        assert!(feed.contains(before), "{before} is not in {feed}");
        assert!(differences(format, &feed, &wanted).is_empty());
        let other = feed.replace(before, after);
        assert!(
            !differences(format, &other, &wanted).is_empty(),
            "{before} → {after}"
        );
    }
}
