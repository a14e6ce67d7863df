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

    /// What the origin is called in messages: its path or address.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.source.name()
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
        if let Some(error) = failed {
            return Err(error.into());
        }
        let intake = admission.finish()?;
        let removed = sweep(&mut *transaction, now)?;
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
        let public = transaction.count(now)?;
        let made = edition::make(&mut *transaction, &self.config, now)?;
        if purpose != Purpose::Check {
            transaction.commit()?;
        }
        Ok(Refreshed {
            intake,
            public,
            removed,
            held,
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
        removed: removed.len() + intake.hidden,
        renamed: renamed.count(),
        redated: intake.redated,
        same_instant: intake.moved_to.values().copied().max().unwrap_or(0),
    }
}
