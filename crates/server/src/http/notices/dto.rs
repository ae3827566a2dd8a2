//! Wire types of notices.

use chrono::{DateTime, Utc};
use scheduler_domain::{
    notice::{Facts, Incident, NoticePolicy, PolicyPatch},
    ports::NoticeEntry,
    user::Word,
    validate::{Problems, range},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::body::present;

/// A way in which a job is not well.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trouble)]
#[serde(rename_all = "snake_case")]
pub enum TroubleWord {
    Late,
    Failure,
    Missed,
    FinalFailure,
}

/// What is told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeKind)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKindWord {
    Late,
    Failure,
    Missed,
    FinalFailure,
    Recovery,
    Reminder,
}

/// Where a notice stands; `NotWanted` is one that nobody wanted to hear of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeStatus)]
pub enum NoticeStatusWord {
    Pending,
    Sent,
    NotWanted,
    Failed,
}

/// What becomes of an incident.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentChange)]
#[serde(rename_all = "snake_case")]
pub enum ChangeWord {
    Opened,
    Worsened,
    Closed,
}

/// What an event did to the incident of its job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentNote)]
pub struct IncidentNoteSchema {
    change: ChangeWord,
    opened_at: DateTime<Utc>,
    troubles: Vec<TroubleWord>,
    failures: u32,
}

/// What is told by e-mail, once for each incident.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = NoticePolicy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct PolicyOut {
    /// An attempt failed, and another one follows.
    failure: bool,
    /// A run failed for good.
    final_failure: bool,
    /// Planned instants passed without a run, or without the ping that was expected.
    missed: bool,
    /// A run began late, because no server was there in time.
    late: bool,
    /// The first success after something of this.
    recovery: bool,
    /// While trouble goes on, tell it again after so many hours; null: once is enough.
    #[schema(required, example = 24)]
    remind_hours: Option<u32>,
}

impl From<NoticePolicy> for PolicyOut {
    fn from(policy: NoticePolicy) -> Self {
        Self {
            failure: policy.failure,
            final_failure: policy.final_failure,
            missed: policy.missed,
            late: policy.late,
            recovery: policy.recovery,
            remind_hours: policy.remind_hours,
        }
    }
}

/// What to tell. Switches that are left out stay as they are; where there were none, `final_failure`, `missed` and
/// `recovery` are on.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoticePolicyPatch)]
pub struct PolicyIn {
    /// An attempt failed, and another one follows.
    #[serde(default)]
    failure: Option<bool>,
    /// A run failed for good.
    #[serde(default)]
    final_failure: Option<bool>,
    /// Planned instants passed without a run, or without the ping that was expected.
    #[serde(default)]
    missed: Option<bool>,
    /// A run began late, because no server was there in time.
    #[serde(default)]
    late: Option<bool>,
    /// The first success after something of this.
    #[serde(default)]
    recovery: Option<bool>,
    /// While trouble goes on, tell it again after so many hours, 1 to 720; `null`: once is enough.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>, example = 24)]
    remind_hours: Option<Option<i64>>,
}

impl PolicyIn {
    /// The policy with what was sent; mistakes are noted with pointers below `pointer`.
    pub fn read(self, pointer: &str, now: NoticePolicy, problems: &mut Problems) -> NoticePolicy {
        let mut hours = |hours| {
            let checked = problems.take(range(&format!("{pointer}/remind_hours"), hours, 1, 720, "hours"));
            checked.and_then(|hours| u32::try_from(hours).ok())
        };
        let patch = PolicyPatch {
            failure: self.failure,
            final_failure: self.final_failure,
            missed: self.missed,
            late: self.late,
            recovery: self.recovery,
            remind_hours: self.remind_hours.map(|sent| sent.and_then(&mut hours)),
        };
        patch.apply(now)
    }
}

/// The latest trouble of a job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TroubleFacts)]
pub struct FactsOut {
    at: DateTime<Utc>,
    /// The run; null where there was none.
    #[schema(required)]
    run_id: Option<Uuid>,
    /// What the run reported, or why an instant was missed.
    #[schema(required)]
    message: Option<String>,
}

fn message(facts: Facts) -> Option<String> {
    facts.error.map(|error| error.message).or(facts.reason)
}

/// Trouble of a job that has not ended yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Incident)]
pub struct IncidentOut {
    opened_at: DateTime<Utc>,
    /// Every kind that was seen, in the order in which they came.
    #[schema(value_type = Vec<TroubleWord>)]
    troubles: Vec<&'static str>,
    /// How many runs have failed for good, and instants were missed.
    failures: u32,
    latest: FactsOut,
}

impl From<Incident> for IncidentOut {
    fn from(incident: Incident) -> Self {
        Self {
            opened_at: incident.opened_at,
            troubles: incident.troubles.into_iter().map(Word::word).collect(),
            failures: incident.failures,
            latest: FactsOut {
                at: incident.latest.at,
                run_id: incident.latest.run_id.map(|id| id.as_uuid()),
                message: message(incident.latest),
            },
        }
    }
}

/// An entry of the outbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notice)]
pub struct NoticeOut {
    notice_id: Uuid,
    job_id: Uuid,
    /// What the job was called then.
    job_name: String,
    #[schema(value_type = NoticeKindWord)]
    kind: &'static str,
    #[schema(value_type = NoticeStatusWord)]
    status: &'static str,
    /// When it happened.
    created_at: DateTime<Utc>,
    /// When it was told; notices of one mail have the same.
    #[schema(required)]
    sent_at: Option<DateTime<Utc>>,
    #[schema(required)]
    run_id: Option<Uuid>,
    /// What the run reported, or why an instant was missed.
    #[schema(required)]
    message: Option<String>,
    /// Why it could not be told.
    #[schema(required)]
    error: Option<String>,
}

impl From<NoticeEntry> for NoticeOut {
    fn from(entry: NoticeEntry) -> Self {
        let notice = entry.notice;
        Self {
            notice_id: notice.notice_id.as_uuid(),
            job_id: notice.job_id.as_uuid(),
            job_name: notice.facts.job_name.clone(),
            kind: notice.kind.word(),
            status: entry.status.word(),
            created_at: notice.created_at,
            sent_at: entry.sent_at,
            run_id: notice.facts.run_id.map(|id| id.as_uuid()),
            message: message(notice.facts),
            error: entry.error,
        }
    }
}

crate::list_schema!(
    /// Notices.
    NoticeList,
    NoticeOut
);
