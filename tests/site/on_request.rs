//! Documents that are made when they are first asked for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use dateline::{article::Timestamp, refresh::Refreshed};

use crate::workshop::{DAY, Workshop, article, at, with};

/// What is served at each path below `/tags/`: its entity tag with its links to other formats,
/// its date and its bytes.
type Served = BTreeMap<String, (String, Option<Timestamp>, Vec<u8>)>;

fn site() -> Workshop {
    Workshop::new("[[feed]]\neach = \"tag\"\nlimit = 2\nformats = [\"rss\", \"json\"]\n")
}

/// Articles `0..count`, of which each has the tag of its number, one of three, and `more`.
fn tagged(count: u32, more: &[&str]) -> Vec<Value> {
    (0..count)
        .map(|number| {
            let mut tags = vec![format!("t{number}"), format!("third {}", number % 3)];
            tags.extend(more.iter().map(|tag| (*tag).to_owned()));
            let article = article(&format!("a{number}"), 1 + number % 9);
            with(article, json!({ "tags": tags }))
        })
        .collect()
}

fn served(site: &Workshop, refreshed: &Refreshed) -> Served {
    let refresher = site.refresher();
    let edition = &refreshed.made.edition;
    let ahead = edition.readable().cloned();
    let later = edition.deferred.iter().map(|deferred| {
        let made = refresher.make_deferred(deferred).unwrap();
        assert_eq!(made.changed, deferred.changed);
        made
    });
    ahead
        .chain(later)
        .filter(|document| document.path.starts_with("/tags/"))
        .map(|document| {
            let body = document.body.plain().to_vec();
            let etag = format!("{} {:?}", document.etag, document.sisters);
            (document.path, (etag, document.changed, body))
        })
        .collect()
}

#[test]
fn few_values_have_their_feeds_made_ahead_and_many_have_not() {
    let few = site().at(DAY, &tagged(90, &[]));
    assert!(few.made.edition.deferred.is_empty());
    let many = site().at(DAY, &tagged(110, &[]));
    assert_eq!(many.made.edition.deferred.len(), 113 * 2);
}

#[test]
fn what_is_made_later_is_what_would_have_been_made_ahead() {
    let few = tagged(90, &[]);
    let ahead = served(&site(), &site().at(DAY, &few));
    // The same articles, and twenty more with tags of their own.
    let site = site();
    let mut many = few;
    many.extend((0..20).map(|number| {
        let tags = json!({ "tags": [format!("other {number}")] });
        with(article(&format!("b{number}"), 9), tags)
    }));
    let made = site.at(DAY, &many);
    assert!(made.made.edition.deferred.len() > 100);
    let later = served(&site, &made);
    for (path, document) in &ahead {
        assert_eq!(&later[path], document, "{path}");
    }
}

#[test]
fn a_date_moves_when_an_article_in_it_does_and_not_else() {
    let site = site();
    let first = served(&site, &site.at(DAY, &tagged(110, &[])));
    let again = served(&site, &site.at(DAY + 60, &tagged(110, &[])));
    assert_eq!(again, first, "nothing has changed");
    let mut changed = tagged(110, &[]);
    changed[109]["content_html"] = json!("<p>another text</p>");
    let second = served(&site, &site.at(DAY + 120, &changed));
    let moved: Vec<&String> = second
        .iter()
        .filter(|(path, document)| first.get(*path) != Some(document))
        .map(|(path, _)| path)
        .collect();
    for path in &moved {
        assert_eq!(second[*path].1, Some(at(DAY + 120)), "{path}");
    }
    // Its own tag; the one that it shares has two newer articles.
    assert_eq!(moved, ["/tags/t109/feed.json", "/tags/t109/rss.xml"]);
}

#[test]
fn a_feed_that_was_made_ahead_keeps_its_validators_when_it_no_longer_is() {
    let site = site();
    let ahead = served(&site, &site.at(DAY, &tagged(90, &[])));
    let many = tagged(110, &[]);
    let made = site.at(DAY + 60, &many);
    let later = served(&site, &made);
    let path = "/tags/t5/rss.xml";
    assert_eq!(later[path], ahead[path]);
    let back = site.at(DAY + 120, &tagged(90, &[]));
    assert_eq!(served(&site, &back)[path], ahead[path]);
}

#[test]
fn a_tag_that_vanishes_is_gone_though_its_feed_was_never_made() {
    let site = site();
    site.at(DAY, &tagged(111, &[]));
    let after = site.at(DAY + 60, &tagged(110, &[]));
    let gone = after.made.edition.documents.iter();
    let gone = gone.filter(|document| document.path.starts_with("/tags/t110/"));
    assert_eq!(gone.count(), 2);
}
