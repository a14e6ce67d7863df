//! Reads a store while another connection writes to it.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};

use super::{SqliteStore, identity};
use crate::store::{Catalogue, StoreError};

/// Which file a connection has open: device and inode.
type Identity = Option<(u64, u64)>;

/// Reads a store's file. Any number of threads may do so at once, and none waits for the one
/// that writes.
#[derive(Debug)]
pub struct SqliteReader {
    path: PathBuf,
    /// Connections that nobody uses at the moment.
    idle: Mutex<Vec<(Connection, Identity)>>,
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
        let (connection, file) = self.take()?;
        let transaction = connection.unchecked_transaction();
        let done = work(&*transaction.map_err(StoreError::from)?)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((connection, file));
        Ok(done)
    }

    fn take(&self) -> Result<(Connection, Identity), StoreError> {
        let file = identity(&self.path);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // One that was put back is another file.
        idle.retain(|(_, open)| *open == file);
        if let Some(ready) = idle.pop() {
            return Ok(ready);
        }
        drop(idle);
        let name = self.path.display().to_string();
        let open = |cause: rusqlite::Error| StoreError::Open {
            path: name.clone(),
            cause: cause.to_string(),
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(open)?;
        connection.busy_timeout(SqliteStore::BUSY).map_err(open)?;
        connection
            .pragma_update(None, "query_only", true)
            .map_err(open)?;
        Ok((connection, file))
    }
}
