//! `dateline links`: how the pages of the site tell of its feeds and its licence.

use std::path::Path;

use super::{Status, console, setup};
use crate::{refresh::Purpose, render::links};

pub(super) fn run(file: &Path, headers: bool) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let license = config.license();
    let store = setup::open_to_look(&config);
    let (_, refreshed) = match setup::refresh_once(config, store, Purpose::Check) {
        Ok(done) => done,
        Err(status) => return status,
    };
    let feeds = &refreshed.made.feeds;
    let text = if headers {
        links::fields(feeds, license.as_ref())
    } else {
        links::tags(feeds, license.as_ref())
    };
    console::write(text.as_bytes(), Status::Good)
}
