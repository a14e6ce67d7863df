//! `dateline build DIR`: the same bytes as from the server, as files.

use std::path::Path;

use super::{Status, console, setup};
use crate::{files, refresh::Purpose};

pub(super) fn run(file: &Path, dir: &Path, coded: bool) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let store = setup::open(&config);
    let refreshed = match setup::refresh_once(config, store, Purpose::Publish) {
        Ok(refreshed) => refreshed,
        Err(status) => return status,
    };
    for complaint in setup::complaints(&refreshed) {
        console::say(&console::folded(&complaint));
    }
    if let Err(error) = files::write(dir, &refreshed.made.edition, coded) {
        console::say(&error.to_string());
        return Status::Failed;
    }
    console::say(&format!(
        "built: {} in {}",
        setup::summary(&refreshed),
        dir.display()
    ));
    setup::status(&refreshed)
}
