//! Real repositories, made commit by commit.

use std::{fs, path::PathBuf};

use super::*;

/// A repository with a folder `content`.
struct Repository {
    dir: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        repository.git(&["init", "-q", "-b", "main"], 0);
        repository
    }

    fn content(&self) -> PathBuf {
        self.dir.path().join("content")
    }

    fn git(&self, arguments: &[&str], at: i64) {
        let date = format!("@{at} +0000");
        let output = Command::new("git")
            .arg("-C")
            .arg(self.dir.path())
            .args(["-c", "user.name=A", "-c", "user.email=a@a.example"])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .expect("git is needed for these tests: apt-get install git");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.content().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self, at: i64) {
        self.git(&["add", "-A"], at);
        self.git(&["commit", "-q", "-m", "m"], at);
    }

    fn look(&self) -> History {
        let history = Cache::default().history(&self.content(), &folded);
        Arc::into_inner(history).unwrap()
    }

    fn date(&self, path: &str) -> Option<i64> {
        self.look().of(path).map(Timestamp::unix)
    }
}

/// Two texts that differ in nothing but white space.
fn folded(old: &[u8], new: &[u8]) -> bool {
    let words = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    words(old) == words(new)
}

#[test]
fn a_file_has_the_date_of_the_last_commit_that_changed_it() {
    let repository = Repository::new();
    repository.write("a.md", "one");
    repository.write("b.md", "one");
    repository.commit(1_000);
    repository.write("a.md", "two");
    repository.commit(2_000);
    assert_eq!(repository.date("a.md"), Some(2_000));
    assert_eq!(repository.date("b.md"), Some(1_000));
    assert_eq!(repository.date("c.md"), None);
}

#[test]
fn a_rename_is_followed_and_is_no_change() {
    let repository = Repository::new();
    let text = "a text that is long enough to be known again ".repeat(5);
    repository.write("old.md", &text);
    repository.commit(1_000);
    repository.git(&["mv", "content/old.md", "content/new.md"], 2_000);
    repository.commit(2_000);
    assert_eq!(repository.date("new.md"), Some(1_000));
    // A rename with an edit is a change.
    repository.git(&["mv", "content/new.md", "content/newer.md"], 3_000);
    repository.write("newer.md", &(text + "and more"));
    repository.commit(3_000);
    assert_eq!(repository.date("newer.md"), Some(3_000));
    // Another file under the old name is another file.
    repository.write("old.md", "something else entirely");
    repository.commit(4_000);
    assert_eq!(repository.date("old.md"), Some(4_000));
    assert_eq!(repository.date("newer.md"), Some(3_000));
}

#[test]
fn a_file_that_was_deleted_and_made_again_has_the_newer_date() {
    let repository = Repository::new();
    repository.write("a.md", "one");
    repository.write("b.md", "one");
    repository.commit(1_000);
    fs::remove_file(repository.content().join("a.md")).unwrap();
    repository.commit(2_000);
    repository.write("a.md", "one");
    repository.commit(3_000);
    assert_eq!(repository.date("a.md"), Some(3_000));
}

#[test]
fn any_name_is_understood() {
    let repository = Repository::new();
    let names = [
        "数据库/索引.md",
        "a b\t\"c\".md",
        "line\nend.md",
        "-x.md",
        ":1.md",
        "commit 1 2.md",
    ];
    for name in names {
        repository.write(name, name);
    }
    repository.commit(1_000);
    for name in names {
        assert_eq!(repository.date(name), Some(1_000), "{name:?}");
    }
}

#[test]
fn a_commit_does_not_date_what_was_changed_after_it() {
    let repository = Repository::new();
    repository.write("a.md", "one two");
    repository.write("b.md", "one two");
    repository.commit(1_000);
    repository.write("a.md", "one three");
    repository.write("b.md", "one\r\ntwo\r\n");
    assert_eq!(repository.date("a.md"), None);
    assert_eq!(repository.date("b.md"), Some(1_000), "white space alone");
}

#[test]
fn a_new_layout_of_many_files_dates_none_of_them() {
    let repository = Repository::new();
    for i in 0..30 {
        repository.write(&format!("{i}.md"), &format!("text {i}"));
        repository.commit(1_000 + i);
    }
    for i in 0..30 {
        repository.write(&format!("{i}.md"), &format!("text\n\n{i}\n"));
    }
    repository.write("0.md", "text\n\nchanged\n");
    repository.commit(5_000);
    assert_eq!(repository.date("7.md"), Some(1_007));
    assert_eq!(
        repository.date("0.md"),
        Some(5_000),
        "the one that was edited too"
    );
}

#[test]
fn an_import_of_everything_dates_nothing_and_is_named() {
    let repository = Repository::new();
    for i in 0..30 {
        repository.write(&format!("{i}.md"), &format!("text {i}"));
    }
    repository.commit(1_000);
    repository.write("0.md", "edited");
    repository.commit(2_000);
    let history = repository.look();
    assert_eq!(history.of("1.md"), None);
    assert_eq!(history.of("0.md").map(Timestamp::unix), Some(2_000));
    assert!(
        history.remarks[0].contains("is the last of 29 of 30 files"),
        "{:?}",
        history.remarks
    );
}

#[test]
fn where_a_shallow_clone_is_cut_off_nothing_is_dated() {
    let repository = Repository::new();
    repository.write("a.md", "one");
    repository.write("b.md", "one");
    repository.commit(1_000);
    repository.write("a.md", "two");
    repository.commit(2_000);
    repository.write("a.md", "three");
    repository.commit(3_000);
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repository.dir.path().display());
    let target = clone.path().join("c");
    repository.git(
        &[
            "clone",
            "-q",
            "--depth",
            "2",
            &url,
            target.to_str().unwrap(),
        ],
        0,
    );
    let history = Cache::default().history(&target.join("content"), &folded);
    assert_eq!(history.of("a.md").map(Timestamp::unix), Some(3_000));
    assert_eq!(history.of("b.md"), None);
    assert!(history.remarks[0].contains("git fetch --unshallow"));
}

#[test]
fn a_folder_without_a_history_is_a_remark() {
    let folder = tempfile::tempdir().unwrap();
    let history = Cache::default().history(folder.path(), &folded);
    assert!(history.dates.is_empty());
    assert!(
        history.remarks[0].contains("there is no Git history to read"),
        "{:?}",
        history.remarks
    );
}

#[test]
fn what_was_read_is_used_again_until_there_are_new_commits() {
    let repository = Repository::new();
    repository.write("a.md", "one");
    repository.commit(1_000);
    let cache = Cache::default();
    let look = |path: &str| cache.history(&repository.content(), &folded).of(path);
    assert_eq!(look("a.md").map(Timestamp::unix), Some(1_000));
    repository.write("a.md", "two");
    assert_eq!(look("a.md"), None);
    repository.commit(2_000);
    assert_eq!(look("a.md").map(Timestamp::unix), Some(2_000));
}

#[test]
fn an_edit_on_a_branch_is_found_although_the_file_was_renamed_meanwhile() {
    let repository = Repository::new();
    let text = "a text that is long enough to be known again ".repeat(5);
    repository.write("old.md", &text);
    repository.commit(1_000);
    repository.git(&["checkout", "-q", "-b", "side"], 0);
    repository.write("old.md", &format!("{text} edited"));
    repository.commit(3_000);
    repository.git(&["checkout", "-q", "main"], 0);
    repository.git(&["mv", "content/old.md", "content/new.md"], 0);
    repository.commit(2_000);
    repository.git(&["merge", "-q", "-m", "m", "side"], 4_000);
    assert_eq!(repository.date("new.md"), Some(3_000));
}

#[test]
fn what_a_merge_changed_by_itself_has_the_date_of_the_merge() {
    let repository = Repository::new();
    repository.write("a.md", "one");
    repository.commit(1_000);
    repository.git(&["checkout", "-q", "-b", "side"], 0);
    repository.write("a.md", "two");
    repository.commit(2_000);
    repository.git(&["checkout", "-q", "main"], 0);
    repository.write("a.md", "three");
    repository.commit(3_000);
    let sides = ["-s", "ours", "-m", "m", "--no-commit", "side"];
    repository.git(&[&["merge", "-q"][..], &sides].concat(), 4_000);
    repository.write("a.md", "two and three");
    repository.commit(4_000);
    assert_eq!(repository.date("a.md"), Some(4_000));
}
