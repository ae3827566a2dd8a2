//! Takes runs that wait, as many as this node can carry out.

use super::{RunEngine, execute};
use chrono::TimeDelta;
use scheduler_domain::ports::Claim;
use tokio_util::sync::CancellationToken;

/// The most runs that one claim takes.
const CLAIM_LIMIT: u32 = 500;

impl RunEngine {
    /// Claims until `stop`. Sleeps while nothing waits or every slot is taken.
    pub(super) async fn claim_loop(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let free = self.free_slots();
            let claimed = if free == 0 { 0 } else { self.claim_tick().await };
            if free > 0 && claimed > 0 {
                // More may wait, or another node may have been faster: look again at once.
                continue;
            }
            let poll = tokio::time::sleep(self.settings.poll_every);
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.signals.claimable.notified(), if free > 0 => {}
                () = self.signals.slots.freed(), if free == 0 => {}
                () = poll => {}
            }
        }
    }

    fn free_slots(&self) -> u32 {
        let busy = u32::try_from(self.under_way()).unwrap_or(u32::MAX);
        self.settings.concurrency.saturating_sub(busy)
    }

    /// One claim; answers how many runs were started.
    pub async fn claim_tick(&self) -> usize {
        let max = self.free_slots().min(CLAIM_LIMIT);
        if max == 0 {
            return 0;
        }
        let now = self.clock.now();
        let lease = TimeDelta::from_std(self.settings.lease).unwrap_or(TimeDelta::seconds(30));
        let claim = Claim {
            node: self.settings.node,
            max,
            now,
            lease_until: now + lease,
        };
        match self.queue.claim(&claim).await {
            Ok(claimed) => {
                let count = claimed.len();
                for run in claimed {
                    let orders = self.signals.slots.enter(run.run.run_id, run.lease);
                    let (finished, slots, clock) =
                        (self.finished.clone(), self.signals.slots.clone(), self.clock.clone());
                    let executors = self.executors.clone();
                    tokio::spawn(execute::attempt(run, orders, finished, slots, clock, executors));
                }
                count
            }
            Err(error) => {
                tracing::warn!(%error, "claiming runs failed; trying again shortly");
                0
            }
        }
    }
}
