//! The documents of the last edition, and what is remembered of those that are gone.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    REMEMBERED,
    rows::{read_document, read_document_record},
};
use crate::{
    article::Timestamp,
    store::{Body, DocumentRecord, StoreError, StoredDocument},
};

/// The document at `path`, as the last edition has it.
pub(super) fn find(
    connection: &Connection,
    path: &str,
) -> Result<Option<StoredDocument>, StoreError> {
    let sql = format!("SELECT {REMEMBERED}, identity, gzip, br FROM document WHERE path = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([path], read_document).optional()?)
}

/// What is remembered of a document that is gone.
pub(super) fn former(
    connection: &Connection,
    path: &str,
) -> Result<Option<DocumentRecord>, StoreError> {
    let sql = format!("SELECT {REMEMBERED} FROM former_document WHERE path = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement
        .query_row([path], read_document_record)
        .optional()?)
}

/// Writes a document over its predecessor.
pub(super) fn put(connection: &Connection, document: &StoredDocument) -> Result<(), StoreError> {
    let StoredDocument { record, body } = document;
    let coded = |coded: fn(&Body) -> Option<&Bytes>| body.as_ref().and_then(coded);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO document
                 (path, kind, etag, changed, inputs, updated, cause, recipe, identity, gzip, br)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            record.path,
            record.kind,
            record.etag,
            record.changed.map(Timestamp::unix),
            record.inputs,
            record.updated.map(Timestamp::unix),
            record.cause.name(),
            record.recipe,
            coded(|body| body.identity.as_ref()).map(|bytes| &**bytes),
            coded(|body| body.gzip.as_ref()).map(|bytes| &**bytes),
            coded(|body| body.br.as_ref()).map(|bytes| &**bytes),
        ])?;
    Ok(())
}

/// Writes what is known of a document whose bytes are as they were.
pub(super) fn put_record(
    connection: &Connection,
    record: &DocumentRecord,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE document SET kind = ?2, changed = ?3, inputs = ?4, updated = ?5,
                 cause = ?6, recipe = ?7 WHERE path = ?1",
        )?
        .execute(params![
            record.path,
            record.kind,
            record.changed.map(Timestamp::unix),
            record.inputs,
            record.updated.map(Timestamp::unix),
            record.cause.name(),
            record.recipe,
        ])?;
    Ok(())
}

/// Remembers a document of another store, unless a later change of it is known here.
pub(super) fn put_former(
    connection: &Connection,
    record: &DocumentRecord,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO former_document
                 (path, kind, etag, changed, inputs, updated, cause)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (path) DO UPDATE SET
                 kind = ?2, etag = ?3, changed = ?4, inputs = ?5, updated = ?6, cause = ?7
             WHERE changed IS NULL OR changed < ?4",
        )?
        .execute(params![
            record.path,
            record.kind,
            record.etag,
            record.changed.map(Timestamp::unix),
            record.inputs,
            record.updated.map(Timestamp::unix),
            record.cause.name(),
        ])?;
    Ok(())
}

/// Removes documents; what is known of them is remembered.
pub(super) fn drop(connection: &Connection, paths: &[String]) -> Result<(), StoreError> {
    let mut remember = connection.prepare_cached(&format!(
        "INSERT OR REPLACE INTO former_document ({REMEMBERED})
         SELECT {REMEMBERED} FROM document WHERE path = ?1"
    ))?;
    let mut delete = connection.prepare_cached("DELETE FROM document WHERE path = ?1")?;
    for path in paths {
        remember.execute([path])?;
        delete.execute([path])?;
    }
    Ok(())
}
