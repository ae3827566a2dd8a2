//! Carries out one attempt.

use super::{
    completer::Message,
    slots::{Order, Slots},
};
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
enum Outcome {
    Succeeded(Option<Payload>),
    Failed {
        error: RunError,
        retryable: bool,
        timed_out: bool,
    },
    HandedBack,
}

/// Carries out the attempt and gives its result to the completer. The slot is freed when the result is written, so
/// that its lease is renewed until then.
pub(super) async fn attempt(
    claimed: ClaimedRun,
    mut orders: watch::Receiver<Order>,
    finished: mpsc::Sender<Message>,
    slots: Slots,
    clock: Arc<dyn Clock>,
) {
    let (run_id, lease) = (claimed.run.run_id, claimed.lease);
    let outcome = tokio::select! {
        outcome = guarded(carry_out(&claimed.executor)) => outcome,
        () = time_is_up(claimed.timeout_seconds) => timed_out(claimed.timeout_seconds),
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
        Outcome::Failed {
            error,
            retryable,
            timed_out,
        } => (
            Trigger::Fail {
                retryable,
                timed_out,
                retry_after: None,
            },
            None,
            Some(error),
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

async fn time_is_up(timeout_seconds: Option<u32>) {
    match timeout_seconds {
        Some(seconds) => tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await,
        None => pending().await,
    }
}

fn timed_out(timeout_seconds: Option<u32>) -> Outcome {
    let seconds = timeout_seconds.unwrap_or_default();
    let error = RunError::new("timeout", format!("the attempt took longer than {seconds} s"));
    Outcome::Failed {
        error,
        retryable: true,
        timed_out: true,
    }
}

/// A panic of an executor is a failed attempt: it must neither keep its slot for ever nor take the node with it.
async fn guarded(work: impl Future<Output = Outcome>) -> Outcome {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Outcome::Failed {
            error: RunError::new(
                "executor_panicked",
                "the executor ended badly; this is a mistake of the server",
            ),
            retryable: true,
            timed_out: false,
        })
}

async fn carry_out(executor: &Executor) -> Outcome {
    match executor {
        Executor::Simulated {
            duration_ms, outcome, ..
        } => {
            tokio::time::sleep(Duration::from_millis(*duration_ms)).await;
            match outcome {
                SimulatedOutcome::Completed => Outcome::Succeeded(None),
                SimulatedOutcome::Failed => Outcome::Failed {
                    error: RunError::new("simulated_failure", "the job is set to fail"),
                    retryable: true,
                    timed_out: false,
                },
            }
        }
        Executor::Http(_) | Executor::Worker { .. } => Outcome::Failed {
            error: RunError::new("no_executor", "this node cannot carry out such runs"),
            retryable: false,
            timed_out: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_failed_attempt() {
        let outcome = guarded(async { panic!("on purpose") }).await;
        assert!(matches!(outcome, Outcome::Failed { error, .. } if error.code == "executor_panicked"));
    }
}
