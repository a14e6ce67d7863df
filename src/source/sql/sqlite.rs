//! A SQLite file.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter, types};
use serde_json::Value;

use super::database::{
    Cell, Column, Database, Described, Kind, Session, Trouble, TroubleKind, Wait, derived, utf8,
};
use crate::{config::Relation, source::Glance};

/// For how long a writer may keep us waiting.
const BUSY: Duration = Duration::from_secs(5);
/// How many steps of its machine SQLite makes between two looks at the clock.
const STEPS: i32 = 10_000;

#[derive(Debug)]
pub(super) struct Sqlite {
    path: PathBuf,
    limit: Duration,
}

impl Sqlite {
    pub(super) const fn new(path: PathBuf, limit: Duration) -> Self {
        Self { path, limit }
    }
}

/// Adds what the file system says of the file and of what is written ahead of it.
pub(super) fn add_files(glance: &mut Glance, path: &Path) {
    glance.add(path);
    let mut ahead = path.as_os_str().to_owned();
    ahead.push("-wal");
    // An empty one comes and goes with those who read, and where root reads, SQLite gives it
    // an owner each time, which moves the time of change of the inode.
    if let Ok(metadata) = std::fs::metadata(&ahead)
        && metadata.len() > 0
    {
        glance.add_text(&format!(
            "{} {} {}.{}",
            metadata.ino(),
            metadata.len(),
            metadata.mtime(),
            metadata.mtime_nsec()
        ));
    }
}

impl Database for Sqlite {
    fn open(&self) -> Result<Box<dyn Session>, Trouble> {
        let unreachable = |what: String| Trouble::new(TroubleKind::Unreachable, what);
        let metadata = std::fs::metadata(&self.path).map_err(|error| {
            unreachable(format!(
                "cannot be read: {error}; see path in [source.sqlite]"
            ))
        })?;
        // Opening a pipe that nobody writes to would wait for ever.
        if !metadata.is_file() {
            let what = "is no file; see path in [source.sqlite]";
            return Err(unreachable(what.to_owned()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(said)?;
        let mut session = SqliteSession {
            connection,
            deadline: Arc::default(),
            begun: Instant::now(),
            limit: self.limit,
        };
        session.begin().map_err(said)?;
        Ok(Box::new(session))
    }

    fn wait(&self) -> Result<Box<dyn Wait>, Trouble> {
        // Its folder is watched.
        Err(Trouble::new(TroubleKind::Other, "is a file"))
    }
}

struct SqliteSession {
    connection: Connection,
    /// When the next row must be there, in milliseconds after `begun`.
    deadline: Arc<AtomicU64>,
    begun: Instant,
    limit: Duration,
}

impl SqliteSession {
    fn begin(&mut self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(BUSY)?;
        let (deadline, begun) = (Arc::clone(&self.deadline), self.begun);
        self.connection.progress_handler(
            STEPS,
            Some(move || millis(begun.elapsed()) > deadline.load(Ordering::Relaxed)),
        )?;
        self.grant_time();
        // Views and triggers of a file that others write may call no function that does
        // more than compute.
        self.connection
            .execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; BEGIN")
    }

    /// The next row may take as long as the first.
    fn grant_time(&self) {
        let until = self.begun.elapsed() + self.limit;
        self.deadline.store(millis(until), Ordering::Relaxed);
    }

    fn said(&self, error: rusqlite::Error) -> Trouble {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Trouble::too_slow(self.limit),
            _ => said(error),
        }
    }

    fn table(&self, name: &str) -> rusqlite::Result<Option<(String, String)>> {
        let sql = "SELECT schema, name FROM pragma_table_list \
                   WHERE name = ?1 COLLATE NOCASE OR schema || '.' || name = ?1 COLLATE NOCASE \
                   ORDER BY name = ?1 DESC, name = ?1 COLLATE NOCASE DESC";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([name])?;
        match rows.next()? {
            Some(row) => Ok(Some((row.get(0)?, row.get(1)?))),
            None => Ok(None),
        }
    }

    fn tables(&self) -> rusqlite::Result<Vec<String>> {
        let sql = "SELECT name FROM pragma_table_list WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                   ORDER BY name LIMIT 1000";
        let mut statement = self.connection.prepare(sql)?;
        statement.query_map([], |row| row.get(0))?.collect()
    }

    fn described(&self, schema: &str, table: &str) -> rusqlite::Result<Described> {
        // Hidden columns of virtual tables are arguments and no values.
        let sql = "SELECT name, type, pk FROM pragma_table_xinfo(?1, ?2) WHERE hidden <> 1";
        let mut statement = self.connection.prepare(sql)?;
        let mut key = Vec::new();
        let mut columns = Vec::new();
        let mut rows = statement.query([table, schema])?;
        while let Some(row) = rows.next()? {
            let column = column(row.get(0)?, row.get(1)?);
            match row.get(2)? {
                0_i64 => {}
                at => key.push((at, column.name.clone())),
            }
            columns.push(column);
        }
        key.sort();
        Ok(Described {
            from: format!("{}.{}", quote(schema), quote(table)),
            columns,
            key: key.into_iter().map(|(_, name)| name).collect(),
            folds: true,
        })
    }
}

impl Session for SqliteSession {
    fn describe(&mut self, relation: &Relation) -> Result<Described, Trouble> {
        match relation {
            Relation::Table(name) => match self.table(name).map_err(said)? {
                Some((schema, table)) => self.described(&schema, &table).map_err(said),
                None => Err(Trouble::no_table(name, &self.tables().map_err(said)?)),
            },
            Relation::Query(query) => {
                let from = derived(query);
                let sql = format!("SELECT * FROM {from} LIMIT 0");
                let statement = self.connection.prepare(&sql).map_err(wrong_query)?;
                let columns = statement.columns();
                let columns = columns.map(|found| {
                    let declared = found.decl_type().unwrap_or_default();
                    column(found.name().to_owned(), declared.to_owned())
                });
                Ok(Described {
                    columns: columns.collect(),
                    key: Vec::new(),
                    folds: true,
                    from,
                })
            }
        }
    }

    fn rows(
        &mut self,
        sql: &str,
        values: &[Value],
        each: &mut dyn FnMut(Vec<Cell>),
    ) -> Result<(), Trouble> {
        self.grant_time();
        let mut statement = self.connection.prepare(sql).map_err(said)?;
        let flags: Vec<bool> = statement
            .columns()
            .map(|column| is_flag(column.decl_type().unwrap_or_default()))
            .collect();
        let values = values.iter().map(bound);
        let mut rows = statement
            .query(params_from_iter(values))
            .map_err(|error| self.said(error))?;
        while let Some(row) = rows.next().map_err(|error| self.said(error))? {
            let cells = flags.iter().enumerate().map(|(at, is_flag)| {
                let cell = row.get_ref(at).map_err(|error| error.to_string())?;
                cell_of(cell, *is_flag)
            });
            each(cells.collect());
            self.grant_time();
        }
        Ok(())
    }

    fn quote(&self, name: &str) -> String {
        quote(name)
    }

    fn output(&self, column: &Column) -> String {
        quote(&column.name)
    }

    fn greatest(&self, column: &Column) -> String {
        format!("max({})", quote(&column.name))
    }

    fn place(&self, n: usize, _: &Column) -> String {
        format!("?{n}")
    }

    fn tally(&self, _: &Column) -> String {
        "count(*)".to_owned()
    }

    fn now(&self) -> &'static str {
        "CAST(strftime('%s', 'now') AS INTEGER)"
    }
}

fn column(name: String, type_name: String) -> Column {
    // Values have types here, and columns have none: what is declared is a hint.
    let kind = if is_flag(&type_name) {
        Kind::Flag
    } else {
        Kind::Text
    };
    Column {
        name,
        type_name,
        kind,
        may_read: true,
    }
}

fn is_flag(declared: &str) -> bool {
    declared.to_ascii_uppercase().starts_with("BOOL")
}

fn cell_of(cell: types::ValueRef<'_>, is_flag: bool) -> Cell {
    match cell {
        types::ValueRef::Null => Ok(Value::Null),
        types::ValueRef::Integer(number @ (0 | 1)) if is_flag => Ok(Value::Bool(number == 1)),
        types::ValueRef::Integer(number) => Ok(Value::from(number)),
        types::ValueRef::Real(number) => Ok(Value::from(number)),
        types::ValueRef::Text(bytes) | types::ValueRef::Blob(bytes) => utf8(bytes),
    }
}

fn bound(value: &Value) -> types::Value {
    match value {
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| number.to_string().into(), types::Value::Integer),
        Value::String(text) => text.clone().into(),
        _ => types::Value::Null,
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn wrong_query(error: rusqlite::Error) -> Trouble {
    let Trouble { kind, text } = said(error);
    Trouble::new(kind, format!("{text}; see query in [source.sqlite]"))
}

fn said(error: rusqlite::Error) -> Trouble {
    let (kind, help) = match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => (
            TroubleKind::Unreachable,
            "; a database with a -wal file needs a folder that may be written, for its -shm file",
        ),
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => (TroubleKind::Denied, ""),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            TroubleKind::Unreachable,
            "; a writer keeps it locked: PRAGMA journal_mode = wal lets both work",
        ),
        Some(ErrorCode::NotADatabase) => {
            (TroubleKind::Unreachable, "; see path in [source.sqlite]")
        }
        _ => (TroubleKind::Other, ""),
    };
    // A statement may be long: what is wrong with it is enough.
    let what = match &error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        error => error.to_string(),
    };
    Trouble::new(kind, format!("cannot be read: {what}{help}"))
}
