//! Reads a store while another connection writes to it.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};

use super::{SqliteStore, identity, stranded};
use crate::store::{Catalogue, StoreError};

/// Which file a connection has open: device and inode.
type Identity = Option<(u64, u64)>;

/// Reads a store's file. Any number of threads may do so at once, and none waits for the one
/// that writes.
#[derive(Debug)]
pub struct SqliteReader {
    path: PathBuf,
    /// Connections that nobody uses at the moment.
    idle: Mutex<Vec<Open>>,
}

#[derive(Debug)]
struct Open {
    connection: Connection,
    file: Identity,
    /// Others can use the file at the same time.
    is_shared: bool,
}

impl SqliteReader {
    /// Reads the file at `path`, which must be a store by the time of the first reading.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        let idle = Mutex::new(Vec::new());
        Self { path, idle }
    }

    /// Lets `work` read what the last refresh left. What another one writes meanwhile is not
    /// seen. Blocks.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] when the file cannot be read.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&dyn Catalogue) -> Result<T, E>,
    ) -> Result<T, E> {
        let open = self.take()?;
        let transaction = open.connection.unchecked_transaction();
        let done = work(&*transaction.map_err(StoreError::from)?)?;
        if open.is_shared {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push(open);
        }
        Ok(done)
    }

    fn take(&self) -> Result<Open, StoreError> {
        let file = identity(&self.path);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was put back is another file.
        idle.retain(|open| open.file == file);
        if let Some(ready) = idle.pop() {
            return Ok(ready);
        }
        drop(idle);
        let (connection, is_shared) = match self.connect() {
            Ok(connection) => (connection, true),
            Err(error) => {
                let error = StoreError::from(error);
                if !error.is_of_the_disk() {
                    return Err(error.at(&self.path));
                }
                let alone = stranded::open(&self.path).map_err(|_| error.at(&self.path))?;
                (alone, false)
            }
        };
        Ok(Open {
            connection,
            file,
            is_shared,
        })
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(SqliteStore::BUSY)?;
        connection.pragma_update(None, "query_only", true)?;
        // Nothing is opened before it is read.
        connection.pragma_query_value(None, "user_version", |_| Ok(()))?;
        Ok(connection)
    }
}
