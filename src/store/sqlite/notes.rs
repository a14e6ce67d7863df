//! What there is one of.

use rusqlite::{Connection, OptionalExtension as _};

use crate::{article::Timestamp, store::StoreError};

/// When the last edition was made.
pub(super) const MADE: &str = "made";

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
