//! Ports for the runs that outside programs carry out, and for what runs say while they work.

use super::Finish;
use crate::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, RunId, UserId},
    job::Priority,
    page::{Limit, Page, PageKey},
    run::{LeaseToken, LogLevel, LogLine, Run},
};
use async_trait::async_trait;

/// A worker's request for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerClaim {
    /// Whose runs.
    pub owner: UserId,
    /// From any of these queues, 1 to 20.
    pub queues: Vec<String>,
    /// At most so many runs, 1 to 100.
    pub max: u32,
    /// How the worker calls itself.
    pub worker_name: String,
    /// How long a run belongs to the worker after a sign of life.
    pub lease_seconds: u32,
    /// Now.
    pub now: Timestamp,
}

/// A run that a worker claimed, with all that is needed to carry it out.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerRun {
    /// The run, Running, with its effective payload.
    pub run: Run,
    /// Its job.
    pub job: WorkerJob,
    /// Names the lease in every later write.
    pub lease: LeaseToken,
    /// Until when the run belongs to the worker unless it gives a sign of life.
    pub lease_until: Timestamp,
}

/// As much of a job as its worker may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is that of Job")]
pub struct WorkerJob {
    pub job_id: JobId,
    pub job_name: String,
    pub description: Option<String>,
    pub priority: Priority,
    pub tags: Vec<String>,
    pub external_id: Option<String>,
    pub version: i64,
}

/// Names an attempt that is under way, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The owner of the run.
    pub owner: UserId,
    /// The run.
    pub run_id: RunId,
    /// The lease.
    pub lease: LeaseToken,
}

/// A worker's sign of life.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beat {
    /// How far it is, 0 to 100.
    pub progress: Option<u8>,
    /// What it is about, in its own words; an empty text takes back what it said before.
    pub message: Option<String>,
}

/// What a sign of life is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beaten {
    /// Until when the run belongs to the worker now.
    pub lease_until: Timestamp,
    /// Whether somebody asked that the run be stopped.
    pub cancel_requested: bool,
}

/// A queue, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How many of its runs may be Running at once; `None` for any number.
    pub max_running: Option<u32>,
    /// How many runs could be claimed; counted up to [`Queue::COUNTED`].
    pub waiting: u32,
    /// How many runs are Running; counted up to [`Queue::COUNTED`].
    pub running: u32,
}

impl Queue {
    /// Counting goes no further: a page costs the same, however much waits.
    pub const COUNTED: u32 = 10_000;
    /// How many queues of a user may have a limit.
    pub const MAX_LIMITED: u32 = 1_000;
}

/// The queues that workers serve.
///
/// What a write says about an attempt holds only under its lease: for a run that is not the owner's it is `NotFound`,
/// for one whose lease is another, or over, `LeaseLost`, and nothing is changed.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait WorkerQueue: Send + Sync + 'static {
    /// Takes the most urgent runs that wait in these queues and makes them Running, each for one worker only, and never
    /// more at once than the limit of a queue allows.
    async fn claim(&self, claim: &WorkerClaim) -> Result<Vec<WorkerRun>, StoreError>;

    /// Those of the queues in which a run waits to be claimed. (A limit may forbid it all the same.)
    async fn claimable(&self, owner: UserId, queues: &[String]) -> Result<Vec<String>, StoreError>;

    /// Whether the owner has this run.
    async fn knows(&self, owner: UserId, run_id: RunId) -> Result<(), StoreError>;

    /// Extends the lease by the length that the claim asked for, never beyond the timeout of the attempt.
    async fn heartbeat(&self, held: Held, beat: &Beat, now: Timestamp) -> Result<Beaten, StoreError>;

    /// Ends the attempt and answers the run without payload and attempts.
    async fn finish(&self, owner: UserId, finish: Finish) -> Result<Run, StoreError>;

    /// The queues with a limit, or with runs that wait or are Running, by name.
    async fn queues(&self, owner: UserId) -> Result<Vec<Queue>, StoreError>;

    /// Sets the limit of a queue, or lifts it. `Taken("queues")` when too many queues have one.
    async fn limit(
        &self,
        owner: UserId,
        queue: &str,
        max_running: Option<u32>,
        now: Timestamp,
    ) -> Result<Queue, StoreError>;
}

/// A line that is to be added to the log of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogLine {
    /// When it was written.
    pub at: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// One line, without control characters.
    pub text: String,
}

/// What became of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// So many were kept.
    pub accepted: u32,
    /// So many were not, because the log is full.
    pub dropped: u32,
}

/// What runs say while they work.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RunLog: Send + Sync + 'static {
    /// Adds lines under a lease, as far as there is room ([`LogRoom`](crate::run::LogRoom)).
    async fn append(&self, held: Held, lines: &[NewLogLine], now: Timestamp) -> Result<Logged, StoreError>;

    /// A page of the log after line `after`, oldest first; only lines of one of these levels, where any are named.
    async fn read<'a>(
        &self,
        owner: UserId,
        run_id: RunId,
        levels: &'a [LogLevel],
        after: u32,
        limit: Limit,
    ) -> Result<Page<LogLine>, StoreError>;
}

/// The key of a page of the log: the number of its last line.
pub fn log_key(line: u32) -> PageKey {
    PageKey {
        sort: String::new(),
        id: line.to_string(),
    }
}
