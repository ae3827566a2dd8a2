//! Ports for the engine: claiming runs, carrying them out, and what happens when that goes wrong.

use crate::{
    clock::Timestamp,
    error::StoreError,
    ids::{NodeId, RunId},
    job::{Executor, Payload},
    run::{LeaseToken, RetryPolicy, Run, RunError, Trigger},
};
use async_trait::async_trait;

/// A request for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who asks.
    pub node: NodeId,
    /// At most so many runs, 1 to 500.
    pub max: u32,
    /// Now.
    pub now: Timestamp,
    /// Until when the runs belong to the node unless it renews the lease.
    pub lease_until: Timestamp,
    /// How many runs of one user may be under way on all nodes together; `None`: any number.
    pub per_user: Option<u32>,
}

/// A run that was claimed, with all that is needed to carry it out.
#[derive(Debug, Clone)]
pub struct ClaimedRun {
    /// The run, Running, with its effective payload.
    pub run: Run,
    /// Names the lease in every later write.
    pub lease: LeaseToken,
    /// How to carry it out.
    pub executor: Executor,
    /// How long the attempt may take.
    pub timeout_seconds: Option<u32>,
    /// Which failures are tried again.
    pub retry: RetryPolicy,
}

/// Places on this node for runs that are about to be made. They are free again when it is dropped.
pub struct Reservation {
    /// What to hand to the store; `max` says how many places there are.
    pub claim: Claim,
    /// Keeps the places.
    pub places: Box<dyn Send + Sync>,
}

/// The engine of this node, as those see it who make runs: a run that need not wait starts in the transaction that
/// makes it, instead of in a second one.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait Dispatcher: Send + Sync + 'static {
    /// Keeps up to `most` places for runs that are about to be made; `None` while others wait for places, or when the
    /// node stops.
    fn reserve(&self, most: u32) -> Option<Reservation>;
}

/// No engine: every run waits to be claimed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDispatcher;

impl Dispatcher for NoDispatcher {
    fn reserve(&self, _most: u32) -> Option<Reservation> {
        None
    }
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct Finish {
    /// The run.
    pub run_id: RunId,
    /// The lease under which it was carried out.
    pub lease: LeaseToken,
    /// When it ended.
    pub at: Timestamp,
    /// `Succeed`, `Fail` or `HandBack`.
    pub trigger: Trigger,
    /// What a success answered, or what a failure was answered; kept when the run ends with this attempt.
    pub result: Option<Payload>,
    /// What a failure reported.
    pub error: Option<RunError>,
}

/// What became of a [`Finish`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// It was written.
    Written,
    /// The lease was lost before (expired and given to another, cancelled, deleted): nothing was changed.
    LeaseLost,
}

/// The queue of runs. All methods work in batches; all writes to a running run name its lease.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait RunQueue: Send + Sync + 'static {
    /// Takes the most urgent runs that wait (by [`Priority::claim_key`](crate::job::Priority::claim_key)) and makes
    /// them Running. No run is ever given to two.
    async fn claim(&self, claim: &Claim) -> Result<Vec<ClaimedRun>, StoreError>;

    /// Ends attempts, all in one transaction; answers in the order of the batch.
    async fn finish(&self, batch: Vec<Finish>) -> Result<Vec<Finished>, StoreError>;

    /// Extends leases; answers those that are lost, whose attempts must stop.
    async fn renew(
        &self,
        leases: &[(RunId, LeaseToken)],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<RunId>, StoreError>;

    /// Returns up to `batch` runs whose lease has ended to Queued, or to Failed by policy; answers how many.
    async fn reap(&self, now: Timestamp, batch: u32) -> Result<u32, StoreError>;

    /// Returns every run that this node holds from before a restart, as if its lease had ended; answers how many.
    async fn free_leases_of(&self, node: NodeId, now: Timestamp) -> Result<u32, StoreError>;

    /// Queues up to `batch` runs whose `retry_at` is reached; answers how many.
    async fn queue_due_retries(&self, now: Timestamp, batch: u32) -> Result<u32, StoreError>;

    /// When the next retry is due.
    async fn next_retry_at(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Deletes up to `batch` ended runs older than `before`, and deleted jobs whose runs are gone; answers how many
    /// rows.
    async fn delete_ended(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;
}

/// The state of the database as `/readyz` and `doctor` want it.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Health: Send + Sync + 'static {
    /// Answers within two seconds whether the database answers a query.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Names of the migrations that are not applied yet.
    async fn pending_migrations(&self) -> Result<Vec<String>, StoreError>;
}
