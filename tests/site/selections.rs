//! Which articles a feed is about.

use serde_json::{Value, json};

use crate::workshop::{DAY, Workshop, article, paths, text, with};

fn catalogue() -> Vec<Value> {
    vec![
        with(
            article("a", 1),
            json!({"tags": ["Rust", "web"], "section": "News", "language": "de"}),
        ),
        with(
            article("b", 2),
            json!({"tags": ["rust"], "authors": ["Ada"], "language": "en"}),
        ),
        with(
            article("c", 3),
            json!({"tags": ["C++"], "section": "news", "updated": "2026-06-08"}),
        ),
        article("d", 4),
    ]
}

/// The titles in the JSON feed of `keys`.
fn titles(keys: &str) -> String {
    let site = Workshop::new(&format!("[[feed]]\nname = \"all\"\n{keys}\n"));
    let made = site.at(DAY, &catalogue());
    let feed: Value = serde_json::from_str(&text(&made, "/feed.json")).unwrap();
    let items = feed["items"].as_array().unwrap().iter();
    let titles: Vec<_> = items.map(|item| item["title"].as_str().unwrap()).collect();
    titles.join(" ")
}

#[test]
fn a_feed_is_about_what_it_selects() {
    for (keys, expected) in [
        ("", "d c b a"),
        ("tags = \"rust\"", "b a"),
        ("tags = [\"RUST\", \"c++\"]", "c b a"),
        ("tags = \"rust\"\nsections = \"news\"", "a"),
        ("authors = [\"Ada\"]", "b"),
        ("languages = \"de\"", "a"),
        ("languages = \"en\"", "d c b"),
        ("exclude = { tags = [\"rust\"] }", "d c"),
        ("exclude = { languages = \"en\", tags = \"none\" }", "a"),
        ("since = 2026-06-03", "d c"),
        ("since = \"2026-06-03T00:00:01Z\"", "d"),
        ("order = \"oldest\"\nlimit = 2", "a b"),
        ("order = \"updated\"", "c d b a"),
        ("tags = \"nothing has this\"", ""),
    ] {
        assert_eq!(titles(keys), expected, "{keys}");
    }
}

#[test]
fn an_empty_selection_is_a_valid_feed() {
    let site = Workshop::new("[[feed]]\nname = \"none\"\ntags = \"x\"\n");
    let made = site.at(DAY, &catalogue());
    for format in ["rss.xml", "atom.xml", "feed.json"] {
        let text = text(&made, &format!("/feeds/none/{format}"));
        assert!(
            feed_rs::parser::parse(text.as_bytes())
                .unwrap()
                .entries
                .is_empty()
        );
    }
}

#[test]
fn each_makes_one_feed_per_value_of_what_is_selected() {
    let site = Workshop::new("[[feed]]\neach = \"tag\"\nlanguages = \"en\"\nformats = \"json\"\n");
    let made = site.at(DAY, &catalogue());
    let tags: Vec<_> = paths(&made)
        .into_iter()
        .filter(|path| path.starts_with("/tags/"))
        .collect();
    assert_eq!(
        tags.len(),
        2,
        "not web, which only a German article has: {tags:?}"
    );
    let rust: Value = serde_json::from_str(&text(&made, "/tags/rust/feed.json")).unwrap();
    assert_eq!(rust["items"].as_array().unwrap().len(), 1);
}
