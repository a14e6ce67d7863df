//! A catalogue in one file, in any of five formats.

mod csv;
mod json;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

pub(super) use self::{
    json::{Defaults as JsonFeedDefaults, parse as parse_json, without_place as json_message},
    toml::to_map as toml_to_map,
    yaml::{limits as yaml_limits, message as yaml_message, place as yaml_place},
};

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use serde_json::{Map, Value};

use super::{
    Folder, Glance, Locator, Reading, Rejection, RejectionKind, Source, SourceError, display_name,
    fields,
};
use crate::config::{FileFormat, FileSourceConfig};

/// More than this is not a file any more but a database (`sqlite`, `postgres`), and would
/// be held in memory by the formats that cannot be read line by line.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// More than this in one line of NDJSON is no article.
pub(in crate::source) const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;
/// Tables within tables. Nothing that is read has more than three levels.
const MAX_DEPTH: usize = 32;

/// The source `file`.
#[derive(Debug)]
pub struct FileSource {
    config: FileSourceConfig,
    name: String,
}

impl FileSource {
    /// Names the file relative to `root` in messages.
    #[must_use]
    pub fn new(config: FileSourceConfig, root: &Path) -> Self {
        let name = display_name(&config.path, root);
        Self { config, name }
    }

    fn open(&self) -> Result<File, SourceError> {
        let name = &self.name;
        let failed = |what: String| SourceError(format!("the catalogue {name} {what}"));
        let metadata = std::fs::metadata(&self.config.path).map_err(|error| {
            failed(format!(
                "cannot be read: {error}; see path in [source.file]"
            ))
        })?;
        // Opening a pipe that nobody writes to would wait for ever.
        if !metadata.is_file() {
            return Err(failed("is no file; see path in [source.file]".to_owned()));
        }
        if metadata.len() > MAX_BYTES {
            return Err(failed(format!(
                "is larger than {MAX_BYTES} bytes; use a database"
            )));
        }
        File::open(&self.config.path).map_err(|error| failed(format!("cannot be read: {error}")))
    }

    /// Reads `from` in place of the file, in the file's format and under its name.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_from(
        &self,
        from: impl Read,
        each: &mut dyn FnMut(Reading),
    ) -> Result<(), SourceError> {
        let mut entries = Entries {
            name: &self.name,
            each,
        };
        match self.config.format {
            FileFormat::Toml => toml::read(&self.text(from)?, &mut entries),
            FileFormat::Json => json::read(&self.text(from)?, &mut entries),
            FileFormat::Yaml => yaml::read(&self.text(from)?, &mut entries),
            FileFormat::Ndjson => json::read_lines(BufReader::new(from), &mut entries),
            FileFormat::Csv => csv::read(BufReader::new(from), &mut entries),
        }
    }

    /// The whole text, without a byte order mark, its lines ended by `\n`.
    fn text(&self, from: impl Read) -> Result<String, SourceError> {
        let mut bytes = Vec::new();
        let name = &self.name;
        from.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| {
                SourceError(format!("the catalogue {name} cannot be read: {error}"))
            })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = line_of(error.as_bytes(), error.utf8_error().valid_up_to());
            SourceError(format!(
                "{name}:{line} is not UTF-8; save the file as UTF-8"
            ))
        })?;
        // One text whatever program saved it: neither mark nor line ends reach a document.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        Ok(text.replace("\r\n", "\n"))
    }
}

impl Source for FileSource {
    fn read(&self, each: &mut dyn FnMut(Reading)) -> Result<(), SourceError> {
        self.read_from(self.open()?, each)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn glance(&self) -> Glance {
        let mut glance = Glance::default();
        glance.add(&self.config.path);
        glance
    }

    fn folders(&self) -> Vec<Folder> {
        Folder::around(&self.config.path)
    }
}

/// Takes the entries of a file one by one and hands them on as readings.
struct Entries<'a> {
    name: &'a str,
    each: &'a mut dyn FnMut(Reading),
}

impl Entries<'_> {
    fn locator(&self, line: u64) -> Locator {
        Locator::line(self.name, line)
    }

    /// An entry that begins at `line`.
    fn entry(&mut self, line: u64, map: &Map<String, Value>) {
        match fields::read(map, &[], self.locator(line)) {
            Ok(draft) => (self.each)(Reading::Draft(Box::new(draft))),
            Err(rejection) => (self.each)(Reading::Rejected(rejection)),
        }
    }

    /// Something at `line` that should have been an entry.
    fn value(&mut self, line: u64, value: &Value) {
        match value {
            Value::Object(map) => self.entry(line, map),
            _ => self.reject(line, "an article must be a table of names and values"),
        }
    }

    fn reject(&mut self, line: u64, reason: impl Into<String>) {
        let locator = self.locator(line);
        let reason = reason.into();
        let kind = RejectionKind::Syntax;
        (self.each)(Reading::Rejected(Rejection {
            locator,
            kind,
            reason,
        }));
    }

    /// The file as a whole cannot be used.
    fn fail(&self, line: u64, column: u64, what: &str) -> SourceError {
        SourceError(format!("{}:{line}:{column}: {what}", self.name))
    }
}

/// The line, from 1, that the byte at `offset` stands in.
pub(super) fn line_of(bytes: &[u8], offset: usize) -> u64 {
    let before = bytes.get(..offset).unwrap_or(bytes);
    u64::try_from(before.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u64::MAX - 1) + 1
}

/// Counts lines from one offset to the next, so that a file is gone over once.
struct Lines<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            offset: 0,
            line: 1,
        }
    }

    /// The line of `offset`, which must not be before the last one asked for.
    fn at(&mut self, offset: usize) -> u64 {
        let passed = self.bytes.get(self.offset..offset).unwrap_or_default();
        self.line += line_of(passed, passed.len()) - 1;
        self.offset = offset.max(self.offset);
        self.line
    }
}
