//! Runs source → intake → store → edition. Keeps the last good edition when any of them
//! fails; judges nothing and renders nothing itself.

use std::path::Path;

use crate::{
    article::Timestamp,
    config::{Config, SourceConfig},
    dates::{Declared, Event, Held, Tally, What},
    edition::{self, Edition, Made},
    intake::{Admission, Cleaner, Intake},
    source::{self, Source, SourceError},
    store::{Removed, Store, StoreError, Transaction},
};

/// Everything one site needs to be read anew.
pub struct Refresher {
    config: Config,
    source: Box<dyn Source>,
    cleaner: Cleaner,
    store: Box<dyn Store>,
}

/// What a refresh gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// What was taken in.
    pub intake: Intake,
    /// How many articles are public.
    pub public: usize,
    /// How many articles are no longer there.
    pub removed: usize,
    /// The edition made of them.
    pub made: Made,
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
    #[error(transparent)]
    Held(#[from] Held),
}

/// Whether a refresh is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be served: it is written to the store.
    Publish,
    /// To be looked at: the store is left as it was.
    Check,
    /// To be served although a guard would hold it.
    Accept,
}

impl Refresher {
    /// Opens the origin that `config` names. Nothing is read yet.
    #[must_use]
    pub fn new(config: Config, store: Box<dyn Store>) -> Self {
        let root = config.file.parent().unwrap_or_else(|| Path::new("."));
        let source = source::open(&config.source, root);
        let url = match &config.source {
            SourceConfig::File(file) => file.url.clone(),
            SourceConfig::Markdown(markdown) => Some(markdown.url.clone()),
        };
        let cleaner = Cleaner::new(config.site.clone(), url);
        Self {
            config,
            source,
            cleaner,
            store,
        }
    }

    /// The edition that the store holds from an earlier run; `None` before the first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn last_edition(&self) -> Result<Option<Edition>, StoreError> {
        let documents = self.store.documents()?;
        let edition = Edition::of(&documents, &self.config.site.url, None);
        Ok((!edition.documents.is_empty()).then_some(edition))
    }

    /// Reads the origin and makes an edition of it, at the instant `now`. Blocks.
    ///
    /// # Errors
    /// [`RefreshError`]; the store is then as it was before.
    pub fn refresh(&mut self, now: Timestamp, purpose: Purpose) -> Result<Refreshed, RefreshError> {
        let mut transaction = self.store.begin()?;
        let before = transaction.live()?;
        let mut admission = Admission::new(
            &self.cleaner,
            &mut *transaction,
            now,
            self.config.dates.trust,
        );
        let mut failed = None;
        self.source.read(&mut |reading| {
            if failed.is_none() {
                failed = admission.admit(reading).err();
            }
        })?;
        let intake = admission.finish();
        if let Some(error) = failed {
            return Err(error.into());
        }
        let removed = sweep(&mut *transaction, now)?;
        if purpose != Purpose::Accept
            && let Some(held) = self
                .config
                .dates
                .guards
                .hold(&tally(before, &intake, &removed))
        {
            return Err(held.into());
        }
        let public = transaction.count(now)?;
        let made = edition::make(&mut *transaction, &self.config, now)?;
        if purpose != Purpose::Check {
            transaction.commit()?;
        }
        Ok(Refreshed {
            intake,
            public,
            removed: removed.len(),
            made,
        })
    }

    /// Makes an edition of what the store holds already, at the instant `now`: for articles
    /// whose time has come while the origin is not read. Blocks.
    ///
    /// # Errors
    /// [`StoreError`]; the store is then as it was before.
    pub fn remake(&mut self, now: Timestamp) -> Result<Made, StoreError> {
        let mut transaction = self.store.begin()?;
        let made = edition::make(&mut *transaction, &self.config, now)?;
        transaction.commit()?;
        Ok(made)
    }
}

/// Removes what the origin no longer has, with a last entry in its history.
fn sweep(transaction: &mut dyn Transaction, now: Timestamp) -> Result<Vec<Removed>, StoreError> {
    let removed = transaction.sweep(now)?;
    for gone in &removed {
        let (what, declared) = (What::Removed, Declared::default());
        let event = Event {
            at: now,
            what,
            declared,
            decided: gone.modified,
        };
        transaction.note(&gone.id, &event)?;
    }
    Ok(removed)
}

/// What the guards look at.
fn tally(before: usize, intake: &Intake, removed: &[Removed]) -> Tally {
    let renamed = removed
        .iter()
        .filter(|gone| intake.new_titles.contains(gone.title.as_str()));
    Tally {
        before,
        removed: removed.len(),
        renamed: renamed.count(),
        redated: intake.redated,
        same_instant: intake.moved_to.values().copied().max().unwrap_or(0),
    }
}
