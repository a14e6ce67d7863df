//! What the databases have in common, so that the rest need not know which one it is.

use std::time::Duration;

use serde_json::Value;

use crate::config::{DatabaseServerConfig, Relation};

/// A kind of database, and where it is.
pub(in crate::source) trait Database: Send + Sync {
    /// Connects, and begins a transaction that only reads and that sees one state of the
    /// database from its first statement to its last.
    fn open(&self) -> Result<Box<dyn Session>, Trouble>;

    /// A connection of its own that waits for changes.
    fn wait(&self) -> Result<Box<dyn Wait>, Trouble>;
}

/// A transaction that only reads. It ends when it is dropped.
pub(in crate::source) trait Session {
    /// Looks up the table, or the columns of the query.
    fn describe(&mut self, relation: &Relation) -> Result<Described, Trouble>;

    /// Runs one statement and hands out row by row, so that memory does not grow with them.
    /// `values` stand for the places made by [`Session::place`], in their order.
    fn rows(
        &mut self,
        sql: &str,
        values: &[Value],
        each: &mut dyn FnMut(Vec<Cell>),
    ) -> Result<(), Trouble>;

    /// The name as an identifier of the dialect.
    fn quote(&self, name: &str) -> String;

    /// What to select so that [`Session::rows`] can read a column.
    fn output(&self, column: &Column) -> String;

    /// The greatest value of a column, so that [`Session::rows`] can read it.
    fn greatest(&self, column: &Column) -> String;

    /// A place for the value number `n`, from 1, to be compared with the column.
    fn place(&self, n: usize, column: &Column) -> String;

    /// How many rows there are and the sum over a column of moments or numbers: other ones,
    /// and some row has changed.
    fn tally(&self, column: &Column) -> String;

    /// The database's clock, in Unix seconds.
    fn now(&self) -> &'static str;
}

/// A connection that waits.
pub(in crate::source) trait Wait: Send {
    /// Waits for a notification, for so long at most, and sees that the database is still
    /// there. Whether there was one.
    fn wait(&mut self, time: Duration) -> Result<bool, Trouble>;

    /// Why notifications will not come, if so.
    fn deaf(&self) -> Option<&str>;
}

/// A cell as JSON has it, or why it cannot be read.
pub(in crate::source) type Cell = Result<Value, String>;

/// A table or query that was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Described {
    /// What stands after `FROM`, quoted.
    pub(super) from: String,
    /// In the database's order.
    pub(super) columns: Vec<Column>,
    /// The columns of the primary key, if there is one.
    pub(super) key: Vec<String>,
    /// Whether the case of names makes no difference.
    pub(super) folds: bool,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Column {
    /// As the database spells it.
    pub(super) name: String,
    /// As the database calls it.
    pub(super) type_name: String,
    /// What matters of that here.
    pub(super) kind: Kind,
    /// Whether our role may.
    pub(super) may_read: bool,
}

/// What a column holds, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Kind {
    /// An instant, a local time or a day.
    Time,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// Text, or whatever the row says, where columns have no types.
    Text,
    /// What cannot be put in order.
    Other,
}

/// Why a database gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Trouble {
    /// In one word, the same for as long as the cause is the same.
    pub(super) kind: TroubleKind,
    /// For people: what is wrong, and what to do. Never a password.
    pub(super) text: String,
}

/// The kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum TroubleKind {
    /// No connection, or one that broke.
    Unreachable,
    /// The database does not let us.
    Denied,
    /// What is asked for is not there.
    Missing,
    /// It took too long.
    TooSlow,
    /// The rest.
    Other,
}

impl Trouble {
    pub(super) fn new(kind: TroubleKind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, text }
    }

    /// Whether it will be the same for a while, whoever asks.
    pub(super) fn is_lasting(&self) -> bool {
        !matches!(self.kind, TroubleKind::Unreachable | TroubleKind::TooSlow)
    }

    /// No answer at all.
    pub(super) fn silent(limit: Duration) -> Self {
        let text = format!("gave no answer for {} seconds", limit.as_secs());
        Self::new(TroubleKind::Unreachable, text)
    }

    /// No table has this name; `known` are those that there are.
    pub(super) fn no_table(name: &str, known: &[String]) -> Self {
        let found = match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near:?}?"),
            None if known.is_empty() => {
                "there are none that may be read; GRANT SELECT on it".to_owned()
            }
            None => format!("there are {}", listed(known.iter().map(String::as_str))),
        };
        Self::new(
            TroubleKind::Missing,
            format!("has no table {name:?}; {found}"),
        )
    }

    /// It took longer than `statement_timeout`.
    pub(super) fn too_slow(limit: Duration) -> Self {
        let seconds = limit.as_secs();
        Self::new(
            TroubleKind::TooSlow,
            format!(
                "gave no row for {seconds} seconds; see statement_timeout, and whether an index \
                 helps"
            ),
        )
    }
}

/// The name that is most like `name`, if one is.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.75;
    known
        .map(|word| (strsim::jaro_winkler(name, word), word))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .map(|(_, word)| word)
}

/// The first twenty of them.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.take(21).collect();
    if names.len() > 20 {
        names.truncate(20);
        names.push("…");
    }
    names.join(", ")
}

/// Bytes that some column holds for text.
pub(super) fn utf8(bytes: &[u8]) -> Cell {
    std::str::from_utf8(bytes)
        .map(Value::from)
        .map_err(|error| format!("is not UTF-8 from byte {} on", error.valid_up_to() + 1))
}

impl DatabaseServerConfig {
    /// What `password_file` holds now.
    pub(super) fn password(&self) -> Result<Option<String>, Trouble> {
        let Some(path) = &self.password_file else {
            return Ok(None);
        };
        let password = std::fs::read_to_string(path).map_err(|error| {
            let text = format!("has a password_file that cannot be read: {error}");
            Trouble::new(TroubleKind::Denied, text)
        })?;
        Ok(Some(password.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// The operator's SQL as a table of its own. The line end is for a comment at its end.
pub(super) fn derived(query: &str) -> String {
    let query = query.trim().trim_end_matches(';').trim_end();
    format!("({query}\n) AS dateline")
}
