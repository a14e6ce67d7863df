//! An edition as files, for people who prefer a web server or a static host: the same bytes
//! as from the server.

mod headers;

use std::{
    collections::BTreeSet,
    fs, io,
    io::Write as _,
    path::{Component, Path, PathBuf},
};

use percent_encoding::percent_decode_str;
use tempfile::NamedTempFile;

use crate::edition::Document;

/// What was written here the last time, a path a line, so that what is no longer served can
/// be removed and nothing else is.
const MANIFEST: &str = ".dateline-files";

/// A file that could not be written or removed.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {cause}", path.display())]
pub struct WriteError {
    path: PathBuf,
    cause: io::Error,
}

/// A folder that documents are written into, each under its own path.
///
/// Coded, a document has its gzip and br forms beside it (`nginx`'s `gzip_static` and
/// `brotli_static`, Caddy's `precompressed`), the fields that the server would send are in a
/// `_headers` file (Netlify, Cloudflare Pages), and what an earlier coded run wrote and this
/// one did not is removed in the end.
///
/// Each file is all there or not at all, and one that has its bytes already is left alone.
#[derive(Debug)]
pub struct Output<'a> {
    dir: &'a Path,
    coded: bool,
    written: BTreeSet<String>,
    headers: String,
}

impl<'a> Output<'a> {
    /// Begins to write below `dir`.
    #[must_use]
    pub const fn new(dir: &'a Path, coded: bool) -> Self {
        Self {
            dir,
            coded,
            written: BTreeSet::new(),
            headers: String::new(),
        }
    }

    /// Writes a document.
    ///
    /// # Errors
    /// [`WriteError`]
    pub fn write(&mut self, document: &Document) -> Result<(), WriteError> {
        let name = name(document);
        let body = &document.body;
        self.put(name.clone(), &body.plain())?;
        if self.coded {
            for (ending, bytes) in [("gz", &body.gzip), ("br", &body.br)] {
                if let Some(bytes) = bytes {
                    self.put(format!("{name}.{ending}"), bytes)?;
                }
            }
            self.headers.push_str(&headers::render(document));
        }
        Ok(())
    }

    /// Writes what goes with all of them, and removes what is no longer served.
    ///
    /// # Errors
    /// [`WriteError`]
    pub fn finish(mut self) -> Result<(), WriteError> {
        if self.coded {
            let headers = std::mem::take(&mut self.headers);
            self.put("_headers".to_owned(), headers.as_bytes())?;
            tidy(self.dir, &self.written)?;
        }
        Ok(())
    }

    fn put(&mut self, name: String, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.dir.join(&name);
        write_file(&path, bytes).map_err(|cause| WriteError { path, cause })?;
        self.written.insert(name);
        Ok(())
    }
}

/// The name of a document's file: its decoded path, as web servers look it up. A path is
/// made of slugs and fixed names, so it stays inside the folder.
fn name(document: &Document) -> String {
    let path = document.path.trim_start_matches('/');
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// Removes what the last run wrote and this one did not, and notes what this one did. The
/// note comes last: where a run breaks off, the next one still knows of it.
fn tidy(dir: &Path, written: &BTreeSet<String>) -> Result<(), WriteError> {
    let manifest = dir.join(MANIFEST);
    let before = fs::read_to_string(&manifest).unwrap_or_default();
    let gone = before.lines().filter(|name| !written.contains(*name));
    for name in gone.filter(|name| stays_inside(name)) {
        let path = dir.join(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(WriteError { path, cause });
            }
            _ => remove_empty(dir, &path),
        }
    }
    let list: String = written.iter().map(|name| format!("{name}\n")).collect();
    write_file(&manifest, list.as_bytes()).map_err(|cause| WriteError {
        path: manifest,
        cause,
    })
}

/// Somebody may have edited the manifest.
fn stays_inside(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Removes the folders above a removed file that hold nothing any more.
fn remove_empty(dir: &Path, path: &Path) {
    let above = path.ancestors().skip(1);
    for folder in above.take_while(|folder| *folder != dir) {
        // A folder that holds something is not removed by this.
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// All of a file or nothing: a web server that reads meanwhile never sees half of it. A
/// file that already has these bytes is left alone, and with it its time stamp.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
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
fn readable_by_all(file: &NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o644))
}
