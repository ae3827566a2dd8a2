//! Ports for those who watch over the installation: its nodes, its queue, what is deleted when it is old.

use crate::{
    clock::Timestamp,
    error::StoreError,
    health::{Node, NodeStats, QueueDepth},
    ids::{NodeId, RunId, UserId},
};
use async_trait::async_trait;

/// A sign of life.
#[derive(Debug, Clone, PartialEq)]
pub struct Heartbeat {
    /// Who.
    pub node_id: NodeId,
    /// The name of the machine.
    pub name: String,
    /// The version of the program.
    pub version: String,
    /// When the process started.
    pub started_at: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// Attempts under way.
    pub running: u32,
    /// Places for attempts.
    pub concurrency: u32,
    /// What it measured of itself.
    pub stats: NodeStats,
}

/// How often somebody waited for a connection of this process to the database, and how long in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolWaits {
    /// How often all connections were busy.
    pub waits: u64,
    /// How long that took together.
    pub micros: u64,
}

/// The nodes, and the queue as they see it.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait EngineView: Send + Sync + 'static {
    /// Writes a sign of life. A node that had stopped is at work again.
    async fn beat(&self, heartbeat: &Heartbeat) -> Result<(), StoreError>;

    /// Notes that a node ended in good order.
    async fn stopped(&self, node_id: NodeId, now: Timestamp) -> Result<(), StoreError>;

    /// Every node, those at work and those that are gone, by id; at most 1,000.
    async fn nodes(&self) -> Result<Vec<Node>, StoreError>;

    /// Deletes up to `batch` nodes that were last seen before `before`; answers how many.
    async fn forget_nodes(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;

    /// How many runs wait for a node, and since when. Reads at most [`QueueDepth::CAP`] entries of the index of the claim.
    async fn queue_depth(&self) -> Result<QueueDepth, StoreError>;

    /// Waits for connections since the start of the process.
    fn pool_waits(&self) -> PoolWaits;
}

/// What a step of the deletion by count did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// How many rows it deleted.
    pub deleted: u32,
    /// Where to go on; `None` when it is done.
    pub next: Option<(Timestamp, RunId)>,
}

/// What old age and great number take away. Every method is one short transaction over at most `batch` rows.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait Retention: Send + Sync + 'static {
    /// Deletes log lines of runs that ended before `before`; answers how many.
    async fn delete_logs(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;

    /// Deletes occurrences that were recorded before `before`; answers how many.
    async fn delete_occurrences(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;

    /// The next users in the order of their ids.
    async fn users_after(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserId>, StoreError>;

    /// The newest run of a user that is one too many when `keep` are kept. `None` when there are no more than that, which
    /// for most users the counters of ended runs since `since` say at once.
    async fn first_beyond(
        &self,
        owner: UserId,
        keep: u32,
        since: Timestamp,
    ) -> Result<Option<(Timestamp, RunId)>, StoreError>;

    /// Looks at up to `batch` runs of a user from this one on, towards the older ones, and deletes those that have ended,
    /// but never the latest run of a job. Where they have log lines, these go first.
    async fn trim_runs(&self, owner: UserId, from: (Timestamp, RunId), batch: u32) -> Result<Trimmed, StoreError>;
}
