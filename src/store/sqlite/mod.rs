//! The store in a SQLite file.

mod archive;
mod catalogue;
mod claims;
mod documents;
mod notes;
mod reader;
mod restore;
mod rows;
mod selection;
mod shelf;
mod stranded;
mod touches;
mod transaction;

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, config::DbConfig,
};

use super::{
    Catalogue, DocumentRecord, Remembered, Store, StoreError, StoredDocument, Tended, Touched,
    Transaction, plight::plight, schema,
};
use crate::{
    article::{AbsoluteUrl, Article, ArticleId, Timestamp},
    dates::Event,
};
use claims::Claims;
pub use reader::SqliteReader;
use rows::{
    from_json, read_article, read_document, read_document_record, read_events, read_remembered,
};
use transaction::SqliteTransaction;

/// A store in one file, or in memory.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
    place: Place,
}

/// Where a store is.
#[derive(Debug)]
enum Place {
    Memory,
    /// Its file is open.
    Open(File),
    /// It could only be read, and its file is to be opened before anything is done with it.
    Stranded(PathBuf),
}

/// A file that is open, and which one it is: device and inode.
#[derive(Debug)]
struct File {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl File {
    fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            identity: identity(path),
        }
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
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
            cause: plight(path).unwrap_or_else(|| cause.to_string()),
        };
        // One thread at a time has it, so that its own locks only cost time.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(open)?;
        connection.busy_timeout(Self::BUSY).map_err(open)?;
        // Of a new file; that of an old one stays.
        connection
            .pragma_update(None, "page_size", PAGE_BYTES)
            .map_err(open)?;
        let mut store = Self::prepare(connection, &name)?;
        // With a write-ahead log a reader never waits for the writer. FULL, since an edition
        // that was served must not be forgotten in a power cut: its validators would go back.
        for (pragma, value) in [("journal_mode", "WAL"), ("synchronous", "FULL")] {
            store.connection.pragma_update(None, pragma, value)?;
        }
        // Else the log would stay as long as the longest refresh made it.
        store
            .connection
            .pragma_update(None, "journal_size_limit", LOG_BYTES)?;
        store.place = Place::Open(File::at(path));
        Ok(store)
    }

    /// Opens a file beside which nothing can be written, to be read and soon closed: nobody
    /// else can use it meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn open_stranded(path: &Path) -> Result<Self, StoreError> {
        let connection = stranded::open(path)?;
        Self::prepare(connection, &path.display().to_string())
    }

    /// Stands for a file that cannot be opened now: whoever wants to write opens it, if it can
    /// be opened by then.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn stranded(path: &Path) -> Result<Self, StoreError> {
        let mut store = Self::in_memory()?;
        store.place = Place::Stranded(path.to_owned());
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
        // What the present refresh has not seen; private to this connection.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.execute_batch("CREATE TEMP TABLE unseen (key INTEGER PRIMARY KEY) STRICT;")?;
        // Of partial indexes SQLite would look at each value that is bound, and prepare the
        // statement anew for it: a third of the time that a refresh takes.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self {
            connection,
            place: Place::Memory,
        })
    }
}

impl SqliteStore {
    /// Writes all that is open to `path`, where the file was removed.
    ///
    /// The copy is complete before it is put in place. Between that, the old connection is
    /// closed: in doing so SQLite removes the log beside the file by its name, and a log that
    /// stayed would be taken for the new file's.
    fn put_back(&mut self, path: &Path) -> Result<(), StoreError> {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let copy = tempfile::Builder::new()
            .prefix(".dateline-")
            .tempdir_in(folder)?;
        let whole = copy.path().join("store");
        let name = whole.to_string_lossy();
        self.connection.execute("VACUUM INTO ?1", [&*name])?;
        // Until the new one is open, an empty one stands in.
        self.connection = Connection::open_in_memory()?;
        for beside in ["-wal", "-shm"] {
            let mut left = path.as_os_str().to_owned();
            left.push(beside);
            let _ = fs::remove_file(left);
        }
        fs::rename(whole, path)?;
        *self = Self::open(path)?;
        Ok(())
    }
}

/// How much of the write-ahead log stays when what it holds is in the file.
const LOG_BYTES: i64 = 4 * 1024 * 1024;

/// The pages of which the file consists. A row has about 1 KB: with the 4 KiB that SQLite takes by
/// itself a first reading takes a tenth longer, with more than this the smallest store grows.
const PAGE_BYTES: i64 = 8_192;

/// How much of the file is kept in memory, in KiB; only what was used is.
const CACHE_KIB: i64 = 16 * 1024;

/// The columns of what is remembered of a document.
const REMEMBERED: &str = "path, kind, etag, changed, inputs, updated, cause, recipe";

impl Store for SqliteStore {
    fn catalogue(&self) -> &dyn Catalogue {
        &self.connection
    }

    fn documents(&self) -> Result<Vec<StoredDocument>, StoreError> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT {REMEMBERED}, identity, gzip, br FROM document ORDER BY path"
        ))?;
        let rows = statement.query_map([], read_document)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn article(&self, url: &AbsoluteUrl) -> Result<Option<(Article, bool)>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, dates, piece, adopted, removed IS NULL FROM article WHERE url = ?1
             ORDER BY removed IS NOT NULL, removed DESC LIMIT 1",
        )?;
        let found = statement
            .query_row([url.as_str()], |row| Ok((read_article(row)?, row.get(4)?)))
            .optional()?;
        Ok(found)
    }

    fn article_by_id(&self, id: &ArticleId) -> Result<Option<(Article, bool)>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, dates, piece, adopted, removed IS NULL FROM article WHERE id = ?1",
        )?;
        Ok(statement
            .query_row([id.as_str()], |row| Ok((read_article(row)?, row.get(4)?)))
            .optional()?)
    }

    fn events_at(&self, instant: Timestamp) -> Result<Vec<(Article, Event)>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, dates, piece, adopted, event FROM event
             JOIN article ON article.key = event.article
             WHERE event ->> 'at' = ?1 ORDER BY article.id, number",
        )?;
        let rows = statement.query_map([instant.unix()], |row| {
            Ok((read_article(row)?, from_json(row, 4)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn changed_at(&self, instant: Timestamp) -> Result<Vec<Article>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, dates, piece, adopted FROM article
             WHERE removed IS NULL AND ?1 IN (modified, published) ORDER BY id",
        )?;
        let rows = statement.query_map([instant.unix()], read_article)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn remembered(&self, each: &mut dyn FnMut(Remembered)) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, origin_id, handle, url, piece ->> 'title', iif(awaited, NULL, removed), declared,
                    fingerprint, words, dates, adopted, key FROM article ORDER BY id",
        )?;
        let mut events = self
            .connection
            .prepare("SELECT event FROM event WHERE article = ?1 ORDER BY number")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut remembered = read_remembered(row)?;
            let key: i64 = row.get(11)?;
            remembered.history = events
                .query_map([key], |row| from_json(row, 0))?
                .collect::<Result<_, _>>()?;
            each(remembered);
        }
        Ok(())
    }

    fn document_records(&self) -> Result<Vec<DocumentRecord>, StoreError> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT {REMEMBERED} FROM document
             UNION ALL
             SELECT {REMEMBERED} FROM former_document
             WHERE path NOT IN (SELECT path FROM document) ORDER BY path",
        ))?;
        let rows = statement.query_map([], read_document_record)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn history(&self, id: &ArticleId) -> Result<Vec<Event>, StoreError> {
        read_events(&self.connection, id)
    }

    fn revision(&self) -> Result<i64, StoreError> {
        let version = self
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0));
        Ok(version?)
    }

    fn tend(&mut self) -> Result<Tended, StoreError> {
        let (path, open) = match &self.place {
            Place::Memory => return Ok(Tended::Same),
            Place::Stranded(path) => {
                *self = Self::open(&path.clone())?;
                return Ok(Tended::Replaced);
            }
            Place::Open(File { path, identity }) => (path.clone(), *identity),
        };
        match identity(&path) {
            found if found == open => Ok(Tended::Same),
            None => self.put_back(&path).map(|()| Tended::PutBack),
            Some(_) => {
                *self = Self::open(&path)?;
                Ok(Tended::Replaced)
            }
        }
    }

    fn begin(&mut self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        if let Place::Stranded(path) = &self.place {
            *self = Self::open(&path.clone())?;
        }
        // Immediate: a second writer learns at once that it must wait, not half-way.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let newest_before =
            transaction.query_row("SELECT coalesce(max(key), 0) FROM article", [], |row| {
                row.get(0)
            })?;
        let has_adopted =
            transaction.query_row("SELECT EXISTS (SELECT 1 FROM adopted)", [], |row| {
                row.get(0)
            })?;
        Ok(Box::new(SqliteTransaction {
            transaction,
            claims: Claims::default(),
            // Of a new store everything is new.
            touched: Touched {
                everything: newest_before == 0,
                ..Touched::default()
            },
            has_adopted,
            newest_before,
            newest: None,
        }))
    }
}
