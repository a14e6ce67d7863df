//! The store in a SQLite file.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params, types::Type};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Entry, HISTORY, Label, Listing, Record, Removed, Selection, Store, StoreError, StoredDocument,
    Taken, Transaction, schema,
};
use crate::{
    article::{AbsoluteUrl, Article, ArticleId, Axis, Dates, Timestamp},
    dates::{Event, Memory},
};

/// A store in one file, or in memory.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
}

impl SqliteStore {
    /// How long to wait for another process that is writing.
    const BUSY: Duration = Duration::from_secs(10);

    /// Opens the file, or makes it with its schema.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened, is no store, or is a newer program's.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let name = path.display().to_string();
        let open = |cause: rusqlite::Error| StoreError::Open {
            path: name.clone(),
            cause: cause.to_string(),
        };
        let connection = Connection::open(path).map_err(open)?;
        connection.busy_timeout(Self::BUSY).map_err(open)?;
        let store = Self::prepare(connection, &name)?;
        // With a write-ahead log a reader never waits for the writer. FULL, since an edition
        // that was served must not be forgotten in a power cut: its validators would go back.
        for (pragma, value) in [("journal_mode", "WAL"), ("synchronous", "FULL")] {
            store.connection.pragma_update(None, pragma, value)?;
        }
        Ok(store)
    }

    /// A store that is gone with the process: for `check` without a store, and for tests.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?, ":memory:")
    }

    fn prepare(mut connection: Connection, name: &str) -> Result<Self, StoreError> {
        schema::migrate(&mut connection, name)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What the present refresh has claimed; private to this connection.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.execute_batch(
            "CREATE TEMP TABLE claim (
                 id TEXT PRIMARY KEY, url TEXT NOT NULL UNIQUE, place TEXT NOT NULL
             ) STRICT, WITHOUT ROWID;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection })
    }
}

const DOCUMENT: &str =
    "SELECT path, kind, etag, changed, inputs, updated, identity, gzip, br FROM document";

impl Store for SqliteStore {
    fn documents(&self) -> Result<Vec<StoredDocument>, StoreError> {
        let mut statement = self
            .connection
            .prepare(&format!("{DOCUMENT} ORDER BY path"))?;
        let rows = statement.query_map([], read_document)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn article(&self, url: &AbsoluteUrl) -> Result<Option<(Article, bool)>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, dates, piece, removed IS NULL FROM article WHERE url = ?1
             ORDER BY removed IS NOT NULL, removed DESC LIMIT 1",
        )?;
        let found = statement
            .query_row([url.as_str()], |row| Ok((read_article(row)?, row.get(3)?)))
            .optional()?;
        Ok(found)
    }

    fn history(&self, id: &ArticleId) -> Result<Vec<Event>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT event FROM event JOIN article ON article.key = event.article
             WHERE id = ?1 ORDER BY number",
        )?;
        let rows = statement.query_map([id.as_str()], |row| from_json(row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        // Immediate: a second writer learns at once that it must wait, not half-way.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("DELETE FROM temp.claim", [])?;
        Ok(Box::new(SqliteTransaction { transaction }))
    }
}

struct SqliteTransaction<'a> {
    transaction: rusqlite::Transaction<'a>,
}

/// Articles that are out at instant `?1`.
const PUBLIC: &str = "removed IS NULL AND (published IS NULL OR published <= ?1)";

impl Transaction for SqliteTransaction<'_> {
    fn find(
        &self,
        origin_id: Option<&str>,
        url: &AbsoluteUrl,
    ) -> Result<Option<Record>, StoreError> {
        const COLUMNS: &str = "SELECT id, origin_id, url, removed IS NOT NULL, declared,
                                      fingerprint, dates FROM article";
        if let Some(origin_id) = origin_id {
            let sql = format!("{COLUMNS} WHERE origin_id = ?1 LIMIT 1");
            let mut statement = self.transaction.prepare_cached(&sql)?;
            let found = statement.query_row([origin_id], read_record).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
        // Several rows may share an address, since a removed article leaves its behind.
        let sql = format!(
            "{COLUMNS} WHERE url = ?1 AND (?2 IS NULL OR origin_id IS NULL)
             ORDER BY removed IS NOT NULL, removed DESC, key LIMIT 1"
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        Ok(statement
            .query_row(params![url.as_str(), origin_id], read_record)
            .optional()?)
    }

    fn claim(
        &mut self,
        id: &ArticleId,
        url: &AbsoluteUrl,
        place: &str,
    ) -> Result<Option<Taken>, StoreError> {
        let holder = |column: &str, value: &str| -> Result<Option<String>, StoreError> {
            let sql = format!("SELECT place FROM temp.claim WHERE {column} = ?1");
            let mut statement = self.transaction.prepare_cached(&sql)?;
            Ok(statement.query_row([value], |row| row.get(0)).optional()?)
        };
        if let Some(place) = holder("id", id.as_str())? {
            return Ok(Some(Taken::Id(place)));
        }
        if let Some(place) = holder("url", url.as_str())? {
            return Ok(Some(Taken::Url(place)));
        }
        self.transaction
            .prepare_cached("INSERT INTO temp.claim (id, url, place) VALUES (?1, ?2, ?3)")?
            .execute([id.as_str(), url.as_str(), place])?;
        Ok(None)
    }

    fn put(&mut self, entry: &Entry<'_>) -> Result<(), StoreError> {
        let Entry {
            article,
            origin_id,
            declared,
            fingerprint,
            labels,
        } = entry;
        // An unchanged row is left alone, so that a refresh without a change writes nothing.
        let key: Option<i64> = self
            .transaction
            .prepare_cached(
                "INSERT INTO article (id, origin_id, url, published, noindex, dates, declared,
                                      fingerprint, piece, removed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL)
                 ON CONFLICT (id) DO UPDATE SET
                     origin_id = ?2, url = ?3, published = ?4, noindex = ?5, dates = ?6,
                     declared = ?7, fingerprint = ?8, piece = ?9, removed = NULL
                 WHERE origin_id IS NOT ?2 OR dates <> ?6 OR declared <> ?7
                     OR fingerprint <> ?8 OR piece <> ?9 OR removed IS NOT NULL
                 RETURNING key",
            )?
            .query_row(
                params![
                    article.id.as_str(),
                    origin_id,
                    article.piece.url.as_str(),
                    article
                        .dates
                        .published
                        .map(|moment| moment.instant().unix()),
                    article.piece.noindex,
                    to_json(&article.dates)?,
                    to_json(declared)?,
                    to_json(fingerprint)?,
                    to_json(&article.piece)?,
                ],
                |row| row.get(0),
            )
            .optional()?;
        key.map_or(Ok(()), |key| self.put_labels(key, labels))
    }

    fn note(&mut self, id: &ArticleId, event: &Event) -> Result<(), StoreError> {
        let key: i64 = self
            .transaction
            .prepare_cached("SELECT key FROM article WHERE id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))?;
        let number: i64 = self
            .transaction
            .prepare_cached(
                "INSERT INTO event (article, number, event)
                 VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM event WHERE article = ?1),
                         ?2)
                 RETURNING number",
            )?
            .query_row(params![key, to_json(event)?], |row| row.get(0))?;
        let kept = i64::try_from(HISTORY).unwrap_or(i64::MAX);
        self.transaction
            .prepare_cached("DELETE FROM event WHERE article = ?1 AND number BETWEEN 2 AND ?2")?
            .execute([key, number - kept])?;
        Ok(())
    }

    fn sweep(&mut self, now: Timestamp) -> Result<Vec<Removed>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "UPDATE article SET removed = ?1
             WHERE removed IS NULL AND id NOT IN (SELECT id FROM temp.claim)
             RETURNING id, piece ->> 'title', dates",
        )?;
        let rows = statement.query_map([now.unix()], |row| {
            let dates: Dates = from_json(row, 2)?;
            Ok(Removed {
                id: ArticleId::stored(row.get(0)?),
                title: row.get(1)?,
                modified: dates.modified,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn live(&self) -> Result<usize, StoreError> {
        let sql = "SELECT count(*) FROM article WHERE removed IS NULL";
        let count: i64 = self.transaction.query_row(sql, [], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn count(&self, now: Timestamp) -> Result<usize, StoreError> {
        let sql = format!("SELECT count(*) FROM article WHERE {PUBLIC}");
        let count: i64 = self
            .transaction
            .query_row(&sql, [now.unix()], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    fn newest(
        &self,
        selection: &Selection,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Article>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (join, axis, slug) = match selection {
            Selection::All => ("", "", ""),
            Selection::Label(axis, slug) => (
                "JOIN label ON label.article = article.key
                     AND label.axis = ?3 AND label.slug = ?4",
                axis.name(),
                slug.as_str(),
            ),
        };
        // ?3 and ?4 are named in either case, so that the parameters are always four.
        let sql = format!(
            "SELECT id, dates, piece FROM article {join} WHERE {PUBLIC}
                 AND ?3 IS NOT NULL AND ?4 IS NOT NULL
             ORDER BY published DESC NULLS LAST, id DESC LIMIT ?2"
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let rows = statement.query_map(params![now.unix(), limit, axis, slug], read_article)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn listings(&self, now: Timestamp, each: &mut dyn FnMut(Listing)) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT url, dates FROM article WHERE {PUBLIC} AND NOT noindex
             ORDER BY published NULLS FIRST, id"
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let rows = statement.query_map([now.unix()], |row| {
            let dates: Dates = from_json(row, 1)?;
            let (published, modified) = (dates.published, dates.modified);
            Ok(Listing {
                url: read_url(row, 0)?,
                published,
                modified,
            })
        })?;
        for listing in rows {
            each(listing?);
        }
        Ok(())
    }

    fn labels(&self, axis: Axis, now: Timestamp) -> Result<Vec<Label>, StoreError> {
        // Of several spellings the one of the newest article is shown.
        let sql = format!(
            "SELECT axis, slug, value, max(coalesce(published, -1)) FROM label
             JOIN article ON article.key = label.article
             WHERE axis = ?2 AND {PUBLIC} GROUP BY axis, slug ORDER BY slug"
        );
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let rows = statement.query_map(params![now.unix(), axis.name()], |row| {
            Ok((row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        rows.map(|row| row.map(|(slug, value)| Label { axis, slug, value }))
            .collect::<Result<_, _>>()
            .map_err(Into::into)
    }

    fn next_publication(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let next: Option<i64> = self.transaction.query_row(
            "SELECT min(published) FROM article WHERE removed IS NULL AND published > ?1",
            [now.unix()],
            |row| row.get(0),
        )?;
        next.map(Timestamp::from_unix)
            .transpose()
            .map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    fn document(&self, path: &str) -> Result<Option<StoredDocument>, StoreError> {
        let sql = format!("{DOCUMENT} WHERE path = ?1");
        let mut statement = self.transaction.prepare_cached(&sql)?;
        Ok(statement.query_row([path], read_document).optional()?)
    }

    fn put_document(&mut self, document: &StoredDocument) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO document
                     (path, kind, etag, changed, inputs, updated, identity, gzip, br)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                document.path,
                document.kind,
                document.etag,
                document.changed.map(Timestamp::unix),
                document.inputs,
                document.updated.map(Timestamp::unix),
                &*document.identity,
                document.gzip.as_deref(),
                document.br.as_deref(),
            ])?;
        Ok(())
    }

    fn keep_documents(&mut self, paths: &[String]) -> Result<(), StoreError> {
        self.transaction.execute(
            "DELETE FROM document WHERE path NOT IN (SELECT value FROM json_each(?1))",
            [to_json(&paths)?],
        )?;
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(self.transaction.commit()?)
    }
}

impl SqliteTransaction<'_> {
    fn put_labels(&mut self, key: i64, labels: &[Label]) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached("DELETE FROM label WHERE article = ?1")?
            .execute([key])?;
        for label in labels {
            self.transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO label (axis, slug, article, value)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![label.axis.name(), label.slug, key, label.value])?;
        }
        Ok(())
    }
}

fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|e| unreadable(column, e))
}

fn unreadable<E: std::error::Error + Send + Sync + 'static>(
    column: usize,
    error: E,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

fn read_url(row: &Row<'_>, column: usize) -> rusqlite::Result<AbsoluteUrl> {
    AbsoluteUrl::parse(row.get_ref(column)?.as_str()?).map_err(|e| unreadable(column, e))
}

fn read_instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let seconds: Option<i64> = row.get(column)?;
    seconds
        .map(Timestamp::from_unix)
        .transpose()
        .map_err(|e| unreadable(column, e))
}

/// Of the columns `id, dates, piece`.
fn read_article(row: &Row<'_>) -> rusqlite::Result<Article> {
    let id = ArticleId::stored(row.get(0)?);
    Ok(Article {
        id,
        dates: from_json(row, 1)?,
        piece: from_json(row, 2)?,
    })
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        id: ArticleId::stored(row.get(0)?),
        origin_id: row.get(1)?,
        url: read_url(row, 2)?,
        removed: row.get(3)?,
        memory: Memory {
            declared: from_json(row, 4)?,
            fingerprint: from_json(row, 5)?,
            dates: from_json(row, 6)?,
        },
    })
}

fn read_document(row: &Row<'_>) -> rusqlite::Result<StoredDocument> {
    let coded = |column| -> rusqlite::Result<Option<Bytes>> {
        Ok(row.get::<_, Option<Vec<u8>>>(column)?.map(Bytes::from))
    };
    Ok(StoredDocument {
        path: row.get(0)?,
        kind: row.get(1)?,
        etag: row.get(2)?,
        changed: read_instant(row, 3)?,
        inputs: row.get(4)?,
        updated: read_instant(row, 5)?,
        identity: Bytes::from(row.get::<_, Vec<u8>>(6)?),
        gzip: coded(7)?,
        br: coded(8)?,
    })
}
