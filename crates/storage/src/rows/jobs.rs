//! Rows of jobs.

use super::{
    Place, instant, int, json, naive,
    runs::{RunRow, payload},
};
use crate::{
    key::Key,
    moment::{MaybeMoment, Moment},
    schema,
    value::new_row,
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, UserId},
    job::{Executor, Job, JobSpec, JobStatus, Overlap},
    ports::Timing,
    run::RetryPolicy,
    user::Word,
};

/// A job as it is read.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::jobs)]
pub(crate) struct JobRow {
    pub(crate) job_id: Key,
    job_name: String,
    priority: String,
    description: Option<String>,
    payload: Option<String>,
    status: String,
    #[diesel(deserialize_as = MaybeMoment)]
    completed_at: Option<NaiveDateTime>,
    created_by: Key,
    #[diesel(deserialize_as = Moment)]
    pub(crate) created_at: NaiveDateTime,
    #[diesel(deserialize_as = Moment)]
    pub(crate) updated_at: NaiveDateTime,
    executor: String,
    retry: String,
    timeout_seconds: Option<i32>,
    overlap: String,
    catch_up: String,
    #[diesel(deserialize_as = MaybeMoment)]
    next_run_at: Option<NaiveDateTime>,
    #[diesel(deserialize_as = MaybeMoment)]
    paused_at: Option<NaiveDateTime>,
    version: i64,
    tags: String,
    external_id: Option<String>,
    active_runs: i32,
    pub(crate) name_key: String,
    schedule: Option<String>,
    #[diesel(deserialize_as = MaybeMoment)]
    scheduled_from: Option<NaiveDateTime>,
    pause_reason: Option<String>,
    paused_by: Option<Key>,
    max_running: Option<i32>,
    run_timeout_seconds: Option<i32>,
    notices: Option<String>,
}

impl JobRow {
    pub(crate) fn into_job(self, last_run: Option<&RunRow>) -> Result<Job, StoreError> {
        let place = Place {
            table: "jobs",
            row: &self.job_id,
        };
        Ok(Job {
            job_id: self.job_id.into(),
            status: place.word("status", &self.status)?,
            active_runs: place.count("active_runs", self.active_runs)?,
            spec: JobSpec {
                priority: place.word("priority", &self.priority)?,
                payload: payload(place, "payload", self.payload)?,
                executor: place.json("executor", &self.executor)?,
                schedule: self
                    .schedule
                    .as_deref()
                    .map(|text| place.json("schedule", text))
                    .transpose()?,
                retry: place.json("retry", &self.retry)?,
                timeout_seconds: self
                    .timeout_seconds
                    .map(|seconds| place.count("timeout_seconds", seconds))
                    .transpose()?,
                run_timeout_seconds: self
                    .run_timeout_seconds
                    .map(|seconds| place.count("run_timeout_seconds", seconds))
                    .transpose()?,
                max_running: self
                    .max_running
                    .map(|runs| place.count("max_running", runs))
                    .transpose()?,
                overlap: place.word("overlap", &self.overlap)?,
                catch_up: place.json("catch_up", &self.catch_up)?,
                tags: place.json("tags", &self.tags)?,
                job_name: self.job_name,
                description: self.description,
                external_id: self.external_id,
                notices: self
                    .notices
                    .as_deref()
                    .map(|text| place.json("notices", text))
                    .transpose()?,
            },
            completed_at: self.completed_at.map(instant),
            created_by: self.created_by.into(),
            created_at: instant(self.created_at),
            updated_at: instant(self.updated_at),
            next_run_at: self.next_run_at.map(instant),
            scheduled_from: self.scheduled_from.map(instant),
            paused_at: self.paused_at.map(instant),
            pause_reason: self.pause_reason,
            paused_by: self.paused_by.map(Into::into),
            version: self.version,
            last_run: last_run.map(RunRow::summary).transpose()?,
        })
    }
}

/// What the owner decides about a job, as it is written.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = schema::jobs)]
#[diesel(treat_none_as_null = true)]
pub(crate) struct SpecRow {
    job_name: String,
    priority: String,
    description: Option<String>,
    payload: Option<String>,
    updated_at: NaiveDateTime,
    executor: String,
    retry: String,
    timeout_seconds: Option<i32>,
    overlap: String,
    catch_up: String,
    version: i64,
    tags: String,
    external_id: Option<String>,
    name_key: String,
    search_key: String,
    schedule: Option<String>,
    max_running: Option<i32>,
    run_timeout_seconds: Option<i32>,
    notices: Option<String>,
}

impl SpecRow {
    pub(crate) fn new(spec: &JobSpec, version: i64, now: Timestamp) -> Self {
        let name_key: String = spec.job_name.to_lowercase();
        let description = spec.description.as_deref().unwrap_or_default().to_lowercase();
        Self {
            job_name: spec.job_name.clone(),
            priority: spec.priority.word().to_owned(),
            description: spec.description.clone(),
            payload: spec.payload.as_ref().map(|payload| payload.as_str().to_owned()),
            updated_at: naive(now),
            executor: json(&spec.executor),
            schedule: spec.schedule.as_ref().map(json),
            retry: json(&spec.retry),
            timeout_seconds: spec.timeout_seconds.map(int),
            max_running: spec.max_running.map(int),
            run_timeout_seconds: spec.run_timeout_seconds.map(int),
            overlap: spec.overlap.word().to_owned(),
            catch_up: json(&spec.catch_up),
            version,
            tags: json(&spec.tags),
            external_id: spec.external_id.clone(),
            notices: spec.notices.as_ref().map(json),
            search_key: format!("{name_key}\n{description}"),
            // Lower case can be longer: İ becomes two characters.
            name_key: name_key.chars().take(400).collect(),
        }
    }
}

/// A job that is written for the first time.
#[derive(Debug, Clone)]
pub(crate) struct NewJobRow {
    pub(crate) state: JobState,
    created_at: NaiveDateTime,
    scheduled_from: Option<NaiveDateTime>,
    spec: SpecRow,
}

impl NewJobRow {
    /// A job without runs.
    pub(crate) fn new(job_id: JobId, owner: UserId, spec: &JobSpec, timing: Timing, now: Timestamp) -> Self {
        let row = SpecRow::new(spec, 1, now);
        let state = JobState {
            job_id: job_id.into(),
            job_name: row.job_name.clone(),
            priority: row.priority.clone(),
            status: JobStatus::Pending.word().to_owned(),
            completed_at: None,
            created_by: owner.into(),
            executor: row.executor.clone(),
            retry: row.retry.clone(),
            timeout_seconds: row.timeout_seconds,
            overlap: row.overlap.clone(),
            version: row.version,
            last_run_id: None,
            active_runs: 0,
            waiting_runs: 0,
            deleted_at: None,
            max_running: row.max_running,
            run_timeout_seconds: row.run_timeout_seconds,
            next_run_at: timing.next.map(|next| naive(next.at)),
            due_at: timing.next.map(|next| naive(next.due_at)),
        };
        Self {
            state,
            created_at: naive(now),
            scheduled_from: timing.scheduled_from.map(naive),
            spec: row,
        }
    }
}

new_row!(NewJobRow, "jobs", {
    "job_id": state.job_id,
    "status": state.status,
    "completed_at": state.completed_at,
    "created_by": state.created_by,
    "created_at": created_at,
    "active_runs": state.active_runs,
    "waiting_runs": state.waiting_runs,
    "last_run_id": state.last_run_id,
    "next_run_at": state.next_run_at,
    "due_at": state.due_at,
    "scheduled_from": scheduled_from,
    "schedule": spec.schedule,
    "job_name": spec.job_name,
    "priority": spec.priority,
    "description": spec.description,
    "payload": spec.payload,
    "updated_at": spec.updated_at,
    "executor": spec.executor,
    "retry": spec.retry,
    "timeout_seconds": spec.timeout_seconds,
    "overlap": spec.overlap,
    "catch_up": spec.catch_up,
    "version": spec.version,
    "tags": spec.tags,
    "external_id": spec.external_id,
    "name_key": spec.name_key,
    "search_key": spec.search_key,
    "max_running": spec.max_running,
    "run_timeout_seconds": spec.run_timeout_seconds,
    "notices": spec.notices,
});

#[derive(Debug, Clone)]
pub(crate) struct TagRow {
    pub(crate) created_by: Key,
    pub(crate) tag: String,
    pub(crate) job_id: Key,
}

new_row!(TagRow, "job_tags", {
    "created_by": created_by,
    "tag": tag,
    "job_id": job_id,
});

/// As much of a job as its runs concern, locked while they change.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = schema::jobs)]
pub(crate) struct JobState {
    pub(crate) job_id: Key,
    pub(crate) job_name: String,
    pub(crate) priority: String,
    pub(crate) status: String,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) completed_at: Option<NaiveDateTime>,
    pub(crate) created_by: Key,
    pub(crate) executor: String,
    pub(crate) retry: String,
    pub(crate) timeout_seconds: Option<i32>,
    pub(crate) overlap: String,
    pub(crate) version: i64,
    pub(crate) last_run_id: Option<Key>,
    pub(crate) active_runs: i32,
    pub(crate) waiting_runs: i32,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) deleted_at: Option<NaiveDateTime>,
    pub(crate) max_running: Option<i32>,
    pub(crate) run_timeout_seconds: Option<i32>,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) next_run_at: Option<NaiveDateTime>,
    #[diesel(deserialize_as = MaybeMoment)]
    pub(crate) due_at: Option<NaiveDateTime>,
}

impl JobState {
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            table: "jobs",
            row: &self.job_id,
        }
    }

    pub(crate) fn status(&self) -> Result<JobStatus, StoreError> {
        self.place().word("status", &self.status)
    }

    pub(crate) fn retry(&self) -> Result<RetryPolicy, StoreError> {
        self.place().json("retry", &self.retry)
    }

    /// What happens to its runs when they meet.
    pub(crate) fn overlap(&self) -> Result<Overlap, StoreError> {
        self.place().word("overlap", &self.overlap)
    }

    /// How many of its runs may be carried out at once under overlap `allow`.
    pub(crate) fn max_running(&self) -> Result<Option<u32>, StoreError> {
        self.max_running
            .map(|runs| self.place().count("max_running", runs))
            .transpose()
    }

    /// The queue that workers claim its runs from.
    pub(crate) fn queue(&self) -> Result<Option<String>, StoreError> {
        let executor: Executor = self.place().json("executor", &self.executor)?;
        Ok(executor.queue().map(ToOwned::to_owned))
    }

    /// How long after a planned instant a ping still counts; `None` for what is no heartbeat.
    pub(crate) fn heartbeat_grace(&self) -> Result<Option<TimeDelta>, StoreError> {
        // Most jobs are none, and their executors need not be read for it.
        if !self.executor.contains("\"heartbeat\"") {
            return Ok(None);
        }
        let executor: Executor = self.place().json("executor", &self.executor)?;
        Ok(matches!(executor, Executor::Heartbeat { .. }).then(|| executor.grace()))
    }

    /// The key under which a run of this job that waits since `queued_at` is claimed.
    pub(crate) fn claim_key(&self, queued_at: Timestamp) -> Result<i64, StoreError> {
        let priority: scheduler_domain::job::Priority = self.place().word("priority", &self.priority)?;
        Ok(priority.claim_key(queued_at))
    }
}
