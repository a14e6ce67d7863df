//! Reads what an origin declares. One file per kind of origin; no judging, no cleaning.

mod extras;
mod fields;
mod file;
mod glance;
mod http;
mod markdown;
mod sql;

pub use extras::{DraftEpisode, DraftExtras, DraftOriginal, DraftVideo};
pub use file::FileSource;
pub use glance::{Folder, Glance, Mark, Stamp};
pub use http::HttpSource;
pub use markdown::MarkdownSource;
pub use sql::SqlSource;

use std::{fmt, path::Path, sync::Arc};

use pulldown_cmark::Options;
use serde::{Deserialize, Serialize};

use crate::{article::Timestamp, config::SourceConfig};

/// An article as its origin declares it: raw text, nothing checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Where it stands, for messages.
    pub locator: Locator,
    /// What the origin calls it, if it names it at all.
    pub id: Option<String>,
    /// Its address, absolute or relative to the site.
    pub url: Option<String>,
    /// The last part of its address.
    pub slug: Option<String>,
    /// The path of its file below the source's folder, `/`-separated and without ending;
    /// for a bundle (`post/index.md`) the folder's.
    pub path: Option<String>,
    /// May hold markup.
    pub title: Option<String>,
    /// Plain text or HTML as declared, or the beginning of a Markdown text.
    pub summary: Option<Content>,
    /// The full text.
    pub content: Option<Content>,
    /// In the origin's order.
    pub authors: Vec<DraftPerson>,
    /// In the origin's order.
    pub tags: Vec<String>,
    /// The part of the site it belongs to.
    pub section: Option<String>,
    /// A language tag.
    pub language: Option<String>,
    /// A date in any of the accepted forms; a number is Unix seconds.
    pub published: Option<String>,
    /// A date in any of the accepted forms; a number is Unix seconds.
    pub updated: Option<String>,
    /// The last commit that changed its content, as a whole history tells.
    pub git: Option<Timestamp>,
    /// A URL, absolute or relative to the article.
    pub image: Option<String>,
    /// Pages that its text links by their files: how (`@/blog/one.md`), and which page that is,
    /// if it is an article.
    pub pages: Vec<(String, Option<Box<Self>>)>,
    /// Files that belong to it.
    pub enclosures: Vec<DraftEnclosure>,
    /// Language tag → URL, in the origin's order.
    pub alternates: Vec<(String, String)>,
    /// Not to be published.
    pub draft: bool,
    /// Not to be listed in the sitemap.
    pub noindex: bool,
    /// How long reading takes, in minutes.
    pub reading_minutes: Option<u32>,
    /// What only some articles declare.
    pub extras: DraftExtras,
}

/// The text of a draft, in the language it is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// HTML, as found.
    Html(String),
    /// CommonMark with tables, footnotes and strikethrough.
    Markdown(String),
    /// Plain text; blank lines separate paragraphs.
    Text(String),
}

impl Content {
    /// What Markdown is read as, here and where it becomes HTML.
    pub const MARKDOWN: Options = Options::ENABLE_TABLES
        .union(Options::ENABLE_FOOTNOTES)
        .union(Options::ENABLE_STRIKETHROUGH);
}

/// An author as declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftPerson {
    /// The name; may be blank.
    pub name: String,
    /// An address.
    pub email: Option<String>,
    /// A page about the person.
    pub url: Option<String>,
}

/// A file as declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftEnclosure {
    /// Where it is, absolute or relative to the article.
    pub url: String,
    /// Its media type, if declared.
    pub media_type: Option<String>,
    /// Its size in bytes, if declared.
    pub length: Option<u64>,
}

/// Where something stands: a file and a line in it, or a table and a row in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Locator {
    /// The file as the operator would name it, relative to the configuration's folder; or the
    /// table or address that was read.
    pub file: String,
    /// Counted from 1.
    pub line: Option<u64>,
    /// What the origin calls the entry, where it has names for them and no lines: the same
    /// as [`Draft::id`].
    pub row: Option<String>,
}

impl Locator {
    /// A file as a whole.
    #[must_use]
    pub fn file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            ..Self::default()
        }
    }

    /// A line of a file, counted from 1.
    #[must_use]
    pub fn line(file: impl Into<String>, line: u64) -> Self {
        Self {
            line: Some(line),
            ..Self::file(file)
        }
    }

    /// What the origin calls `row` in a table or an answer.
    #[must_use]
    pub fn row(table: impl Into<String>, row: impl Into<String>) -> Self {
        Self {
            row: Some(row.into()),
            ..Self::file(table)
        }
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.row {
            Some(row) => write!(f, " id {row}"),
            None => Ok(()),
        }
    }
}

/// An article that cannot be served, and why. Its neighbours are served all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Where it stands.
    pub locator: Locator,
    /// The kind of fault, of which there are few: safe as the label of a metric.
    pub kind: RejectionKind,
    /// One line for people: what is wrong and what to do.
    pub reason: String,
}

/// What kinds of fault an article can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RejectionKind {
    /// The file cannot be opened, is no regular file, is too large or is not UTF-8.
    Unreadable,
    /// The entry or its front matter cannot be parsed.
    Syntax,
    /// A field that must be there is not.
    Missing,
    /// A field holds what it cannot hold.
    Value,
    /// A date that is no date.
    Date,
    /// An address that is none, or lies outside the site.
    Url,
    /// Another article has its id or its address.
    Duplicate,
    /// Past a limit of size or nesting.
    TooLarge,
}

impl RejectionKind {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Unreadable,
        Self::Syntax,
        Self::Missing,
        Self::Value,
        Self::Date,
        Self::Url,
        Self::Duplicate,
        Self::TooLarge,
    ];

    /// In one word, for metrics and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Syntax => "syntax",
            Self::Missing => "missing",
            Self::Value => "value",
            Self::Date => "date",
            Self::Url => "url",
            Self::Duplicate => "duplicate",
            Self::TooLarge => "too-large",
        }
    }
}

/// One thing found at an origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// An article, drafts (`draft = true`) included.
    Draft(Box<Draft>),
    /// Something that should have been one.
    Rejected(Rejection),
    /// Something that the operator should know of the origin as a whole.
    Remark(Remark),
}

/// A sentence for people about a place at the origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub locator: Locator,
    /// What, and what to do.
    pub text: String,
}

/// One thing found at an origin that was read before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// What stands at this place is as it was, and was not read.
    Same(String),
    /// Something read; with its stamp where the next reading may leave it out.
    Read(Reading, Option<Stamp>),
    /// The article that the origin called so is there no more. Only a reading of changes has
    /// these: what a whole reading does not show is gone.
    Gone(String),
    /// Nothing new, but the origin answers: who listens need not give it up.
    Alive,
}

/// How far an origin was read, in its source's own words. The store keeps it, so that a later
/// reading, be it another process's, can begin there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark(
    /// Opaque to everyone but the source that wrote it.
    pub String,
);

/// Says that an origin may have changed. Called from any thread, as often as one likes.
pub type Nudge = Arc<dyn Fn() + Send + Sync>;

/// Something that runs on while it is held: a thread or a connection that listens.
pub trait Listening: Send + Sync {}

/// Whether what stands at a place is as it was, as its mark tells.
pub type Known<'a> = &'a dyn Fn(&str, Mark) -> bool;

/// The origin as a whole could not be read; whatever was read before the fault must not be
/// taken for the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(
    /// For people: what, where, and what to do.
    pub String,
);

/// An origin of articles.
pub trait Source: Send + Sync {
    /// Reads the whole catalogue, in the origin's own order, and hands each article to
    /// `each` as it is found, so that memory does not grow with the catalogue.
    ///
    /// Blocks; call it off the runtime.
    ///
    /// # Errors
    /// [`SourceError`] when the origin as a whole cannot be read to its end.
    fn read(&self, each: &mut dyn FnMut(Reading)) -> Result<(), SourceError>;

    /// Reads the catalogue like [`Source::read`], but leaves out what is `known`, where the
    /// kind of origin can tell without reading.
    ///
    /// Returns how far it read, where [`Source::read_changes`] can go on from there.
    ///
    /// # Errors
    /// [`SourceError`], as for `read`.
    fn read_news(
        &self,
        known: Known<'_>,
        each: &mut dyn FnMut(News),
    ) -> Result<Option<Bookmark>, SourceError> {
        let _ = known;
        self.read(&mut |reading| each(News::Read(reading, None)))?;
        Ok(None)
    }

    /// Reads only what has changed since `since`: each changed entry as it is now, and what
    /// is gone. An entry may be given although it has not changed. Drafts and rejections have
    /// a [`Locator::row`].
    ///
    /// Returns how far it read, or `None` when it cannot tell what has changed, or when it is
    /// time to compare everything: then the whole must be read, and what was given is to be
    /// forgotten.
    ///
    /// # Errors
    /// [`SourceError`], as for `read`.
    fn read_changes(
        &self,
        since: &Bookmark,
        each: &mut dyn FnMut(News),
    ) -> Result<Option<Bookmark>, SourceError> {
        let _ = (since, each);
        Ok(None)
    }

    /// What the origin is called in messages: its path or address.
    fn name(&self) -> &str;

    /// How the origin looks without reading it: what the file system says of it, or a
    /// database or server that is asked no more often than the configuration allows. Two
    /// equal glances mean that there is nothing new to read. An origin that cannot be reached
    /// looks otherwise than one that can.
    ///
    /// Blocks; call it off the runtime.
    fn glance(&self) -> Glance;

    /// The folders in which a change may be a change of the origin.
    fn folders(&self) -> Vec<Folder>;

    /// Begins to call `nudge` whenever the origin may have changed, for as long as the
    /// returned value lives: a database that notifies, or a timer where the origin must be
    /// asked. `None` where its folders tell everything. Does not block.
    fn listen(&self, nudge: Nudge) -> Option<Box<dyn Listening>> {
        let _ = nudge;
        None
    }
}

/// Opens the origin that the configuration names. Nothing is read yet. `root` is the folder
/// of the configuration: places in messages are relative to it.
#[must_use]
pub fn open(config: &SourceConfig, root: &Path) -> Box<dyn Source> {
    match config {
        SourceConfig::File(config) => Box::new(FileSource::new(config.clone(), root)),
        SourceConfig::Markdown(config) => Box::new(MarkdownSource::new(config.clone(), root)),
        SourceConfig::Http(config) => Box::new(HttpSource::new((**config).clone())),
        SourceConfig::Sqlite(config) => Box::new(SqlSource::sqlite(config, root)),
        SourceConfig::Postgres(config) => Box::new(SqlSource::postgres(config)),
        SourceConfig::Mysql(config) => Box::new(SqlSource::mysql(config)),
    }
}

/// How a file is called in messages.
fn display_name(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}
