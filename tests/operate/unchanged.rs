//! Files that did not change are not read again, and nobody can tell.

use std::{fs, path::Path};

use dateline::{
    article::Timestamp,
    config,
    refresh::{Purpose, Refresher},
    store::SqliteStore,
};
use proptest::prelude::*;

const CONFIG: &str = r#"
[site]
url = "https://blog.example/"
title = "Blog"
[source.markdown]
path = "content"
url = "/{path}/"
[[feed]]
name = "all"
[[feed]]
each = "tag"
[dates.guards]
lost_percent = 100
touched_percent = 100
"#;

/// Something that happens to one of a few files.
#[derive(Debug, Clone)]
enum Step {
    /// It is written with this title, tag and body, and maybe a date and a slug of its own.
    Write(u8, u8, u8, Option<i8>, Option<u8>),
    Draft(u8),
    Break(u8),
    Remove(u8),
    /// It takes the place of another.
    Rename(u8, u8),
    /// It has another time and the same bytes.
    Touch(u8),
    Nothing,
}

fn step() -> impl Strategy<Value = Step> {
    let file = || 0..6_u8;
    prop_oneof![
        4 => (file(), 0..3_u8, 0..3_u8, prop::option::of(-1..3_i8), prop::option::of(0..3_u8))
            .prop_map(|(a, b, c, d, e)| Step::Write(a, b, c, d, e)),
        1 => file().prop_map(Step::Draft),
        1 => file().prop_map(Step::Break),
        1 => file().prop_map(Step::Remove),
        1 => (file(), file()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => file().prop_map(Step::Touch),
        1 => Just(Step::Nothing),
    ]
}

fn take(folder: &Path, step: &Step) {
    let path = |file: &u8| folder.join(format!("{file}.md"));
    match step {
        Step::Write(file, words, tag, day, slug) => {
            // 2 lies ahead of the clock of the test at first, and is passed by it later.
            let date =
                day.map_or_else(String::new, |day| format!("date: 2026-01-{:02}\n", 2 + day));
            let slug = slug.map_or_else(String::new, |slug| {
                format!("slug: s{slug}\nurl: /s{slug}/\n")
            });
            let text =
                format!("---\ntitle: T{words}\n{date}{slug}tags: [t{tag}]\n---\nWords {words}\n");
            fs::write(path(file), text).unwrap();
        }
        Step::Draft(file) => fs::write(path(file), "---\ntitle: D\ndraft: true\n---\n").unwrap(),
        Step::Break(file) => fs::write(path(file), "---\ntitle: [\n---\n").unwrap(),
        Step::Remove(file) => drop(fs::remove_file(path(file))),
        Step::Rename(from, to) => drop(fs::rename(path(from), path(to))),
        Step::Touch(file) => {
            if let Ok(file) = fs::File::options().write(true).open(path(file)) {
                file.set_modified(std::time::SystemTime::UNIX_EPOCH)
                    .unwrap();
            }
        }
        Step::Nothing => {}
    }
}

fn refresher(folder: &Path, store: &Path) -> Refresher {
    let config = config::parse(&folder.join("feeds.toml"), CONFIG).unwrap();
    Refresher::new(config, Box::new(SqliteStore::open(store).unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_refresh_that_reads_only_what_changed_gives_what_reading_all_gives(
        steps in prop::collection::vec(prop::collection::vec(step(), 0..4), 1..6)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let content = folder.path().join("content");
        fs::create_dir(&content).unwrap();
        let stores = [folder.path().join("one.db"), folder.path().join("two.db")];
        let mut remembering = refresher(folder.path(), &stores[0]);
        // 2026-01-02T23:00:00Z, and six hours later each time.
        let mut now = 1_767_394_800;
        for burst in steps {
            for step in &burst {
                take(&content, step);
            }
            // Until the files are old enough that another write would show.
            std::thread::sleep(std::time::Duration::from_millis(25));
            let at = Timestamp::from_unix(now).unwrap();
            let one = remembering.refresh(at, Purpose::Publish).unwrap();
            // One that begins anew each time knows nothing but its store.
            let mut forgetful = refresher(folder.path(), &stores[1]);
            let two = forgetful.refresh(at, Purpose::Publish).unwrap();
            prop_assert_eq!(one, two);
            now += 6 * 3_600;
        }
    }
}
