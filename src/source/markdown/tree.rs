//! The files of a folder, in an order that is the same everywhere.

use std::{
    ffi::OsStr,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use crate::source::{Locator, Rejection, RejectionKind, SourceError};

/// More than this in one file is no article.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Folders within folders.
const MAX_DEPTH: usize = 64;
const ENDINGS: [&str; 3] = ["md", "markdown", "mdx"];

/// Hands out the path of every article below `folder`, `/`-separated, in order of path. What
/// cannot be read is handed out as a rejection. `name` is what the folder is called.
pub(super) fn walk(
    folder: &Path,
    name: &str,
    each: &mut dyn FnMut(Result<String, Rejection>),
) -> Result<(), SourceError> {
    if !folder.is_dir() {
        let what = if folder.exists() {
            "is no folder"
        } else {
            "is not there"
        };
        return Err(SourceError(format!(
            "the folder {name} {what}; see path in [source.markdown]"
        )));
    }
    let entries = WalkDir::new(folder)
        .follow_links(false)
        .max_depth(MAX_DEPTH)
        .sort_by(|a, b| a.file_name().cmp(b.file_name()))
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry));
    let mut bundles = Bundles::default();
    for entry in entries {
        match entry {
            Ok(entry) => {
                if let Some(found) = article(folder, name, &entry, &mut bundles) {
                    each(found);
                }
            }
            Err(error) if error.depth() == 0 => {
                let what = match error.io_error() {
                    Some(error) => error.to_string(),
                    None => error.to_string(),
                };
                return Err(SourceError(format!(
                    "the folder {name} cannot be read: {what}"
                )));
            }
            Err(error) => {
                let path = error.path().map(Path::to_path_buf).unwrap_or_default();
                let reason = "the folder cannot be read".to_owned();
                each(Err(rejection(folder, name, &path, reason)));
            }
        }
    }
    Ok(())
}

/// Hidden ones, installed packages, and the folder in which Jekyll keeps what is not to be
/// published and says so nowhere else.
fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().as_encoded_bytes();
    name.starts_with(b".") || name == b"node_modules" || name == b"_drafts"
}

/// The article that an entry is, if it is to be one.
fn article(
    folder: &Path,
    name: &str,
    entry: &DirEntry,
    bundles: &mut Bundles,
) -> Option<Result<String, Rejection>> {
    let path = entry.path();
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    let stem = path.file_stem().unwrap_or_default();
    if entry.file_type().is_dir() || !ENDINGS.contains(&ending.as_str()) {
        return None;
    }
    if is_section(stem) || is_resource(folder, path, bundles) {
        return None;
    }
    if !entry.file_type().is_file() {
        // A link can lead anywhere, and a pipe would be waited for.
        let reason = "it is a link or no regular file; put the file itself here".to_owned();
        return Some(Err(rejection(folder, name, path, reason)));
    }
    let relative = path.strip_prefix(folder).ok()?;
    let Some(relative) = relative.to_str() else {
        let reason = "its name is not UTF-8".to_owned();
        return Some(Err(rejection(folder, name, path, reason)));
    };
    Some(Ok(relative.replace(std::path::MAIN_SEPARATOR, "/")))
}

/// A section's own page in Hugo and Zola: `_index`, or `_index.fr` in another language.
fn is_section(stem: &OsStr) -> bool {
    let stem = stem.as_encoded_bytes();
    stem == b"_index" || stem.starts_with(b"_index.")
}

/// Whether it lies beside the `index.md` of a bundle, as a part of that page. What begins with
/// front matter is an article even so: an `index.md` beside articles is a list of them in
/// Eleventy and Astro. One at the root is the site's own page, and makes no bundle of the whole.
fn is_resource(root: &Path, path: &Path, bundles: &mut Bundles) -> bool {
    let stem = path.file_stem().unwrap_or_default().as_encoded_bytes();
    let is_page = stem == b"index" || stem.starts_with(b"index.");
    let folder = path.parent().filter(|folder| *folder != root && !is_page);
    folder.is_some_and(|folder| bundles.has(folder) && !has_front_matter(path))
}

/// Which folders are bundles. The last one is remembered: thousands of files in a folder would
/// else ask three times each.
#[derive(Default)]
struct Bundles(Option<(PathBuf, bool)>);

impl Bundles {
    fn has(&mut self, folder: &Path) -> bool {
        if let Some((last, is_bundle)) = &self.0
            && last == folder
        {
            return *is_bundle;
        }
        let index = |ending| folder.join("index").with_extension(ending).is_file();
        let is_bundle = ENDINGS.iter().any(index);
        self.0 = Some((folder.to_owned(), is_bundle));
        is_bundle
    }
}

/// Whether it begins as front matter does; so, too, what cannot be opened, which is told then.
fn has_front_matter(path: &Path) -> bool {
    let mut begin = Vec::new();
    // A pipe would be waited for.
    let opened = path.is_file().then(|| File::open(path).ok()).flatten();
    let read = opened.map(|file| file.take(1024).read_to_end(&mut begin));
    let text = String::from_utf8_lossy(&begin);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    !matches!(read, Some(Ok(_)))
        || ["---", "+++", "{"]
            .iter()
            .any(|open| text.starts_with(open))
}

fn rejection(folder: &Path, name: &str, path: &Path, reason: String) -> Rejection {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let file = PathBuf::from(name).join(relative).display().to_string();
    Rejection {
        locator: Locator::file(file),
        kind: RejectionKind::Unreadable,
        reason,
    }
}

/// The text of one file, its lines ended by `\n` whatever program saved it.
pub(super) fn read(path: &Path) -> Result<String, (RejectionKind, String)> {
    let unreadable = |error: std::io::Error| {
        (
            RejectionKind::Unreadable,
            format!("it cannot be read: {error}"),
        )
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err((
            RejectionKind::TooLarge,
            "it is larger than 4 MiB".to_owned(),
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error
            .as_bytes()
            .get(..error.utf8_error().valid_up_to())
            .unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        (
            RejectionKind::Unreadable,
            format!("line {line} is not UTF-8; save it as UTF-8"),
        )
    })?;
    // A lone CR ends a line in CommonMark (section 2.1) as well.
    Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
}
