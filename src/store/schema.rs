//! The tables of the SQLite store, by version.

use rusqlite::{Connection, TransactionBehavior, functions::FunctionFlags};

use super::{StoreError, part};

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
         slice INTEGER NOT NULL,
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
     INSERT INTO article_4 (key, id, origin_id, url, published, modified, month, slice, noindex,
                            removed, awaited, version, dates, declared, fingerprint, words, handle, place,
                            listed, adopted, piece)
     SELECT key, id, origin_id, url, published, modified,
            coalesce(strftime('%Y-%m', coalesce(dates ->> '$.published.day',
                                                datetime(published, 'unixepoch'))), 'undated'),
            slice(url), noindex, removed, awaited, 0, dates, declared, fingerprint, words, handle, '', listed,
            adopted, piece FROM article;
     DROP TABLE article;
     ALTER TABLE article_4 RENAME TO article;
     CREATE INDEX article_by_origin_id ON article (origin_id) WHERE origin_id IS NOT NULL;
     CREATE INDEX article_by_url ON article (url);
     CREATE INDEX article_by_date ON article (published, id) WHERE removed IS NULL;
     CREATE INDEX article_by_month ON article (month, slice) WHERE removed IS NULL AND NOT noindex;
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
    connection.create_scalar_function("slice", 1, FunctionFlags::SQLITE_DETERMINISTIC, |call| {
        let url = call.get_raw(0).as_str()?;
        Ok(part::slice(url))
    })?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A store as a program of the third version left it.
    fn third() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        for statements in &MIGRATIONS[..3] {
            connection.execute_batch(statements).unwrap();
        }
        for (pragma, value) in [("application_id", APPLICATION_ID), ("user_version", 3)] {
            connection.pragma_update(None, pragma, value).unwrap();
        }
        connection
            .execute_batch(
                r#"INSERT INTO article (key, id, url, published, noindex, dates, declared,
                                        fingerprint, piece)
                   VALUES (4, 'a', 'https://a.example/1/', 1704067199, 0,
                           '{"published":{"at":1704067199,"day":"2024-01-01"}}', '', '', ''),
                          (5, 'b', 'https://a.example/2/', 1704067199, 0,
                           '{"published":{"at":1704067199}}', '', '', ''),
                          (6, 'c', 'https://a.example/3/', NULL, 0, '{}', '', '', '');
                   INSERT INTO label VALUES ('tag', 't', 5, 'T');
                   INSERT INTO event VALUES (4, 1, '{}');
                   INSERT INTO document (path, kind, etag, changed, inputs, identity)
                   VALUES ('/rss.xml', 'rss', 'e', 7, x'01', x'02');"#,
            )
            .unwrap();
        connection
    }

    #[test]
    fn what_the_third_version_knew_is_kept_and_has_its_place_in_a_month() {
        let mut connection = third();
        migrate(&mut connection, "s.db").unwrap();
        let sql = "SELECT id, key, month, slice, url FROM article ORDER BY key";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            let url: String = row.get(4)?;
            assert_eq!(row.get::<_, u16>(3)?, part::slice(&url));
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        });
        let rows: Vec<(String, i64, String)> = rows.unwrap().map(Result::unwrap).collect();
        let expected = [
            ("a", 4, "2024-01"),
            ("b", 5, "2023-12"),
            ("c", 6, "undated"),
        ];
        let expected = expected.map(|(id, key, month)| (id.to_owned(), key, month.to_owned()));
        assert_eq!(rows, expected);
        for (what, expected) in [
            ("SELECT count(*) FROM label WHERE article = 5", 1),
            ("SELECT count(*) FROM event WHERE article = 4", 1),
            (
                "SELECT changed FROM document WHERE identity = x'02' AND etag = 'e'",
                7,
            ),
            ("SELECT count(*) FROM pragma_foreign_key_check", 0),
            ("SELECT user_version FROM pragma_user_version", newest()),
        ] {
            let found: i64 = connection.query_row(what, [], |row| row.get(0)).unwrap();
            assert_eq!(found, expected, "{what}");
        }
    }
}
