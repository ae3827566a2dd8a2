//! What happens when runs meet, and when instants were missed.

use crate::{
    validate::{FieldError, Problems, range},
    words,
};
use serde::{Deserialize, Serialize};

/// What happens when a run is asked for while another run of the same job is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Both run.
    Allow,
    /// The new one does not run.
    Skip,
    /// The new one waits for its turn; up to [`Overlap::QUEUE_LIMIT`] wait.
    Queue,
    /// The old one is cancelled.
    CancelRunning,
}

words!(Overlap { Allow = "allow", Skip = "skip", Queue = "queue", CancelRunning = "cancel_running" });

impl Overlap {
    /// How many runs of one job may wait under `queue`.
    pub const QUEUE_LIMIT: u32 = 100;

    /// What to do with a new run beside `active` runs that have not ended; `max_running` bounds `allow`.
    pub const fn admit(self, active: u32, max_running: Option<u32>) -> Admission {
        match (self, active) {
            (_, 0) => Admission::Start,
            (Self::Allow, n) => match max_running {
                Some(most) if n >= most => Admission::Wait,
                _ => Admission::Start,
            },
            (Self::Queue, n) if n <= Self::QUEUE_LIMIT => Admission::Wait,
            (Self::Skip | Self::Queue, _) => Admission::Refuse,
            (Self::CancelRunning, _) => Admission::CancelOthersAndStart,
        }
    }

    /// How many runs of a job may be under way or claimable at once; the rest of them waits.
    pub const fn room(self, max_running: Option<u32>) -> u32 {
        match (self, max_running) {
            (Self::Allow, Some(most)) => most,
            (Self::Allow, None) => u32::MAX,
            (Self::Skip | Self::Queue | Self::CancelRunning, _) => 1,
        }
    }
}

/// What [`Overlap::admit`] decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The run may be claimed at once.
    Start,
    /// The run waits until those before it have ended.
    Wait,
    /// The run is not made.
    Refuse,
    /// The runs under way are cancelled, then the run may be claimed.
    CancelOthersAndStart,
}

/// What happens to planned instants that passed while no server ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CatchUpPolicy {
    /// They are recorded as missed.
    None,
    /// The latest one runs.
    Last,
    /// All of them run, up to `max_runs`.
    All,
}

words!(CatchUpPolicy { None = "none", Last = "last", All = "all" });

/// The policy with its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatchUp {
    /// The policy.
    pub policy: CatchUpPolicy,
    /// Instants older than this are missed whatever the policy says, 0 to 2,592,000 s.
    pub window_seconds: u32,
    /// At most so many runs are caught up, 1 to 1,000.
    pub max_runs: u32,
}

impl Default for CatchUp {
    fn default() -> Self {
        Self {
            policy: CatchUpPolicy::Last,
            window_seconds: 86_400,
            max_runs: 100,
        }
    }
}

impl CatchUp {
    /// Names every field that is out of bounds.
    pub fn validate(&self, pointer: &str) -> Result<(), Vec<FieldError>> {
        let mut problems = Problems::new();
        problems.take(range(
            &format!("{pointer}/window_seconds"),
            i64::from(self.window_seconds),
            0,
            2_592_000,
            "seconds",
        ));
        problems.take(range(
            &format!("{pointer}/max_runs"),
            i64::from(self.max_runs),
            1,
            1_000,
            "runs",
        ));
        problems.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_decides_as_its_name_says() {
        for policy in [Overlap::Allow, Overlap::Skip, Overlap::Queue, Overlap::CancelRunning] {
            assert_eq!(policy.admit(0, None), Admission::Start);
        }
        assert_eq!(Overlap::Allow.admit(5, None), Admission::Start);
        assert_eq!(Overlap::Allow.admit(5, Some(6)), Admission::Start);
        assert_eq!(Overlap::Allow.admit(6, Some(6)), Admission::Wait);
        assert_eq!(Overlap::Skip.admit(1, None), Admission::Refuse);
        assert_eq!(Overlap::CancelRunning.admit(1, None), Admission::CancelOthersAndStart);
        // One runs and up to a hundred wait.
        assert_eq!(Overlap::Queue.admit(Overlap::QUEUE_LIMIT, None), Admission::Wait);
        assert_eq!(Overlap::Queue.admit(Overlap::QUEUE_LIMIT + 1, None), Admission::Refuse);
    }
}
