//! Tells when a folder may have changed.
//!
//! An event says no more than "look again". What it names is not to be relied on: a save by
//! renaming, a link put elsewhere (as Kubernetes does with its config maps) and a lost event
//! would each need rules of their own, and a look finds them all.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

use crate::source::Folder;

/// Folders that are being watched, for as long as this value lives.
pub(super) struct Watch {
    folders: Vec<Folder>,
    /// Which folder stood there when the watch began.
    stood: Vec<Option<Identity>>,
    _watcher: Option<RecommendedWatcher>,
    /// Why not all of them are watched, if so.
    pub(super) fault: Option<String>,
}

impl Watch {
    /// Watches `folders`, and gives a nudge whenever something in them may have changed.
    pub(super) fn begin(folders: Vec<Folder>, nudge: Arc<Notify>) -> Self {
        let stood = folders.iter().map(identity).collect();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if is_news(&event) {
                nudge.notify_one();
            }
        });
        let (watcher, fault) = match watcher {
            Ok(mut watcher) => {
                let fault = folders
                    .iter()
                    .filter_map(|folder| add(&mut watcher, folder));
                let fault = fault.last();
                (Some(watcher), fault)
            }
            Err(error) => (None, Some(error.to_string())),
        };
        Self {
            folders,
            stood,
            _watcher: watcher,
            fault,
        }
    }

    /// Whether other folders stand where the watched ones stood, or there are others to
    /// watch: then nobody would tell of a change in them.
    pub(super) fn is_stale(&self, folders: &[Folder]) -> bool {
        self.folders != folders
            || !self
                .folders
                .iter()
                .map(identity)
                .eq(self.stood.iter().copied())
    }
}

/// Reading is an event too; to listen to it would make each refresh ask for the next. An
/// error says that events were lost, or a folder went away: all the more reason to look.
fn is_news(event: &notify::Result<Event>) -> bool {
    !matches!(event, Ok(event) if matches!(event.kind, EventKind::Access(_)))
}

fn add(watcher: &mut RecommendedWatcher, folder: &Folder) -> Option<String> {
    let mode = if folder.deep {
        RecursiveMode::Recursive
    } else {
        RecursiveMode::NonRecursive
    };
    // A folder that is not there yet will be made in one that is.
    let (path, mode) = match nearest(&folder.path) {
        Some(path) if path == folder.path => (path, mode),
        Some(path) => (path, RecursiveMode::NonRecursive),
        None => return Some(format!("{} is not there", folder.path.display())),
    };
    watcher
        .watch(&path, mode)
        .err()
        .map(|error| error.to_string())
}

fn nearest(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .find(|path| path.is_dir())
        .map(Path::to_owned)
}

/// Device and inode, and the time of birth where the file system has it: the number of an
/// inode is soon given again.
type Identity = (u64, u64, Option<SystemTime>);

fn identity(folder: &Folder) -> Option<Identity> {
    let metadata = fs::metadata(&folder.path).ok()?;
    Some((metadata.dev(), metadata.ino(), metadata.created().ok()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Whether a nudge comes within two seconds; none within 0.3 s counts as none.
    async fn nudged(nudge: &Notify, wait: Duration) -> bool {
        tokio::time::timeout(wait, nudge.notified()).await.is_ok()
    }

    const SOON: Duration = Duration::from_secs(2);
    const NONE: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn writing_renaming_and_removing_nudge_but_reading_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("deep")).unwrap();
        let nudge = Arc::new(Notify::new());
        let watch = Watch::begin(vec![Folder::whole(root)], Arc::clone(&nudge));
        assert_eq!(watch.fault, None);

        let file = root.join("deep/a.md");
        fs::write(&file, "one").unwrap();
        assert!(nudged(&nudge, SOON).await, "a new file");
        while nudged(&nudge, NONE).await {}
        fs::read(&file).unwrap();
        assert!(!nudged(&nudge, NONE).await, "reading");
        fs::write(root.join("deep/.tmp"), "two").unwrap();
        fs::rename(root.join("deep/.tmp"), &file).unwrap();
        assert!(nudged(&nudge, SOON).await, "a rename");
        while nudged(&nudge, NONE).await {}
        fs::remove_file(&file).unwrap();
        assert!(nudged(&nudge, SOON).await, "a removal");
    }

    #[tokio::test]
    async fn a_folder_that_is_replaced_makes_the_watch_stale() {
        let folder = tempfile::tempdir().unwrap();
        let content = folder.path().join("content");
        fs::create_dir(&content).unwrap();
        let folders = vec![Folder::whole(&content)];
        let nudge = Arc::new(Notify::new());
        let watch = Watch::begin(folders.clone(), nudge);
        assert!(!watch.is_stale(&folders));
        fs::rename(&content, folder.path().join("old")).unwrap();
        assert!(watch.is_stale(&folders));
        fs::create_dir(&content).unwrap();
        assert!(watch.is_stale(&folders));
    }
}
