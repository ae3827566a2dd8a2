//! Copies pages from the WAL to the database beside the writer.
//!
//! SQLite does it at the end of the commit that fills the WAL, and that commit, with all that wait behind it, takes ten
//! times as long as others. Here most of it is done meanwhile, on another thread and connection, which a WAL allows
//! (<https://sqlite.org/wal.html>, section 2.1); what is left for the writer is what was written since. The writer still
//! does it all by itself where this does not come to it.

use super::connect;
use diesel::{SqliteConnection, connection::SimpleConnection};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::runtime::Handle;

/// After so many events it is worth it: a quarter of the WAL, about.
const EVENTS: usize = 1_000;

/// See the head of the file.
pub(crate) struct Checkpointer {
    path: Arc<PathBuf>,
    /// Opened when it is first needed, and again after an error.
    conn: Mutex<Option<SqliteConnection>>,
    /// How many events were written since the last time.
    written: AtomicUsize,
    is_at_work: AtomicBool,
}

impl Checkpointer {
    pub(super) fn new(path: Arc<PathBuf>) -> Self {
        Self {
            path,
            conn: Mutex::new(None),
            written: AtomicUsize::new(0),
            is_at_work: AtomicBool::new(false),
        }
    }

    /// A transaction with so many events was committed.
    pub(super) fn committed(self: &Arc<Self>, events: usize, runtime: &Handle) {
        let written = self.written.fetch_add(events, Ordering::Relaxed) + events;
        if written < EVENTS || self.is_at_work.swap(true, Ordering::AcqRel) {
            return;
        }
        self.written.store(0, Ordering::Relaxed);
        let this = self.clone();
        runtime.spawn_blocking(move || {
            this.copy();
            this.is_at_work.store(false, Ordering::Release);
        });
    }

    fn copy(&self) {
        let mut held = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        let conn = match held.take() {
            Some(conn) => Ok(conn),
            None => connect::open(&self.path, true).map_err(|error| error.to_string()),
        };
        // PASSIVE waits for nobody: what a reader still needs stays for the next time.
        let copied = conn.and_then(|mut conn| {
            let copied = conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)");
            copied.map(|()| conn).map_err(|error| error.to_string())
        });
        match copied {
            Ok(conn) => *held = Some(conn),
            Err(error) => tracing::debug!(
                error,
                "a checkpoint beside the writer failed: the writer does it by itself"
            ),
        }
    }
}
