//! A store beside which nothing can be written. On a full disk there is no room for the memory
//! that connections share, and on one that is read-only it cannot be made: SQLite then opens
//! nothing, though all that was kept is there. A server that is started must still serve it.

use std::{ffi::OsString, fs, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use url::Url;

/// How long to wait for others: who holds the store has what they share, so nobody is stranded.
const BUSY: Duration = Duration::from_secs(1);

/// Opens a file that is there for reading alone. While it is open nobody else can use it.
pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    alone(path).or_else(|error| frozen(path).ok_or(error)?)
}

/// Without sharing: what SQLite keeps of its log is in this process's memory then.
fn alone(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    // The log stays where it is: there may be no room for what is in it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    looked_at(connection)
}

/// As a file that cannot change. A log that was not brought in belongs to the file, which may
/// be torn without it, and is not read in this way: then there is none.
fn frozen(path: &Path) -> Option<rusqlite::Result<Connection>> {
    let mut log = OsString::from(path);
    log.push("-wal");
    if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return None;
    }
    let mut address = Url::from_file_path(fs::canonicalize(path).ok()?).ok()?;
    address.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Some(Connection::open_with_flags(address.as_str(), flags).and_then(looked_at))
}

/// Nothing is opened before it is read.
fn looked_at(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_query_value(None, "user_version", |_| Ok(()))?;
    Ok(connection)
}
