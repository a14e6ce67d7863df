//! CSV: a header row, then an article per row. Cells that hold several values separate them
//! by `;`.

use std::io::Read;

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use serde_json::{Map, Value};

use super::Entries;
use crate::source::SourceError;

/// Columns whose cells may hold several values.
const LISTS: [&str; 6] = [
    "authors",
    "tags",
    "categories",
    "enclosures",
    "attachments",
    "alternates",
];

pub(super) fn read(reader: impl Read, entries: &mut Entries<'_>) -> Result<(), SourceError> {
    // Rows of another length are rejected one by one, not the file.
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(reader);
    let header = reader
        .headers()
        .map_err(|error| entries.fail(1, 1, &format!("the header row is broken: {error}")))?
        .clone();
    let names: Vec<&str> = header
        .iter()
        .map(|name| name.trim_start_matches('\u{FEFF}').trim())
        .collect();
    if names.iter().all(|name| name.is_empty()) {
        return Err(entries.fail(1, 1, "there is no header row that names the columns"));
    }
    let mut record = StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => row(&names, &record, entries),
            Err(error) => match error.kind() {
                ErrorKind::Utf8 { .. } => entries.reject(line, "the row is not UTF-8"),
                _ => return Err(entries.fail(line, 1, &error.to_string())),
            },
        }
    }
}

fn row(names: &[&str], record: &StringRecord, entries: &mut Entries<'_>) {
    let line = record.position().map_or(0, csv::Position::line);
    if record.len() != names.len() {
        let (found, expected) = (record.len(), names.len());
        entries.reject(
            line,
            format!("the row has {found} cells, and the header {expected}"),
        );
        return;
    }
    let cells = names
        .iter()
        .zip(record)
        .filter(|(_, cell)| !cell.trim().is_empty());
    let map: Map<String, Value> = cells
        .map(|(name, cell)| ((*name).to_owned(), value(name, cell)))
        .collect();
    entries.entry(line, &map);
}

fn value(name: &str, cell: &str) -> Value {
    if !LISTS.contains(&name) {
        return Value::from(cell);
    }
    cell.split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(Value::from)
        .collect()
}
