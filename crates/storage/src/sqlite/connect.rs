//! Opens connections: one that writes, a few that read.

use super::{Conn, checkpoint::Checkpointer, queries::Pools};
use crate::{config::StoreConfig, pool::Pool};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use diesel_async::sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper};
use futures_util::future::BoxFuture;
use scheduler_domain::error::StoreError;
use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::runtime::Handle;

/// Runs each statement where it is asked for. Whole units of work run on a thread for blocking work (see
/// `dialect::detach`), so a statement costs no change of threads.
pub(crate) struct Inline;

impl SpawnBlocking for Inline {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        Box::pin(std::future::ready(Ok(task())))
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// What every connection must be like. FULL because a commit that was confirmed must survive a power cut; the busy
/// timeout is for other processes (`admin create` beside a running server). Pages that batch after batch changes are
/// copied from the WAL to the database once in 16 MiB rather than once in 4, the default.
const PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; \
     PRAGMA journal_size_limit = 67108864;";

/// Where connections come from.
#[derive(Clone)]
pub(crate) struct Source {
    path: Arc<PathBuf>,
    checkpointer: Arc<Checkpointer>,
}

impl Source {
    /// Opens the file, or makes it.
    pub(crate) async fn connect(config: &StoreConfig, path: &Path) -> Result<(Self, Pools), StoreError> {
        let path = Arc::new(path.to_owned());
        let source = Self {
            checkpointer: Arc::new(Checkpointer::new(path.clone())),
            path,
        };
        let write = Pool::new(1, config.wait_timeout.max(std::time::Duration::from_secs(30)));
        let read = Pool::new(config.readers, config.wait_timeout);
        let first = source.open(true).await?;
        write.take().await?.give_back(first);
        Ok((source, Pools { read, write }))
    }

    /// A new connection, ready for use.
    pub(crate) async fn open(&self, for_writing: bool) -> Result<Conn, StoreError> {
        let path = self.path.clone();
        let opened = tokio::task::spawn_blocking(move || open(&path, for_writing))
            .await
            .map_err(|error| StoreError::Driver(error.to_string()))??;
        Ok(SyncConnectionWrapper::with_runtime(opened, Inline))
    }

    /// A transaction with so many events was committed.
    pub(crate) fn committed(&self, events: usize, runtime: &Handle) {
        self.checkpointer.committed(events, runtime);
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens and sets up one connection. Only the writer may make the file.
pub(super) fn open(path: &Path, for_writing: bool) -> Result<SqliteConnection, StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::Unavailable(format!("{}: {error}", path.display()));
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| failed(&error))?;
    conn.batch_execute(PRAGMAS).map_err(|error| failed(&error))?;
    if !for_writing {
        conn.batch_execute("PRAGMA query_only = ON")
            .map_err(|error| failed(&error))?;
    }
    Ok(conn)
}
