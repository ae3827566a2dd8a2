//! Wire types of runs.

use chrono::{DateTime, Utc};
use scheduler_domain::{
    job::Payload,
    run::{Attempt, AttemptOutcome, Run, RunSummary, RunTrigger},
    user::Word,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a run stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunStatus)]
pub enum RunStatusWord {
    Queued,
    Running,
    Retrying,
    Completed,
    Failed,
    Cancelled,
}

/// What brought a run into being.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunTrigger)]
pub struct RunTriggerSchema {
    #[schema(rename = "type")]
    r#type: TriggerWord,
    /// The planned instant, for scheduled runs.
    #[schema(nullable = false)]
    planned_at: Option<DateTime<Utc>>,
    /// The run that this one repeats.
    #[schema(nullable = false)]
    run_id: Option<Uuid>,
    /// Who asked for it.
    #[schema(nullable = false)]
    user_id: Option<Uuid>,
    /// The API key that it was asked for with.
    #[schema(nullable = false)]
    api_key_id: Option<Uuid>,
}

/// The kind of trigger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunTriggerType)]
#[serde(rename_all = "snake_case")]
pub enum TriggerWord {
    Manual,
    Api,
    Schedule,
    Retry,
    Backfill,
    Inbound,
}

/// Why a run is where it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunReason)]
#[serde(rename_all = "snake_case")]
pub enum ReasonWord {
    LeaseLost,
    HandedBack,
    Crashed,
    TimedOut,
    AttemptsExhausted,
    NotRetryable,
    Cancelled,
    Replaced,
    JobDeleted,
}

/// An error that an attempt reported.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunError)]
pub struct RunErrorOut {
    #[schema(example = "timeout")]
    code: String,
    message: String,
}

/// A run, without payload and attempts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Run)]
pub struct RunOut {
    run_id: Uuid,
    job_id: Uuid,
    job_name: String,
    #[schema(value_type = RunStatusWord)]
    status: &'static str,
    /// Why, where the status alone does not say, such as `lease_lost` or `timed_out`.
    #[schema(required)]
    reason: Option<&'static str>,
    #[schema(value_type = RunTriggerSchema)]
    trigger: RunTrigger,
    /// Number of the latest attempt; 0 before the first.
    attempt: u32,
    max_attempts: u32,
    /// Attempts that ended with a lost lease; they do not count towards `max_attempts`.
    crashes: u32,
    /// 0 to 100.
    #[schema(required)]
    progress: Option<u8>,
    /// What the worker is about, in its own words.
    #[schema(required)]
    progress_message: Option<String>,
    #[schema(value_type = Option<serde_json::Value>, required)]
    result: Option<Payload>,
    #[schema(required)]
    error: Option<RunErrorOut>,
    created_at: DateTime<Utc>,
    #[schema(required)]
    started_at: Option<DateTime<Utc>>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
    /// From the start of the latest attempt to the end.
    #[schema(required)]
    duration_ms: Option<i64>,
    #[schema(required)]
    retry_at: Option<DateTime<Utc>>,
    #[schema(required)]
    cancel_requested_at: Option<DateTime<Utc>>,
    /// The queue, of a run that workers carry out.
    #[schema(required)]
    queue: Option<String>,
    /// The worker that has it, or had it last.
    #[schema(required)]
    worker_name: Option<String>,
}

impl From<RunSummary> for RunOut {
    fn from(run: RunSummary) -> Self {
        Self {
            run_id: run.run_id.as_uuid(),
            job_id: run.job_id.as_uuid(),
            job_name: run.job_name,
            status: run.status.word(),
            reason: run.reason.map(Word::word),
            trigger: run.trigger,
            attempt: run.attempt,
            max_attempts: run.max_attempts,
            crashes: run.crashes,
            progress: run.progress,
            progress_message: run.progress_message,
            result: run.result,
            error: run.error.map(|error| RunErrorOut {
                code: error.code,
                message: error.message,
            }),
            created_at: run.created_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            duration_ms: run.duration_ms,
            retry_at: run.retry_at,
            cancel_requested_at: run.cancel_requested_at,
            queue: run.queue,
            worker_name: run.worker_name,
        }
    }
}

crate::list_schema!(
    /// Runs.
    RunList,
    RunOut
);

/// One try within a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attempt)]
pub struct AttemptOut {
    attempt: u32,
    started_at: DateTime<Utc>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<AttemptOutcomeWord>, required)]
    outcome: Option<AttemptOutcome>,
    #[schema(required)]
    error: Option<RunErrorOut>,
    /// The node that carried it out.
    #[schema(required)]
    node: Option<Uuid>,
    #[schema(required)]
    worker_name: Option<String>,
}

/// How an attempt ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AttemptOutcome)]
pub enum AttemptOutcomeWord {
    Completed,
    Failed,
    TimedOut,
    LeaseLost,
    HandedBack,
    Cancelled,
}

impl From<Attempt> for AttemptOut {
    fn from(attempt: Attempt) -> Self {
        Self {
            attempt: attempt.attempt,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
            outcome: attempt.outcome,
            error: attempt.error.map(|error| RunErrorOut {
                code: error.code,
                message: error.message,
            }),
            node: attempt.node.map(|node| node.as_uuid()),
            worker_name: attempt.worker_name,
        }
    }
}

/// A run with payload and attempts.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunDetail {
    #[serde(flatten)]
    run: RunOut,
    /// The payload that the run works with: its own, or the job's.
    #[schema(value_type = Option<serde_json::Value>, required)]
    payload: Option<Payload>,
    /// The attempts that have ended, oldest first.
    attempts: Vec<AttemptOut>,
}

impl From<Run> for RunDetail {
    fn from(run: Run) -> Self {
        let summary = run.summary();
        Self {
            run: summary.into(),
            payload: run.payload,
            attempts: run.attempts.into_iter().map(AttemptOut::from).collect(),
        }
    }
}
