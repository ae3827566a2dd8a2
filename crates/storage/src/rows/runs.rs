//! Rows of runs.

use super::{Place, instant, int, json, naive};
use crate::{
    effects::Effects,
    key::Key,
    moment::{MaybeMoment, Moment},
    schema,
    value::new_row,
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, RunId, UserId},
    job::Payload,
    ports::NewRun,
    run::{Attempt, AttemptOutcome, Reason, Run, RunError, RunState, RunStatus, RunTrigger, Trigger},
    user::Word,
};

/// A run without its payload, which is large and never changes.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::runs)]
pub(crate) struct RunRow {
    pub(crate) run_id: Key,
    pub(crate) job_id: Key,
    pub(crate) user_id: Key,
    pub(crate) job_name: String,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) trigger_type: String,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) planned_at: Option<NaiveDateTime>,
    pub(crate) trigger_run_id: Option<Key>,
    pub(crate) trigger_user_id: Option<Key>,
    pub(crate) trigger_api_key_id: Option<Key>,
    pub(crate) attempt: i32,
    pub(crate) max_attempts: i32,
    pub(crate) crashes: i32,
    pub(crate) progress: Option<i32>,
    pub(crate) result: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
    #[diesel(deserialize_as = Moment)]
    pub(crate) created_at: NaiveDateTime,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) started_at: Option<NaiveDateTime>,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) finished_at: Option<NaiveDateTime>,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) retry_at: Option<NaiveDateTime>,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) cancel_requested_at: Option<NaiveDateTime>,
    pub(crate) lease_token: Option<Key>,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) lease_until: Option<NaiveDateTime>,
    pub(crate) node_id: Option<Key>,
    pub(crate) claim_key: Option<i64>,
    pub(crate) attempts: String,
    pub(crate) active_job_id: Option<Key>,
    pub(crate) claim_user: Option<Key>,
    pub(crate) queue: Option<String>,
    pub(crate) worker_key: Option<i64>,
    pub(crate) worker_name: Option<String>,
    pub(crate) lease_seconds: Option<i32>,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) timeout_at: Option<NaiveDateTime>,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) deadline_at: Option<NaiveDateTime>,
    pub(crate) progress_message: Option<String>,
    pub(crate) duration_ms: Option<i32>,
}

/// A run that is written for the first time.
#[derive(Debug, Clone)]
pub(crate) struct NewRunRow {
    pub(crate) row: RunRow,
    pub(crate) payload: Option<String>,
}

new_row!(NewRunRow, "runs", {
    "run_id": row.run_id,
    "job_id": row.job_id,
    "user_id": row.user_id,
    "job_name": row.job_name,
    "status": row.status,
    "reason": row.reason,
    "trigger_type": row.trigger_type,
    "planned_at": row.planned_at,
    "trigger_run_id": row.trigger_run_id,
    "trigger_user_id": row.trigger_user_id,
    "trigger_api_key_id": row.trigger_api_key_id,
    "attempt": row.attempt,
    "max_attempts": row.max_attempts,
    "crashes": row.crashes,
    "payload": payload,
    "created_at": row.created_at,
    "started_at": row.started_at,
    "finished_at": row.finished_at,
    "lease_token": row.lease_token,
    "lease_until": row.lease_until,
    "node_id": row.node_id,
    "claim_key": row.claim_key,
    "attempts": row.attempts,
    "active_job_id": row.active_job_id,
    "claim_user": row.claim_user,
    "queue": row.queue,
    "worker_key": row.worker_key,
    "deadline_at": row.deadline_at,
});

/// What a new run takes over from its job.
pub(crate) struct Parent<'a> {
    pub(crate) job_id: JobId,
    pub(crate) job_name: &'a str,
    pub(crate) owner: UserId,
    pub(crate) max_attempts: u32,
    pub(crate) queue: Option<String>,
}

impl NewRunRow {
    /// A run that waits behind others until it is made claimable.
    pub(crate) fn new(new: &NewRun, parent: Parent<'_>, now: NaiveDateTime) -> Self {
        let row = RunRow {
            run_id: new.run_id.into(),
            job_id: parent.job_id.into(),
            user_id: parent.owner.into(),
            job_name: parent.job_name.to_owned(),
            status: RunStatus::Queued.word().to_owned(),
            reason: None,
            trigger_type: new.trigger.kind.word().to_owned(),
            planned_at: new.trigger.planned_at.map(naive),
            trigger_run_id: new.trigger.run_id.map(Key::from),
            trigger_user_id: new.trigger.user_id.map(Key::from),
            trigger_api_key_id: new.trigger.api_key_id.map(Key::from),
            attempt: 0,
            max_attempts: int(parent.max_attempts),
            crashes: 0,
            progress: None,
            result: None,
            error_code: None,
            error_message: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            retry_at: None,
            cancel_requested_at: None,
            lease_token: None,
            lease_until: None,
            node_id: None,
            claim_key: None,
            attempts: "[]".to_owned(),
            active_job_id: Some(parent.job_id.into()),
            claim_user: None,
            queue: parent.queue,
            worker_key: None,
            worker_name: None,
            lease_seconds: None,
            timeout_at: None,
            deadline_at: None,
            progress_message: None,
            duration_ms: None,
        };
        Self {
            row,
            payload: new.payload.as_ref().map(|payload| payload.as_str().to_owned()),
        }
    }
}

impl RunRow {
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            table: "runs",
            row: &self.run_id,
        }
    }

    pub(crate) fn status(&self) -> Result<RunStatus, StoreError> {
        self.place().word("status", &self.status)
    }

    /// Whether it waits behind another run of its job.
    pub(crate) fn waits(&self) -> bool {
        self.claim_key.is_none() && self.worker_key.is_none() && self.status == RunStatus::Queued.word()
    }

    /// Lets nodes, or the workers of its queue, claim it under this key.
    pub(crate) fn make_claimable(&mut self, key: i64, effects: &mut Effects) {
        match &self.queue {
            Some(queue) => {
                self.worker_key = Some(key);
                effects.worker_claimable(self.user_id.into(), queue);
            }
            None => {
                self.claim_key = Some(key);
                self.claim_user = Some(self.user_id);
                effects.claimable(self.user_id.into(), key);
            }
        }
    }

    /// Nobody can claim it.
    pub(crate) fn unclaim(&mut self) {
        self.claim_key = None;
        self.claim_user = None;
        self.worker_key = None;
    }

    pub(crate) fn state(&self) -> Result<RunState, StoreError> {
        let place = self.place();
        Ok(RunState {
            status: self.status()?,
            attempt: place.count("attempt", self.attempt)?,
            max_attempts: place.count("max_attempts", self.max_attempts)?,
            crashes: place.count("crashes", self.crashes)?,
            cancel_requested: match (self.cancel_requested_at, self.reason.as_deref()) {
                (None, _) => None,
                (Some(_), None) => Some(Reason::CancelledByUser),
                (Some(_), Some(word)) => Some(place.word("reason", word)?),
            },
        })
    }

    /// What the end of its lease is, and what is said about it.
    pub(crate) fn lease_ended(&self, now: Timestamp) -> (Trigger, Option<RunError>) {
        let trigger = Trigger::of_ended_lease(self.timeout_at.map(instant), now);
        let timed_out = matches!(trigger, Trigger::Fail { .. });
        let error = timed_out.then(|| RunError::new("timeout", "the worker did not end the attempt in time"));
        (trigger, error)
    }

    /// Adds an attempt that has ended. The text is not read for that: it may be long, and this happens often.
    pub(crate) fn push_attempt(&mut self, attempt: &Attempt) {
        let text = json(attempt);
        self.attempts = match self.attempts.strip_suffix(']') {
            Some(open) if open.len() > 1 => format!("{open},{text}]"),
            _ => format!("[{text}]"),
        };
    }

    /// The run, without payload and attempts.
    pub(crate) fn summary(&self) -> Result<Run, StoreError> {
        let place = self.place();
        let state = self.state()?;
        let error = self.error_code.as_ref().map(|code| RunError {
            code: code.clone(),
            message: self.error_message.clone().unwrap_or_default(),
        });
        Ok(Run {
            run_id: RunId::from(self.run_id),
            job_id: self.job_id.into(),
            job_name: self.job_name.clone(),
            user_id: self.user_id.into(),
            status: state.status,
            reason: self
                .reason
                .as_deref()
                .map(|word| place.word("reason", word))
                .transpose()?,
            trigger: RunTrigger {
                kind: place.word("trigger_type", &self.trigger_type)?,
                planned_at: self.planned_at.map(instant),
                run_id: self.trigger_run_id.map(Into::into),
                user_id: self.trigger_user_id.map(Into::into),
                api_key_id: self.trigger_api_key_id.map(Into::into),
            },
            attempt: state.attempt,
            max_attempts: state.max_attempts,
            crashes: state.crashes,
            payload: None,
            progress: self
                .progress
                .map(|value| u8::try_from(value).map_err(|error| place.inconsistent("progress", error)))
                .transpose()?,
            progress_message: self.progress_message.clone(),
            result: payload(place, "result", self.result.clone())?,
            error,
            created_at: instant(self.created_at),
            started_at: self.started_at.map(instant),
            finished_at: self.finished_at.map(instant),
            retry_at: self.retry_at.map(instant),
            cancel_requested_at: self.cancel_requested_at.map(instant),
            deadline_at: self.deadline_at.map(instant),
            queue: self.queue.clone(),
            worker_name: self.worker_name.clone(),
            attempts: Vec::new(),
        })
    }

    /// The whole run, with the payload that it works on.
    pub(crate) fn whole(&self, own_or_jobs: Option<String>) -> Result<Run, StoreError> {
        let place = self.place();
        let mut attempts: Vec<Attempt> = place.json("attempts", &self.attempts)?;
        let summary = self.summary()?;
        if let (RunStatus::Completed, Some(started_at)) = (summary.status, summary.started_at)
            && attempts
                .last()
                .is_none_or(|last| last.outcome != Some(AttemptOutcome::Completed))
        {
            attempts.push(Attempt {
                attempt: summary.attempt,
                started_at,
                finished_at: summary.finished_at,
                outcome: Some(AttemptOutcome::Completed),
                error: None,
                node: self.node_id.map(Into::into),
                worker_name: self.worker_name.clone(),
            });
        }
        Ok(Run {
            payload: payload(place, "payload", own_or_jobs)?,
            attempts,
            ..summary
        })
    }
}

/// JSON that belongs to the user.
pub(crate) fn payload(
    place: Place<'_>,
    column: &'static str,
    text: Option<String>,
) -> Result<Option<Payload>, StoreError> {
    text.map(|text| Payload::from_json(text).map_err(|error| place.inconsistent(column, error)))
        .transpose()
}
