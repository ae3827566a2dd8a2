//! Notices: telling people that a job fails, and that it works again, once for each incident and never once for each run
//! (docs/adr/0027).
//!
//! What happens to jobs is folded into incidents ([`Incident::step`]), where events get their places in the stream of
//! their user. Each turn of an incident is a [`Notice`] in an outbox; whether anybody wants to hear of it is asked of their
//! [`NoticePolicy`] when it is their turn to be told.

mod incident;
mod pace;
mod policy;

pub use incident::{Change, HEARTBEAT_MISSED, Incident, IncidentNote, Signal, Trouble, Turn};
pub use pace::{BACK_OFF, ONE_BY_ONE, PER_WINDOW, WINDOW, retry_in};
pub use policy::{NoticePolicy, PolicyPatch};

use crate::{
    clock::Timestamp,
    ids::{JobId, NoticeId, RunId, UserId},
    run::RunError,
    user::Word,
    words,
};
use serde::{Deserialize, Serialize};

/// What people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// See [`Trouble::Late`].
    Late,
    /// See [`Trouble::Failure`].
    Failure,
    /// See [`Trouble::Missed`].
    Missed,
    /// See [`Trouble::FinalFailure`].
    FinalFailure,
    /// The first success after trouble.
    Recovery,
    /// The trouble goes on.
    Reminder,
}

words!(NoticeKind {
    Late = "late",
    Failure = "failure",
    Missed = "missed",
    FinalFailure = "final_failure",
    Recovery = "recovery",
    Reminder = "reminder",
});

impl From<Trouble> for NoticeKind {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Late => Self::Late,
            Trouble::Failure => Self::Failure,
            Trouble::Missed => Self::Missed,
            Trouble::FinalFailure => Self::FinalFailure,
        }
    }
}

/// What is known of the latest trouble of a job, kept as it was when it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What the job was called.
    pub job_name: String,
    /// When it happened.
    pub at: Timestamp,
    /// The run; `None` where there was none.
    pub run_id: Option<RunId>,
    /// The number of the attempt; 0 without a run.
    pub attempt: u32,
    /// How many attempts there may be.
    pub max_attempts: u32,
    /// What the attempt reported, at most [`Facts::MAX_MESSAGE`] characters of it.
    pub error: Option<RunError>,
    /// When the next attempt is due.
    pub retry_at: Option<Timestamp>,
    /// The instant of the schedule, or the first of several.
    pub planned_at: Option<Timestamp>,
    /// The last of several.
    pub last_planned_at: Option<Timestamp>,
    /// How many instants.
    pub instants: u32,
    /// Why, in the words of the ledger.
    pub reason: Option<String>,
}

impl Facts {
    /// How many characters of an error are told. The rest stands on the page of the run.
    pub const MAX_MESSAGE: usize = 1_000;
}

/// Something to be told, in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub notice_id: NoticeId,
    /// Who is told.
    pub owner: UserId,
    /// About what.
    pub job_id: JobId,
    /// What is told.
    pub kind: NoticeKind,
    /// What happened; of a recovery, the success.
    pub facts: Facts,
    /// The incident as it was then.
    pub incident: Incident,
    /// What the incident had shown before this.
    pub before: Vec<Trouble>,
    /// When it happened.
    pub created_at: Timestamp,
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeStatus {
    /// It waits to be told.
    Pending,
    /// It was told.
    Sent,
    /// Nobody wanted to hear of it.
    NotWanted,
    /// It could not be told.
    Failed,
}

words!(NoticeStatus { Pending = "Pending", Sent = "Sent", NotWanted = "NotWanted", Failed = "Failed" });

impl NoticePolicy {
    /// Whether somebody with this policy is told. What they heard something as grave about before, in the same incident,
    /// is not told again.
    pub fn wants(&self, notice: &Notice) -> bool {
        let trouble = match notice.kind {
            NoticeKind::Recovery => return self.recovery && notice.incident.is_serious(self),
            NoticeKind::Reminder => return self.remind_hours.is_some(),
            NoticeKind::Late => Trouble::Late,
            NoticeKind::Failure => Trouble::Failure,
            NoticeKind::Missed => Trouble::Missed,
            NoticeKind::FinalFailure => Trouble::FinalFailure,
        };
        let was_told = |before: &Trouble| before.gravity() >= trouble.gravity() && self.tells(*before);
        self.tells(trouble) && !notice.before.iter().any(was_told)
    }
}

/// The words of a set of troubles, with blanks between them.
pub fn trouble_words<'a>(troubles: impl IntoIterator<Item = &'a Trouble>) -> String {
    let words: Vec<&str> = troubles.into_iter().map(|trouble| trouble.word()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests;
