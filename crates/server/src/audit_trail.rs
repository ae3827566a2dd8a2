//! Deeds that happen outside of transactions, written in the background: failed log-ins and codes.

use scheduler_domain::{
    audit::{Actor, Deed, NewEntry, Origin},
    ids::UserId,
    ports::{AuditLog, AuditTrail},
};
use scheduler_storage::acting;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::mpsc;

/// How many entries may wait; beyond that they are dropped, and counted in the log of the server.
const WAITING: usize = 1_000;
/// How many go into one transaction.
const BATCH: usize = 100;
/// How many entries of one owner are taken in a minute: whoever guesses passwords from a thousand addresses must not fill
/// the log of their victim.
const MOST_A_MINUTE: u32 = 60;

/// Takes entries and writes them soon.
pub struct QueuedTrail {
    queue: mpsc::Sender<NewEntry>,
    dropped: AtomicU64,
    minute: Mutex<Minute>,
}

/// How many entries each owner had in the present minute.
#[derive(Default)]
struct Minute {
    number: i64,
    counts: HashMap<UserId, u32>,
}

impl Minute {
    fn has_room(&mut self, deed: &Deed) -> bool {
        let number = deed.at.timestamp().div_euclid(60);
        if self.number != number {
            self.number = number;
            self.counts.clear();
        }
        let count = self.counts.entry(deed.owner).or_default();
        *count += 1;
        *count <= MOST_A_MINUTE
    }
}

impl QueuedTrail {
    /// Starts the task that writes.
    pub fn start(log: Arc<dyn AuditLog>) -> Self {
        let (queue, entries) = mpsc::channel(WAITING);
        tokio::spawn(write_all(log, entries));
        Self {
            queue,
            dropped: AtomicU64::new(0),
            minute: Mutex::default(),
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
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        if !minute.has_room(&deed) {
            return;
        }
        drop(minute);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;
    use chrono::TimeDelta;
    use scheduler_domain::{
        audit::{Action, Target, TargetKind},
        clock::Timestamp,
        ports::MockAuditLog,
    };

    fn deed(owner: UserId, seconds: i64) -> Deed {
        let target = Target::new(TargetKind::User, owner.as_uuid(), None);
        let at = Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds);
        Deed::new(owner, Action::LoginFailed, target, at)
    }

    #[tokio::test]
    async fn entries_are_written_and_no_more_than_sixty_a_minute_of_one_owner() {
        let (written, mut seen) = mpsc::unbounded_channel();
        let mut log = MockAuditLog::new();
        log.expect_append().returning(move |entries| {
            for entry in entries {
                written.send(entry.deed.at.timestamp()).unwrap();
            }
            Ok(())
        });
        let trail = QueuedTrail::start(Arc::new(log));
        let (ada, bob) = (
            UserId::new(Timestamp::UNIX_EPOCH, &SystemRandom),
            UserId::new(Timestamp::UNIX_EPOCH, &SystemRandom),
        );
        for _ in 0..100 {
            trail.note(deed(ada, 1));
        }
        trail.note(deed(bob, 2));
        trail.note(deed(ada, 60));
        let mut times = Vec::new();
        while times.len() < 62 {
            times.push(seen.recv().await.unwrap());
        }
        assert_eq!(times.iter().filter(|at| **at == 1).count(), 60);
        assert_eq!(times[60..], [2, 60]);
    }
}
