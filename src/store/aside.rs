//! What to do with a store that cannot be read.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::article::Timestamp;

/// Moves a damaged store and what SQLite put beside it out of the way, and says where it is
/// now. Nothing is thrown away: a part of it may yet be read by somebody.
///
/// # Errors
/// What the system says.
pub fn set_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let instant = now.rfc3339().replace([':', '-'], "");
    let aside = with(path, &format!(".damaged-{instant}"));
    for beside in ["-wal", "-shm"] {
        let from = with(path, beside);
        if from.exists() {
            fs::rename(from, with(&aside, beside))?;
        }
    }
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// The path with `end` behind its last letter.
fn with(path: &Path, end: &str) -> PathBuf {
    let mut whole = path.as_os_str().to_owned();
    whole.push(end);
    PathBuf::from(whole)
}
