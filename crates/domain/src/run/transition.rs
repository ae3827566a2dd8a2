//! The table of arrows. Nothing else in the program changes the status of a run.

use super::{Reason, RetryPolicy, RunStatus};
use crate::{clock::Timestamp, event::EventType, user::Word};
use chrono::TimeDelta;

/// How many crashes end a run: the job that kills its workers must not kill all of them.
pub const MAX_CRASHES: u32 = 3;

/// As much of a run as decides what may happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunState {
    /// Where it stands.
    pub status: RunStatus,
    /// Number of the latest attempt; 0 before the first.
    pub attempt: u32,
    /// How many attempts may fail before the run does; at least 1.
    pub max_attempts: u32,
    /// How many attempts ended with a lost lease.
    pub crashes: u32,
    /// Why the worker that carries it out was asked to stop, if it was.
    pub cancel_requested: Option<Reason>,
}

/// What happens to a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trigger {
    /// A node or worker takes it and starts an attempt.
    Claim,
    /// The attempt did what it should.
    Succeed,
    /// The attempt reported an error, or took too long.
    Fail {
        /// Whether another attempt could do better.
        retryable: bool,
        /// Whether it failed by taking too long.
        timed_out: bool,
        /// The wait that the other side asked for (`Retry-After`); it goes before the policy's.
        retry_after: Option<TimeDelta>,
    },
    /// The instant of the next attempt is reached.
    RetryDue,
    /// The lease ended without a renewal.
    LeaseLost,
    /// The node shuts down, or the worker has to stop, and gives the run back.
    HandBack,
    /// Somebody, or a policy, calls it off.
    Cancel(Reason),
}

impl Trigger {
    /// What it is that the lease of an attempt has ended: an attempt of a worker that took until `timeout_at` took too
    /// long, whether the worker lives or not; otherwise whoever had it is gone.
    pub fn of_ended_lease(timeout_at: Option<Timestamp>, now: Timestamp) -> Self {
        if timeout_at.is_some_and(|at| at <= now) {
            Self::Fail {
                retryable: true,
                timed_out: true,
                retry_after: None,
            }
        } else {
            Self::LeaseLost
        }
    }

    /// The name for messages and diagrams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Succeed => "succeed",
            Self::Fail { .. } => "fail",
            Self::RetryDue => "retry due",
            Self::LeaseLost => "lease lost",
            Self::HandBack => "hand back",
            Self::Cancel(_) => "cancel",
        }
    }
}

/// What a trigger makes of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The state entered.
    pub next: RunState,
    /// Why, where the status alone does not say.
    pub reason: Option<Reason>,
    /// When the next attempt is due, in Retrying.
    pub retry_at: Option<Timestamp>,
    /// The one event that tells of it, named for the state entered.
    pub event: EventType,
}

/// The table has no such arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run that is {} cannot {trigger}", from.word())]
pub struct InvalidTransition {
    /// The status that the run has.
    pub from: RunStatus,
    /// The name of the trigger.
    pub trigger: &'static str,
}

impl RunState {
    /// A run that was just made.
    pub const fn queued(max_attempts: u32) -> Self {
        Self {
            status: RunStatus::Queued,
            attempt: 0,
            max_attempts,
            crashes: 0,
            cancel_requested: None,
        }
    }

    /// Whether a cancellation is only asked for, and the run goes on until its worker answers or its lease ends. What
    /// nodes carry out is stopped at once, and so is everything whose job is deleted.
    pub fn cancels_by_request(self, by_worker: bool, why: Reason) -> bool {
        by_worker && self.status == RunStatus::Running && why != Reason::JobDeleted
    }

    /// What `trigger` makes of the run at `now`.
    ///
    /// `roll` is a random number in 0..1 that spreads the retries of many runs.
    pub fn step(
        self,
        trigger: Trigger,
        now: Timestamp,
        policy: &RetryPolicy,
        roll: f64,
    ) -> Result<Step, InvalidTransition> {
        use RunStatus as S;
        use Trigger as T;
        let counted = self.attempt.saturating_sub(self.crashes);
        match (self.status, trigger) {
            (S::Queued, T::Claim) => Ok(Self {
                attempt: self.attempt + 1,
                ..self
            }
            .to(S::Running, None)),
            (S::Running, T::Succeed) => Ok(self.to(S::Completed, None)),
            // Asked to stop, the worker did, or is gone: nothing is tried again. A success before counts.
            (S::Running, T::Fail { .. } | T::LeaseLost | T::HandBack) if self.cancel_requested.is_some() => {
                Ok(self.to(S::Cancelled, self.cancel_requested))
            }
            (S::Running, T::Fail { retryable: false, .. }) => Ok(self.to(S::Failed, Some(Reason::NotRetryable))),
            (S::Running, T::Fail { retry_after, .. }) if counted < self.max_attempts => {
                let wait = retry_after.unwrap_or_else(|| policy.wait_after(counted, roll));
                Ok(Step {
                    retry_at: Some(now + wait),
                    ..self.to(S::Retrying, None)
                })
            }
            (S::Running, T::Fail { timed_out: true, .. }) => Ok(self.to(S::Failed, Some(Reason::TimedOut))),
            (S::Running, T::Fail { .. }) => Ok(self.to(S::Failed, Some(Reason::AttemptsExhausted))),
            (S::Retrying, T::RetryDue) => Ok(self.to(S::Queued, None)),
            (S::Running, T::LeaseLost) => {
                let crashed = Self {
                    crashes: self.crashes + 1,
                    ..self
                };
                if crashed.crashes >= MAX_CRASHES {
                    Ok(crashed.to(S::Failed, Some(Reason::Crashed)))
                } else {
                    Ok(crashed.to(S::Queued, Some(Reason::LeaseLost)))
                }
            }
            (S::Running, T::HandBack) => {
                // Nothing is counted: the next claim has this attempt's number again.
                Ok(Self {
                    attempt: self.attempt.saturating_sub(1),
                    ..self
                }
                .to(S::Queued, Some(Reason::HandedBack)))
            }
            (S::Queued | S::Retrying | S::Running, T::Cancel(reason)) => Ok(self.to(S::Cancelled, Some(reason))),
            (from, trigger) => Err(InvalidTransition {
                from,
                trigger: trigger.name(),
            }),
        }
    }

    fn to(self, status: RunStatus, reason: Option<Reason>) -> Step {
        let event = match status {
            RunStatus::Queued => EventType::RunQueued,
            RunStatus::Running => EventType::RunStarted,
            RunStatus::Retrying => EventType::RunRetrying,
            RunStatus::Completed => EventType::RunCompleted,
            RunStatus::Failed => EventType::RunFailed,
            RunStatus::Cancelled => EventType::RunCancelled,
        };
        Step {
            next: Self {
                status,
                cancel_requested: None,
                ..self
            },
            reason,
            retry_at: None,
            event,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use proptest::prelude::*;
    use std::fmt::Write;

    fn fail(retryable: bool) -> Trigger {
        Trigger::Fail {
            retryable,
            timed_out: false,
            retry_after: None,
        }
    }

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    /// The worker was asked to stop.
    const ASKED: &str = "asked";

    fn triggers() -> Vec<(&'static str, Trigger)> {
        vec![
            ("claim", Trigger::Claim),
            ("succeed", Trigger::Succeed),
            ("fail", fail(true)),
            ("fail for good", fail(false)),
            (
                "time out",
                Trigger::Fail {
                    retryable: true,
                    timed_out: true,
                    retry_after: None,
                },
            ),
            ("retry due", Trigger::RetryDue),
            ("lease lost", Trigger::LeaseLost),
            ("hand back", Trigger::HandBack),
            ("cancel", Trigger::Cancel(Reason::CancelledByUser)),
        ]
    }

    /// The whole matrix, as the documents show it. A new arrow shows up here before anywhere else.
    #[test]
    fn the_matrix_of_states_and_triggers() {
        let mut table = String::new();
        for (status, word) in RunStatus::ALL {
            for (situation, attempt, max, crashes) in [
                ("first of two", 1, 2, 0),
                ("last", 2, 2, 0),
                ("third crash", 3, 2, 2),
                (ASKED, 1, 2, 0),
            ] {
                if situation == ASKED && *status != RunStatus::Running {
                    continue;
                }
                for (name, trigger) in triggers() {
                    let state = RunState {
                        status: *status,
                        attempt,
                        max_attempts: max,
                        crashes,
                        cancel_requested: (situation == ASKED).then_some(Reason::CancelledByUser),
                    };
                    if let Ok(step) = state.step(trigger, NOW, &RetryPolicy::default(), 0.5) {
                        let reason = step.reason.map(|r| format!(" ({})", r.word())).unwrap_or_default();
                        writeln!(
                            table,
                            "{word:9} {situation:12} --{name}--> {}{reason} attempt {} crashes {} emits {}",
                            step.next.status.word(),
                            step.next.attempt,
                            step.next.crashes,
                            step.event.word()
                        )
                        .unwrap();
                    }
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    fn any_state() -> impl Strategy<Value = RunState> {
        (0..RunStatus::ALL.len(), 1u32..20, 1u32..10, 0u32..3).prop_map(|(status, attempt, max_attempts, crashes)| {
            RunState {
                status: RunStatus::ALL[status].0,
                attempt: attempt + crashes,
                max_attempts,
                crashes,
                cancel_requested: None,
            }
        })
    }

    proptest! {
        #[test]
        fn a_final_run_never_changes(state in any_state(), pick in 0usize..9) {
            let (_, trigger) = triggers()[pick];
            if state.status.is_final() {
                prop_assert!(state.step(trigger, NOW, &RetryPolicy::default(), 0.1).is_err());
            }
        }

        #[test]
        fn cancelling_ends_every_run_that_has_not_ended(state in any_state()) {
            let step = state.step(Trigger::Cancel(Reason::CancelledByUser), NOW, &RetryPolicy::default(), 0.1);
            prop_assert_eq!(step.is_ok(), !state.status.is_final());
        }

        #[test]
        fn every_path_of_failures_and_crashes_ends(max in 1u32..20, crashes in proptest::collection::vec(any::<bool>(), 0..64)) {
            let mut state = RunState::queued(max);
            let policy = RetryPolicy::default();
            let mut crashes = crashes.into_iter();
            let mut steps = 0;
            while !state.status.is_final() {
                let trigger = match state.status {
                    RunStatus::Queued => Trigger::Claim,
                    RunStatus::Retrying => Trigger::RetryDue,
                    _ if crashes.next().unwrap_or(false) => Trigger::LeaseLost,
                    _ => fail(true),
                };
                state = state.step(trigger, NOW, &policy, 0.3).unwrap().next;
                steps += 1;
                prop_assert!(steps < 200);
            }
            prop_assert_eq!(state.status, RunStatus::Failed);
        }

        #[test]
        fn a_crash_or_a_shutdown_burns_no_attempt(max in 1u32..5) {
            let policy = RetryPolicy::default();
            let step = |s: RunState, t| s.step(t, NOW, &policy, 0.3).unwrap().next;
            let mut state = RunState::queued(max);
            for _ in 0..2 {
                state = step(step(state, Trigger::Claim), Trigger::LeaseLost);
                state = step(step(state, Trigger::Claim), Trigger::HandBack);
            }
            for _ in 1..max {
                state = step(step(step(state, Trigger::Claim), fail(true)), Trigger::RetryDue);
            }
            state = step(step(state, Trigger::Claim), fail(true));
            prop_assert_eq!(state.status, RunStatus::Failed);
        }
    }

    #[test]
    fn retry_after_goes_before_the_policy() {
        let state = RunState {
            status: RunStatus::Running,
            attempt: 1,
            max_attempts: 2,
            crashes: 0,
            cancel_requested: None,
        };
        let trigger = Trigger::Fail {
            retryable: true,
            timed_out: false,
            retry_after: Some(TimeDelta::seconds(7)),
        };
        let step = state.step(trigger, NOW, &RetryPolicy::default(), 0.5).unwrap();
        assert_eq!(step.retry_at, Some(NOW + TimeDelta::seconds(7)));
    }

    #[test]
    fn only_what_a_worker_carries_out_is_asked_to_stop() {
        let running = RunState {
            status: RunStatus::Running,
            ..RunState::queued(1)
        };
        assert!(running.cancels_by_request(true, Reason::CancelledByUser));
        assert!(running.cancels_by_request(true, Reason::Replaced));
        assert!(!running.cancels_by_request(true, Reason::JobDeleted));
        assert!(!running.cancels_by_request(false, Reason::CancelledByUser));
        assert!(!RunState::queued(1).cancels_by_request(true, Reason::CancelledByUser));
    }

    #[test]
    fn a_lease_that_ends_is_a_crash_unless_the_time_was_up() {
        let later = NOW + TimeDelta::microseconds(1);
        assert_eq!(Trigger::of_ended_lease(None, NOW), Trigger::LeaseLost);
        assert_eq!(Trigger::of_ended_lease(Some(later), NOW), Trigger::LeaseLost);
        assert!(matches!(
            Trigger::of_ended_lease(Some(NOW), NOW),
            Trigger::Fail {
                retryable: true,
                timed_out: true,
                ..
            }
        ));
    }
}
