//! A site whose articles are in a database.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use dateline::{
    config,
    source::{self, Bookmark, News, Reading, Source},
};
use tempfile::TempDir;

/// A folder with a `feeds.toml`.
pub struct Site {
    pub folder: TempDir,
}

impl Site {
    /// `source` is all of `[source.…]`.
    pub fn new(source: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[site]\nurl = \"https://blog.example/\"\ntitle = \"Blog\"\n\
             timezone = \"Europe/Berlin\"\n\n{source}"
        );
        fs::write(folder.path().join("feeds.toml"), text).unwrap();
        Self { folder }
    }

    /// A table of PostgreSQL.
    pub fn postgres(url: &str, keys: &str) -> Self {
        Self::new(&format!("[source.postgres]\nurl = \"{url}\"\n{keys}"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command
            .arg("--config")
            .arg(self.path("feeds.toml"))
            .args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn source(&self) -> Box<dyn Source> {
        let config =
            config::load(&self.path("feeds.toml")).unwrap_or_else(|error| panic!("{error}"));
        source::open(&config.source, self.folder.path())
    }

    pub fn readings(&self) -> Vec<Reading> {
        let mut readings = Vec::new();
        let result = self.source().read(&mut |reading| readings.push(reading));
        result.unwrap_or_else(|error| panic!("{error}"));
        readings
    }

    /// Why nothing can be read.
    pub fn error(&self) -> String {
        self.source().read(&mut |_| {}).unwrap_err().to_string()
    }

    pub fn whole(&self) -> Option<Bookmark> {
        let mut each = |_| {};
        self.source().read_news(&|_, _| false, &mut each).unwrap()
    }

    /// What changed since, in words.
    pub fn changes(&self, since: &Bookmark) -> (Vec<String>, Option<Bookmark>) {
        let mut news = Vec::new();
        let next = self.source().read_changes(since, &mut |each| {
            news.push(match each {
                News::Read(Reading::Draft(draft), _) => draft.locator.to_string(),
                News::Gone(id) => format!("gone {id}"),
                other => panic!("{other:?}"),
            });
        });
        (news, next.unwrap())
    }
}
