//! Carries out one attempt.

use super::{
    Executors,
    completer::Message,
    http,
    slots::{Order, Slots},
};
use chrono::TimeDelta;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Clock,
    job::{Executor, Payload, SimulatedOutcome},
    ports::{ClaimedRun, Finish},
    run::{RunError, Trigger},
};
use std::{future::pending, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// What an executor came to.
#[derive(Debug)]
pub(super) enum Outcome {
    Succeeded(Option<Payload>),
    Failed(Failure),
    HandedBack,
}

/// How an attempt failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: RunError,
    pub(super) retryable: bool,
    pub(super) timed_out: bool,
    /// The wait that the other side asks for.
    pub(super) retry_after: Option<TimeDelta>,
    /// What it answered.
    pub(super) result: Option<Payload>,
}

impl Failure {
    pub(super) fn new(code: &str, message: impl Into<String>, retryable: bool) -> Self {
        Self {
            error: RunError::new(code, message),
            retryable,
            timed_out: false,
            retry_after: None,
            result: None,
        }
    }

    pub(super) fn timed_out(limit: Duration) -> Self {
        let message = format!("the attempt took longer than {} s", limit.as_secs_f64().ceil());
        Self {
            timed_out: true,
            ..Self::new("timeout", message, true)
        }
    }
}

/// Carries out the attempt and gives its result to the completer. The slot is freed when the result is written, so
/// that its lease is renewed until then.
pub(super) async fn attempt(
    claimed: ClaimedRun,
    mut orders: watch::Receiver<Order>,
    finished: mpsc::Sender<Message>,
    slots: Slots,
    clock: Arc<dyn Clock>,
    executors: Arc<Executors>,
) {
    let (run_id, lease) = (claimed.run.run_id, claimed.lease);
    let limit = limit(&claimed, &*clock);
    let outcome = tokio::select! {
        outcome = guarded(carry_out(&claimed, limit, &executors)) => outcome,
        failure = time_is_up(limit) => Outcome::Failed(failure),
        order = order(&mut orders) => match order {
            Order::HandBack => Outcome::HandedBack,
            Order::Stop | Order::Work => {
                slots.leave(run_id, lease);
                return;
            }
        },
    };
    let (trigger, result, error) = match outcome {
        Outcome::Succeeded(result) => (Trigger::Succeed, result, None),
        Outcome::Failed(failure) => (
            Trigger::Fail {
                retryable: failure.retryable,
                timed_out: failure.timed_out,
                retry_after: failure.retry_after,
            },
            failure.result,
            Some(failure.error),
        ),
        Outcome::HandedBack => (Trigger::HandBack, None, None),
    };
    let finish = Finish {
        run_id,
        lease,
        at: clock.now(),
        trigger,
        result,
        error,
    };
    if finished.send(Message { finish }).await.is_err() {
        // The completer is gone only after everything was drained; the lease gives the run back.
        slots.leave(run_id, lease);
    }
}

/// The first order other than to go on.
async fn order(orders: &mut watch::Receiver<Order>) -> Order {
    // Copied out at once: the guard that `wait_for` returns must not live across an await.
    let order = orders.wait_for(|order| *order != Order::Work).await.map(|order| *order);
    // Without a sender another attempt of the same run has taken the slot: this one lost its lease.
    order.unwrap_or(Order::Stop)
}

/// How long the attempt may take: what its job says, or else what its kind does, and no longer than the run.
fn limit(claimed: &ClaimedRun, clock: &dyn Clock) -> Option<Duration> {
    let seconds = claimed.timeout_seconds.or(claimed.executor.default_timeout_seconds());
    let own = seconds.map(|seconds| Duration::from_secs(u64::from(seconds)));
    // A deadline that has passed leaves no time at all.
    let left = claimed
        .run
        .deadline_at
        .map(|at| (at - clock.now()).to_std().unwrap_or_default());
    match (own, left) {
        (Some(own), Some(left)) => Some(own.min(left)),
        (own, left) => own.or(left),
    }
}

async fn time_is_up(limit: Option<Duration>) -> Failure {
    match limit {
        Some(limit) => {
            tokio::time::sleep(limit).await;
            Failure::timed_out(limit)
        }
        None => pending().await,
    }
}

/// A panic of an executor is a failed attempt: it must neither keep its slot for ever nor take the node with it.
async fn guarded(work: impl Future<Output = Outcome>) -> Outcome {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
        let message = "the executor ended badly; this is a mistake of the server";
        Outcome::Failed(Failure::new("executor_panicked", message, true))
    })
}

async fn carry_out(claimed: &ClaimedRun, limit: Option<Duration>, executors: &Executors) -> Outcome {
    match &claimed.executor {
        Executor::Simulated {
            duration_ms,
            outcome,
            failure_rate,
        } => {
            let unlucky = executors.roll() < *failure_rate;
            tokio::time::sleep(Duration::from_millis(*duration_ms)).await;
            let message = match outcome {
                SimulatedOutcome::Failed => "the job is set to fail",
                SimulatedOutcome::Completed if unlucky => "the job is set to fail at times, and this was such a time",
                SimulatedOutcome::Completed => return Outcome::Succeeded(None),
            };
            Outcome::Failed(Failure::new("simulated_failure", message, true))
        }
        Executor::Http(call) => match http::send(call, claimed, limit, executors).await {
            Ok(result) => Outcome::Succeeded(result),
            Err(failure) => Outcome::Failed(failure),
        },
        // Started by hand: somebody who looks after it says that it is alive.
        Executor::Heartbeat { .. } => Outcome::Succeeded(None),
        Executor::Worker { .. } => {
            let message = "this node cannot carry out such runs";
            Outcome::Failed(Failure::new("no_executor", message, false))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_failed_attempt() {
        let outcome = guarded(async { panic!("on purpose") }).await;
        assert!(matches!(outcome, Outcome::Failed(failure) if failure.error.code == "executor_panicked"));
    }
}
