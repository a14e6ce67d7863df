//! `dateline build DIR`: the same bytes as from the server, as files.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use percent_encoding::percent_decode_str;
use tempfile::NamedTempFile;

use super::{Status, console, setup};
use crate::{edition::Document, refresh::Purpose};

pub(super) fn run(file: &Path, dir: &Path) -> Status {
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
        console::say(&complaint);
    }
    for document in &refreshed.made.edition.documents {
        let path = place(dir, document);
        if let Err(error) = write(&path, &document.identity) {
            console::say(&format!("{} cannot be written: {error}", path.display()));
            return Status::Failed;
        }
    }
    console::say(&format!(
        "built: {} in {}",
        setup::summary(&refreshed),
        dir.display()
    ));
    setup::status(&refreshed)
}

/// The file of a document. Its name is the decoded path, as web servers look it up; a path
/// is made of slugs and fixed names, so it stays inside `dir`.
fn place(dir: &Path, document: &Document) -> PathBuf {
    let path = percent_decode_str(document.path.trim_start_matches('/')).decode_utf8_lossy();
    dir.join(&*path)
}

/// All of a file or nothing: a web server that reads meanwhile never sees half of it. A
/// file that already has these bytes is left alone, and with it its time stamp.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    readable_by_all(&file)?;
    file.persist(path)?;
    Ok(())
}

/// A temporary file is its owner's alone, and the web server is usually someone else.
#[cfg(unix)]
fn readable_by_all(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &NamedTempFile) -> io::Result<()> {
    Ok(())
}
