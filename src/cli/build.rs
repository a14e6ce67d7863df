//! `dateline build DIR`: the same bytes as from the server, as files.

use std::path::Path;

use super::{Status, console, setup};
use crate::{
    files,
    refresh::{Purpose, Refreshed, Refresher},
};

pub(super) fn run(file: &Path, dir: &Path, coded: bool) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let store = setup::open(&config);
    let (refresher, refreshed) = match setup::refresh_once(config, store, Purpose::Publish) {
        Ok(done) => done,
        Err(status) => return status,
    };
    for complaint in setup::complaints(&refreshed, usize::MAX) {
        console::say(&console::folded(&complaint));
    }
    if let Err(reason) = write(dir, coded, &refresher, &refreshed) {
        console::say(&reason);
        return Status::Failed;
    }
    console::say(&format!(
        "built: {} in {}",
        setup::summary(&refreshed),
        dir.display()
    ));
    setup::status(&refreshed)
}

/// Writes every document, those that the server would make on request included.
fn write(
    dir: &Path,
    coded: bool,
    refresher: &Refresher,
    refreshed: &Refreshed,
) -> Result<(), String> {
    let mut output = files::Output::new(dir, coded);
    let edition = &refreshed.made.edition;
    for document in edition.readable() {
        output.write(document).map_err(|error| error.to_string())?;
    }
    for deferred in &edition.deferred {
        let made = refresher.make_deferred(deferred);
        let document = made.map_err(|error| error.to_string())?;
        output.write(&document).map_err(|error| error.to_string())?;
    }
    output.finish().map_err(|error| error.to_string())
}
