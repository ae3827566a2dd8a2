//! One execution of a job, and the table of everything that can happen to it.

mod log;
mod retry;
mod transition;
pub mod turns;

pub use log::{LogLevel, LogLine, LogRoom, MAX_LOG_BYTES, MAX_LOG_LINES, clean_line, styled_line};
pub use retry::{Backoff, RetryPolicy};
pub use transition::{InvalidTransition, MAX_CRASHES, RunState, Step, Trigger};

use crate::{
    clock::Timestamp,
    ids::{ApiKeyId, JobId, NodeId, RunId, UserId},
    job::{JobStatus, Payload},
    words,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RunStatus {
    /// Waits to be claimed.
    Queued,
    /// Is carried out under a lease.
    Running,
    /// An attempt failed; waits for `retry_at`.
    Retrying,
    /// Ended well. Final.
    Completed,
    /// Ended badly. Final.
    Failed,
    /// Was called off. Final.
    Cancelled,
}

words!(RunStatus {
    Queued = "Queued",
    Running = "Running",
    Retrying = "Retrying",
    Completed = "Completed",
    Failed = "Failed",
    Cancelled = "Cancelled",
});

impl RunStatus {
    /// Whether nothing can happen to the run any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// The status that a job has while this is its latest run.
    pub const fn job_status(self) -> JobStatus {
        match self {
            Self::Queued | Self::Retrying => JobStatus::Pending,
            Self::Running => JobStatus::Running,
            Self::Completed => JobStatus::Completed,
            Self::Failed => JobStatus::Failed,
            Self::Cancelled => JobStatus::Cancelled,
        }
    }
}

/// Why a run is where it is, when its status alone does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The lease ended without a renewal: the node or worker is gone.
    LeaseLost,
    /// A node that shuts down gave the run back.
    HandedBack,
    /// The third crash; a fourth attempt is not made.
    Crashed,
    /// The last attempt took longer than `timeout_seconds`.
    TimedOut,
    /// The last attempt failed and no attempts are left.
    AttemptsExhausted,
    /// The attempt failed in a way that another attempt cannot mend.
    NotRetryable,
    /// Somebody cancelled it.
    CancelledByUser,
    /// A newer run took its place (overlap policy `cancel_running`).
    Replaced,
    /// Its job was deleted.
    JobDeleted,
}

words!(Reason {
    LeaseLost = "lease_lost",
    HandedBack = "handed_back",
    Crashed = "crashed",
    TimedOut = "timed_out",
    AttemptsExhausted = "attempts_exhausted",
    NotRetryable = "not_retryable",
    CancelledByUser = "cancelled",
    Replaced = "replaced",
    JobDeleted = "job_deleted",
});

/// What brought a run into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerKind {
    /// A person pressed a button.
    Manual,
    /// A program asked for it with an API key.
    Api,
    /// A schedule came due.
    Schedule,
    /// A retry by hand of a run that had ended.
    Retry,
    /// A past window was filled.
    Backfill,
    /// An inbound hook.
    Inbound,
}

words!(TriggerKind {
    Manual = "manual",
    Api = "api",
    Schedule = "schedule",
    Retry = "retry",
    Backfill = "backfill",
    Inbound = "inbound",
});

/// What brought a run into being, with its particulars. Fields that do not apply are absent on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTrigger {
    /// The kind.
    #[serde(rename = "type")]
    pub kind: TriggerKind,
    /// The planned instant, for scheduled runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub planned_at: Option<Timestamp>,
    /// The run that this one repeats.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run_id: Option<RunId>,
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_id: Option<UserId>,
    /// The API key that a program of theirs asked with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub api_key_id: Option<ApiKeyId>,
}

/// Who asks for a run: a person, or a program with an API key of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    /// The user.
    pub user_id: UserId,
    /// The key, if it was a program.
    pub api_key_id: Option<ApiKeyId>,
}

impl From<UserId> for Asker {
    fn from(user_id: UserId) -> Self {
        Self {
            user_id,
            api_key_id: None,
        }
    }
}

impl RunTrigger {
    /// A run that a person started.
    pub fn manual(user_id: UserId) -> Self {
        Self::asked_by(user_id.into())
    }

    /// A run that a person or a program started.
    pub fn asked_by(asker: Asker) -> Self {
        Self {
            kind: asker.api_key_id.map_or(TriggerKind::Manual, |_| TriggerKind::Api),
            planned_at: None,
            run_id: None,
            user_id: Some(asker.user_id),
            api_key_id: asker.api_key_id,
        }
    }
}

/// An error that an attempt reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// Stable word, such as `timeout` or `simulated_failure`.
    pub code: String,
    /// What happened, for people.
    pub message: String,
}

impl RunError {
    /// An error with a code and a message.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttemptOutcome {
    /// It did what it should.
    Completed,
    /// It reported an error.
    Failed,
    /// It took longer than allowed.
    TimedOut,
    /// Its lease ended without a word.
    LeaseLost,
    /// Its node shut down and gave it back.
    HandedBack,
    /// It was called off.
    Cancelled,
}

/// One try within a run, kept when it has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its number, from 1.
    pub attempt: u32,
    /// When it was claimed.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<AttemptOutcome>,
    /// What it reported.
    pub error: Option<RunError>,
    /// The node that carried it out.
    pub node: Option<NodeId>,
    /// The outside worker that carried it out.
    pub worker_name: Option<String>,
}

/// The right to carry out one attempt. Every write about the attempt names the token; once the run has another
/// lease, or none, such a write changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseToken(pub [u8; 16]);

impl LeaseToken {
    /// The opaque text for workers.
    pub fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads what a worker handed back; `None` when it is the token of no lease.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

/// One execution of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id.
    pub run_id: RunId,
    /// The job.
    pub job_id: JobId,
    /// The job's name when the run was made.
    pub job_name: String,
    /// The job's owner.
    pub user_id: UserId,
    /// Where it stands.
    pub status: RunStatus,
    /// Why, where the status alone does not say.
    pub reason: Option<Reason>,
    /// What brought it into being.
    pub trigger: RunTrigger,
    /// Number of the latest attempt; 0 before the first.
    pub attempt: u32,
    /// How many attempts may fail before the run does.
    pub max_attempts: u32,
    /// How many attempts ended with a lost lease. They do not count towards `max_attempts`.
    pub crashes: u32,
    /// A payload for this run alone; `None` means the job's.
    pub payload: Option<Payload>,
    /// 0 to 100, where the executor tells.
    pub progress: Option<u8>,
    /// What the worker is about, in its own words.
    pub progress_message: Option<String>,
    /// What the executor answered, as JSON.
    pub result: Option<Payload>,
    /// What the latest failed attempt reported.
    pub error: Option<RunError>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the latest attempt started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When the next attempt is due, while Retrying.
    pub retry_at: Option<Timestamp>,
    /// When somebody asked a worker to stop.
    pub cancel_requested_at: Option<Timestamp>,
    /// When all attempts together have taken too long; set by the first claim of a job with `run_timeout_seconds`.
    pub deadline_at: Option<Timestamp>,
    /// The queue, of a run that workers carry out.
    pub queue: Option<String>,
    /// The worker that has it, or had it last.
    pub worker_name: Option<String>,
    /// The attempts that have ended, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Run {
    /// What [`RunState::step`] needs to know.
    pub fn state(&self) -> RunState {
        RunState {
            status: self.status,
            attempt: self.attempt,
            max_attempts: self.max_attempts,
            crashes: self.crashes,
            cancel_requested: self
                .cancel_requested_at
                .map(|_| self.reason.unwrap_or(Reason::CancelledByUser)),
        }
    }

    /// Milliseconds from the start of the latest attempt to the end of the run.
    pub fn duration_ms(&self) -> Option<i64> {
        Some((self.finished_at? - self.started_at?).num_milliseconds().max(0))
    }

    /// The run as it stands in lists and events: without payload and attempts.
    pub fn summary(&self) -> RunSummary {
        RunSummary {
            run_id: self.run_id,
            job_id: self.job_id,
            job_name: self.job_name.clone(),
            status: self.status,
            reason: self.reason,
            trigger: self.trigger.clone(),
            attempt: self.attempt,
            max_attempts: self.max_attempts,
            crashes: self.crashes,
            progress: self.progress,
            progress_message: self.progress_message.clone(),
            result: self.result.clone(),
            error: self.error.clone(),
            created_at: self.created_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            duration_ms: self.duration_ms(),
            retry_at: self.retry_at,
            cancel_requested_at: self.cancel_requested_at,
            queue: self.queue.clone(),
            worker_name: self.worker_name.clone(),
        }
    }
}

/// A run on the wire, without payload and attempts. Field order and names are the contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each field is that of Run")]
pub struct RunSummary {
    pub run_id: RunId,
    pub job_id: JobId,
    pub job_name: String,
    pub status: RunStatus,
    pub reason: Option<Reason>,
    pub trigger: RunTrigger,
    pub attempt: u32,
    pub max_attempts: u32,
    pub crashes: u32,
    pub progress: Option<u8>,
    pub progress_message: Option<String>,
    pub result: Option<Payload>,
    pub error: Option<RunError>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub duration_ms: Option<i64>,
    pub retry_at: Option<Timestamp>,
    pub cancel_requested_at: Option<Timestamp>,
    pub queue: Option<String>,
    pub worker_name: Option<String>,
}
