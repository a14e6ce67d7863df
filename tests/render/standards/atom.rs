//! Atom, RFC 4287.

use std::collections::BTreeSet;

use dateline::{
    article::{Article, ArticleId, Moment},
    render::{
        Channel, DocumentKind,
        FeedFormat::{Atom, Json, Rss},
    },
};

use super::feeds;
use crate::{
    catalogue::{at, channel, dated, plain, render, rich, text, undated, url},
    tree::{self, Element},
};

#[test]
fn a2_1_every_entry_has_an_author_through_the_feed() {
    let nobody = Channel {
        author: None,
        ..channel(Atom)
    };
    let feed = String::from_utf8(render(Atom, &nobody, &[plain("a", "A")])).unwrap();
    assert!(
        feed.contains("<author><name>Backend &amp; Architecture</name></author>"),
        "{feed}"
    );
}

#[test]
fn a2_2_an_article_without_any_date_is_left_out_of_atom_alone() {
    for (format, entries) in [(Rss, 1), (Atom, 0), (Json, 1)] {
        let feed = text(format, &[undated()]);
        assert_eq!(
            feed.matches("No date at all").count().min(1),
            entries,
            "{feed}"
        );
    }
}

#[test]
fn a2_10_content_is_escaped_html_and_never_raw() {
    let feed = text(Atom, &[rich()]);
    assert!(
        feed.contains("<content type=\"html\" ") || feed.contains("type=\"html\">&lt;p&gt;Full")
    );
    assert!(!feed.contains("xhtml"));
}

#[test]
fn a2_1_a_feed_has_one_id_one_title_and_one_date() {
    for feed in feeds(Atom) {
        let root = tree::parse(&feed);
        assert_eq!(root.attribute("xmlns"), "http://www.w3.org/2005/Atom");
        for name in ["id", "title", "updated"] {
            assert!(!root.one(name).text.is_empty());
        }
    }
}

#[test]
fn a2_2_an_entry_has_one_id_one_title_and_one_date_and_little_twice() {
    for_each_entry(|entry| {
        for name in ["id", "title", "updated"] {
            assert!(!entry.one(name).text.is_empty());
        }
        for name in ["published", "content", "summary", "rights", "source"] {
            assert!(entry.all(name).count() <= 1, "{name}");
        }
    });
}

/// Every entry of every kind of feed.
fn for_each_entry(mut each: impl FnMut(&Element)) {
    let mut entries = 0;
    for feed in feeds(Atom) {
        for entry in tree::parse(&feed).all("entry") {
            each(entry);
            entries += 1;
        }
    }
    assert!(entries >= 3);
}

#[test]
fn a2_3_an_id_is_an_absolute_iri_character_by_character() {
    let mut article = plain("a", "A");
    let id = "http://a.example/Ä?x=1&y=%7e#f";
    article.id = ArticleId::from_name(id, &article.piece.url, None).unwrap();
    let root = tree::parse(&render(Atom, &channel(Atom), &[article.clone()]));
    assert_eq!(root.one("entry").one("id").text, id);
    // Neither title, nor address, nor date is in it once it is given.
    article.piece.title = "B".into();
    article.piece.url = url("moved/");
    let root = tree::parse(&render(Atom, &channel(Atom), &[article]));
    assert_eq!(root.one("entry").one("id").text, id);
    for_each_entry(|entry| assert!(::url::Url::parse(&entry.one("id").text).is_ok()));
}

#[test]
fn a2_4_an_entry_links_to_its_page_and_has_its_text_within() {
    for_each_entry(|entry| {
        let links = |relation: &str| {
            entry
                .all("link")
                .filter(|link| link.attribute("rel") == relation)
                .count()
        };
        assert_eq!(links("alternate"), 1);
        for content in entry.all("content") {
            assert_eq!(
                (content.attribute("src"), content.attribute("type")),
                ("", "html")
            );
        }
    });
}

#[test]
fn a2_5_no_two_alternates_are_of_one_type_and_language() {
    let check = |element: &Element| {
        let alternates = element
            .all("link")
            .filter(|link| link.attribute("rel") == "alternate");
        let mut seen = BTreeSet::new();
        for link in alternates {
            assert!(seen.insert((link.attribute("type"), link.attribute("hreflang"))));
        }
    };
    for feed in feeds(Atom) {
        check(&tree::parse(&feed));
    }
    for_each_entry(check);
}

#[test]
fn a2_6_the_feed_names_its_own_address() {
    for feed in feeds(Atom) {
        let root = tree::parse(&feed);
        let own: Vec<&Element> = root
            .all("link")
            .filter(|link| link.attribute("rel") == "self")
            .collect();
        assert_eq!(own.len(), 1);
        assert_eq!(own[0].attribute("href"), url("atom.xml").as_str());
    }
}

#[test]
fn a2_7_dates_are_rfc_3339_with_upper_case_letters_and_a_zone() {
    for feed in feeds(Atom) {
        tree::parse(&feed).walk(&mut |element| {
            if matches!(element.name.as_str(), "updated" | "published") {
                let date = &element.text;
                let parsed = chrono::DateTime::parse_from_rfc3339(date).unwrap();
                assert_eq!(date.as_bytes()[10], b'T', "{date}");
                assert_eq!(parsed.to_rfc3339(), *date);
            }
        });
    }
}

#[test]
fn a2_8_dates_are_those_of_changes_and_of_nothing_else() {
    let feed = |channel: &Channel| tree::parse(&render(Atom, channel, &[rich()]));
    let root = feed(&channel(Atom));
    assert_eq!(
        root.one("updated").text,
        at(1_781_100_000).to_chrono().to_rfc3339()
    );
    let entry = root.one("entry");
    let dates = rich().dates;
    let shown = |moment: Option<dateline::article::Moment>| {
        moment.unwrap().instant().to_chrono().to_rfc3339()
    };
    assert_eq!(entry.one("updated").text, shown(dates.modified));
    assert_eq!(entry.one("published").text, shown(dates.published));
    // Of a feed that nothing is known of, it is no date that anyone takes for news.
    let unknown = Channel {
        updated: None,
        ..channel(Atom)
    };
    assert_eq!(
        feed(&unknown).one("updated").text,
        "1970-01-01T00:00:00+00:00"
    );
}

#[test]
fn a2_9_no_id_stands_twice_in_a_feed() {
    for feed in feeds(Atom) {
        let root = tree::parse(&feed);
        let ids: BTreeSet<&str> = root
            .all("entry")
            .map(|entry| entry.one("id").text.as_str())
            .collect();
        assert_eq!(ids.len(), root.all("entry").count());
    }
}

#[test]
fn a2_11_persons_have_names_categories_terms_and_links_addresses() {
    for feed in feeds(Atom) {
        tree::parse(&feed).walk(&mut |element| match element.name.as_str() {
            "author" => {
                assert!(!element.one("name").text.is_empty());
                assert!(element.all("uri").count() <= 1 && element.all("email").count() <= 1);
            }
            "category" => assert!(!element.attribute("term").is_empty()),
            "link" => assert!(element.attribute("href").starts_with("https://")),
            _ => {}
        });
    }
}

#[test]
fn a2_13_what_the_order_of_entries_says_their_dates_say_too() {
    let published = |slug: &str, seconds| {
        let moment = Some(Moment::at(at(seconds)));
        let mut article = plain(slug, slug);
        article.dates = dated(moment, moment);
        article
    };
    let newest_first = [
        published("c", 300),
        published("b", 200),
        published("a", 100),
    ];
    let mut shuffled = newest_first.clone();
    shuffled.rotate_left(1);
    // A reader that orders entries by their own dates comes to one order, however they stood.
    let by_date = |articles: &[Article]| -> Vec<String> {
        let root = tree::parse(&render(Atom, &channel(Atom), articles));
        let mut entries: Vec<(String, String)> = root
            .all("entry")
            .map(|entry| {
                let date = entry.one("published").text.clone();
                (date, entry.one("title").text.clone())
            })
            .collect();
        entries.sort_by(|a, b| b.cmp(a));
        entries.into_iter().map(|(_, title)| title).collect()
    };
    assert_eq!(by_date(&newest_first), ["c", "b", "a"]);
    assert_eq!(by_date(&shuffled), ["c", "b", "a"]);
}

#[test]
fn a2_14_each_format_has_the_type_that_readers_know() {
    assert_eq!(DocumentKind::Atom.essence(), "application/atom+xml");
    assert_eq!(DocumentKind::Rss.essence(), "application/rss+xml");
}
