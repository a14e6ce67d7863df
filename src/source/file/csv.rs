//! CSV: a header row, then an article per row. Cells that hold several values separate them
//! by `;`, or are JSON where a value has parts (an author's page, an enclosure's type).

use std::{
    io::{self, BufRead, Bytes, Read},
    iter::Peekable,
};

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use serde_json::{Map, Value};

use super::Entries;
use crate::source::SourceError;

/// Columns whose cells may hold several values.
const LISTS: [&str; 9] = [
    "authors",
    "author",
    "tags",
    "categories",
    "category",
    "enclosures",
    "enclosure",
    "attachments",
    "alternates",
];

pub(super) fn read(reader: impl BufRead, entries: &mut Entries<'_>) -> Result<(), SourceError> {
    // Rows of another length are rejected one by one, not the file.
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .from_reader(UnixLines::new(reader));
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
            Ok(false) => break,
            Ok(true) => {
                let end = reader.position().line();
                row(&names, &record, end, entries);
            }
            Err(error) => match error.kind() {
                ErrorKind::Utf8 { .. } => entries.reject(line, "the row is not UTF-8"),
                _ => return Err(entries.fail(line, 1, &error.to_string())),
            },
        }
    }
    match reader.get_ref().quotes.opened {
        None => Ok(()),
        // Every row from there on has become one cell.
        Some(line) => {
            let what = "a quote (\") is opened here and not closed before the end of the file";
            Err(entries.fail(line, 1, what))
        }
    }
}

/// One row, behind which the line `end` begins. Blank rows, which the reader passes over, are
/// in front of it, so its own line is found from behind.
fn row(names: &[&str], record: &StringRecord, end: u64, entries: &mut Entries<'_>) {
    if record.iter().all(|cell| cell.trim().is_empty()) {
        // Spreadsheets save rows that were cleared as commas alone.
        return;
    }
    let within = record.as_slice().matches('\n').count();
    let line = end.saturating_sub(within as u64 + 1).max(1);
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
    if cell.trim_start().starts_with(['[', '{'])
        && let Ok(value) = serde_json::from_str(cell)
    {
        return value;
    }
    cell.split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(Value::from)
        .collect()
}

/// Makes `\r\n` a `\n`, and ends the last line. Text in cells is then the same whatever
/// program saved the file, and lines can be counted: the reader takes `\r` for the end of a
/// row and `\n` for the beginning of the next.
struct UnixLines<R: BufRead> {
    bytes: Peekable<Bytes<R>>,
    last: u8,
    quotes: Quotes,
}

/// Whether a quoted cell is open: the reader does not say at the end that one is.
#[derive(Debug)]
struct Quotes {
    line: u64,
    at_start_of_cell: bool,
    /// The line on which the open one began.
    opened: Option<u64>,
    /// A quote has just closed a cell; another one makes both of them text.
    just_closed: Option<u64>,
}

impl Quotes {
    const fn new() -> Self {
        Self {
            line: 1,
            at_start_of_cell: true,
            opened: None,
            just_closed: None,
        }
    }

    fn read(&mut self, byte: u8) {
        match (byte, self.opened, self.just_closed.take()) {
            (b'"', Some(line), _) => (self.opened, self.just_closed) = (None, Some(line)),
            (b'"', None, Some(line)) => self.opened = Some(line),
            (b'"', None, None) if self.at_start_of_cell => self.opened = Some(self.line),
            _ => {}
        }
        let in_cell = self.opened.is_some() || !matches!(byte, b',' | b'\n' | b'\r');
        // A byte order mark stands before the first cell and not in it.
        let is_mark = self.at_start_of_cell && matches!(byte, 0xEF | 0xBB | 0xBF);
        self.at_start_of_cell = !in_cell || is_mark;
        self.line += u64::from(byte == b'\n');
    }
}

impl<R: BufRead> UnixLines<R> {
    fn new(reader: R) -> Self {
        let bytes = reader.bytes().peekable();
        Self {
            bytes,
            last: b'\n',
            quotes: Quotes::new(),
        }
    }
}

impl<R: BufRead> Read for UnixLines<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while let Some(place) = out.get_mut(written) {
            let byte = match self.bytes.next().transpose()? {
                Some(b'\r') if matches!(self.bytes.peek(), Some(Ok(b'\n'))) => continue,
                Some(byte) => byte,
                None if self.last == b'\n' => break,
                None => b'\n',
            };
            (*place, self.last) = (byte, byte);
            self.quotes.read(byte);
            written += 1;
        }
        Ok(written)
    }
}
