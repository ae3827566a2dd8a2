//! Events on their way to webhook endpoints.
//!
//! Deliveries lie in the outbox, written in the transaction of their event. [`Deliverer::tick`] takes those that are due
//! and starts their attempts; it waits for none, so a slow endpoint delays no other. How many attempts run at once is
//! bounded for the node and for each endpoint (`busy.rs`); results are written in group commits (`recorder.rs`).

mod attempt;
mod busy;
mod recorder;

#[cfg(test)]
mod tests;

use crate::health::EngineHealth;
use busy::Busy;
use chrono::TimeDelta;
use recorder::Recorder;
use scheduler_domain::{
    clock::{Clock, Random},
    error::StoreError,
    ids::WebhookId,
    ports::{ClaimDeliveries, DeliveryStore, HttpCaller, Postbox, UserStore, Vault},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How deliveries are made on one node.
#[derive(Debug, Clone)]
pub struct DeliverSettings {
    /// Attempts at once.
    pub concurrency: u32,
    /// Attempts at once to an endpoint that nothing is known of.
    pub per_endpoint: u32,
    /// How long an attempt may take.
    pub timeout: Duration,
    /// How much of an answer is kept.
    pub keep_response_bytes: usize,
    /// How long to wait for a wake-up before looking anyway.
    pub poll_every: Duration,
    /// How long attempts under way may go on after a stop was asked for.
    pub grace: Duration,
    /// Our version, for `User-Agent`.
    pub version: String,
}

impl DeliverSettings {
    /// The settings of the design.
    pub fn for_version(version: impl Into<String>) -> Self {
        Self {
            concurrency: 512,
            per_endpoint: 8,
            timeout: Duration::from_secs(20),
            keep_response_bytes: 4_096,
            poll_every: Duration::from_secs(1),
            grace: Duration::from_secs(5),
            version: version.into(),
        }
    }

    /// A claim holds for the attempt, and then long enough to write its result to a database that is away for a while.
    fn lease(&self) -> TimeDelta {
        TimeDelta::from_std(self.timeout).unwrap_or(TimeDelta::seconds(20)) + TimeDelta::seconds(40)
    }
}

/// What the deliverer works with.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct DeliverPorts {
    pub deliveries: Arc<dyn DeliveryStore>,
    pub users: Arc<dyn UserStore>,
    pub caller: Arc<dyn HttpCaller>,
    pub vault: Arc<dyn Vault>,
    pub postbox: Arc<dyn Postbox>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// Makes deliveries. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Deliverer {
    ports: DeliverPorts,
    settings: Arc<DeliverSettings>,
    wake: Arc<Notify>,
    busy: Busy,
    recorder: Recorder,
    /// The endpoint that was served last.
    turn: Arc<Mutex<Option<WebhookId>>>,
    attempts: TaskTracker,
    abandon: CancellationToken,
    health: Arc<EngineHealth>,
}

impl Deliverer {
    /// A deliverer that does nothing until [`run`](Self::run) or [`tick`](Self::tick). `wake` is notified by whoever
    /// hears of deliveries that were written.
    pub fn new(ports: DeliverPorts, settings: DeliverSettings, wake: Arc<Notify>) -> Self {
        Self {
            ports,
            busy: Busy::new(settings.per_endpoint),
            settings: Arc::new(settings),
            wake,
            recorder: Recorder::default(),
            turn: Arc::default(),
            attempts: TaskTracker::new(),
            abandon: CancellationToken::new(),
            health: Arc::default(),
        }
    }

    /// Counts its work here.
    #[must_use]
    pub fn counting_in(mut self, health: Arc<EngineHealth>) -> Self {
        self.health = health;
        self
    }

    /// Claims what is due and starts its attempts; answers how many. Waits for none of them.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let busy = self.busy.by_endpoint();
        let max = self.settings.concurrency.saturating_sub(self.busy.under_way()).min(200);
        if max == 0 {
            return Ok(0);
        }
        let now = self.ports.clock.now();
        let claim = ClaimDeliveries {
            now,
            lease_until: now + self.settings.lease(),
            max,
            per_endpoint: self.settings.per_endpoint,
            busy,
            places: self.busy.places(),
            after: *self.turn.lock().unwrap_or_else(PoisonError::into_inner),
        };
        let claimed = self.ports.deliveries.claim_due(&claim).await?;
        let count = claimed.len();
        if let Some(last) = claimed.last() {
            *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = Some(last.endpoint.webhook_id);
        }
        for due in claimed {
            let place = self.busy.enter(due.endpoint.webhook_id);
            let this = self.clone();
            self.attempts.spawn(async move {
                tokio::select! {
                    () = this.attempt(due) => {}
                    () = this.abandon.cancelled() => {}
                }
                drop(place);
                // The place may be wanted by a delivery that was left when this one was claimed.
                this.wake.notify_one();
            });
        }
        Ok(count)
    }

    /// How many attempts are under way here.
    pub fn under_way(&self) -> usize {
        self.attempts.len()
    }

    /// Waits until no attempt is under way.
    pub async fn idle(&self) {
        self.attempts.close();
        self.attempts.wait().await;
        self.attempts.reopen();
    }

    /// Works until `stop`, then claims nothing more and gives attempts under way a few seconds. What is left then is
    /// due again when its lease ends: receivers know it by its `webhook-id`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let wait = match self.tick().await {
                Ok(0) => self.until_next().await,
                // More may be due.
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(%error, "claiming deliveries failed; trying again shortly");
                    self.settings.poll_every
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wake.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        self.attempts.close();
        if tokio::time::timeout(self.settings.grace, self.attempts.wait())
            .await
            .is_err()
        {
            let left = self.under_way();
            tracing::info!(left, "stopping: these deliveries are due again when their lease ends");
            self.abandon.cancel();
            self.attempts.wait().await;
        }
    }

    /// How long to sleep when nothing could be claimed. What is due and was not claimed waits for a place or belongs to
    /// an attempt elsewhere; the end of an attempt wakes us, so there is nothing to hurry for.
    async fn until_next(&self) -> Duration {
        let poll = self.settings.poll_every;
        let now = self.ports.clock.now();
        match self.ports.deliveries.next_due(now).await {
            Ok(Some(at)) if at > now => (at - now).to_std().unwrap_or(poll).min(poll),
            Ok(_) => poll,
            Err(error) => {
                tracing::warn!(%error, "looking for the next delivery failed");
                poll
            }
        }
    }
}
