//! What looks like an accident is held, and taken when the operator says so.

use dateline::{
    dates::Held,
    refresh::{Purpose, RefreshError},
};
use serde_json::Value;

use crate::site::*;

/// Articles without a text, dated by their origin.
fn bodiless(count: usize, updated: &str) -> Vec<Value> {
    let mut all = articles(count);
    for one in &mut all {
        one.as_object_mut().unwrap().remove("content_html");
        one["updated"] = updated.into();
    }
    all
}

fn held(site: &Site, now: i64) -> Option<Held> {
    match site.try_refresh(now, Purpose::Publish) {
        Ok(_) => None,
        Err(RefreshError::Held(refresh)) => Some(refresh.held),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_date_stamped_on_everything_is_held_and_the_old_dates_stay() {
    let site = Site::new(&bodiless(30, "2026-05-02"));
    let before = site.refresh(START);
    site.write(&bodiless(30, "2026-05-30"));
    let moved = Held::MassTouch {
        moved: 30,
        before: 30,
    };
    assert_eq!(held(&site, START + DAY), Some(moved));
    assert_eq!(site.modified("n7").unwrap(), "2026-05-02");
    // What is served stays, also through a restart and what time does by itself.
    assert_eq!(
        validators(&site.remake(START + 2 * DAY).edition),
        validators(&before)
    );
    // To look is to be told, and changes nothing.
    let looked = site.try_refresh(START + DAY, Purpose::Check).unwrap();
    assert_eq!(looked.held, Some(moved));
    assert_eq!(looked.intake.moved.len(), 30);
    assert_eq!(held(&site, START + DAY), Some(moved));
    let taken = site.try_refresh(START + DAY, Purpose::Accept).unwrap();
    assert_eq!(taken.held, Some(moved));
    assert_eq!(site.modified("n7").unwrap(), "2026-05-30");
    assert_eq!(held(&site, START + 2 * DAY), None);
}

#[test]
fn an_edit_of_everything_in_one_moment_is_held_too() {
    let site = Site::new(&articles(30));
    site.refresh(START);
    let mut edited = articles(30);
    for one in &mut edited {
        one["title"] = "A template got into the titles".into();
    }
    site.write(&edited);
    assert!(matches!(
        held(&site, START + DAY),
        Some(Held::MassTouch { moved: 30, .. })
    ));
}

#[test]
fn a_catalogue_that_shrinks_is_held() {
    let site = Site::new(&articles(20));
    site.refresh(START);
    site.write(&articles(9));
    assert_eq!(
        held(&site, START + DAY),
        Some(Held::Shrink {
            removed: 11,
            before: 20
        })
    );
    site.write(&[]);
    assert!(matches!(
        held(&site, START + DAY),
        Some(Held::Shrink { .. })
    ));
    site.write(&articles(10));
    assert_eq!(held(&site, START + DAY), None);
}

#[test]
fn ids_that_all_change_under_the_same_titles_are_held() {
    let named = |prefix: &str| {
        let mut all = articles(20);
        for (i, one) in all.iter_mut().enumerate() {
            one["id"] = format!("{prefix}{i}").into();
        }
        all
    };
    let site = Site::new(&named("old-"));
    site.refresh(START);
    let id = site.id("n3");
    site.write(&named("new-"));
    assert_eq!(
        held(&site, START + DAY),
        Some(Held::NewIds {
            renamed: 20,
            before: 20
        })
    );
    assert_eq!(site.id("n3"), id);
}

#[test]
fn the_lines_are_the_operators_to_draw() {
    let site = Site::new(&articles(20));
    site.configure(&format!("{FEEDS}\n[dates.guards]\nlost_percent = 90\n"));
    site.refresh(START);
    site.write(&articles(4));
    assert_eq!(held(&site, START + DAY), None);
}

/// A hundred articles with a text, changed by `change`.
fn hundred(change: impl Fn(usize, &mut Value)) -> Vec<Value> {
    let mut all = articles(100);
    for (i, one) in all.iter_mut().enumerate() {
        one["updated"] = "2026-05-02".into();
        change(i, one);
    }
    all
}

#[test]
fn no_way_to_move_everything_without_a_change_passes() {
    let minute = |i: usize| format!("2026-05-20T{:02}:{:02}:00Z", i / 60, i % 60);
    let same = |_: usize, _: &mut Value| {};
    let undated = |_: usize, one: &mut Value| {
        one.as_object_mut().unwrap().remove("updated");
        one.as_object_mut().unwrap().remove("published");
    };
    let trusting = format!("{FEEDS}\n[dates]\ntrust = \"declared\"\n");
    let cases: [(&str, &str, Vec<Value>, Vec<Value>); 5] = [
        (
            "trusted dates",
            &trusting,
            hundred(same),
            hundred(|i, one| one["updated"] = minute(i).into()),
        ),
        (
            "one stamp on what had no date",
            FEEDS,
            hundred(undated),
            hundred(|_, one| {
                one.as_object_mut().unwrap().remove("published");
                one["updated"] = "2026-05-20T00:00:00Z".into();
            }),
        ),
        (
            "publications moved",
            FEEDS,
            hundred(same),
            hundred(|i, one| one["published"] = minute(i).into()),
        ),
        (
            "everything scheduled",
            FEEDS,
            hundred(same),
            hundred(|_, one| one["published"] = "2027-01-01".into()),
        ),
        (
            "everything kept out of the sitemap",
            FEEDS,
            hundred(same),
            hundred(|_, one| one["noindex"] = true.into()),
        ),
    ];
    for (name, feeds, before, after) in cases {
        let site = Site::new(&before);
        site.configure(feeds);
        site.refresh(START);
        site.write(&after);
        assert!(held(&site, START + DAY).is_some(), "{name}");
    }
}
