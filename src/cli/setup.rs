//! What every command that reads a catalogue begins and ends with.

use std::path::Path;

use super::{Status, console};
use crate::{
    article::Timestamp,
    config::{self, Config},
    refresh::{Purpose, RefreshError, Refreshed, Refresher},
    store::{SqliteStore, Store, StoreError},
};

/// Loads the configuration, or says all that is wrong with it.
pub(super) fn load(file: &Path) -> Result<Config, Status> {
    config::load(file).map_err(|error| {
        console::say(&error.render(console::is_watched()));
        Status::Failed
    })
}

/// Opens the store for writing.
pub(super) fn open(config: &Config) -> Result<Box<dyn Store>, StoreError> {
    Ok(Box::new(SqliteStore::open(&config.store.path)?))
}

/// Opens the store only if it is there, so that looking leaves no trace.
pub(super) fn open_to_look(config: &Config) -> Result<Box<dyn Store>, StoreError> {
    if config.store.path.exists() {
        return open(config);
    }
    Ok(Box::new(SqliteStore::in_memory()?))
}

/// One refresh with a store of the caller's choice, for commands that end after it.
pub(super) fn refresh_once(
    config: Config,
    store: Result<Box<dyn Store>, StoreError>,
    purpose: Purpose,
) -> Result<Refreshed, Status> {
    store
        .map_err(RefreshError::from)
        .and_then(|store| Refresher::new(config, store).refresh(Timestamp::now(), purpose))
        .map_err(|error| {
            console::say(&failure(&error));
            match error {
                RefreshError::Held(_) => Status::Faults,
                _ => Status::Failed,
            }
        })
}

/// Why a refresh changed nothing, in the words of every command: what begins with `held:`
/// waits for the operator.
pub(super) fn failure(error: &RefreshError) -> String {
    match error {
        RefreshError::Held(_) => {
            format!("held: {error}\nhelp: dateline accept lists it and takes it")
        }
        error => format!("failed: {error}"),
    }
}

/// Good, unless articles were rejected or documents could not be made.
pub(super) const fn status(refreshed: &Refreshed) -> Status {
    let sound = refreshed.intake.rejected.is_empty() && refreshed.made.faults.is_empty();
    if sound { Status::Good } else { Status::Faults }
}

/// What a person must know of a refresh: a line per rejected article, remark and fault.
pub(super) fn complaints(refreshed: &Refreshed) -> Vec<String> {
    let rejected = refreshed.intake.rejected.iter();
    let rejected =
        rejected.map(|rejection| format!("rejected: {}: {}", rejection.locator, rejection.reason));
    let remarks = refreshed.intake.remarks.iter();
    let remarks = remarks.map(|remark| format!("note: {}: {}", remark.locator, remark.text));
    let faults = refreshed
        .made
        .faults
        .iter()
        .map(|fault| format!("fault: {fault}"));
    rejected.chain(remarks).chain(faults).collect()
}

/// The counts of a refresh in one line.
pub(super) fn summary(refreshed: &Refreshed) -> String {
    let intake = &refreshed.intake;
    let documents = refreshed.made.edition.documents.len();
    let mut parts = vec![console::count(refreshed.public, "article")];
    let scheduled = intake.articles.saturating_sub(refreshed.public);
    for (number, what) in [
        (scheduled, "scheduled"),
        (intake.drafts, "kept back as drafts"),
        (intake.rejected.len(), "rejected"),
        (refreshed.removed.len(), "removed"),
        (intake.touched, "touched without change"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    }
    let changed = refreshed.made.changed.len();
    parts.push(format!(
        "{}, {changed} changed",
        console::count(documents, "document")
    ));
    parts.join(", ")
}
