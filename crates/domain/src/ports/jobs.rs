//! Ports for jobs, their runs as people see them, events and numbers.

use crate::{
    clock::Timestamp,
    error::StoreError,
    event::{Cursor, EventType, StoredEvent},
    ids::{JobId, RunId, UserId},
    job::{Job, JobSpec, JobStatus, Payload, Priority},
    page::{Limit, Page, PageKey},
    ports::{Claim, ClaimedRun},
    run::{InvalidTransition, Reason, Run, RunStatus, RunTrigger, TriggerKind},
    stats::{Grain, JobCounts, Results},
    words,
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// A run that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// Its id.
    pub run_id: RunId,
    /// What brings it into being.
    pub trigger: RunTrigger,
    /// A payload for this run alone.
    pub payload: Option<Payload>,
    /// The node that asks has a place free and nothing waits before the run: it starts in the same transaction. Has no
    /// effect on runs that must wait, or that workers carry out.
    pub claim: Option<Claim>,
}

/// A job that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub job_id: JobId,
    /// What its owner decided; validated.
    pub spec: JobSpec,
    /// A run to start at once.
    pub run: Option<NewRun>,
    /// When its schedule comes due.
    pub timing: Timing,
}

/// Where a schedule stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timing {
    /// Since when the schedule holds.
    pub scheduled_from: Option<Timestamp>,
    /// The first instant that nothing is decided about.
    pub next: Option<Planned>,
}

/// A planned instant of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The instant.
    pub at: Timestamp,
    /// When it comes due: the instant with its jitter.
    pub due_at: Timestamp,
}

/// Which jobs a list shows. Conditions are joined by AND, the values within one by OR; empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFilter {
    /// Any of these.
    pub status: Vec<JobStatus>,
    /// Any of these.
    pub priority: Vec<Priority>,
    /// Has this tag.
    pub tag: Option<String>,
    /// Part of name or description (any case), or the start of the external id or of the id.
    pub q: Option<String>,
    /// Made after (exclusive).
    pub created_after: Option<Timestamp>,
    /// Made before (exclusive).
    pub created_before: Option<Timestamp>,
}

/// The order of a list of jobs; ties are broken by id in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub enum JobSort {
    CreatedDesc,
    CreatedAsc,
    UpdatedDesc,
    UpdatedAsc,
    NameAsc,
    NameDesc,
}

words!(JobSort {
    CreatedDesc = "-created_at",
    CreatedAsc = "created_at",
    UpdatedDesc = "-updated_at",
    UpdatedAsc = "updated_at",
    NameAsc = "job_name",
    NameDesc = "-job_name",
});

/// What came of asking for a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Started {
    /// The run exists now.
    Run {
        /// The job after it.
        job: Box<Job>,
        /// The run.
        run: Box<Run>,
    },
    /// The overlap policy of the job refused it; nothing was changed.
    Refused,
}

/// Jobs.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait JobStore: Send + Sync + 'static {
    /// Writes a job, its run if one is to start at once, and their events. `Taken("external_id")` when the owner has a
    /// job with that external id.
    async fn create(&self, owner: UserId, new: NewJob, now: Timestamp) -> Result<Job, StoreError>;

    /// Writes many jobs, each as [`create`](Self::create) does, in as few transactions as their size allows, and answers
    /// in their order. What cannot be written (`Taken`) keeps none of the others from being written.
    async fn create_many(&self, owner: UserId, new: Vec<NewJob>, now: Timestamp) -> Vec<Result<Job, StoreError>>;

    /// The id of the owner's job that another system knows by this id.
    async fn id_of_external<'a>(&self, owner: UserId, external_id: &'a str) -> Result<JobId, StoreError>;

    /// Those of `job_ids` (at most 1,000) that are jobs of the owner.
    async fn known(&self, owner: UserId, job_ids: &[JobId]) -> Result<Vec<JobId>, StoreError>;

    /// How many jobs the filter finds, counted up to `most` and no further: one walk along the index of the list.
    async fn count_matching<'a>(&self, owner: UserId, filter: &'a JobFilter, most: u32) -> Result<u32, StoreError>;

    /// The job with its latest run.
    async fn find(&self, owner: UserId, job_id: JobId) -> Result<Job, StoreError>;

    /// A page of jobs with their latest runs.
    async fn list<'a>(
        &self,
        owner: UserId,
        filter: &'a JobFilter,
        sort: JobSort,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Job>, StoreError>;

    /// Replaces the spec, and with `timing` where its schedule stands. `VersionConflict` when `expected` is not the
    /// version stored.
    async fn update(
        &self,
        owner: UserId,
        job_id: JobId,
        expected: i64,
        spec: &JobSpec,
        timing: Option<Timing>,
        now: Timestamp,
    ) -> Result<Job, StoreError>;

    /// Deletes the job: it and its runs are not found from now on, runs that have not ended are cancelled, the external
    /// id is free again. `expected: None` deletes whatever the version.
    async fn delete(
        &self,
        owner: UserId,
        job_id: JobId,
        expected: Option<i64>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// How many jobs the owner has in each status, from maintained counters.
    async fn counts(&self, owner: UserId) -> Result<JobCounts, StoreError>;

    /// Asks for a run; the job's overlap policy decides.
    async fn start(&self, owner: UserId, job_id: JobId, new: NewRun, now: Timestamp) -> Result<Started, StoreError>;

    /// Cancels every run of the job that has not ended and returns the job with the latest of them; `None` when there
    /// was none.
    async fn cancel_active(
        &self,
        owner: UserId,
        job_id: JobId,
        now: Timestamp,
    ) -> Result<Option<(Job, Run)>, StoreError>;
}

/// Which runs a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this job.
    pub job_id: Option<JobId>,
    /// In one of these states.
    pub status: Vec<RunStatus>,
    /// For one of these reasons.
    pub reason: Vec<Reason>,
    /// Brought into being by one of these.
    pub trigger: Vec<TriggerKind>,
    /// With this in the code or the message of its error, whatever the case of ASCII letters.
    pub error: Option<String>,
    /// Made after this instant.
    pub created_after: Option<Timestamp>,
    /// Made before this instant.
    pub created_before: Option<Timestamp>,
    /// Whose latest attempt started after this instant.
    pub started_after: Option<Timestamp>,
    /// Whose latest attempt started before this instant.
    pub started_before: Option<Timestamp>,
}

impl RunFilter {
    /// Whether the runs that it finds are neighbours in the order of age of all runs, of one job's, or of those in one
    /// state. Otherwise they are looked for among others, and a page of them may come up short.
    pub fn is_a_range(&self) -> bool {
        let states = usize::from(self.job_id.is_none());
        self.status.len() <= states
            && self.reason.is_empty()
            && self.trigger.is_empty()
            && self.error.is_none()
            && self.started_after.is_none()
            && self.started_before.is_none()
    }
}

/// Runs, as their owner sees them.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RunHistory: Send + Sync + 'static {
    /// The run with payload and attempts. A payload that is the job's is filled in.
    async fn find_run(&self, owner: UserId, run_id: RunId) -> Result<Run, StoreError>;

    /// A page of runs, newest first, without payload and attempts. With `filter.job_id` of a job that is not the
    /// owner's: `NotFound`. Unless the filter [is a range](RunFilter::is_a_range), the page may come up short, or
    /// empty, although there is a next one: so many runs are looked at for one page and no more.
    async fn list_runs<'a>(
        &self,
        owner: UserId,
        filter: &'a RunFilter,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Run>, StoreError>;

    /// Cancels one run, or asks its worker to stop. The inner error says what the state machine forbids.
    async fn cancel_run(
        &self,
        owner: UserId,
        run_id: RunId,
        now: Timestamp,
    ) -> Result<Result<Run, InvalidTransition>, StoreError>;

    /// The durations in milliseconds of the latest (at most 1,000) Completed runs that ended after `since`, sorted.
    async fn recent_durations(&self, owner: UserId, since: Timestamp) -> Result<Vec<i64>, StoreError>;

    /// How many runs ended in each bucket of `grain` from `since` on, oldest first; empty buckets are left out.
    async fn results(
        &self,
        owner: UserId,
        grain: Grain,
        since: Timestamp,
    ) -> Result<Vec<(Timestamp, Results)>, StoreError>;
}

/// Which events a reader wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only these types; empty means all.
    pub types: Vec<EventType>,
    /// Only of this job.
    pub job_id: Option<JobId>,
}

/// The stream of a user: what it still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamBounds {
    /// The newest event that retention has deleted; a reader that has not seen it has a hole.
    pub pruned_up_to: Cursor,
    /// The newest event.
    pub last: Cursor,
}

/// The events of users, each stream numbered without gaps in the order of commits.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// Up to `limit` events after `since`, oldest first.
    async fn read_after<'a>(
        &self,
        owner: UserId,
        since: Cursor,
        filter: &'a EventFilter,
        limit: Limit,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// A page of a job's events, newest first. `NotFound` when the job is not the owner's.
    async fn job_events<'a>(
        &self,
        owner: UserId,
        job_id: JobId,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<StoredEvent>, StoreError>;

    /// What the stream of a user holds.
    async fn bounds(&self, owner: UserId) -> Result<StreamBounds, StoreError>;

    /// The newest cursors of many streams (at most 500), by primary key: how a node follows the other nodes.
    async fn heads(&self, owners: &[UserId]) -> Result<Vec<(UserId, Cursor)>, StoreError>;

    /// Deletes events older than `before` whose deliveries have ended, `batch` of them or a few more. Walks the streams
    /// in the order of their users, each from its beginning, so that no index by age has to be kept up with every event.
    async fn delete_events(
        &self,
        from: Option<StreamPlace>,
        before: Timestamp,
        batch: u32,
    ) -> Result<EventSweep, StoreError>;
}

/// A place in the stream of a user: behind this event.
pub type StreamPlace = (UserId, Cursor);

/// How far a walk over all streams has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventSweep {
    /// How many events were deleted.
    pub deleted: u32,
    /// Where to go on; `None` when all streams were looked at.
    pub next: Option<StreamPlace>,
}

/// What a transaction has just committed, told to whoever wants to act on it at once.
#[derive(Debug, Clone)]
pub struct Committed {
    /// Whose stream.
    pub owner: UserId,
    /// The events with their numbers, oldest first.
    pub events: Vec<StoredEvent>,
    /// Whether webhook deliveries were written.
    pub has_deliveries: bool,
    /// Whether a run can be claimed now that could not before.
    pub has_claimable: bool,
    /// Whether a schedule has an instant to come that it had not before: whoever sleeps until the next one may have to
    /// get up earlier.
    pub has_planned: bool,
    /// Whether a run that was Running ended by cancellation: its node must stop it.
    pub cancelled_runs: Vec<RunId>,
    /// Queues of the owner in which workers find a run that they could not claim before.
    pub worker_queues: Vec<String>,
    /// Runs that started in the transaction for a place that this node had free ([`NewRun::claim`]): it carries them
    /// out.
    pub claimed: Vec<ClaimedRun>,
}

/// Hears of commits made by this process. Other nodes are heard of by following the streams.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait CommitListener: Send + Sync + 'static {
    /// Called after each commit, never inside a transaction. Must not block.
    fn committed(&self, what: &Committed);
}
