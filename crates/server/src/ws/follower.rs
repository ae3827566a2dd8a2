//! Follows the streams of the users with sockets here, and ends sockets whose log-in is over.
//!
//! Events of this node come by [`Hub::committed`](super::hub::Hub); those of other nodes are found by comparing the
//! newest number of each stream (one read by primary key for up to 500 users), at most a quarter of a second late.

use scheduler_domain::{
    clock::Clock,
    error::StoreError,
    event::Cursor,
    ids::UserId,
    page::Limit,
    ports::{ApiKeyStore, EventFilter, EventStore, SessionStore},
};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

use super::hub::Hub;

const FOLLOW_EVERY: Duration = Duration::from_millis(200);
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// How many rows one query asks for.
const BATCH: usize = 500;

/// Keeps the sockets of this node in step with the database.
pub struct Follower {
    /// The sockets.
    pub hub: Arc<Hub>,
    /// The streams.
    pub events: Arc<dyn EventStore>,
    /// The log-ins.
    pub sessions: Arc<dyn SessionStore>,
    /// The API keys.
    pub api_keys: Arc<dyn ApiKeyStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Follower {
    /// Follows until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut checks = tokio::time::interval(CHECK_EVERY);
        checks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(FOLLOW_EVERY) => report("following the events failed", self.follow().await),
                () = self.hub.gap() => report("following the events failed", self.follow().await),
                _ = checks.tick() => report("checking log-ins failed", self.check_credentials().await),
            }
        }
    }

    /// Passes on what other nodes committed.
    pub async fn follow(&self) -> Result<(), StoreError> {
        let known = self.hub.heads();
        for chunk in known.chunks(BATCH) {
            let owners: Vec<UserId> = chunk.iter().map(|(user_id, _)| *user_id).collect();
            for (user_id, newest) in self.events.heads(&owners).await? {
                let passed_on = self.hub.head(user_id).unwrap_or(newest);
                if newest > passed_on {
                    self.read(user_id, passed_on, newest).await?;
                }
            }
        }
        Ok(())
    }

    async fn read(&self, user_id: UserId, after: Cursor, newest: Cursor) -> Result<(), StoreError> {
        let mut after = after;
        let all = EventFilter::default();
        let limit = Limit::new(Limit::MAX).unwrap_or(Limit::DEFAULT);
        loop {
            let events = self.events.read_after(user_id, after, &all, limit).await?;
            self.hub.publish_read(user_id, &events);
            match events.last() {
                Some(last) if events.len() >= usize::try_from(limit.get()).unwrap_or(usize::MAX) => after = last.cursor,
                _ => break,
            }
        }
        self.hub.caught_up(user_id, newest);
        Ok(())
    }

    /// Closes the sockets of log-ins and keys that ended on another node.
    pub async fn check_credentials(&self) -> Result<(), StoreError> {
        let (sessions, keys) = self.hub.credentials();
        for chunk in sessions.chunks(BATCH) {
            for session_id in self.sessions.over(chunk, self.clock.now()).await? {
                self.hub.close_session(session_id);
            }
        }
        for chunk in keys.chunks(BATCH) {
            for api_key_id in self.api_keys.over(chunk, self.clock.now()).await? {
                self.hub.close_key(api_key_id);
            }
        }
        Ok(())
    }
}

fn report(what: &str, result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "{what}; trying again shortly");
    }
}
