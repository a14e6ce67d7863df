//! From rows to values and back.

use bytes::Bytes;
use rusqlite::{Connection, Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    article::{AbsoluteUrl, Article, ArticleId, Timestamp},
    dates::{Event, Fingerprint, Memory},
    store::{Body, Cause, DocumentRecord, Glimpse, Record, Remembered, StoreError, StoredDocument},
};

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|e| unreadable(column, e))
}

pub(super) fn unreadable<E: std::error::Error + Send + Sync + 'static>(
    column: usize,
    error: E,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

pub(super) fn read_url(row: &Row<'_>, column: usize) -> rusqlite::Result<AbsoluteUrl> {
    AbsoluteUrl::parse(row.get_ref(column)?.as_str()?).map_err(|e| unreadable(column, e))
}

pub(super) fn read_instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let seconds: Option<i64> = row.get(column)?;
    seconds
        .map(Timestamp::from_unix)
        .transpose()
        .map_err(|e| unreadable(column, e))
}

pub(super) fn read_fingerprint(row: &Row<'_>, column: usize) -> rusqlite::Result<Fingerprint> {
    Fingerprint::parse(row.get_ref(column)?.as_str()?).map_err(|e| unreadable(column, e))
}

/// Of the columns `id, dates, piece, adopted`.
pub(super) fn read_article(row: &Row<'_>) -> rusqlite::Result<Article> {
    let id = ArticleId::stored(row.get(0)?);
    Ok(Article {
        id,
        dates: from_json(row, 1)?,
        piece: from_json(row, 2)?,
        adopted: from_json(row, 3)?,
    })
}

/// Of the columns `id, version, modified`.
pub(super) fn read_glimpse(row: &Row<'_>) -> rusqlite::Result<Glimpse> {
    Ok(Glimpse {
        id: ArticleId::stored(row.get(0)?),
        version: row.get(1)?,
        modified: read_instant(row, 2)?,
    })
}

pub(super) fn read_record(row: &Row<'_>) -> rusqlite::Result<Record> {
    read_record_from(row, 0)
}

pub(super) fn read_record_from(row: &Row<'_>, first: usize) -> rusqlite::Result<Record> {
    Ok(Record {
        id: ArticleId::stored(row.get(first)?),
        origin_id: row.get(first + 1)?,
        url: read_url(row, first + 2)?,
        removed: row.get(first + 3)?,
        memory: Memory {
            declared: from_json(row, first + 4)?,
            fingerprint: from_json(row, first + 5)?,
            dates: from_json(row, first + 6)?,
        },
        adopted: from_json(row, first + 7)?,
        listed: row.get(first + 8)?,
    })
}

/// Without its history.
pub(super) fn read_remembered(row: &Row<'_>) -> rusqlite::Result<Remembered> {
    let words: Option<String> = row.get(8)?;
    Ok(Remembered {
        id: ArticleId::stored(row.get(0)?),
        origin_id: row.get(1)?,
        handle: row.get(2)?,
        url: read_url(row, 3)?,
        title: row.get(4)?,
        removed: read_instant(row, 5)?,
        declared: from_json(row, 6)?,
        fingerprint: from_json(row, 7)?,
        words: words.map(|_| read_fingerprint(row, 8)).transpose()?,
        dates: from_json(row, 9)?,
        adopted: from_json(row, 10)?,
        history: Vec::new(),
    })
}

/// Of the columns `path, kind, etag, changed, inputs, updated, cause, recipe`.
pub(super) fn read_document_record(row: &Row<'_>) -> rusqlite::Result<DocumentRecord> {
    Ok(DocumentRecord {
        path: row.get(0)?,
        kind: row.get(1)?,
        etag: row.get(2)?,
        changed: read_instant(row, 3)?,
        inputs: row.get(4)?,
        updated: read_instant(row, 5)?,
        cause: read_cause(row, 6)?,
        recipe: row.get(7)?,
    })
}

pub(super) fn read_cause(row: &Row<'_>, column: usize) -> rusqlite::Result<Cause> {
    let name = row.get_ref(column)?.as_str()?;
    let known = Cause::ALL.into_iter().find(|cause| cause.name() == name);
    known.ok_or_else(|| unreadable(column, StoreError::Corrupt(format!("no cause: {name}"))))
}

pub(super) fn read_document(row: &Row<'_>) -> rusqlite::Result<StoredDocument> {
    let coded = |column| -> rusqlite::Result<Option<Bytes>> {
        Ok(row.get::<_, Option<Vec<u8>>>(column)?.map(Bytes::from))
    };
    let (identity, gzip) = (coded(8)?, coded(9)?);
    Ok(StoredDocument {
        record: read_document_record(row)?,
        body: if identity.is_some() || gzip.is_some() {
            let br = coded(10)?;
            Some(Body { identity, gzip, br })
        } else {
            None
        },
    })
}

/// The history of an article, oldest first.
pub(super) fn read_events(
    connection: &Connection,
    id: &ArticleId,
) -> Result<Vec<Event>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT event FROM event JOIN article ON article.key = event.article
         WHERE id = ?1 ORDER BY number",
    )?;
    let rows = statement.query_map([id.as_str()], |row| from_json(row, 0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The next instant at which articles come out or their dates may be shown.
pub(super) fn next_publication(
    connection: &Connection,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let next: Option<i64> = connection.query_row(
        "SELECT min(next) FROM (
             SELECT min(published) AS next FROM article
             WHERE removed IS NULL AND published > ?1
             UNION ALL
             SELECT min(modified) FROM article WHERE removed IS NULL AND modified > ?1)",
        [now.unix()],
        |row| row.get(0),
    )?;
    next.map(Timestamp::from_unix)
        .transpose()
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}
