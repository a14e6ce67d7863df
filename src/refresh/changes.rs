//! Reads no more of an origin than what has changed, where it can tell.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{RefreshError, bury, reading::Reader};
use crate::{
    config::Config,
    intake::{Admission, Cleaned, Intake, Rules},
    source::{Bookmark, Rejection, RejectionKind},
    store::{Note, Removed, StoreError, Transaction},
};

/// More rejected articles than this are counted anew by the next reading of everything.
const REMEMBERED: usize = 1_000;

/// What was read of an origin that said what has changed.
pub(super) struct Changes {
    /// What was taken in.
    pub(super) intake: Intake,
    /// What is gone.
    pub(super) removed: Vec<Removed>,
}

/// A bookmark, and a hash of the rules by which what is before it was taken in.
#[derive(Serialize, Deserialize)]
struct Noted {
    ground: String,
    bookmark: String,
}

/// A hash of what articles are made of beside what the origin says. Where it is another one, what
/// was read before would be taken in otherwise, and all of it must be read again.
pub(super) fn ground(config: &Config) -> blake3::Hash {
    let version = env!("CARGO_PKG_VERSION");
    let rules = (version, &config.site, &config.source, &config.dates);
    blake3::hash(format!("{rules:?}").as_bytes())
}

/// Notes how far the origin was read, and what was rejected of it.
pub(super) fn note(
    transaction: &mut dyn Transaction,
    bookmark: Option<Bookmark>,
    ground: blake3::Hash,
    rejected: &[Rejection],
) -> Result<(), StoreError> {
    let Some(Bookmark(bookmark)) = bookmark else {
        transaction.take_note(Note::Bookmark, None)?;
        return transaction.take_note(Note::Rejected, None);
    };
    let ground = ground.to_hex().to_string();
    let noted = write(&Noted { ground, bookmark })?;
    transaction.take_note(Note::Bookmark, Some(&noted))?;
    let rejected = rejected.get(..REMEMBERED).unwrap_or(rejected);
    transaction.take_note(Note::Rejected, Some(&write(&rejected)?))
}

/// Reads what has changed since the last time, by the same rules. `None` where that cannot be
/// told: then everything is to be read, and what the transaction holds is to be dropped.
pub(super) fn read(
    reader: &mut Reader,
    transaction: &mut dyn Transaction,
    rules: Rules<'_>,
    ground: blake3::Hash,
) -> Result<Option<Changes>, RefreshError> {
    let Some(noted) = transaction.noted(Note::Bookmark)? else {
        return Ok(None);
    };
    let Some(noted) = serde_json::from_str::<Noted>(&noted)
        .ok()
        .filter(|noted| noted.ground == ground.to_hex().as_str())
    else {
        return Ok(None);
    };
    let rejected = transaction.noted(Note::Rejected)?;
    let rejected: Vec<Rejection> = rejected
        .and_then(|rejected| serde_json::from_str(&rejected).ok())
        .unwrap_or_default();
    transaction.see_changes_only();
    let now = rules.now;
    let mut admission = Admission::new(rules, transaction, Default::default());
    let (mut gone, mut failed) = (Vec::new(), None);
    let mut seen: HashSet<String> = HashSet::new();
    let bookmark = reader.read_changes(Bookmark(noted.bookmark), &mut |news| {
        // What it says of the origin as a whole it says in the next reading of everything.
        let Some(row) = row(&news) else {
            return;
        };
        seen.insert(row.to_owned());
        match news {
            Cleaned::Gone(row) => gone.push(row),
            news if failed.is_none() => failed = admission.admit(news).err(),
            _ => {}
        }
    })?;
    let Some(bookmark) = bookmark else {
        return Ok(None);
    };
    if let Some(error) = failed {
        return Err(error.into());
    }
    let (mut intake, _) = admission.finish()?;
    // Two articles that change places look like two that are one, for as long as one of them
    // is not read.
    let is_double = |rejection: &Rejection| rejection.kind == RejectionKind::Duplicate;
    if intake.rejected.iter().any(is_double) {
        return Ok(None);
    }
    // What was seen and not taken in, a draft or a faulty row, is not there any more.
    let mut removed = Vec::new();
    let mut away: Vec<&String> = gone.iter().chain(&seen).collect();
    away.sort();
    away.dedup();
    for row in away {
        removed.extend(transaction.remove(row, now)?);
    }
    bury(transaction, &removed, now)?;
    let is_still = |rejection: &Rejection| {
        rejection
            .locator
            .row
            .as_ref()
            .is_none_or(|row| !seen.contains(row))
    };
    intake
        .rejected
        .extend(rejected.into_iter().filter(is_still));
    note(transaction, Some(bookmark), ground, &intake.rejected)?;
    Ok(Some(Changes { intake, removed }))
}

/// Which row of the origin it is about.
fn row(news: &Cleaned) -> Option<&str> {
    match news {
        Cleaned::Gone(row) => Some(row),
        Cleaned::Read { row, .. } => row.as_deref(),
        Cleaned::Remark(_) | Cleaned::Same(_) | Cleaned::Alive => None,
    }
}

fn write(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::{
        path::Path,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use super::*;
    use crate::{
        article::Timestamp,
        config,
        dates::Trust,
        intake::Cleaner,
        source::{Draft, Folder, Glance, Locator, News, Reading, Source, SourceError},
        store::{SqliteStore, Store as _},
    };

    /// A table that gives what is put here as what has changed.
    #[derive(Default)]
    struct Rows(Mutex<Vec<News>>);

    impl Source for Rows {
        fn read(&self, _: &mut dyn FnMut(Reading)) -> Result<(), SourceError> {
            Ok(())
        }

        fn read_changes(
            &self,
            since: &Bookmark,
            each: &mut dyn FnMut(News),
        ) -> Result<Option<Bookmark>, SourceError> {
            self.0.lock().unwrap().drain(..).for_each(each);
            Ok((since.0 != "old").then(|| Bookmark("next".to_owned())))
        }

        fn name(&self) -> &str {
            "articles"
        }

        fn glance(&self) -> Glance {
            Glance::default()
        }

        fn folders(&self) -> Vec<Folder> {
            Vec::new()
        }
    }

    fn row(id: &str, slug: &str, title: &str) -> News {
        let draft = Draft {
            locator: Locator::row("articles", id),
            id: Some(id.to_owned()),
            url: Some(format!("/{slug}/")),
            title: Some(title.to_owned()),
            draft: title == "draft",
            ..Draft::default()
        };
        News::Read(Reading::Draft(Box::new(draft)), None)
    }

    /// What is there after each batch of changes, by address and title; `None` where everything
    /// had to be read.
    fn after(bookmark: &str, batches: Vec<Vec<News>>) -> Vec<Option<String>> {
        let text = "[site]\nurl = \"https://a.example/\"\ntitle = \"A\"\n\
                    [source.file]\npath = \"a.json\"\n";
        let config = config::parse(Path::new("feeds.toml"), text).unwrap();
        let cleaner = Arc::new(Cleaner::new(config.site.clone(), None));
        let rules = Rules {
            site: &config.site,
            now: Timestamp::from_unix(1_781_049_600).unwrap(),
            trust: Trust::default(),
        };
        let source = Arc::new(Rows::default());
        let mut reader = Reader::new(
            source.clone(),
            cleaner,
            Duration::from_secs(9),
            Arc::default(),
        );
        let mut store = SqliteStore::in_memory().unwrap();
        let mut transaction = store.begin().unwrap();
        let first = Some(Bookmark(bookmark.to_owned()));
        note(&mut *transaction, first, ground(&config), &[]).unwrap();
        transaction.commit().unwrap();
        let mut states = Vec::new();
        for batch in batches {
            *source.0.lock().unwrap() = batch;
            let mut transaction = store.begin().unwrap();
            let ground = ground(&config);
            let changes = read(&mut reader, &mut *transaction, rules, ground).unwrap();
            states.push(changes.map(|changes| {
                let mut listed = Vec::new();
                let catalogue = transaction.catalogue();
                let all = catalogue
                    .select(&Default::default(), rules.now, 99)
                    .unwrap();
                for article in all {
                    listed.push(format!(
                        "{} {}",
                        article.piece.url.path(),
                        article.piece.title
                    ));
                }
                listed.sort();
                let rejected = changes.intake.rejected.len();
                format!("{} ({rejected} rejected)", listed.join(", "))
            }));
            transaction.commit().unwrap();
        }
        states
    }

    #[test]
    fn what_is_not_read_stays_and_what_is_gone_goes() {
        let gone = News::Gone("2".to_owned());
        let states = after(
            "first",
            vec![
                vec![row("1", "a", "A"), row("2", "b", "B"), row("3", "c", "C")],
                vec![row("1", "a", "A again")],
                vec![gone, row("3", "d", "C moved")],
                vec![],
            ],
        );
        let states: Vec<&str> = states
            .iter()
            .map(|state| state.as_deref().unwrap())
            .collect();
        assert_eq!(
            states,
            [
                "/a/ A, /b/ B, /c/ C (0 rejected)",
                "/a/ A again, /b/ B, /c/ C (0 rejected)",
                "/a/ A again, /d/ C moved (0 rejected)",
                "/a/ A again, /d/ C moved (0 rejected)",
            ]
        );
    }

    #[test]
    fn a_row_that_became_faulty_or_a_draft_is_not_there_until_it_is_mended() {
        let states = after(
            "first",
            vec![
                vec![row("1", "a", "A"), row("2", "b", "B")],
                vec![row("1", "a", "draft"), row("2", "b", " ")],
                vec![row("1", "a", "A")],
                vec![row("2", "b", "B mended")],
            ],
        );
        let states: Vec<&str> = states
            .iter()
            .map(|state| state.as_deref().unwrap())
            .collect();
        assert_eq!(
            states,
            [
                "/a/ A, /b/ B (0 rejected)",
                " (1 rejected)",
                "/a/ A (1 rejected)",
                "/a/ A, /b/ B mended (0 rejected)",
            ]
        );
    }

    #[test]
    fn where_it_cannot_be_told_everything_is_read() {
        assert_eq!(after("old", vec![vec![row("1", "a", "A")]]), [None]);
        // Two rows at one address: which of them gave way cannot be seen from one.
        let states = after(
            "first",
            vec![vec![row("1", "a", "A")], vec![row("2", "a", "B")]],
        );
        assert_eq!(states.last(), Some(&None));
    }
}
