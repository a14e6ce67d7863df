//! Why a store's file cannot be used, as far as the system shows it.

use std::path::Path;

use nix::{
    sys::statvfs::{FsFlags, statvfs},
    unistd::{AccessFlags, access, geteuid},
};

const ELSEWHERE: &str = "name another place in [store] path, or mend this one";

/// What an operator would find wrong with the place of a store, and what to do about it. Where
/// nothing is to be seen, the database's own words must do.
#[must_use]
pub fn plight(path: &Path) -> Option<String> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Some(format!(
            "its folder is not there; make it: mkdir -p {}",
            folder.display()
        ));
    }
    if path.is_dir() {
        return Some("it is a folder; name a file in [store] path".to_owned());
    }
    let disk = statvfs(folder).ok();
    if disk.is_some_and(|disk| disk.flags().contains(FsFlags::ST_RDONLY)) {
        return Some(format!("its file system is read-only; {ELSEWHERE}"));
    }
    let user = geteuid();
    if path.exists() && access(path, AccessFlags::R_OK | AccessFlags::W_OK).is_err() {
        return Some(format!("user {user} may not write to it; {ELSEWHERE}"));
    }
    if access(folder, AccessFlags::W_OK | AccessFlags::X_OK).is_err() {
        return Some(format!(
            "user {user} may not write in its folder; {ELSEWHERE}"
        ));
    }
    disk.is_some_and(|disk| disk.blocks_available() == 0)
        .then(|| "its disk is full".to_owned())
}

#[cfg(test)]
mod tests {
    use super::plight;

    #[test]
    fn a_place_that_cannot_hold_a_store_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(plight(&folder.path().join("store")), None);
        let none = plight(&folder.path().join("none/store")).unwrap();
        assert!(
            none.starts_with("its folder is not there; make it: mkdir -p /"),
            "{none}"
        );
        let itself = plight(folder.path()).unwrap();
        assert!(itself.starts_with("it is a folder"), "{itself}");
        let read_only = plight(std::path::Path::new("/sys/store")).unwrap_or_default();
        assert!(!read_only.is_empty());
        assert!(plight(std::path::Path::new("/dev/full/store")).is_some());
    }
}
