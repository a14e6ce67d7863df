//! Runs source → intake → store → edition. Keeps the last good edition when any of them
//! fails; judges nothing and renders nothing itself.

mod backoff;
mod board;
mod changes;
mod keeper;
mod orders;
mod outlook;
mod progress;
mod reading;
mod slack;
mod watch;
pub mod words;
mod workshop;

pub use board::{Board, Good, Phase, Standing, Trouble};
pub use keeper::{Beginning, Keeper, Load, Proposal};
pub use orders::{Orders, Report};
pub use progress::{Look, Progress};
pub use words::Ending;
pub use workshop::Workshop;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use changes::Changes;
use reading::Reader;

use crate::{
    article::Timestamp,
    config::Config,
    dates::{Declared, Event, Held, Tally, What},
    edition::{self, Deferred, Document, Edition, Made, MakeError},
    intake::{Admission, Cleaner, Intake, Memo, Rules},
    source::{self, SourceError},
    store::{self, Removed, SqliteStore, Store, StoreError, Tended, Transaction},
};

/// An origin that gives not one article for so long is given up. A file of the largest size
/// that is read at once takes less.
const PATIENCE: Duration = Duration::from_secs(60);

/// A catalogue that changes while it is read is read so often; then it is taken as it is.
const READS: usize = 6;
/// Between two of these reads.
const PAUSE: Duration = Duration::from_millis(250);
/// A tree that has been still for so long is taken to be complete: who writes one writes its
/// files a few milliseconds apart, and what comes later is read once more.
const QUIET: Duration = Duration::from_millis(100);

/// Everything one site needs to be read anew.
pub struct Refresher {
    config: Config,
    reader: Reader,
    store: Box<dyn Store>,
    /// The edition that was made last, whose documents are used again.
    last: Edition,
    /// What became of each file when it was last read and kept.
    memo: Arc<Memo>,
    /// When that was, by the clock and by the store.
    noted: Option<(Timestamp, i64)>,
}

/// A site that was opened.
pub struct Opened {
    /// Ready to read the origin.
    pub refresher: Refresher,
    /// The edition of an earlier run; `None` before the first.
    pub edition: Option<Edition>,
    /// Where a store is now that could not be read, and why.
    pub set_aside: Option<(PathBuf, String)>,
}

/// What a refresh gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// What was taken in.
    pub intake: Intake,
    /// How many articles are public.
    pub public: usize,
    /// The articles that are no longer there.
    pub removed: Vec<Removed>,
    /// Why a guard would have held it, for one that was only looked at or was accepted.
    pub held: Option<Held>,
    /// The edition made of them.
    pub made: Made,
}

/// A refresh that a guard held, and what it would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRefresh {
    /// Why.
    pub held: Held,
    /// The articles that would be gone.
    pub removed: Vec<Removed>,
    /// What was read, with the articles that would get another date.
    pub intake: Intake,
}

/// A refresh that changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The origin could not be read to its end.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What was read could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was read looks like an accident.
    #[error("{}", .0.held)]
    Held(Box<HeldRefresh>),
}

/// Whether a refresh is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be served: it is written to the store.
    Publish,
    /// To be looked at, guards or not: the store is left as it was.
    Check,
    /// To be served although a guard would hold it.
    Accept,
}

impl Refresher {
    /// Opens the origin that `config` names. Nothing is read yet.
    #[must_use]
    pub fn new(config: Config, store: Box<dyn Store>) -> Self {
        Self::with(config, store, Arc::default())
    }

    fn with(config: Config, store: Box<dyn Store>, progress: Arc<Progress>) -> Self {
        let root = config.file.parent().unwrap_or_else(|| Path::new("."));
        let source = Arc::from(source::open(&config.source, root));
        let cleaner = Cleaner::new(config.site.clone(), config.source.url().cloned());
        let cleaner = Arc::new(cleaner);
        Self {
            config,
            reader: Reader::new(source, cleaner, PATIENCE, progress),
            store,
            last: Edition::default(),
            memo: Arc::default(),
            noted: None,
        }
    }

    /// What the origin is called in messages: its path or address.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.reader.name()
    }

    /// How far a refresh has come.
    #[must_use]
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(self.reader.progress())
    }

    /// Opens the store and the origin that `config` names, and the edition of an earlier run.
    /// A store that cannot be read is set aside at the instant `now`, and a new one is made.
    /// What a refresh has read is counted in `progress`.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn open(
        config: &Config,
        progress: Arc<Progress>,
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let path = &config.store.path;
        match Self::try_open(config, &progress, now).map_err(|error| error.at(path)) {
            Err(error) if error.is_corrupt() => {
                let aside = store::set_aside(&config.store.path, now)?;
                let opened = Self::try_open(config, &progress, now)?;
                Ok(Opened {
                    set_aside: Some((aside, error.to_string())),
                    ..opened
                })
            }
            opened => opened,
        }
    }

    fn try_open(
        config: &Config,
        progress: &Arc<Progress>,
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let path = &config.store.path;
        let (store, is_stranded) = match SqliteStore::open(path) {
            Err(error) if error.is_of_the_disk() => {
                let read = SqliteStore::open_stranded(path).map_err(|_| error)?;
                (read, true)
            }
            opened => (opened?, false),
        };
        let mut refresher = Self::with(config.clone(), Box::new(store), Arc::clone(progress));
        let edition = refresher.last_edition(now)?;
        if is_stranded {
            // What was read is served; each refresh tries to open it to write.
            refresher.store = Box::new(SqliteStore::stranded(path)?);
        }
        refresher.last = edition.clone().unwrap_or_default();
        Ok(Opened {
            refresher,
            edition,
            set_aside: None,
        })
    }

    /// Sets a store aside that turned out to be damaged, and makes a new one, with the
    /// documents of the old one as far as they can be read: their validators must not go
    /// back. Says where the old one is.
    ///
    /// # Errors
    /// [`StoreError`]; the store is then the damaged one, or one in memory.
    pub fn set_aside(&mut self, now: Timestamp) -> Result<PathBuf, StoreError> {
        let documents = self.store.documents().unwrap_or_default();
        // Closed before it is moved.
        self.store = Box::new(SqliteStore::in_memory()?);
        self.noted = None;
        let path = &self.config.store.path;
        let aside = store::set_aside(path, now)?;
        self.store = Box::new(SqliteStore::open(path)?);
        let mut transaction = self.store.begin()?;
        for document in &documents {
            transaction.put_document(document)?;
        }
        transaction.commit()?;
        Ok(aside)
    }

    /// Sees to it that the store is where it belongs. Says what was found, and whether
    /// another process has written since the last refresh.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn tend(&mut self) -> Result<(Tended, bool), StoreError> {
        let tended = self.store.tend()?;
        if tended != Tended::Same {
            self.noted = None;
        }
        let revision = self.store.revision()?;
        let is_behind = self.noted.is_some_and(|(_, noted)| noted != revision);
        Ok((tended, is_behind || tended == Tended::Replaced))
    }

    /// The edition that the store holds from an earlier run; `None` before the first. No
    /// cached answer may outlive the next publication, be it the first answer after a start.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn last_edition(&self, now: Timestamp) -> Result<Option<Edition>, StoreError> {
        let documents = self.store.documents()?;
        let next = self.store.catalogue().next_publication(now)?;
        let edition = Edition::of(documents, &self.last, &self.config, next);
        Ok((!edition.is_empty()).then_some(edition))
    }

    /// Reads the origin and makes an edition of it, at the instant `now`. Blocks.
    ///
    /// What was written while it was read is read again: a file that an editor had just
    /// emptied would pass for a removed article.
    ///
    /// # Errors
    /// [`RefreshError`]; the store is then as it was before.
    pub fn refresh(&mut self, now: Timestamp, purpose: Purpose) -> Result<Refreshed, RefreshError> {
        let outcome = self.settle(now, purpose);
        self.reader.progress().end();
        outcome.map_err(|error| match error {
            RefreshError::Store(error) => error.at(&self.config.store.path).into(),
            error => error,
        })
    }

    fn settle(&mut self, now: Timestamp, purpose: Purpose) -> Result<Refreshed, RefreshError> {
        for _ in 1..READS {
            match self.attempt(now, purpose, true)? {
                Some(refreshed) => return Ok(refreshed),
                None => std::thread::sleep(PAUSE),
            }
        }
        let restless = SourceError(format!("{} never came to rest", self.reader.name()));
        self.attempt(now, purpose, false)?
            .ok_or(RefreshError::Source(restless))
    }

    /// One read. `None` where the origin changed meanwhile and that is `strictly` seen to.
    fn attempt(
        &mut self,
        now: Timestamp,
        purpose: Purpose,
        strictly: bool,
    ) -> Result<Option<Refreshed>, RefreshError> {
        let glance = strictly.then(|| self.reader.glance());
        let mut transaction = self.store.begin()?;
        let before = transaction.live()?;
        let revision = transaction.revision()?;
        // What another process wrote, or a clock that went back, may have made it untrue.
        if !matches!(self.noted, Some((at, noted)) if at <= now && noted == revision) {
            self.memo = Arc::default();
            self.last.outline = Arc::default();
        }
        let rules = Rules {
            site: &self.config.site,
            now,
            trust: self.config.dates.trust,
        };
        let ground = changes::ground(&self.config);
        let changes = match purpose {
            Purpose::Publish => changes::read(&mut self.reader, &mut *transaction, rules, ground)?,
            // The operator wants to see, or take, all there is.
            Purpose::Check | Purpose::Accept => None,
        };
        let (intake, memo, removed) = match changes {
            Some(Changes { intake, removed }) => (intake, None, removed),
            None => {
                drop(transaction);
                transaction = self.store.begin()?;
                self.reader.progress().begin(before);
                let (reader, memo) = (&mut self.reader, &self.memo);
                let (intake, memo) = read_whole(reader, memo, &mut *transaction, rules, ground)?;
                (intake, Some(memo), sweep(&mut *transaction, now)?)
            }
        };
        if glance.is_some_and(|glance| glance != self.reader.glance()) {
            return Ok(None);
        }
        self.reader.progress().make();
        let held = self
            .config
            .dates
            .guards
            .hold(&tally(before, &intake, &removed));
        if let (Purpose::Publish, Some(held)) = (purpose, held) {
            return Err(RefreshError::Held(Box::new(HeldRefresh {
                held,
                removed,
                intake,
            })));
        }
        let public = transaction.catalogue().count(now)?;
        let made = edition::make(&mut *transaction, &self.config, &self.last, now)?;
        if purpose != Purpose::Check {
            transaction.commit()?;
            self.last = made.edition.clone();
            self.memo = memo.map_or_else(|| Arc::clone(&self.memo), Arc::new);
            self.noted = Some((now, revision));
        }
        Ok(Some(Refreshed {
            intake,
            public,
            removed,
            held,
            made,
        }))
    }

    /// Makes a document that the last edition promised. Blocks.
    ///
    /// # Errors
    /// [`MakeError`]
    pub fn make_deferred(&self, deferred: &Deferred) -> Result<Document, MakeError> {
        let catalogue = self.store.catalogue();
        let at = catalogue.made()?.ok_or(MakeError::None)?;
        edition::make_deferred(catalogue, &self.config, &deferred.path, at)
    }

    /// Makes an edition of what the store holds already, at the instant `now`: for articles
    /// whose time has come while the origin is not read. Blocks.
    ///
    /// # Errors
    /// [`StoreError`]; the store is then as it was before.
    pub fn remake(&mut self, now: Timestamp) -> Result<Made, StoreError> {
        let mut transaction = self.store.begin()?;
        // What another process wrote may be anything.
        if self.noted.map(|(_, noted)| noted) != Some(transaction.revision()?) {
            self.last.outline = Arc::default();
        }
        let made = edition::make(&mut *transaction, &self.config, &self.last, now)?;
        transaction.commit()?;
        self.last = made.edition.clone();
        Ok(made)
    }
}

/// Reads the origin to its end, and notes how far that was.
fn read_whole(
    reader: &mut Reader,
    memo: &Arc<Memo>,
    transaction: &mut dyn Transaction,
    rules: Rules<'_>,
    ground: blake3::Hash,
) -> Result<(Intake, Memo), RefreshError> {
    let mut admission = Admission::new(rules, transaction, Arc::clone(memo));
    let mut failed = None;
    let bookmark = reader.read(memo, &mut |news| {
        if failed.is_none() {
            failed = admission.admit(news).err();
        }
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let (intake, memo) = admission.finish()?;
    changes::note(transaction, bookmark, ground, &intake.rejected)?;
    Ok((intake, memo))
}

/// Removes what the origin no longer has, with a last entry in its history.
fn sweep(transaction: &mut dyn Transaction, now: Timestamp) -> Result<Vec<Removed>, StoreError> {
    let removed = transaction.sweep(now)?;
    bury(transaction, &removed, now)?;
    Ok(removed)
}

/// Notes in the history of each of these that it is gone.
fn bury(
    transaction: &mut dyn Transaction,
    removed: &[Removed],
    now: Timestamp,
) -> Result<(), StoreError> {
    for gone in removed {
        let (what, declared) = (What::Removed, Declared::default());
        let event = Event {
            at: now,
            what,
            declared,
            decided: gone.modified,
        };
        transaction.note(&gone.id, &event)?;
    }
    Ok(())
}

/// What the guards look at.
fn tally(before: usize, intake: &Intake, removed: &[Removed]) -> Tally {
    let renamed = removed
        .iter()
        .filter(|gone| intake.is_title_of_new(gone.title.as_str()));
    Tally {
        before,
        removed: removed.len() + intake.hidden,
        renamed: renamed.count(),
        redated: intake.redated,
        same_instant: intake.moved_to.values().copied().max().unwrap_or(0),
    }
}
