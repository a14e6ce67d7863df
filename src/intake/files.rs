//! The files of the site itself, where they are at hand.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::article::AbsoluteUrl;

/// The folder that the site's own files are published from.
#[derive(Debug, Clone)]
pub struct SiteFiles {
    root: PathBuf,
    site: AbsoluteUrl,
}

impl SiteFiles {
    /// The folder `root` holds what is served below `site`.
    #[must_use]
    pub const fn new(root: PathBuf, site: AbsoluteUrl) -> Self {
        Self { root, site }
    }

    /// How long the file at `url` is, in bytes; `None` where it is not one of ours, or is
    /// no regular file inside the folder.
    #[must_use]
    pub fn length(&self, url: &AbsoluteUrl) -> Option<u64> {
        if !url.is_below(&self.site) {
            return None;
        }
        let path = url.path().strip_prefix(self.site.path())?;
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
        if !path.split('/').all(plain) {
            return None;
        }
        // A link out of the folder would tell of files that are not published.
        let root = self.root.canonicalize().ok()?;
        let file = root.join(Path::new(&*path)).canonicalize().ok()?;
        let about = file.metadata().ok()?;
        (file.starts_with(&root) && about.is_file()).then_some(about.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_file_has_a_length_and_nothing_outside_does() {
        let folder = tempfile::tempdir().unwrap();
        let public = folder.path().join("public");
        std::fs::create_dir_all(public.join("a b")).unwrap();
        std::fs::write(public.join("a b/ü.mp3"), "12345").unwrap();
        std::fs::write(folder.path().join("secret"), "1").unwrap();
        std::os::unix::fs::symlink("../secret", public.join("link")).unwrap();
        let url = |text: &str| AbsoluteUrl::parse(text).unwrap();
        let files = SiteFiles::new(public, url("https://a.example/s/"));
        let length = |text: &str| files.length(&url(text));
        assert_eq!(length("https://a.example/s/a%20b/%C3%BC.mp3?x"), Some(5));
        for no in [
            "https://a.example/s/link",
            "https://a.example/s/%2e%2e/secret",
            "https://a.example/s/..%2Fsecret",
            "https://a.example/s/a%20b",
            "https://a.example/a%20b/%C3%BC.mp3",
            "https://b.example/s/a%20b/%C3%BC.mp3",
            "https://a.example/s/",
        ] {
            assert_eq!(length(no), None, "{no}");
        }
    }
}
