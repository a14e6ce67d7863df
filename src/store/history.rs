//! What is remembered, as lines of JSON: the form in which it moves to another store.
//!
//! The first line names the format and its version. Each other line is an object with one
//! member, `article` or `document`. `docs/dates.md` has the members; an older version is
//! read for ever.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::{DocumentRecord, Remembered, StoreError, Transaction};
use crate::article::{AbsoluteUrl, Timestamp};

const FORMAT: &str = "dateline-history";
const VERSION: u32 = 1;

/// Why a history cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The first line is another.
    #[error("it is no history: its first line must say \"format\": \"dateline-history\"")]
    Foreign,
    /// A newer program wrote it.
    #[error("it has version {0}; this program knows versions up to {VERSION}")]
    TooNew(u32),
    /// A line is not what it must be.
    #[error("the line cannot be read: {0}")]
    Line(#[from] serde_json::Error),
    /// An adopted id could stand in no document.
    #[error("the adopted id {0:?} holds a character that XML forbids")]
    Unwritable(String),
    /// The file cannot be written.
    #[error("the history cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    /// For people: nothing is compared with it, since a site may have moved.
    site: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum LineOut<'a> {
    Article(&'a Remembered),
    Document(&'a DocumentRecord),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum LineIn {
    Article(Box<Remembered>),
    Document(DocumentRecord),
}

/// Writes a history, line by line.
#[derive(Debug)]
pub struct HistoryWriter<W: Write> {
    out: W,
    articles: usize,
    documents: usize,
}

impl<W: Write> HistoryWriter<W> {
    /// Writes the first line.
    ///
    /// # Errors
    /// [`HistoryError::Write`]
    pub fn begin(out: W, site: &AbsoluteUrl) -> Result<Self, HistoryError> {
        let mut writer = Self {
            out,
            articles: 0,
            documents: 0,
        };
        writer.line(&Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            site: site.to_string(),
        })?;
        Ok(writer)
    }

    /// Writes what is remembered of an article.
    ///
    /// # Errors
    /// [`HistoryError::Write`]
    pub fn article(&mut self, remembered: &Remembered) -> Result<(), HistoryError> {
        self.articles += 1;
        self.line(&LineOut::Article(remembered))
    }

    /// Writes what is remembered of a document.
    ///
    /// # Errors
    /// [`HistoryError::Write`]
    pub fn document(&mut self, record: &DocumentRecord) -> Result<(), HistoryError> {
        self.documents += 1;
        self.line(&LineOut::Document(record))
    }

    /// Writes out what is still held back. Returns how many articles and documents there
    /// were.
    ///
    /// # Errors
    /// [`HistoryError::Write`]
    pub fn finish(mut self) -> Result<(usize, usize), HistoryError> {
        self.out.flush()?;
        Ok((self.articles, self.documents))
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), HistoryError> {
        serde_json::to_writer(&mut self.out, value)?;
        Ok(self.out.write_all(b"\n")?)
    }
}

/// Takes a history back, line by line.
#[derive(Debug, Default)]
pub struct HistoryReader {
    begun: bool,
    articles: usize,
    documents: usize,
}

impl HistoryReader {
    /// Takes one line into the store.
    ///
    /// # Errors
    /// [`HistoryError`]; the transaction should be dropped then.
    pub fn take(
        &mut self,
        line: &str,
        transaction: &mut dyn Transaction,
        now: Timestamp,
    ) -> Result<(), HistoryError> {
        if !self.begun {
            self.begun = true;
            return check_head(line.trim_start_matches('\u{FEFF}'));
        }
        if line.trim().is_empty() {
            return Ok(());
        }
        match serde_json::from_str(line)? {
            LineIn::Article(remembered) => {
                if let Some(id) = remembered.adopted.unwritable() {
                    return Err(HistoryError::Unwritable(id.to_owned()));
                }
                transaction.restore(&remembered, now)?;
                self.articles += 1;
            }
            LineIn::Document(record) => {
                transaction.restore_document(&record)?;
                self.documents += 1;
            }
        }
        Ok(())
    }

    /// How many articles and documents there were.
    ///
    /// # Errors
    /// [`HistoryError::Foreign`] for an empty file.
    pub const fn finish(self) -> Result<(usize, usize), HistoryError> {
        if self.begun {
            Ok((self.articles, self.documents))
        } else {
            Err(HistoryError::Foreign)
        }
    }
}

fn check_head(line: &str) -> Result<(), HistoryError> {
    match serde_json::from_str::<Head>(line) {
        Ok(head) if head.format == FORMAT && head.version > VERSION => {
            Err(HistoryError::TooNew(head.version))
        }
        Ok(head) if head.format == FORMAT => Ok(()),
        _ => Err(HistoryError::Foreign),
    }
}
