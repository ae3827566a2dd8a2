//! What a node measures of its own work: counters and histograms of fixed size, without locks, written in passing and
//! read by `/metrics` and the heartbeat.

mod gauges;
mod recent;

pub use gauges::{Counter, Histogram};
pub use recent::Recent;

use chrono::TimeDelta;
use scheduler_domain::{
    clock::Timestamp,
    event::EventType,
    health::{NodeStats, QueueDepth},
    ports::{ClaimedRun, Committed},
    run::TriggerKind,
    webhook::AfterAttempt,
};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// The numbers of one node since it started. Times are in microseconds.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each field is called what it counts")]
pub struct EngineHealth {
    /// Planned instant to start, of scheduled runs.
    pub scheduler_lag: Histogram,
    /// Creation to start, of all others.
    pub queue_wait: Histogram,
    /// Runs in a claim that found any.
    pub claim_batch: Histogram,
    pub claim_time: Histogram,
    pub claim_errors: Counter,
    /// Results in a commit.
    pub completion_batch: Histogram,
    pub completion_time: Histogram,
    pub completion_errors: Counter,
    /// By what this process committed, outside workers' runs included.
    pub runs_queued: Counter,
    pub runs_started: Counter,
    pub runs_completed: Counter,
    pub runs_failed: Counter,
    pub runs_retrying: Counter,
    pub runs_cancelled: Counter,
    /// Leases of this node that were found lost when they were to be renewed.
    pub leases_lost: Counter,
    /// Leases of anybody that ended without a word and were taken back here.
    pub leases_reaped: Counter,
    /// What this node held when it stopped without a word.
    pub leases_freed: Counter,
    /// Results that came after their lease was lost.
    pub late_results: Counter,
    /// Event to delivery, replays left out.
    pub webhook_lag: Histogram,
    pub deliveries_delivered: Counter,
    pub deliveries_retried: Counter,
    pub deliveries_given_up: Counter,
    /// What the latest heartbeat found.
    queue_depth: Mutex<QueueDepth>,
}

impl EngineHealth {
    /// A run starts here.
    pub(crate) fn started(&self, claimed: &ClaimedRun, now: Timestamp) {
        let run = &claimed.run;
        // When a later attempt was queued is not known.
        if run.attempt > 1 {
            return;
        }
        match (run.trigger.kind, run.trigger.planned_at) {
            (TriggerKind::Schedule, Some(planned_at)) => self.scheduler_lag.record(micros(now - planned_at)),
            _ => self.queue_wait.record(micros(now - run.created_at)),
        }
    }

    /// A claim came back.
    pub(crate) fn claimed(&self, runs: usize, took: Duration) {
        self.claim_time.record_time(took);
        if runs > 0 {
            self.claim_batch.record(runs as u64);
        }
    }

    /// A batch of results was written.
    pub(crate) fn completed(&self, results: usize, took: Duration) {
        self.completion_time.record_time(took);
        self.completion_batch.record(results as u64);
    }

    /// The result of an attempt to deliver an event was written. `first_round`: it is not a replay.
    pub(crate) fn delivered(&self, after: AfterAttempt, event_at: Timestamp, now: Timestamp, first_round: bool) {
        match after {
            AfterAttempt::Delivered => {
                self.deliveries_delivered.add(1);
                if first_round {
                    self.webhook_lag.record(micros(now - event_at));
                }
            }
            AfterAttempt::RetryAt(_) => self.deliveries_retried.add(1),
            AfterAttempt::GiveUp => self.deliveries_given_up.add(1),
        }
    }

    /// This process committed something.
    pub fn committed(&self, what: &Committed) {
        for event in &what.events {
            match event.kind {
                EventType::RunQueued => self.runs_queued.add(1),
                EventType::RunStarted => self.runs_started.add(1),
                EventType::RunCompleted => self.runs_completed.add(1),
                EventType::RunFailed => self.runs_failed.add(1),
                EventType::RunRetrying => self.runs_retrying.add(1),
                EventType::RunCancelled => self.runs_cancelled.add(1),
                _ => {}
            }
        }
    }

    /// Keeps what was found about the queue.
    pub fn set_queue_depth(&self, depth: QueueDepth) {
        *self.queue_depth.lock().unwrap_or_else(PoisonError::into_inner) = depth;
    }

    /// What the latest heartbeat found about the queue.
    pub fn queue_depth(&self) -> QueueDepth {
        *self.queue_depth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything since the start, as it travels to others.
    pub fn totals(&self) -> NodeStats {
        NodeStats {
            window_seconds: 0,
            scheduler_lag: self.scheduler_lag.distribution(),
            queue_wait: self.queue_wait.distribution(),
            claim_batch: self.claim_batch.distribution(),
            claim_time: self.claim_time.distribution(),
            completion_batch: self.completion_batch.distribution(),
            completion_time: self.completion_time.distribution(),
            webhook_lag: self.webhook_lag.distribution(),
            lease_losses: self.leases_lost.get() + self.leases_reaped.get(),
        }
    }
}

/// A clock that was set back in between makes nothing of it.
fn micros(time: TimeDelta) -> u64 {
    time.num_microseconds()
        .map_or(u64::MAX, |micros| u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests;
