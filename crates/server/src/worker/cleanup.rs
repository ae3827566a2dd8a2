//! Deleting what nobody needs any more, in batches that hold no lock for long.

use chrono::TimeDelta;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ports::{DeliveryStore, EventStore, OtpStore, RunQueue, SessionStore},
};
use std::{future::Future, sync::Arc};
use tokio_util::sync::CancellationToken;

use super::Chore;

/// How many rows one statement deletes.
const BATCH: u32 = 500;
/// How long an expired code is kept, so that a late try is still told apart in an investigation.
const CODES_KEPT: TimeDelta = TimeDelta::hours(1);
/// How long an ended session is kept.
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(7);

/// The stores that are kept tidy.
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Housekeeping {
    pub otps: Arc<dyn OtpStore>,
    pub sessions: Arc<dyn SessionStore>,
    pub runs: Arc<dyn RunQueue>,
    pub events: Arc<dyn EventStore>,
    pub deliveries: Arc<dyn DeliveryStore>,
    /// How long history is kept.
    pub retention: TimeDelta,
}

impl Housekeeping {
    pub(super) async fn do_chore(&self, chore: Chore, now: Timestamp, stop: &CancellationToken) {
        let old = now - self.retention;
        match chore {
            Chore::Codes => {
                sweep("expired codes", stop, || {
                    self.otps.delete_expired(now - CODES_KEPT, BATCH)
                })
                .await;
            }
            Chore::Sessions => {
                sweep("ended sessions", stop, || {
                    self.sessions.delete_ended(now - SESSIONS_KEPT, BATCH)
                })
                .await;
            }
            Chore::History => {
                sweep("ended deliveries", stop, || self.deliveries.delete_ended(old, BATCH)).await;
                sweep("old events", stop, || self.events.delete_events(old, BATCH)).await;
                sweep("ended runs", stop, || self.runs.delete_ended(old, BATCH)).await;
            }
        }
    }
}

/// Deletes batch after batch; a full batch means that there may be more. Between batches others get their turn.
async fn sweep<F>(what: &'static str, stop: &CancellationToken, mut delete: impl FnMut() -> F) -> u64
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
                tracing::warn!(%error, "cleaning up {what} failed; the next time comes by itself");
                break;
            }
        }
        tokio::task::yield_now().await;
    }
    if deleted > 0 {
        tracing::info!(deleted, "cleaned up {what}");
    } else {
        tracing::debug!("nothing to clean up among {what}");
    }
    deleted
}
