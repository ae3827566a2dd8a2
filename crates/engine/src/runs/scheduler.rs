//! Fires schedules: sleeps until the next instant comes due and handles all that have, in batches.

use super::{EngineSignals, RunEngine};
use scheduler_domain::{
    clock::Clock,
    ports::{Dispatcher, Fired, ScheduleStore},
};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How many jobs are fired in one transaction. Small enough that the first of many do not wait for the last.
const BATCH: u32 = 100;

/// How long to sleep at most: other nodes change schedules too.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// How long to sleep at least, so that a job that another node has locked is not asked for without a pause.
const SHORTEST_SLEEP: Duration = Duration::from_millis(2);

/// The schedules of one node. Any number of nodes may run it: each instant is fired once.
#[derive(Clone)]
pub struct Scheduler {
    store: Arc<dyn ScheduleStore>,
    engine: RunEngine,
    clock: Arc<dyn Clock>,
    signals: EngineSignals,
}

impl Scheduler {
    /// Fires nothing until [`run`](Self::run); runs start at once on `engine` while it has places.
    pub fn new(
        store: Arc<dyn ScheduleStore>,
        engine: RunEngine,
        clock: Arc<dyn Clock>,
        signals: EngineSignals,
    ) -> Self {
        Self {
            store,
            engine,
            clock,
            signals,
        }
    }

    /// Fires until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let wait = self.tick().await;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.signals.schedules.notified() => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Handles what is due; answers how long to sleep until the next instant.
    pub async fn tick(&self) -> Duration {
        loop {
            match self.fire().await {
                Ok(Fired { more: true, .. }) => {}
                Ok(Fired { jobs: 0, .. }) => break,
                // Their next instants may have come meanwhile.
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "firing schedules failed; trying again shortly");
                    return LONGEST_SLEEP;
                }
            }
        }
        match self.store.next_due_at().await {
            // What is due but was not handled is locked by another node, which is about to be done with it.
            Ok(Some(at)) => (at - self.clock.now())
                .to_std()
                .unwrap_or_default()
                .clamp(SHORTEST_SLEEP, LONGEST_SLEEP),
            Ok(None) => LONGEST_SLEEP,
            Err(error) => {
                tracing::warn!(%error, "looking for the next instant failed");
                LONGEST_SLEEP
            }
        }
    }

    async fn fire(&self) -> Result<Fired, scheduler_domain::error::StoreError> {
        let places = self.engine.reserve(BATCH);
        let claim = places.as_ref().map(|places| places.claim.clone());
        self.store.fire_due(self.clock.now(), BATCH, claim).await
    }
}
