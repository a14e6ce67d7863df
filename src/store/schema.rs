//! The tables of the SQLite store, by version.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Marks the file as ours (`PRAGMA application_id`): "DTLN".
const APPLICATION_ID: i64 = 0x4454_4C4E;

/// The statements that lead from one version to the next. A version that was ever released
/// is never edited; a change is a new entry.
const MIGRATIONS: [&str; 4] = [
    // 1
    "CREATE TABLE article (
         key INTEGER PRIMARY KEY,
         id TEXT NOT NULL UNIQUE,
         origin_id TEXT,
         url TEXT NOT NULL,
         published INTEGER,
         noindex INTEGER NOT NULL,
         dates TEXT NOT NULL,
         declared TEXT NOT NULL,
         fingerprint TEXT NOT NULL,
         piece TEXT NOT NULL,
         removed INTEGER
     ) STRICT;
     CREATE INDEX article_by_origin_id ON article (origin_id);
     CREATE INDEX article_by_url ON article (url);
     CREATE INDEX article_by_date ON article (published, id) WHERE removed IS NULL;
     CREATE TABLE label (
         axis TEXT NOT NULL,
         slug TEXT NOT NULL,
         article INTEGER NOT NULL REFERENCES article (key),
         value TEXT NOT NULL,
         PRIMARY KEY (axis, slug, article)
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX label_by_article ON label (article);
     CREATE TABLE event (
         article INTEGER NOT NULL REFERENCES article (key),
         number INTEGER NOT NULL,
         event TEXT NOT NULL,
         PRIMARY KEY (article, number)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE document (
         path TEXT PRIMARY KEY,
         kind TEXT NOT NULL,
         etag TEXT NOT NULL,
         changed INTEGER,
         inputs BLOB NOT NULL,
         updated INTEGER,
         identity BLOB NOT NULL,
         gzip BLOB,
         br BLOB
     ) STRICT, WITHOUT ROWID;",
    // 2
    "ALTER TABLE article ADD COLUMN handle TEXT;
     ALTER TABLE article ADD COLUMN words TEXT;
     ALTER TABLE article ADD COLUMN adopted TEXT NOT NULL DEFAULT '{}';
     ALTER TABLE article ADD COLUMN modified INTEGER;
     ALTER TABLE article ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0;
     UPDATE article SET modified = dates ->> '$.modified.at';
     CREATE INDEX article_by_handle ON article (handle);
     CREATE INDEX article_by_words ON article (words);
     CREATE INDEX article_by_change ON article (modified) WHERE removed IS NULL;
     CREATE TABLE adopted (
         address TEXT PRIMARY KEY,
         known TEXT NOT NULL,
         fresh INTEGER NOT NULL,
         taken_by TEXT
     ) STRICT, WITHOUT ROWID;
     ALTER TABLE document ADD COLUMN cause TEXT NOT NULL DEFAULT 'first';
     CREATE TABLE former_document (
         path TEXT PRIMARY KEY,
         kind TEXT NOT NULL,
         etag TEXT NOT NULL,
         changed INTEGER,
         inputs BLOB NOT NULL,
         updated INTEGER,
         cause TEXT NOT NULL
     ) STRICT, WITHOUT ROWID;",
    // 3: what sitemaps say of a page beyond its address, and when a page that lists articles
    // last changed
    "ALTER TABLE article ADD COLUMN listed TEXT;
     CREATE TABLE shelf (
         name TEXT PRIMARY KEY,
         inputs BLOB NOT NULL,
         updated INTEGER
     ) STRICT, WITHOUT ROWID;",
    // 4: what is long comes last in a row, since whatever stands behind it can only be reached
    // through it; documents that are made on request have no bytes; and what tells, without
    // reading a text, whether a document is still what it was
    "CREATE TABLE article_4 (
         key INTEGER PRIMARY KEY,
         id TEXT NOT NULL UNIQUE,
         origin_id TEXT,
         url TEXT NOT NULL,
         published INTEGER,
         modified INTEGER,
         month TEXT NOT NULL,
         noindex INTEGER NOT NULL,
         removed INTEGER,
         awaited INTEGER NOT NULL DEFAULT 0,
         version INTEGER NOT NULL,
         dates TEXT NOT NULL,
         declared TEXT NOT NULL,
         fingerprint TEXT NOT NULL,
         words TEXT,
         handle TEXT,
         place TEXT NOT NULL DEFAULT '',
         translated INTEGER GENERATED ALWAYS AS (listed ->> '$.alternates' IS NOT NULL) VIRTUAL,
         listed TEXT,
         adopted TEXT NOT NULL DEFAULT '{}',
         piece TEXT NOT NULL
     ) STRICT;
     INSERT INTO article_4 (key, id, origin_id, url, published, modified, month, noindex, removed,
                            awaited, version, dates, declared, fingerprint, words, handle, place,
                            listed, adopted, piece)
     SELECT key, id, origin_id, url, published, modified,
            coalesce(strftime('%Y-%m', coalesce(dates ->> '$.published.day',
                                                datetime(published, 'unixepoch'))), 'undated'),
            noindex, removed, awaited, 0, dates, declared, fingerprint, words, handle, '', listed,
            adopted, piece FROM article;
     DROP TABLE article;
     ALTER TABLE article_4 RENAME TO article;
     CREATE INDEX article_by_origin_id ON article (origin_id) WHERE origin_id IS NOT NULL;
     CREATE INDEX article_by_url ON article (url);
     CREATE INDEX article_by_date ON article (published, id) WHERE removed IS NULL;
     CREATE INDEX article_by_month ON article (month) WHERE removed IS NULL AND NOT noindex;
     CREATE INDEX article_by_change ON article (modified) WHERE removed IS NULL;
     CREATE INDEX article_translated ON article (key) WHERE translated AND removed IS NULL;
     CREATE INDEX article_awaited ON article (key) WHERE awaited;
     CREATE TABLE document_4 (
         path TEXT PRIMARY KEY,
         kind TEXT NOT NULL,
         etag TEXT NOT NULL,
         changed INTEGER,
         inputs BLOB NOT NULL,
         updated INTEGER,
         cause TEXT NOT NULL,
         recipe BLOB NOT NULL,
         identity BLOB,
         gzip BLOB,
         br BLOB
     ) STRICT, WITHOUT ROWID;
     INSERT INTO document_4
     SELECT path, kind, etag, changed, inputs, updated, cause, x'', identity, gzip, br FROM document;
     DROP TABLE document;
     ALTER TABLE document_4 RENAME TO document;
     ALTER TABLE former_document ADD COLUMN recipe BLOB NOT NULL DEFAULT x'';
     CREATE TABLE archived (
         feed TEXT NOT NULL,
         page INTEGER NOT NULL,
         position INTEGER NOT NULL,
         article INTEGER NOT NULL,
         version INTEGER NOT NULL,
         PRIMARY KEY (feed, page, position)
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX archived_by_article ON archived (article, version);
     CREATE TABLE superseded (
         article INTEGER NOT NULL,
         version INTEGER NOT NULL,
         modified INTEGER,
         dates TEXT NOT NULL,
         adopted TEXT NOT NULL,
         piece TEXT NOT NULL,
         PRIMARY KEY (article, version)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE note (
         name TEXT PRIMARY KEY,
         value TEXT NOT NULL
     ) STRICT, WITHOUT ROWID;",
];

/// The newest version known here.
fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Brings the database to the newest version, each step in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection, path: &str) -> Result<(), StoreError> {
    // A table that is made anew under its old name would else lose what refers to it.
    connection.pragma_update(None, "foreign_keys", false)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let owner: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if owner != APPLICATION_ID && (tables > 0 || owner != 0) {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
        });
    }
    if version > newest() {
        let path = path.to_owned();
        return Err(StoreError::TooNew {
            path,
            found: version,
            known: newest(),
        });
    }
    for (step, statements) in (1..).zip(MIGRATIONS) {
        if step > version {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another process that began at the same time may have been quicker.
            let version: i64 =
                transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if step <= version {
                continue;
            }
            transaction.execute_batch(statements)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", step)?;
            transaction.commit()?;
            // A new store is made in four steps; each can have the memory of the one before.
            connection.release_memory()?;
        }
    }
    Ok(())
}
