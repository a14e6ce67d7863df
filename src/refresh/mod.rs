//! Runs source → intake → store → edition. Keeps the last good edition when any of them
//! fails; judges nothing and renders nothing itself.

use std::path::Path;

use crate::{
    article::Timestamp,
    config::{Config, SourceConfig},
    edition::{self, Edition, Made},
    intake::{Admission, Cleaner, Intake},
    source::{self, Source, SourceError},
    store::{Store, StoreError},
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
}

/// Whether a refresh is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be served: it is written to the store.
    Publish,
    /// To be looked at: the store is left as it was.
    Check,
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
        let mut admission = Admission::new(&self.cleaner, &mut *transaction, now);
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
        let removed = transaction.sweep(now)?;
        let public = transaction.count(now)?;
        let made = edition::make(&mut *transaction, &self.config, now)?;
        if purpose == Purpose::Publish {
            transaction.commit()?;
        }
        Ok(Refreshed {
            intake,
            public,
            removed,
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
