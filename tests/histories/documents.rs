//! When a document changed.

use serde_json::json;

use crate::site::*;

/// What a document says changed: with `after` in place of the catalogue of three.
fn times(after: &[serde_json::Value], feeds: &str) -> (Option<i64>, Option<i64>) {
    let site = Site::new(&articles(3));
    let first = site.refresh(START);
    site.write(after);
    site.configure(feeds);
    let second = site.refresh(START + DAY);
    assert_eq!(
        changed(&first, "/rss.xml"),
        Some(1_777_593_600),
        "2026-05-01"
    );
    (
        changed(&second, "/rss.xml"),
        changed(&second, "/sitemap.xml"),
    )
}

#[test]
fn a_rebuild_moves_nothing() {
    let site = Site::new(&articles(3));
    let first = site.refresh(START);
    for day in 1..5 {
        assert_eq!(
            validators(&site.refresh(START + day * DAY)),
            validators(&first)
        );
    }
}

#[test]
fn a_deletion_an_addition_and_a_draft_move_it_forward() {
    let now = Some(START + DAY);
    assert_eq!(times(&articles(2), FEEDS), (now, now));
    assert_eq!(times(&articles(4), FEEDS), (now, now));
    let mut draft = articles(3);
    draft[1]["draft"] = true.into();
    assert_eq!(times(&draft, FEEDS), (now, now));
}

#[test]
fn a_new_title_of_the_site_moves_the_feeds_alone() {
    let (feed, sitemap) = times(&articles(3), &FEEDS.replace("\"A\"", "\"B\""));
    assert_eq!((feed, sitemap), (Some(START + DAY), Some(1_777_593_600)));
}

#[test]
fn what_a_feed_says_of_itself_moves_with_its_articles_alone() {
    let built = |edition| {
        let feed = text(&edition, "/rss.xml");
        let (_, rest) = feed.split_once("<lastBuildDate>").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    let site = Site::new(&articles(3));
    let first = built(site.refresh(START));
    assert_eq!(first, "Fri, 01 May 2026 00:00:00 GMT");
    site.configure(&FEEDS.replace("\"A\"", "\"B\""));
    assert_eq!(built(site.refresh(START + DAY)), first);
    site.write(&articles(2));
    assert_eq!(
        built(site.refresh(START + 2 * DAY)),
        "Wed, 03 Jun 2026 00:00:00 GMT"
    );
}

#[test]
fn a_tag_that_vanishes_and_comes_back_does_not_go_back() {
    let tagged = |tag: &str| {
        let mut all = articles(3);
        all[0]["tags"] = json!([tag]);
        all
    };
    let site = Site::new(&tagged("x"));
    let first = changed(&site.refresh(START), "/tags/x/rss.xml");
    site.write(&tagged("y"));
    site.refresh(START + DAY);
    // With the same bytes it is the same document; with others it is newer.
    site.write(&tagged("x"));
    assert_eq!(
        changed(&site.refresh(START + 2 * DAY), "/tags/x/rss.xml"),
        first
    );
    site.write(&tagged("y"));
    site.refresh(START + 3 * DAY);
    let mut more = tagged("x");
    more[1]["tags"] = json!(["x"]);
    site.write(&more);
    assert_eq!(
        changed(&site.refresh(START + 4 * DAY), "/tags/x/rss.xml"),
        Some(START + 4 * DAY)
    );
}

#[test]
fn one_word_in_one_article_moves_that_article_and_what_it_stands_in() {
    let mut all = articles(30);
    for (i, one) in all.iter_mut().enumerate() {
        one["tags"] = json!([if i % 10 == 0 { "low" } else { "high" }]);
    }
    let site = Site::new(&all);
    let before = site.refresh(START);
    all[10]["content_html"] = "<p>Everything about n10.</p>".into();
    site.write(&all);
    let after = site.refresh(START + DAY);
    let moved: Vec<String> = validators(&before)
        .into_iter()
        .zip(validators(&after))
        .filter(|(before, after)| before != after)
        .map(|(_, (path, ..))| path)
        .collect();
    // The newest twenty of the site do not have it; its tag's feed and the sitemap do.
    assert_eq!(
        moved,
        [
            "/sitemap.xml",
            "/sitemap.xml.gz",
            "/tags/low/atom.xml",
            "/tags/low/feed.json",
            "/tags/low/rss.xml"
        ]
    );
    for i in 0..30 {
        let slug = format!("n{i}");
        let expected = if i == 10 {
            "2026-06-02T00:00:00Z"
        } else {
            "2026-05-01"
        };
        assert_eq!(site.modified(&slug).unwrap(), expected, "{slug}");
    }
}
