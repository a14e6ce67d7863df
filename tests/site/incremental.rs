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
    let mut catalogue: Vec<Value> = (0..tags)
        .map(|number| {
            let more = json!({ "tags": [format!("t{number}")], "section": "s0" });
            with(article(&format!("a{number}"), 1 + number % 9), more)
        })
        .collect();
    let mut pair = Pair::new(CONFIG);
    for changes in steps {
        for change in changes {
            apply(&mut catalogue, change);
        }
        pair.step(&catalogue);
    }
}

/// Two sites with one catalogue: the program of one goes on, that of the other always has just
/// started.
struct Pair {
    old: Workshop,
    new: Workshop,
    running: Refresher,
    step: i64,
}

impl Pair {
    fn new(config: &str) -> Self {
        let (old, new) = (Workshop::new(config), Workshop::new(config));
        let running = old.refresher();
        Self {
            old,
            new,
            running,
            step: 0,
        }
    }

    /// Reads the catalogue half a day later than the last one, so that scheduled articles come
    /// out between. Says which documents have changed.
    fn step(&mut self, catalogue: &[Value]) -> Vec<String> {
        let step = self.step;
        self.step += 1;
        let now = at(DAY + step * 43_200);
        self.old.write(catalogue);
        self.new.write(catalogue);
        let incremental = self.running.refresh(now, Purpose::Accept).unwrap().made;
        let whole = self.new.refresher().refresh(now, Purpose::Accept);
        let whole = whole.unwrap().made;
        let (left, right) = (seen(&incremental.edition), seen(&whole.edition));
        for (left, right) in left.iter().zip(&right) {
            assert!(left == right, "step {step}: {:.300}\n{:.300}", left, right);
        }
        assert_eq!(left.len(), right.len(), "step {step}");
        assert_eq!(incremental.faults, whole.faults);
        incremental.changed
    }
}

/// Articles without a date are one month: a catalogue of pages, say. It is past what a file holds,
/// and each step changes it at another place.
#[test]
fn of_a_divided_month_only_the_part_is_made_in_which_something_changed() {
    let page = |number: u32| json!({ "id": number, "url": format!("/{number}/"), "title": "A" });
    let mut catalogue: Vec<Value> = (0..50_010).map(page).collect();
    let dated = (0..1_010).map(|number| article(&format!("a{number}"), 1));
    catalogue.splice(3..3, dated);
    let mut pair = Pair::new(
        "[[feed]]\nname = \"all\"\nlimit = 1\nformats = [\"json\"]\n[sitemap]\ngzip = false\n\
         [[sitemap.page]]\nurl = \"/\"\nlists = \"all\"\n",
    );
    let index = "/sitemap.xml".to_owned();
    let [one, two] = ["/sitemap-undated.xml", "/sitemap-undated-2.xml"].map(str::to_owned);
    let first = pair.step(&catalogue);
    assert!([&index, &one, &two].iter().all(|path| first.contains(path)));
    assert!(!first.contains(&"/sitemap-undated-3.xml".to_owned()));
    // A page that changed gets a date.
    catalogue[1]["title"] = json!("B");
    let changed = pair.step(&catalogue);
    let parts = [&one, &two].map(|part| changed.contains(part));
    assert!(
        changed.contains(&index) && parts[0] != parts[1],
        "{changed:?}"
    );
    // One goes and another comes. Now they fit into one file, and now into two again.
    catalogue[2] = page(60_000);
    let rest = catalogue.split_off(50_500);
    let changed = pair.step(&catalogue);
    assert!(
        changed.contains(&one) && !changed.contains(&two),
        "{changed:?}"
    );
    catalogue.extend(rest);
    let changed = pair.step(&catalogue);
    assert!(
        changed.contains(&one) && changed.contains(&two),
        "{changed:?}"
    );
}

/// What once was a part is none, also where its address still says that it is gone.
#[test]
fn a_month_that_is_divided_again_by_one_page_is_what_it_would_be_anew() {
    let page = |number: u32| json!({ "id": number, "url": format!("/{number}/"), "title": "A" });
    let mut catalogue: Vec<Value> = (0..50_000).map(page).collect();
    catalogue.push(article("dated", 1));
    let feed = "[[feed]]\nname = \"all\"\nlimit = 1\nformats = [\"json\"]\n";
    let mut pair = Pair::new(&format!("{feed}[sitemap]\ngzip = false\n"));
    // The first two of these are in the two parts.
    for more in [Some(50_001), None, Some(50_002), None, Some(50_003)] {
        catalogue.truncate(50_001);
        catalogue.extend(more.map(page));
        pair.step(&catalogue);
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
