//! What there is one of.

use rusqlite::{Connection, OptionalExtension as _};

use crate::{
    article::Timestamp,
    store::{Note, StoreError},
};

/// When the last edition was made.
pub(super) const MADE: &str = "made";
/// That articles were changed since, and nobody knows which.
pub(super) const UNCLEAR: &str = "unclear";

/// Under which name something is noted.
pub(super) const fn name(note: Note) -> &'static str {
    match note {
        Note::Bookmark => "bookmark",
        Note::Rejected => "rejected",
    }
}

pub(super) fn find(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT value FROM note WHERE name = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

pub(super) fn put(connection: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO note (name, value) VALUES (?1, ?2)")?
        .execute([name, value])?;
    Ok(())
}

pub(super) fn forget(connection: &Connection, name: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM note WHERE name = ?1")?
        .execute([name])?;
    Ok(())
}

pub(super) fn instant(
    connection: &Connection,
    name: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let Some(value) = find(connection, name)? else {
        return Ok(None);
    };
    let corrupt = || StoreError::Corrupt(format!("the note {name} is no instant: {value}"));
    let seconds = value.parse().map_err(|_| corrupt())?;
    Timestamp::from_unix(seconds)
        .map(Some)
        .map_err(|_| corrupt())
}
