//! What somebody wants to be told.

use super::Trouble;
use crate::validate::{FieldError, range};
use serde::{Deserialize, Serialize};

/// What the owner of a job is told by e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that people see side by side"
)]
pub struct NoticePolicy {
    /// An attempt failed, and another one follows.
    pub failure: bool,
    /// A run failed for good.
    pub final_failure: bool,
    /// Planned instants passed without a run, or without the ping that was expected.
    pub missed: bool,
    /// A run began late, because no server was there in time.
    pub late: bool,
    /// The first success after something of this.
    pub recovery: bool,
    /// While trouble goes on, tell it again after so many hours, 1 to 720; `None`: once is enough.
    pub remind_hours: Option<u32>,
}

impl Default for NoticePolicy {
    /// What needs somebody, and that it is over.
    fn default() -> Self {
        Self {
            failure: false,
            final_failure: true,
            missed: true,
            late: false,
            recovery: true,
            remind_hours: None,
        }
    }
}

impl NoticePolicy {
    /// Nothing at all.
    pub const SILENT: Self = Self {
        failure: false,
        final_failure: false,
        missed: false,
        late: false,
        recovery: false,
        remind_hours: None,
    };

    /// Whether trouble of this kind is told.
    pub const fn tells(&self, trouble: Trouble) -> bool {
        match trouble {
            Trouble::Late => self.late,
            Trouble::Failure => self.failure,
            Trouble::Missed => self.missed,
            Trouble::FinalFailure => self.final_failure,
        }
    }

    /// The kinds of trouble, as bits, that are looked for only where somebody wants to hear of them: they come with runs
    /// that end well, too.
    pub const fn extra(&self) -> i32 {
        (self.failure as i32) * Trouble::Failure.extra() | (self.late as i32) * Trouble::Late.extra()
    }

    /// The policy, or what is broken about it, with pointers below `pointer`.
    pub fn validate(&self, pointer: &str) -> Result<(), Vec<FieldError>> {
        let Some(hours) = self.remind_hours else {
            return Ok(());
        };
        range(&format!("{pointer}/remind_hours"), hours.into(), 1, 720, "hours")
            .map(drop)
            .map_err(|error| vec![error])
    }
}

/// A change of a policy; `None` leaves a switch as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is that of NoticePolicy")]
pub struct PolicyPatch {
    pub failure: Option<bool>,
    pub final_failure: Option<bool>,
    pub missed: Option<bool>,
    pub late: Option<bool>,
    pub recovery: Option<bool>,
    /// `Some(None)` switches reminders off.
    pub remind_hours: Option<Option<u32>>,
}

impl PolicyPatch {
    /// The policy with the change.
    #[must_use]
    pub fn apply(self, now: NoticePolicy) -> NoticePolicy {
        NoticePolicy {
            failure: self.failure.unwrap_or(now.failure),
            final_failure: self.final_failure.unwrap_or(now.final_failure),
            missed: self.missed.unwrap_or(now.missed),
            late: self.late.unwrap_or(now.late),
            recovery: self.recovery.unwrap_or(now.recovery),
            remind_hours: self.remind_hours.unwrap_or(now.remind_hours),
        }
    }
}
