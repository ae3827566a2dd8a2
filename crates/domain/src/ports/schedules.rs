//! Ports for schedules: instants that come due, the ledger, pauses and backfills.

use crate::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, UserId},
    job::Job,
    occurrence::Occurrence,
    page::{Limit, Page, PageKey},
    ports::{Claim, NewRun},
};
use async_trait::async_trait;

/// What firing came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fired {
    /// Jobs that were looked at.
    pub jobs: u32,
    /// Runs that were made.
    pub runs: u32,
    /// Whether more may be due now.
    pub more: bool,
}

/// What a ping came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinged {
    /// It answers for a planned instant; there is a run that says so.
    Counted {
        /// The instant.
        planned: Timestamp,
        /// How many seconds after it the ping came; 0 for one that came before.
        late_seconds: i64,
        /// The instant that the next ping answers for.
        next: Option<Timestamp>,
    },
    /// The present instant was answered for already; nothing was changed.
    Again {
        /// The instant that the next ping answers for.
        next: Timestamp,
    },
    /// Nothing is expected: no heartbeat job, paused, or its schedule is over. Nothing was changed.
    NotExpected,
    /// Too late for the instant, about which nothing is decided yet: [`ScheduleStore::fire_due`] must come first.
    Overdue,
}

/// Schedules of jobs. However many nodes ask, each planned instant is decided about once: the job is locked while its
/// instants are handled, and `(job, instant)` is unique in the ledger.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait ScheduleStore: Send + Sync + 'static {
    /// Handles up to `batch` jobs whose instants have come: makes runs, writes the ledger, moves the schedules on, all in
    /// one transaction. With `claim`, runs start at once in the places that it brings.
    async fn fire_due(&self, now: Timestamp, batch: u32, claim: Option<Claim>) -> Result<Fired, StoreError>;

    /// When the next instant comes due.
    async fn next_due_at(&self) -> Result<Option<Timestamp>, StoreError>;

    /// The next jobs of an owner that run by themselves before `until`, soonest first: id, name and when. At most `most`.
    async fn upcoming(
        &self,
        owner: UserId,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<(JobId, String, Timestamp)>, StoreError>;

    /// A ping came for a heartbeat job. It answers for the first instant that nothing is decided about, from the instant
    /// before that on and until its grace is over, with a run that is Completed at once.
    async fn ping(&self, owner: UserId, job_id: JobId, now: Timestamp) -> Result<Pinged, StoreError>;

    /// Pauses the schedule; a job that is paused stays as it is. The job as it is then.
    async fn pause(
        &self,
        owner: UserId,
        job_id: JobId,
        by: UserId,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<Job, StoreError>;

    /// Ends a pause.
    async fn resume(&self, owner: UserId, job_id: JobId, now: Timestamp) -> Result<Job, StoreError>;

    /// A page of the ledger of a job, newest instant first. `NotFound` when the job is not the owner's.
    async fn occurrences<'a>(
        &self,
        owner: UserId,
        job_id: JobId,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Occurrence>, StoreError>;

    /// Makes these runs, oldest first, as far as the overlap policy admits them; answers how many were made. Instants
    /// that the ledger holds as run are left out.
    async fn backfill(
        &self,
        owner: UserId,
        job_id: JobId,
        runs: Vec<NewRun>,
        now: Timestamp,
    ) -> Result<u32, StoreError>;
}
