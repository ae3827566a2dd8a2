//! Incidents: from the first trouble of a job to its first success.

use super::{Facts, NoticePolicy};
use crate::{
    clock::Timestamp,
    event::{EventType, NewEvent},
    run::TriggerKind,
    words,
};
use serde::{Deserialize, Serialize};

/// The code of the error of a run that stands for a ping which never came.
pub const HEARTBEAT_MISSED: &str = "heartbeat_missed";

/// A way in which a job is not well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// A run began late, because no server was there in time.
    Late,
    /// An attempt failed, and another one follows.
    Failure,
    /// Planned instants passed without a run, or without the ping that was expected.
    Missed,
    /// A run failed for good.
    FinalFailure,
}

words!(Trouble { Late = "late", Failure = "failure", Missed = "missed", FinalFailure = "final_failure" });

impl Trouble {
    /// How bad it is. To be told of something as bad once is enough.
    pub const fn gravity(self) -> u8 {
        match self {
            Self::Late => 0,
            Self::Failure => 1,
            Self::Missed | Self::FinalFailure => 2,
        }
    }

    /// Its bit in [`NoticePolicy::extra`]; 0: it is always looked for.
    pub const fn extra(self) -> i32 {
        match self {
            Self::Failure => 1,
            Self::Late => 2,
            Self::Missed | Self::FinalFailure => 0,
        }
    }
}

/// What an event means to the incident of its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// It is not well.
    Trouble(Trouble),
    /// A run ended well.
    Good,
    /// The job is no more.
    Gone,
}

impl Signal {
    /// What an event means; `None`: nothing. `is_late` says whether the run that it makes begins late.
    pub fn of(event: &NewEvent, is_late: bool) -> Option<Self> {
        let run = event.data.run.as_ref();
        Some(match event.kind {
            EventType::RunFailed => {
                let code = run.and_then(|run| run.error.as_ref()).map(|error| error.code.as_str());
                Self::Trouble(if code == Some(HEARTBEAT_MISSED) {
                    Trouble::Missed
                } else {
                    Trouble::FinalFailure
                })
            }
            EventType::RunRetrying => Self::Trouble(Trouble::Failure),
            EventType::OccurrenceMissed => Self::Trouble(Trouble::Missed),
            EventType::RunQueued if is_late && run.is_some_and(|run| run.trigger.kind == TriggerKind::Schedule) => {
                Self::Trouble(Trouble::Late)
            }
            EventType::RunCompleted => Self::Good,
            EventType::JobDeleted => Self::Gone,
            _ => return None,
        })
    }
}

/// Trouble of a job that has not ended yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// When it began.
    pub opened_at: Timestamp,
    /// Every kind of trouble that was seen, each once, in the order in which they came.
    pub troubles: Vec<Trouble>,
    /// How many runs have failed for good, and instants were missed.
    pub failures: u32,
    /// The latest trouble.
    pub latest: Facts,
}

/// What became of an incident, told in the event that brought it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It began.
    Opened,
    /// Something worse happened.
    Worsened,
    /// It is over.
    Closed,
}

/// What an event says about the incident of its job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IncidentNote {
    /// What became of it.
    pub change: Change,
    /// When it began.
    pub opened_at: Timestamp,
    /// Every kind of trouble that was seen.
    pub troubles: Vec<Trouble>,
    /// How many runs have failed for good, and instants were missed.
    pub failures: u32,
}

/// Something about an incident that may be worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Trouble of a kind that the incident had not shown before.
    Trouble {
        /// The kind.
        trouble: Trouble,
        /// What it had shown before; nothing: it begins.
        before: Vec<Trouble>,
    },
    /// It is over; this is what it was.
    Over(Incident),
}

impl Turn {
    /// What the event says of it; `now` is the incident after it.
    pub fn note(&self, now: Option<&Incident>) -> Option<IncidentNote> {
        let (change, incident) = match self {
            Self::Over(was) => (Change::Closed, was),
            Self::Trouble { before, .. } if before.is_empty() => (Change::Opened, now?),
            Self::Trouble { trouble, before } => {
                let worst = before.iter().map(|before| before.gravity()).max();
                if worst >= Some(trouble.gravity()) {
                    return None;
                }
                (Change::Worsened, now?)
            }
        };
        Some(IncidentNote {
            change,
            opened_at: incident.opened_at,
            troubles: incident.troubles.clone(),
            failures: incident.failures,
        })
    }
}

impl Incident {
    /// What becomes of the incident of a job, if it has one, and whether that may be worth telling.
    pub fn step(now: Option<Self>, signal: Signal, facts: impl FnOnce() -> Facts) -> (Option<Self>, Option<Turn>) {
        match (now, signal) {
            (None, Signal::Good | Signal::Gone) | (Some(_), Signal::Gone) => (None, None),
            (Some(incident), Signal::Good) => (None, Some(Turn::Over(incident))),
            (now, Signal::Trouble(trouble)) => {
                let latest = facts();
                let mut incident = now.unwrap_or_else(|| Self {
                    opened_at: latest.at,
                    troubles: Vec::new(),
                    failures: 0,
                    latest: latest.clone(),
                });
                if trouble.gravity() == Trouble::FinalFailure.gravity() {
                    incident.failures = incident.failures.saturating_add(latest.instants.max(1));
                }
                incident.latest = latest;
                let before = incident.troubles.clone();
                let is_new = !before.contains(&trouble);
                if is_new {
                    incident.troubles.push(trouble);
                }
                (Some(incident), is_new.then_some(Turn::Trouble { trouble, before }))
            }
        }
    }

    /// Whether somebody with this policy would want to hear that it is over: that a late run went well is no news.
    pub fn is_serious(&self, policy: &NoticePolicy) -> bool {
        let grave = |trouble: &Trouble| trouble.gravity() >= Trouble::Missed.gravity();
        let told = |trouble: &Trouble| *trouble == Trouble::Failure && policy.failure;
        self.troubles.iter().any(|trouble| grave(trouble) || told(trouble))
    }
}

impl Facts {
    /// What an event says that means trouble.
    pub fn of(event: &NewEvent) -> Self {
        let (run, occurrence) = (event.data.run.as_ref(), event.data.occurrence.as_ref());
        let error = run.and_then(|run| run.error.clone()).map(|mut error| {
            error.message = error.message.chars().take(Self::MAX_MESSAGE).collect();
            error
        });
        Self {
            job_name: event.data.job_name.clone().unwrap_or_default(),
            at: event.at,
            run_id: run.map(|run| run.run_id),
            attempt: run.map_or(0, |run| run.attempt),
            max_attempts: run.map_or(0, |run| run.max_attempts),
            error,
            retry_at: run.and_then(|run| run.retry_at),
            planned_at: occurrence
                .map(|row| row.planned_at)
                .or_else(|| run.and_then(|run| run.trigger.planned_at)),
            last_planned_at: occurrence.and_then(|row| row.last_planned_at),
            instants: occurrence.map_or(0, |row| row.count),
            reason: occurrence.and_then(|row| row.reason.clone()),
        }
    }
}
