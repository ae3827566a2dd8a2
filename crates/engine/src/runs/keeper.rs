//! Keeps leases: renews those of this node, takes back those that ended, and brings waiting retries into the queue.

use super::RunEngine;
use chrono::TimeDelta;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How many runs one step of housekeeping touches.
const BATCH: u32 = 200;

impl RunEngine {
    /// At start: what this node held before it stopped is nobody's now.
    pub(super) async fn free_own_leases(&self) {
        match self.queue.free_leases_of(self.settings.node, self.clock.now()).await {
            Ok(0) => {}
            Ok(runs) => {
                self.signals.health.leases_freed.add(runs.into());
                tracing::info!(runs, "took back the runs that this node held when it stopped");
            }
            Err(error) => tracing::warn!(%error, "could not free the leases of this node; they end by themselves"),
        }
    }

    pub(super) async fn renew_loop(self, stop: CancellationToken) {
        let every = self.settings.lease / 3;
        while sleep_or_stop(every, &stop).await {
            self.renew_tick().await;
        }
    }

    /// Renews every lease of this node and stops the attempts whose lease is lost.
    pub async fn renew_tick(&self) {
        let leases = self.signals.slots.leases();
        let lease = TimeDelta::from_std(self.settings.lease).unwrap_or(TimeDelta::seconds(30));
        for chunk in leases.chunks(500) {
            let now = self.clock.now();
            match self.queue.renew(chunk, now + lease, now).await {
                Ok(lost) => {
                    for (run_id, lease) in chunk.iter().filter(|(run_id, _)| lost.contains(run_id)) {
                        self.signals.health.leases_lost.add(1);
                        tracing::info!(%run_id, "the lease was lost; the attempt stops");
                        self.signals.slots.stop_leased(*run_id, *lease);
                    }
                }
                Err(error) => tracing::warn!(%error, "leases could not be renewed"),
            }
        }
    }

    pub(super) async fn reap_loop(self, stop: CancellationToken) {
        while sleep_or_stop(self.settings.reap_every, &stop).await {
            while self.reap_tick().await == BATCH && !stop.is_cancelled() {}
        }
    }

    /// Takes back runs of nodes that are gone; answers how many.
    pub async fn reap_tick(&self) -> u32 {
        match self.queue.reap(self.clock.now(), BATCH).await {
            Ok(0) => 0,
            Ok(runs) => {
                self.signals.health.leases_reaped.add(runs.into());
                tracing::warn!(runs, "leases ended without a word; their runs were taken back");
                runs
            }
            Err(error) => {
                tracing::warn!(%error, "looking for ended leases failed");
                0
            }
        }
    }

    pub(super) async fn retry_loop(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let wait = self.retry_tick().await;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.signals.retries.notified() => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Queues the retries that are due; answers how long to sleep until the next one, at most the poll interval.
    pub async fn retry_tick(&self) -> Duration {
        let now = self.clock.now();
        match self.queue.queue_due_retries(now, BATCH).await {
            Ok(BATCH) => return Duration::ZERO,
            Ok(_) => {}
            Err(error) => {
                // A retry that is due stays due: asking when would answer "now", again and again.
                tracing::warn!(%error, "queueing retries failed");
                return self.settings.poll_every;
            }
        }
        match self.queue.next_retry_at().await {
            Ok(Some(at)) => (at - now)
                .to_std()
                .unwrap_or(Duration::from_millis(1))
                .min(self.settings.poll_every),
            Ok(None) => self.settings.poll_every,
            Err(error) => {
                tracing::warn!(%error, "looking for the next retry failed");
                self.settings.poll_every
            }
        }
    }
}

/// Sleeps; answers `false` when a stop came first.
async fn sleep_or_stop(time: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => !stop.is_cancelled(),
        () = stop.cancelled() => false,
    }
}
