//! A process that has made an edition looks only at what has changed since; one that has just
//! started looks at everything. Nobody may notice which it was.

use dateline::{
    edition::Edition,
    refresh::{Purpose, Refresher},
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use crate::workshop::{DAY, Workshop, article, at, with};

const CONFIG: &str = r#"
[[feed]]
name = "all"
limit = 3
archive = true
formats = ["rss", "json"]
[[feed]]
name = "news"
tags = ["t1", "t2"]
formats = ["atom"]
[[feed]]
each = "tag"
limit = 2
archive = true
formats = ["rss"]
[[feed]]
each = "section"
formats = ["json"]
[[sitemap.page]]
url = "/"
lists = "all"
[sitemap.listings]
tag = "tags/{slug}/"
section = "sections/{slug}/"
"#;

/// What happens to the catalogue between two refreshes.
#[derive(Debug, Clone)]
enum Change {
    Add(u32),
    Remove(usize),
    Text(usize, u32),
    Tags(usize, u32),
    Section(usize, u32),
    Date(usize, u32),
    Nothing,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (0..2_000_u32).prop_map(Change::Add),
        2 => any::<usize>().prop_map(Change::Remove),
        2 => (any::<usize>(), any::<u32>()).prop_map(|(at, n)| Change::Text(at, n)),
        2 => (any::<usize>(), 0..200_u32).prop_map(|(at, n)| Change::Tags(at, n)),
        1 => (any::<usize>(), 0..3_u32).prop_map(|(at, n)| Change::Section(at, n)),
        1 => (any::<usize>(), 1..12_u32).prop_map(|(at, n)| Change::Date(at, n)),
        1 => Just(Change::Nothing),
    ]
}

fn apply(catalogue: &mut Vec<Value>, change: &Change) {
    let length = catalogue.len().max(1);
    let target = |at: &usize| at % length;
    match change {
        // Some are still to be published when they come.
        Change::Add(number) => {
            let id = format!("n{}-{}", number, catalogue.len());
            let more = json!({ "tags": [format!("t{}", number % 150)], "section": "s1" });
            catalogue.push(with(article(&id, 1 + number % 11), more));
        }
        Change::Remove(at) if catalogue.len() > 1 => {
            catalogue.remove(target(at));
        }
        Change::Text(at, number) => {
            catalogue[target(at)]["content_html"] = json!(format!("<p>text {number}</p>"));
        }
        Change::Tags(at, number) => {
            let tags = [format!("t{number}"), format!("T{}", number % 7)];
            catalogue[target(at)]["tags"] = json!(tags);
        }
        Change::Section(at, number) => {
            catalogue[target(at)]["section"] = json!(format!("s{number}"));
        }
        Change::Date(at, day) => {
            catalogue[target(at)]["published"] = json!(format!("2026-06-{day:02}T00:00:00Z"));
        }
        Change::Nothing | Change::Remove(_) => {}
    }
}

/// Everything of an edition that anyone can see.
fn seen(edition: &Edition) -> Vec<String> {
    let made = edition.documents.iter().map(|document| {
        let body = String::from_utf8_lossy(&document.body.plain()).into_owned();
        let (changed, sisters) = (document.changed, &document.sisters);
        let (path, etag) = (&document.path, &document.etag);
        format!("{path} {etag} {changed:?} {sisters:?} {body}")
    });
    let promised = edition
        .deferred
        .iter()
        .map(|deferred| format!("{deferred:?}"));
    let next = format!("{:?}", edition.next_publication);
    made.chain(promised).chain([next]).collect()
}

fn compare(tags: u32, steps: &[Vec<Change>]) {
    let (old, new) = (Workshop::new(CONFIG), Workshop::new(CONFIG));
    let mut catalogue: Vec<Value> = (0..tags)
        .map(|number| {
            let more = json!({ "tags": [format!("t{number}")], "section": "s0" });
            with(article(&format!("a{number}"), 1 + number % 9), more)
        })
        .collect();
    let mut running: Option<Refresher> = None;
    for (step, changes) in (0..).zip(steps) {
        for change in changes {
            apply(&mut catalogue, change);
        }
        // Every step is half a day, so that scheduled articles come out between.
        let now = at(DAY + step * 43_200);
        old.write(&catalogue);
        new.write(&catalogue);
        let refresher = running.get_or_insert_with(|| old.refresher());
        let incremental = refresher.refresh(now, Purpose::Accept).unwrap();
        let whole = new.refresher().refresh(now, Purpose::Accept).unwrap();
        let (left, right) = (seen(&incremental.made.edition), seen(&whole.made.edition));
        for (left, right) in left.iter().zip(&right) {
            assert_eq!(left, right, "step {step}");
        }
        assert_eq!(left.len(), right.len(), "step {step}");
        assert_eq!(incremental.made.faults, whole.made.faults);
    }
}

#[test]
fn nothing_changed_and_the_edition_is_the_same_to_the_pointer() {
    let site = Workshop::new(CONFIG);
    let catalogue: Vec<Value> = (0..9)
        .map(|number| {
            with(
                article(&format!("a{number}"), number + 1),
                json!({"tags": ["t"]}),
            )
        })
        .collect();
    site.write(&catalogue);
    let mut refresher = site.refresher();
    let first = refresher.refresh(at(DAY), Purpose::Publish).unwrap();
    let second = refresher.refresh(at(DAY + 60), Purpose::Publish).unwrap();
    let (first, second) = (first.made.edition, second.made.edition);
    assert_eq!(first.documents.len(), second.documents.len());
    for (first, second) in first.documents.iter().zip(&second.documents) {
        assert!(std::sync::Arc::ptr_eq(first, second), "{}", first.path);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        max_shrink_iters: 20,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn few_values(steps in vec(vec(change(), 0..4), 2..7)) {
        compare(6, &steps);
    }

    #[test]
    fn about_as_many_values_as_are_made_ahead(steps in vec(vec(change(), 0..5), 2..5)) {
        compare(99, &steps);
    }
}
