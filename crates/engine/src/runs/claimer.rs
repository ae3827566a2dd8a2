//! Takes runs that wait, as many as this node can carry out.

use super::{GATHER, RunEngine, execute};
use chrono::TimeDelta;
use scheduler_domain::ports::{Claim, ClaimedRun, Dispatcher, Reservation};
use std::sync::atomic::Ordering;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The most runs that one claim takes.
const CLAIM_LIMIT: u32 = 500;

impl RunEngine {
    /// Claims until `stop`. Sleeps while nothing waits or every slot is taken.
    pub(super) async fn claim_loop(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            self.gather_places().await;
            let free = self.free_places();
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

    /// While more waits than there are places, a claim for a few of them costs nearly as much as one for many, and the
    /// places become free in groups: waits a moment until a quarter of them is.
    async fn gather_places(&self) {
        let worth_it = self.most_at_once() / 2;
        let enough = async {
            while self.free_places() < worth_it {
                self.signals.slots.freed().await;
            }
        };
        if self.backlog.load(Ordering::Acquire) {
            let _ = tokio::time::timeout(GATHER, enough).await;
        }
    }

    /// How many runs one claim takes at most: half of the places, so that one half is begun and ends while the other half
    /// is claimed, and the database, of which one writer may be all there is, does not wait for either.
    fn most_at_once(&self) -> u32 {
        self.settings.concurrency.div_ceil(2).min(CLAIM_LIMIT)
    }

    /// One claim; answers how many runs were started.
    pub async fn claim_tick(&self) -> usize {
        let max = self.free_places().min(self.most_at_once());
        if max == 0 {
            return 0;
        }
        let began = Instant::now();
        match self.queue.claim(&self.claim_of(max)).await {
            Ok(claimed) => {
                let count = claimed.len();
                self.signals.health.claimed(count, began.elapsed());
                self.backlog
                    .store(count == usize::try_from(max).unwrap_or(usize::MAX), Ordering::Release);
                for run in claimed {
                    self.begin(run);
                }
                count
            }
            Err(error) => {
                self.signals.health.claim_errors.add(1);
                tracing::warn!(%error, "claiming runs failed; trying again shortly");
                0
            }
        }
    }

    fn claim_of(&self, max: u32) -> Claim {
        let now = self.clock.now();
        let lease = TimeDelta::from_std(self.settings.lease).unwrap_or(TimeDelta::seconds(30));
        Claim {
            node: self.settings.node,
            max,
            now,
            lease_until: now + lease,
            per_user: self.settings.per_user,
        }
    }

    /// Carries out a run that this node has claimed.
    pub fn begin(&self, run: ClaimedRun) {
        self.signals.health.started(&run, self.clock.now());
        let orders = self.signals.slots.enter(run.run.run_id, run.lease);
        let (finished, slots, clock) = (self.finished.clone(), self.signals.slots.clone(), self.clock.clone());
        let executors = self.executors.clone();
        tokio::spawn(execute::attempt(run, orders, finished, slots, clock, executors));
    }
}

impl Dispatcher for RunEngine {
    fn reserve(&self, most: u32) -> Option<Reservation> {
        // Whoever waits goes first. A limit per user is kept by claims alone.
        let free_for_all = self.accepting.load(Ordering::Acquire)
            && !self.backlog.load(Ordering::Acquire)
            && self.settings.per_user.is_none();
        let places = free_for_all
            .then(|| self.signals.slots.reserve(most, self.settings.concurrency))
            .flatten()?;
        Some(Reservation {
            claim: self.claim_of(places.count),
            places: Box::new(places),
        })
    }
}
