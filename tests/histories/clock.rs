//! A clock that jumps.

use crate::site::*;

fn edited(word: &str) -> Vec<serde_json::Value> {
    let mut all = articles(3);
    all[0]["content_html"] = format!("<p>Now it says {word}.</p>").into();
    all
}

#[test]
fn a_date_seen_under_a_clock_that_ran_ahead_is_kept_back_until_its_instant() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    site.write(&edited("more"));
    let ahead = START + 400 * DAY;
    site.refresh(ahead);
    // The clock is set right, and the process starts again.
    let right = site.refresh(START + DAY);
    for document in &right.documents {
        let plain = document.body.plain();
        let text = String::from_utf8_lossy(&plain);
        assert!(!text.contains("2027-07"), "{}: {text}", document.path);
        assert!(!text.contains("Jul 2027"), "{}: {text}", document.path);
    }
    assert_eq!(right.next_publication, Some(at(ahead)));
    // When its instant comes, it is shown without anyone's doing.
    let later = site.remake(ahead).edition;
    assert!(text(&later, "/sitemap.xml").contains("<lastmod>2027-07-06T00:00:00Z</lastmod>"));
}

#[test]
fn no_time_of_change_goes_back_whatever_the_clock_does() {
    let site = Site::new(&articles(3));
    let mut last = changed(&site.refresh(START), "/rss.xml");
    let jumps = [30, -30, 1, 400, 2, -1, 3, 500];
    for (i, days) in jumps.into_iter().enumerate() {
        site.write(&edited(&format!("{i}")));
        let now = changed(&site.refresh(START + days * DAY), "/rss.xml");
        assert!(now > last, "{now:?} after {last:?} at day {days}");
        last = now;
    }
}

#[test]
fn an_article_comes_out_at_its_instant_and_not_a_second_before() {
    let mut all = articles(3);
    all[0]["published"] = "2026-06-02T08:00:00Z".into();
    let site = Site::new(&all);
    let first = site.refresh(START);
    let due = START + DAY + 8 * HOUR;
    assert_eq!(first.next_publication, Some(at(due)));
    for path in ["/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml"] {
        assert!(!text(&first, path).contains("posts/n0/"), "{path}");
    }
    assert_eq!(
        validators(&site.remake(due - 1).edition),
        validators(&first)
    );
    let out = site.remake(due).edition;
    for path in ["/rss.xml", "/atom.xml", "/feed.json", "/sitemap.xml"] {
        assert!(text(&out, path).contains("posts/n0/"), "{path}");
        assert_eq!(changed(&out, path), Some(due), "{path}");
    }
    assert_eq!(site.modified("n0").unwrap(), "2026-06-02T08:00:00Z");
}

#[test]
fn an_hour_that_summer_time_skips_or_doubles_has_one_instant() {
    let mut all = articles(3);
    all[0]["published"] = "2027-03-28 02:30".into();
    all[1]["published"] = "2026-10-25 02:30".into();
    let site = Site::new(&all);
    site.configure(&FEEDS.replace(
        "title = \"A\"",
        "title = \"A\"\ntimezone = \"Europe/Berlin\"",
    ));
    let first = site.refresh(START);
    let doubled = 1_792_888_200; // 2026-10-25T00:30:00Z, the first 02:30 of that day
    assert_eq!(first.next_publication, Some(at(doubled)));
    let skipped = 1_806_197_400; // 2027-03-28T01:30:00Z, when clocks show 03:30
    assert_eq!(
        site.remake(doubled).edition.next_publication,
        Some(at(skipped))
    );
}

#[test]
fn the_end_of_32_bit_seconds_is_a_second_like_any_other() {
    let site = Site::new(&articles(3));
    let end = i64::from(i32::MAX);
    site.refresh(end - 1);
    for (i, now) in [end, end + 1, end + 2].into_iter().enumerate() {
        site.write(&edited(&format!("{i}")));
        assert_eq!(changed(&site.refresh(now), "/rss.xml"), Some(now));
    }
    assert_eq!(site.modified("n0").unwrap(), "2038-01-19T03:14:09Z");
}

#[test]
fn a_publication_moved_ahead_by_mistake_and_back_keeps_the_date_of_change() {
    let site = Site::new(&articles(3));
    site.refresh(START);
    site.write(&edited("more"));
    site.refresh(START + DAY);
    let modified = site.modified("n0");
    let mut mistake = edited("more");
    mistake[0]["published"] = "2027-05-01".into();
    site.write(&mistake);
    site.refresh(START + 2 * DAY);
    site.write(&edited("more"));
    site.refresh(START + 3 * DAY);
    assert_eq!(site.modified("n0"), modified);
}

#[test]
fn what_a_restart_serves_first_is_kept_no_longer_than_to_the_next_publication() {
    let mut all = articles(3);
    all[0]["published"] = "2026-06-02T08:00:00Z".into();
    let site = Site::new(&all);
    site.refresh(START);
    let found = site.last_edition(START + HOUR).unwrap();
    assert_eq!(found.next_publication, Some(at(START + DAY + 8 * HOUR)));
}
