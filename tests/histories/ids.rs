//! An id is given once and kept.

use dateline::dates::What;

use crate::site::*;

#[test]
fn a_new_title_and_a_new_text_keep_the_id() {
    let site = Site::new(&[article("a")]);
    site.refresh(START);
    let id = site.id("a");
    let mut edited = article("a");
    edited["title"] = "Another title".into();
    edited["content_html"] = "<p>Another text.</p>".into();
    site.write(&[edited]);
    site.refresh(START + DAY);
    assert_eq!(site.id("a"), id);
}

#[test]
fn a_new_slug_of_an_article_that_the_origin_names_is_a_move() {
    let mut named = article("a");
    named["id"] = "42".into();
    let site = Site::new(&[named.clone()]);
    site.refresh(START);
    let id = site.id("a");
    named["slug"] = "b".into();
    site.write(&[named]);
    site.refresh(START + DAY);
    assert_eq!(site.id("b"), id);
    assert_eq!(
        site.events("b"),
        [What::FirstPublished, What::Moved, What::Observed]
    );
}

#[test]
fn a_new_slug_of_an_article_without_a_name_is_a_move_where_its_words_are_the_same() {
    let site = Site::new(&[article("a"), article("other")]);
    site.refresh(START);
    let id = site.id("a");
    let mut moved = article("a");
    moved["slug"] = "b".into();
    site.write(&[article("other"), moved]);
    let refreshed = site
        .try_refresh(START + DAY, dateline::refresh::Purpose::Publish)
        .unwrap();
    assert_eq!(site.id("b"), id);
    assert_eq!((refreshed.intake.new, refreshed.removed.len()), (0, 0));
    assert_eq!(
        site.events("b"),
        [What::FirstPublished, What::Moved, What::Observed]
    );
}

#[test]
fn a_new_pattern_of_addresses_moves_every_article_and_makes_none_new() {
    let site = Site::new(&articles(9));
    site.refresh(START);
    let ids: Vec<String> = (0..9).map(|i| site.id(&format!("n{i}"))).collect();
    site.configure(&FEEDS.replace("posts/{slug}/", "{year}/{slug}"));
    site.refresh(START + DAY);
    for (i, id) in ids.iter().enumerate() {
        let url = format!("https://a.example/2026/n{i}");
        assert_eq!(site.article_at(&url).id.as_str(), id);
    }
}

#[test]
fn a_new_host_keeps_every_id() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    let id = site.id("n1");
    site.configure(&FEEDS.replace("a.example", "b.example"));
    let edition = site.refresh(START + DAY);
    assert_eq!(
        site.article_at("https://b.example/posts/n1/").id.as_str(),
        id
    );
    assert!(text(&edition, "/rss.xml").contains(&format!("<guid isPermaLink=\"false\">{id}<")));
}

#[test]
fn a_copy_is_another_article() {
    let site = Site::new(&[article("a")]);
    site.refresh(START);
    let id = site.id("a");
    let mut copy = article("a");
    copy["slug"] = "copy".into();
    // Before the original in the order of the origin, too.
    site.write(&[copy, article("a")]);
    site.refresh(START + DAY);
    assert_eq!(site.id("a"), id);
    assert_ne!(site.id("copy"), id);
}

#[test]
fn what_could_be_either_of_two_is_neither() {
    let same = |slug: &str| {
        let mut one = article(slug);
        one["title"] = "The same".into();
        one["content_html"] = "<p>The same.</p>".into();
        one
    };
    let site = Site::new(&[same("a"), same("b"), article("c")]);
    site.refresh(START);
    let ids = [site.id("a"), site.id("b")];
    site.write(&[same("x"), same("y"), article("c")]);
    site.refresh(START + DAY);
    for slug in ["x", "y"] {
        assert!(!ids.contains(&site.id(slug)));
    }
}

#[test]
fn an_article_that_comes_back_is_the_one_that_went() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    let id = site.id("n0");
    let mut less = articles(3);
    less.remove(0);
    site.write(&less);
    site.refresh(START + DAY);
    site.write(&articles(3));
    site.refresh(START + 2 * DAY);
    assert_eq!(site.id("n0"), id);
    assert_eq!(site.modified("n0").unwrap(), "2026-05-01");
    assert_eq!(
        site.events("n0"),
        [What::FirstPublished, What::Removed, What::Returned]
    );
}

#[test]
fn an_address_may_be_the_id_and_stays_it_when_the_address_changes() {
    let site = Site::new(&[article("a")]);
    site.configure(&FEEDS.replace("title = \"A\"", "title = \"A\"\nids = \"url\""));
    let edition = site.refresh(START);
    assert!(text(&edition, "/rss.xml").contains("<guid>https://a.example/posts/a/</guid>"));
    let mut moved = article("a");
    moved["slug"] = "b".into();
    site.write(&[moved]);
    let edition = site.refresh(START + DAY);
    let guid = "<guid isPermaLink=\"false\">https://a.example/posts/a/</guid>";
    assert!(text(&edition, "/rss.xml").contains(guid));
}

#[test]
fn a_new_article_at_a_former_address_gets_an_id_of_its_own() {
    for feeds in [
        FEEDS.to_owned(),
        FEEDS.replace("title = \"A\"", "title = \"A\"\nids = \"url\""),
    ] {
        let site = Site::new(&[article("a"), article("z")]);
        site.configure(&feeds);
        site.refresh(START);
        let id = site.id("a");
        let mut moved = article("a");
        moved["slug"] = "b".into();
        site.write(&[moved.clone(), article("z")]);
        site.refresh(START + DAY);
        let mut other = article("a");
        other["title"] = "Another one".into();
        for all in [vec![other.clone(), moved.clone()], vec![moved, other]] {
            site.write(&[&all[..], &[article("z")]].concat());
            site.refresh(START + 2 * DAY);
            assert_eq!(site.id("b"), id);
            assert_eq!(site.id("a"), format!("{id}#2"));
        }
        assert_eq!(site.modified("b").unwrap(), "2026-06-02T00:00:00Z");
    }
}

#[test]
fn a_slug_that_is_used_again_later_is_another_article() {
    let site = Site::new(&[article("weekly"), article("z")]);
    site.configure(&FEEDS.replace("posts/{slug}/", "{year}/{month}/{slug}/"));
    site.refresh(START);
    let id = site.article_at("https://a.example/2026/05/weekly/").id;
    site.write(&[article("z")]);
    site.refresh(START + DAY);
    let mut again = article("weekly");
    again["published"] = "2026-06-01".into();
    site.write(&[again, article("z")]);
    site.refresh(START + 2 * DAY);
    assert_ne!(site.article_at("https://a.example/2026/06/weekly/").id, id);
}

#[test]
fn a_title_alone_is_no_likeness() {
    let photo = |slug: &str| {
        let mut one = article(slug);
        one["title"] = "Photo of the day".into();
        one.as_object_mut().unwrap().remove("content_html");
        one
    };
    let site = Site::new(&[photo("a"), article("z")]);
    site.refresh(START);
    let id = site.id("a");
    site.write(&[photo("b"), article("z")]);
    site.refresh(START + DAY);
    assert_ne!(site.id("b"), id);
}

#[test]
fn a_copy_that_kept_the_name_does_not_take_the_place_of_the_original() {
    let mut named = article("a");
    named["id"] = "42".into();
    let site = Site::new(&[named.clone()]);
    site.refresh(START);
    let mut copy = named.clone();
    copy["slug"] = "copy".into();
    site.write(&[copy, named]);
    let refreshed = site
        .try_refresh(START + DAY, dateline::refresh::Purpose::Publish)
        .unwrap();
    assert_eq!(refreshed.intake.rejected.len(), 1);
    assert!(
        refreshed.intake.rejected[0]
            .reason
            .contains("is taken by the article at")
    );
    assert_eq!(site.events("a"), [What::FirstPublished]);
}

#[test]
fn a_name_that_the_origin_gives_later_changes_nothing() {
    let site = Site::new(&[article("a"), article("z")]);
    site.refresh(START);
    let id = site.id("a");
    let mut named = article("a");
    named["id"] = "42".into();
    named["slug"] = "b".into();
    site.write(&[named, article("z")]);
    site.refresh(START + DAY);
    assert_eq!(site.id("b"), id);
}

#[test]
fn a_thousand_alike_that_all_move_are_told_in_good_time() {
    let photos = |prefix: &str| -> Vec<serde_json::Value> {
        (0..1_500)
            .map(|i| {
                let mut one = article(&format!("{prefix}{i}"));
                one["title"] = "Photo".into();
                one["content_html"] = "<p>Photo</p>".into();
                one
            })
            .collect()
    };
    let site = Site::new(&photos("a"));
    site.refresh(START);
    site.write(&photos("b"));
    let outcome = site.try_refresh(START + DAY, dateline::refresh::Purpose::Publish);
    assert!(outcome.is_err(), "new ids under the same titles are held");
}
