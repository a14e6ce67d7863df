//! Tells whether an origin of files may have changed, from what the file system says of it.
//!
//! Times and sizes decide here whether to read, and nothing else: no date of an article is
//! ever made of them.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// A hash of names, sizes and times. Equal twice: nothing has changed.
#[derive(Debug, Clone, Default)]
pub struct Glance {
    hasher: blake3::Hasher,
    files: u64,
}

impl Glance {
    /// Adds a file, links followed. One that is not there counts as well.
    pub fn add(&mut self, path: &Path) {
        self.add_text(&path.to_string_lossy());
        self.files += 1;
        match std::fs::metadata(path) {
            Ok(metadata) => self.add_metadata(&metadata),
            Err(error) => self.add_text(&error.kind().to_string()),
        }
    }

    /// Adds a name or a message.
    pub fn add_text(&mut self, text: &str) {
        self.hasher.update(text.as_bytes());
        self.hasher.update(&[0]);
    }

    /// How many files it covers.
    #[must_use]
    pub const fn files(&self) -> u64 {
        self.files
    }

    /// The time of change of the inode is in it, since tools such as `rsync -t` set the time
    /// of change of the content back.
    fn add_metadata(&mut self, metadata: &Metadata) {
        for number in [metadata.dev(), metadata.ino(), metadata.len()] {
            self.hasher.update(&number.to_le_bytes());
        }
        for number in [
            metadata.mtime(),
            metadata.mtime_nsec(),
            metadata.ctime(),
            metadata.ctime_nsec(),
        ] {
            self.hasher.update(&number.to_le_bytes());
        }
    }
}

impl PartialEq for Glance {
    fn eq(&self, other: &Self) -> bool {
        self.hasher.finalize() == other.hasher.finalize()
    }
}

impl Eq for Glance {}

/// What the file system says of one file: equal twice, and its bytes are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark([u8; 16]);

/// A file, and what the file system said of it before it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Its place at the origin.
    pub place: String,
    /// What was said.
    pub mark: Mark,
}

impl Mark {
    /// A file system stamps with the time of its last tick, 10 ms ago at most; a second write
    /// in the same tick could not be told from the first.
    const TICK: Duration = Duration::from_millis(20);
    /// Some know whole seconds alone, or every other one.
    const COARSE_TICK: Duration = Duration::from_secs(2);

    /// Of a regular file. `None` where it was written so short a time ago that it could be
    /// written again and look the same.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Option<Self> {
        let fine = metadata.mtime_nsec() != 0 || metadata.ctime_nsec() != 0;
        let tick = if fine { Self::TICK } else { Self::COARSE_TICK };
        let seconds = u64::try_from(metadata.mtime().max(metadata.ctime())).unwrap_or_default();
        let nanos = u32::try_from(metadata.mtime_nsec().max(metadata.ctime_nsec()));
        let written = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos.unwrap_or_default());
        if written.elapsed().is_ok_and(|age| age < tick) {
            return None;
        }
        let mut glance = Glance::default();
        glance.add_metadata(metadata);
        let mut mark = [0; 16];
        mark.copy_from_slice(&glance.hasher.finalize().as_bytes()[..16]);
        Some(Self(mark))
    }
}

/// A folder to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// With all below it.
    pub deep: bool,
}

impl Folder {
    /// The folder that holds `path`, and the one that holds what it leads to. A file itself
    /// cannot be watched: the first editor that saves by renaming would end that.
    #[must_use]
    pub fn around(path: &Path) -> Vec<Self> {
        let mut around = Vec::new();
        for path in [Some(path.to_owned()), path.canonicalize().ok()] {
            let folder = path.as_deref().and_then(Path::parent).map(Path::to_owned);
            if let Some(path) = folder {
                let folder = Self { path, deep: false };
                if !around.contains(&folder) {
                    around.push(folder);
                }
            }
        }
        around
    }

    /// The folder `path` with all below it.
    #[must_use]
    pub fn whole(path: &Path) -> Self {
        let path = path.to_owned();
        Self { path, deep: true }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn glance(path: &Path) -> Glance {
        let mut glance = Glance::default();
        glance.add(path);
        glance
    }

    #[test]
    fn reading_changes_nothing_and_writing_does() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.toml");
        let missing = glance(&file);
        fs::write(&file, "one").unwrap();
        let first = glance(&file);
        assert_ne!(missing, first);
        fs::read(&file).unwrap();
        assert_eq!(first, glance(&file));
        fs::write(&file, "two!").unwrap();
        assert_ne!(first, glance(&file), "another size");
    }

    #[test]
    fn a_file_put_in_place_with_the_same_size_and_time_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&file, "one").unwrap();
        let first = glance(&file);
        let time = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&other, "two").unwrap();
        fs::File::options()
            .write(true)
            .open(&other)
            .unwrap()
            .set_modified(time)
            .unwrap();
        fs::rename(&other, &file).unwrap();
        assert_ne!(first, glance(&file));
    }

    #[test]
    fn both_ends_of_a_link_are_watched() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        fs::write(root.join("real/feeds.toml"), "").unwrap();
        std::os::unix::fs::symlink("real/feeds.toml", root.join("feeds.toml")).unwrap();
        let around = Folder::around(&root.join("feeds.toml"));
        let paths: Vec<_> = around.into_iter().map(|folder| folder.path).collect();
        assert_eq!(paths, [root.clone(), root.join("real")]);
    }
}
