//! What every command that reads a catalogue begins and ends with.

use std::path::Path;

pub(super) use crate::refresh::words::{complaints, failure, fitting, summary};

use super::{Status, console};
use crate::{
    article::Timestamp,
    config::{self, Config, ConfigError},
    process::progress::{self, Shown},
    refresh::{Look, Purpose, RefreshError, Refreshed, Refresher},
    store::{SqliteStore, Store, StoreError},
};

/// Loads the configuration, or says all that is wrong with it.
pub(super) fn load(file: &Path) -> Result<Config, Status> {
    config::load(file).map_err(|error| refuse(&error))
}

/// Says all that is wrong with the configuration.
pub(super) fn refuse(error: &ConfigError) -> Status {
    console::say(&error.render(console::is_watched()));
    Status::Failed
}

/// Opens the store for writing.
pub(super) fn open(config: &Config) -> Result<Box<dyn Store>, StoreError> {
    Ok(Box::new(SqliteStore::open(&config.store.path)?))
}

/// Opens the store only if it is there, so that looking leaves no trace.
pub(super) fn open_to_look(config: &Config) -> Result<Box<dyn Store>, StoreError> {
    // Where there is no folder for it either, `serve` could not make it.
    let folder = config.store.path.parent();
    if config.store.path.exists() || folder.is_some_and(|folder| !folder.is_dir()) {
        return open(config);
    }
    Ok(Box::new(SqliteStore::in_memory()?))
}

/// One refresh with a store of the caller's choice, for commands that end after it, and the
/// refresher that has the store.
pub(super) fn refresh_once(
    config: Config,
    store: Result<Box<dyn Store>, StoreError>,
    purpose: Purpose,
) -> Result<(Refresher, Refreshed), Status> {
    store
        .map_err(RefreshError::from)
        .and_then(|store| {
            let mut refresher = Refresher::new(config, store);
            let tell = |look: &Look| console::say(&look.sentence());
            let _shown = Shown::begin(refresher.progress(), progress::line(), tell);
            let refreshed = refresher.refresh(Timestamp::now(), purpose)?;
            Ok((refresher, refreshed))
        })
        .map_err(|error| {
            console::say(&fitting(&failure(&error)));
            match error {
                RefreshError::Held(_) => Status::Faults,
                _ => Status::Failed,
            }
        })
}

/// Good, unless articles were rejected or documents could not be made.
pub(super) const fn status(refreshed: &Refreshed) -> Status {
    let sound = refreshed.intake.rejected.is_empty() && refreshed.made.faults.is_empty();
    if sound { Status::Good } else { Status::Faults }
}
