//! Deeds that happen outside of transactions, written in the background: failed log-ins and codes.

use scheduler_domain::{
    audit::{Actor, Deed, NewEntry, Origin},
    ports::{AuditLog, AuditTrail},
};
use scheduler_storage::acting;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::mpsc;

/// How many entries may wait; beyond that they are dropped, and counted in the log of the server.
const WAITING: usize = 1_000;
/// How many go into one transaction.
const BATCH: usize = 100;

/// Takes entries and writes them soon.
pub struct QueuedTrail {
    queue: mpsc::Sender<NewEntry>,
    dropped: AtomicU64,
}

impl QueuedTrail {
    /// Starts the task that writes.
    pub fn start(log: Arc<dyn AuditLog>) -> Self {
        let (queue, entries) = mpsc::channel(WAITING);
        tokio::spawn(write_all(log, entries));
        Self {
            queue,
            dropped: AtomicU64::new(0),
        }
    }
}

async fn write_all(log: Arc<dyn AuditLog>, mut entries: mpsc::Receiver<NewEntry>) {
    let mut batch = Vec::new();
    while entries.recv_many(&mut batch, BATCH).await > 0 {
        if let Err(error) = log.append(&batch).await {
            tracing::warn!(%error, entries = batch.len(), "entries of the audit log could not be written");
        }
        batch.clear();
    }
}

impl AuditTrail for QueuedTrail {
    fn note(&self, deed: Deed) {
        let (actor, origin) = match acting::current() {
            Some(acting) => (acting.actor(), acting.origin.clone()),
            None => (Actor::ANONYMOUS, Origin::default()),
        };
        if self.queue.try_send(deed.by(actor, origin)).is_err() {
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::warn!(dropped, "too many entries of the audit log wait; one was dropped");
        }
    }
}
