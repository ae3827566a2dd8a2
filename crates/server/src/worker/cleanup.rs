//! Deleting what nobody needs any more, in batches that hold no lock for long.

use chrono::TimeDelta;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    health::NODE_KEPT,
    ids::UserId,
    ports::{
        AuditLog, BulkStore, DeliveryStore, EngineView, EventStore, IdempotencyStore, NoticeStore, OtpStore, Retention,
        RunQueue, SessionStore, StreamPlace,
    },
};
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

use super::{
    Chore,
    swept::{Swept, SweptCounts},
};

/// How many rows one transaction deletes.
const BATCH: u32 = 500;
/// Between two batches others get their turn, at the one writing connection of SQLite too.
const PAUSE: Duration = Duration::from_millis(20);
/// How long an expired code is kept, so that a late try is still told apart in an investigation.
const CODES_KEPT: TimeDelta = TimeDelta::hours(1);
/// How long an ended session is kept.
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(7);
/// How many users are looked up at once.
const USERS: u32 = 200;

/// How much history is kept.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// Ended runs, events, deliveries, occurrences: how long.
    pub history: TimeDelta,
    /// Log lines of runs: how long, at most as long as the runs.
    pub logs: TimeDelta,
    /// Runs of a user: how many.
    pub runs_per_user: u32,
}

/// The stores that are kept tidy.
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Housekeeping {
    pub otps: Arc<dyn OtpStore>,
    pub sessions: Arc<dyn SessionStore>,
    pub runs: Arc<dyn RunQueue>,
    pub events: Arc<dyn EventStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    pub retention: Arc<dyn Retention>,
    pub bulk: Arc<dyn BulkStore>,
    pub notices: Arc<dyn NoticeStore>,
    pub view: Arc<dyn EngineView>,
    pub idempotency: Arc<dyn IdempotencyStore>,
    pub audit: Arc<dyn AuditLog>,
    pub kept: Kept,
    pub swept: Arc<SweptCounts>,
}

impl Housekeeping {
    pub(super) async fn do_chore(&self, chore: Chore, now: Timestamp, stop: &CancellationToken) {
        let old = now - self.kept.history;
        match chore {
            Chore::Codes => {
                let before = now - CODES_KEPT;
                self.sweep(Swept::Codes, stop, || self.otps.delete_expired(before, BATCH))
                    .await;
            }
            Chore::Sessions => {
                let before = now - SESSIONS_KEPT;
                self.sweep(Swept::Sessions, stop, || self.sessions.delete_ended(before, BATCH))
                    .await;
                self.sweep(Swept::IdempotencyKeys, stop, || {
                    self.idempotency.delete_expired(now, BATCH)
                })
                .await;
                let before = now - NODE_KEPT;
                self.sweep(Swept::Nodes, stop, || self.view.forget_nodes(before, BATCH))
                    .await;
            }
            Chore::History => {
                self.sweep(Swept::Deliveries, stop, || self.deliveries.delete_ended(old, BATCH))
                    .await;
                self.sweep(Swept::AuditLog, stop, || self.audit.delete_old(old, BATCH))
                    .await;
                let place = Mutex::new(None);
                self.sweep(Swept::Events, stop, || self.sweep_events(&place, old)).await;
                self.sweep(Swept::Occurrences, stop, || {
                    self.retention.delete_occurrences(old, BATCH)
                })
                .await;
                self.sweep(Swept::BulkOperations, stop, || self.bulk.delete_ended(old, BATCH))
                    .await;
                self.sweep(Swept::Notices, stop, || self.notices.delete_old(old, BATCH))
                    .await;
                // Before the runs: with a run all of its lines would go, in one transaction.
                let before = now - self.kept.logs.min(self.kept.history);
                self.sweep(Swept::Logs, stop, || self.retention.delete_logs(before, BATCH))
                    .await;
                self.sweep(Swept::Runs, stop, || self.runs.delete_ended(old, BATCH))
                    .await;
            }
            Chore::SurplusRuns => match self.trim_all(old, stop).await {
                Ok(0) => tracing::debug!("nobody has too many runs"),
                Ok(deleted) => tracing::info!(deleted, "cleaned up {}", Swept::SurplusRuns.words()),
                Err(error) => {
                    tracing::warn!(%error, "trimming the runs of users failed; the next time comes by itself");
                }
            },
        }
    }

    /// Deletes batch after batch; a full batch means that there may be more.
    async fn sweep<F>(&self, what: Swept, stop: &CancellationToken, mut delete: impl FnMut() -> F)
    where
        F: Future<Output = Result<u32, StoreError>>,
    {
        let mut deleted = 0;
        while !stop.is_cancelled() {
            match delete().await {
                Ok(rows) => {
                    deleted += u64::from(rows);
                    if rows < BATCH {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "cleaning up {} failed; the next time comes by itself", what.words());
                    break;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.swept.add(what, deleted);
        if deleted > 0 {
            tracing::info!(deleted, "cleaned up {}", what.words());
        } else {
            tracing::debug!("nothing to clean up among {}", what.words());
        }
    }

    /// Deletes the next batch of old events, from where the last one has come to; answers a full batch where there may be
    /// more.
    async fn sweep_events(&self, place: &Mutex<Option<StreamPlace>>, old: Timestamp) -> Result<u32, StoreError> {
        let from = *place.lock().unwrap_or_else(PoisonError::into_inner);
        let swept = self.events.delete_events(from, old, BATCH).await?;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = swept.next;
        Ok(swept.deleted)
    }

    /// Walks the users in turn and deletes what is too much of each.
    async fn trim_all(&self, old: Timestamp, stop: &CancellationToken) -> Result<u64, StoreError> {
        let (mut deleted, mut after) = (0, None);
        loop {
            let users = self.retention.users_after(after, USERS).await?;
            for user in &users {
                deleted += self.trim(*user, old, stop).await?;
                if stop.is_cancelled() {
                    return Ok(deleted);
                }
            }
            after = users.last().copied();
            if after.is_none() {
                return Ok(deleted);
            }
        }
    }

    async fn trim(&self, user: UserId, old: Timestamp, stop: &CancellationToken) -> Result<u64, StoreError> {
        let keep = self.kept.runs_per_user;
        let (mut deleted, mut next) = (0, self.retention.first_beyond(user, keep, old).await?);
        while let Some(from) = next {
            if stop.is_cancelled() {
                break;
            }
            let trimmed = self.retention.trim_runs(user, from, BATCH).await?;
            self.swept.add(Swept::SurplusRuns, trimmed.deleted.into());
            deleted += u64::from(trimmed.deleted);
            next = trimmed.next;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(deleted)
    }
}
