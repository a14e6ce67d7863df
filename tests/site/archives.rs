//! The history of a feed (RFC 5005).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use dateline::{edition::Document, refresh::Refresher};

use crate::workshop::{DAY, Workshop, article, at, text, with};

const HOUR: i64 = 3_600;

fn site() -> Workshop {
    Workshop::new("[[feed]]\nname = \"all\"\nlimit = 3\narchive = true\n")
}

fn articles(days: std::ops::RangeInclusive<u32>) -> Vec<Value> {
    days.map(|day| article(&format!("a{day:02}"), day))
        .collect()
}

/// Every finished page, made as a reader would have it made.
fn pages(site: &Workshop, now: i64, articles: &[Value]) -> (String, BTreeMap<String, Document>) {
    let made = site.at(now, articles);
    let refresher: Refresher = site.refresher();
    let pages = made.made.edition.deferred.iter().map(|deferred| {
        let document = refresher.make_deferred(deferred).unwrap();
        assert_eq!(document.changed, deferred.changed);
        assert!(document.finished);
        (document.path.clone(), document)
    });
    (text(&made, "/feed.json"), pages.collect())
}

fn titles(feed: &str) -> Vec<String> {
    let feed: Value = serde_json::from_str(feed).unwrap();
    let items = feed["items"].as_array().unwrap().iter();
    items
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

fn body(document: &Document) -> String {
    String::from_utf8(document.body.plain().to_vec()).unwrap()
}

/// The titles in `/archive/N/feed.json`.
fn page(pages: &BTreeMap<String, Document>, number: u32) -> Vec<String> {
    titles(&body(&pages[&format!("/archive/{number}/feed.json")]))
}

#[test]
fn a3_1_a_feed_that_has_all_there_is_says_so_and_has_no_pages() {
    let made = site().at(DAY, &articles(1..=5));
    for format in ["/rss.xml", "/atom.xml"] {
        let feed = text(&made, format);
        assert!(feed.contains("<fh:complete"), "{feed}");
        assert!(!feed.contains("prev-archive"), "{feed}");
    }
    assert!(!text(&made, "/feed.json").contains("next_url"));
    assert!(made.made.edition.deferred.is_empty());
    let without = Workshop::new("").at(DAY, &articles(1..=5));
    assert!(
        !text(&without, "/rss.xml").contains("fh:"),
        "only on request"
    );
}

#[test]
fn a3_3_a_page_is_marked_and_names_the_feed_and_the_page_before() {
    let (_, pages) = pages(&site(), DAY, &articles(1..=9));
    for (format, name) in [("rss.xml", "atom:link"), ("atom.xml", "link")] {
        let second = body(&pages[&format!("/archive/2/{format}")]);
        assert!(second.contains("<fh:archive"), "{second}");
        for (rel, url) in [("current", ""), ("prev-archive", "archive/1/")] {
            let url = format!("https://a.example/{url}{format}");
            let start = format!("<{name} ");
            let links = second.split(&start).skip(1);
            let found = links.filter(|link| {
                let link = link.split('>').next().unwrap();
                link.contains(&format!("rel=\"{rel}\"")) && link.contains(&url)
            });
            assert_eq!(found.count(), 1, "{rel} {url} in {second}");
        }
        let first = body(&pages[&format!("/archive/1/{format}")]);
        assert!(!first.contains("prev-archive") && !first.contains("next-archive"));
    }
}

#[test]
fn a3_4_the_feed_leads_to_the_newest_page_and_so_on_to_the_oldest() {
    let (feed, pages) = pages(&site(), DAY, &articles(1..=9));
    let (mut feed, mut seen) = (feed, Vec::new());
    loop {
        seen.extend(titles(&feed));
        let next: Value = serde_json::from_str(&feed).unwrap();
        let Some(next) = next["next_url"].as_str() else {
            break;
        };
        let path = next.strip_prefix("https://a.example").unwrap();
        feed = body(&pages[path]);
    }
    let mut all: Vec<String> = (1..=9).map(|day| format!("a{day:02}")).collect();
    all.reverse();
    assert_eq!(seen, all, "each once, newest first");
}

#[test]
fn a5_7_the_next_page_is_never_one_that_was_there_before() {
    let (feed, pages) = pages(&site(), DAY, &articles(1..=9));
    let (mut feed, mut seen) = (feed, Vec::new());
    loop {
        let document: Value = serde_json::from_str(&feed).unwrap();
        seen.push(document["feed_url"].as_str().unwrap().to_owned());
        let Some(next) = document["next_url"].as_str() else {
            break;
        };
        assert!(!seen.iter().any(|one| one == next), "{next} after {seen:?}");
        feed = body(&pages[next.strip_prefix("https://a.example").unwrap()]);
    }
    assert_eq!(seen.len(), 3, "the feed and two pages: {seen:?}");
}

#[test]
fn a3_5_a_finished_page_keeps_its_bytes_and_its_date_whatever_comes() {
    let site = site();
    let (_, first) = pages(&site, DAY, &articles(1..=9));
    assert_eq!(first.len(), 6, "two pages in three formats");
    let mut more = articles(1..=9);
    more.extend((10..=14).map(|day| article(&format!("a{day}"), 9)));
    // Changed, moved to another place in the order, and new in the past.
    more[1]["content_html"] = json!("<p>another text</p>");
    more[2]["published"] = json!("2026-06-09T01:00:00Z");
    more.push(article("late", 1));
    let (feed, second) = pages(&site, DAY + HOUR, &more);
    for (path, document) in &first {
        let now = &second[path];
        assert_eq!(body(now), body(document), "{path}");
        assert_eq!((&now.etag, now.changed), (&document.etag, document.changed));
    }
    assert!(second.len() > first.len());
    let mut current = titles(&feed);
    let last = u32::try_from(second.len()).unwrap() / 3;
    current.extend((3..=last).flat_map(|number| page(&second, number)));
    for again in ["a02", "a03", "late"] {
        let found = current.iter().filter(|title| *title == again).count();
        assert_eq!(found, 1, "{again} as it is now, in {current:?}");
    }
    assert_eq!(page(&second, 1), ["a03", "a02", "a01"], "as they were");
}

#[test]
fn a3_6_every_article_as_it_is_now_is_in_one_place() {
    let site = site();
    let mut catalogue = Vec::new();
    for day in 1..=9 {
        catalogue.push(article(&format!("a{day:02}"), day));
        if day > 2 {
            let changed = usize::try_from(day).unwrap() / 2;
            catalogue[changed]["content_html"] = json!(format!("<p>changed on day {day}</p>"));
        }
        let now = DAY + i64::from(day) * HOUR;
        let (feed, pages) = pages(&site, now, &catalogue);
        let all = pages
            .iter()
            .filter(|(path, _)| path.ends_with("feed.json"))
            .map(|(_, document)| body(document))
            .chain([feed]);
        let items: Vec<Value> = all
            .flat_map(|feed| {
                let feed: Value = serde_json::from_str(&feed).unwrap();
                feed["items"].as_array().unwrap().clone()
            })
            .collect();
        for article in &catalogue {
            let same = items.iter().filter(|item| {
                item["title"] == article["title"] && item["content_html"] == article["content_html"]
            });
            assert_eq!(same.count(), 1, "{article} on day {day}");
        }
    }
}

#[test]
fn what_its_author_took_back_is_in_no_page() {
    let site = site();
    let (_, first) = pages(&site, DAY, &articles(1..=9));
    let mut fewer = articles(1..=9);
    fewer.remove(1);
    let (_, second) = pages(&site, DAY + HOUR, &fewer);
    assert_eq!(page(&first, 1), ["a03", "a02", "a01"]);
    assert_eq!(page(&second, 1), ["a03", "a01"]);
    let path = "/archive/1/rss.xml";
    assert_eq!(second[path].changed, Some(at(DAY + HOUR)));
    let other = "/archive/2/rss.xml";
    assert_eq!(second[other].changed, first[other].changed);
    // And back again, as it was.
    let (_, third) = pages(&site, DAY + 2 * HOUR, &articles(1..=9));
    assert_eq!(page(&third, 1), ["a03", "a02", "a01"]);
}

#[test]
fn each_value_has_a_history_of_its_own() {
    let site = Workshop::new("[[feed]]\neach = \"tag\"\nlimit = 2\narchive = true\n");
    let tagged: Vec<Value> = articles(1..=8)
        .into_iter()
        .map(|article| with(article, json!({ "tags": ["Rust"] })))
        .collect();
    let made = site.at(DAY, &tagged);
    let refresher = site.refresher();
    let path = "/tags/rust/archive/1/atom.xml";
    let mut deferred = made.made.edition.deferred.iter();
    let first = deferred.find(|deferred| deferred.path == path).unwrap();
    let first = refresher.make_deferred(first).unwrap();
    let first = body(&first);
    assert!(
        first.contains("https://a.example/tags/rust/atom.xml"),
        "{first}"
    );
    assert!(first.contains("<title>a01</title>"), "{first}");
}

#[test]
fn the_pages_of_an_archive_are_promised_and_not_made() {
    let site = Workshop::new("[[feed]]\nname = \"all\"\nlimit = 50\narchive = true\n");
    let many: Vec<Value> = (0..2_000)
        .map(|number| {
            let article = article(&format!("a{number:06}"), 1 + number % 9);
            with(article, json!({ "id": format!("{number}") }))
        })
        .collect();
    let made = site.at(DAY, &many);
    assert_eq!(made.made.edition.deferred.len(), 39 * 3);
    let bytes: usize = made
        .made
        .edition
        .documents
        .iter()
        .map(|document| document.body.length())
        .sum();
    assert!(bytes < 1_000_000, "{bytes}");
}
