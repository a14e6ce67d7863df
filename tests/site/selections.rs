//! Which articles a feed is about.

use serde_json::{Value, json};

use dateline::render::DocumentKind;

use crate::workshop::{DAY, Workshop, article, document, paths, text, with};

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

#[test]
fn a9_17_a_tag_that_vanishes_is_gone_until_it_comes_back() {
    let site = Workshop::new("[[feed]]\neach = \"tag\"\n");
    let tagged = with(article("a", 1), json!({"tags": ["t"]}));
    let made = site.at(DAY, &[tagged.clone(), article("b", 2)]);
    let path = "/tags/t/atom.xml";
    let first = document(&made, path).changed;
    let made = site.at(DAY + 10, &[article("a", 1), article("b", 2)]);
    assert_eq!(document(&made, path).kind, DocumentKind::Gone);
    assert_eq!(
        made.made
            .edition
            .readable()
            .filter(|d| d.path == path)
            .count(),
        0
    );
    // It stays so, also after a restart, and what comes back the same is the same.
    let made = site.at(DAY + 20, &[article("a", 1), article("b", 2)]);
    assert_eq!(document(&made, path).kind, DocumentKind::Gone);
    let made = site.at(DAY + 30, &[tagged, article("b", 2)]);
    assert_eq!(document(&made, path).kind, DocumentKind::Atom);
    assert_eq!(document(&made, path).changed, first);
}

#[test]
fn past_its_budget_a_feed_carries_the_oldest_as_summaries() {
    let long = |slug: &str, day| {
        with(
            article(slug, day),
            json!({"content_html": "<p>word </p>".repeat(500)}),
        )
    };
    let articles = [long("a", 1), long("b", 2), long("c", 3)];
    let content = |keys: &str| {
        let site = Workshop::new(&format!("[[feed]]\nname = \"all\"\n{keys}"));
        let made = site.at(DAY, &articles);
        let feed: Value = serde_json::from_str(&text(&made, "/feed.json")).unwrap();
        let items = feed["items"].as_array().unwrap().clone();
        let full = items
            .iter()
            .filter(|item| item["content_html"].is_string())
            .count();
        assert_eq!(items.len(), 3);
        assert!(
            items[..full]
                .iter()
                .all(|item| item["content_html"].is_string())
        );
        (full, text(&made, "/rss.xml").len())
    };
    assert_eq!(content("").0, 3);
    let (full, length) = content("max_bytes = 16000\n");
    assert_eq!(full, 2);
    assert!(length <= 16_000, "{length}");
    assert_eq!(content("max_bytes = 1000\n").0, 0, "no article is left out");
}

#[test]
fn a_feed_says_of_itself_what_it_is_told() {
    let site = Workshop::new(
        "[[feed]]\nname = \"all\"\ntitle = \"T\"\ndescription = \"D\"\nlanguage = \"de\"\nimage = \"i.png\"\n",
    );
    let made = site.at(DAY, &catalogue());
    let image = "<image><url>https://a.example/i.png</url><title>T</title>\
                 <link>https://a.example/</link></image>";
    let rss = text(&made, "/rss.xml");
    assert!(
        rss.contains(image) && rss.contains("<language>de</language>"),
        "{rss}"
    );
    let atom = text(&made, "/atom.xml");
    assert!(
        atom.contains("<logo>https://a.example/i.png</logo>"),
        "{atom}"
    );
    let json: Value = serde_json::from_str(&text(&made, "/feed.json")).unwrap();
    assert_eq!(
        (&json["icon"], &json["language"]),
        (&json!("https://a.example/i.png"), &json!("de"))
    );
}
