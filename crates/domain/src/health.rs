//! What nodes measure of themselves, and what it comes to for the whole installation.
//!
//! A node keeps [`Distribution`]s of the last minutes and writes them, as JSON, beside its heartbeat. Distributions of
//! several nodes add up, percentiles do not: so the buckets travel.

mod distribution;

pub use distribution::{BUCKETS, Distribution, bucket_below, bucket_of, bucket_top};

use crate::{clock::Timestamp, ids::NodeId};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How often a node says that it lives, in seconds.
pub const BEAT_SECONDS: u32 = 5;

/// A node is taken for gone after three beats that did not come.
pub const SILENT_AFTER: TimeDelta = TimeDelta::seconds(15);

/// How long the row of a node that is gone is kept.
pub const NODE_KEPT: TimeDelta = TimeDelta::days(1);

/// What a node measured of itself. Times are in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeStats {
    /// How far back the distributions and the losses reach.
    pub window_seconds: u64,
    /// Planned instant to start, of scheduled runs.
    pub scheduler_lag: Distribution,
    /// Creation to start, of all others.
    pub queue_wait: Distribution,
    /// Runs in a claim that found any.
    pub claim_batch: Distribution,
    /// How long claims took.
    pub claim_time: Distribution,
    /// Results in a commit.
    pub completion_batch: Distribution,
    /// How long such commits took.
    pub completion_time: Distribution,
    /// Event to delivery, of webhooks.
    pub webhook_lag: Distribution,
    /// Leases that were lost, or taken back from others that were silent.
    pub lease_losses: u64,
}

impl NodeStats {
    /// Adds what another node measured.
    pub fn merge(&mut self, other: &Self) {
        self.window_seconds = self.window_seconds.max(other.window_seconds);
        self.scheduler_lag.merge(&other.scheduler_lag);
        self.queue_wait.merge(&other.queue_wait);
        self.claim_batch.merge(&other.claim_batch);
        self.claim_time.merge(&other.claim_time);
        self.completion_batch.merge(&other.completion_batch);
        self.completion_time.merge(&other.completion_time);
        self.webhook_lag.merge(&other.webhook_lag);
        self.lease_losses += other.lease_losses;
    }

    /// What was measured since `before`, an earlier state of the same counters.
    #[must_use]
    pub fn since(&self, before: &Self, window_seconds: u64) -> Self {
        Self {
            window_seconds,
            scheduler_lag: self.scheduler_lag.since(&before.scheduler_lag),
            queue_wait: self.queue_wait.since(&before.queue_wait),
            claim_batch: self.claim_batch.since(&before.claim_batch),
            claim_time: self.claim_time.since(&before.claim_time),
            completion_batch: self.completion_batch.since(&before.completion_batch),
            completion_time: self.completion_time.since(&before.completion_time),
            webhook_lag: self.webhook_lag.since(&before.webhook_lag),
            lease_losses: self.lease_losses.saturating_sub(before.lease_losses),
        }
    }
}

/// A server process, as its row says.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its id, which outlives restarts.
    pub node_id: NodeId,
    /// The name of its machine.
    pub name: String,
    /// Its version.
    pub version: String,
    /// When the process started.
    pub started_at: Timestamp,
    /// The latest sign of life.
    pub seen_at: Timestamp,
    /// When it ended in good order.
    pub stopped_at: Option<Timestamp>,
    /// Attempts under way there.
    pub running: u32,
    /// Places for attempts.
    pub concurrency: u32,
    /// What it measured of itself; `None` when it wrote nothing that this version can read.
    pub stats: Option<NodeStats>,
}

impl Node {
    /// Whether it is at work, as far as one can see.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.stopped_at.is_none() && self.seen_at > now - SILENT_AFTER
    }
}

/// What all nodes at work measured, together.
pub fn together<'a>(nodes: impl IntoIterator<Item = &'a Node>, now: Timestamp) -> NodeStats {
    let mut all = NodeStats::default();
    for stats in nodes
        .into_iter()
        .filter(|node| node.is_alive(now))
        .filter_map(|node| node.stats.as_ref())
    {
        all.merge(stats);
    }
    all
}

/// Runs that wait for a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// How many, up to [`QueueDepth::CAP`].
    pub waiting: u32,
    /// Whether there are more than that.
    pub capped: bool,
    /// Since when the oldest of those waits that are next in turn.
    pub oldest_queued_at: Option<Timestamp>,
}

impl QueueDepth {
    /// Nobody counts further.
    pub const CAP: u32 = 10_000;
    /// Among how many, the first in the order of the claim, the oldest is looked for.
    pub const HEAD: u32 = 100;

    /// How long the oldest has waited, in whole seconds.
    pub fn oldest_seconds(&self, now: Timestamp) -> Option<i64> {
        self.oldest_queued_at.map(|at| (now - at).num_seconds().max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn node(seen: i64, stopped: Option<i64>, losses: u64) -> Node {
        let at = |second| Timestamp::from_timestamp(second, 0).unwrap();
        Node {
            node_id: NodeId::from_uuid(Uuid::from_u128(1)),
            name: "box".to_owned(),
            version: "1".to_owned(),
            started_at: at(0),
            seen_at: at(seen),
            stopped_at: stopped.map(at),
            running: 0,
            concurrency: 1,
            stats: Some(NodeStats {
                lease_losses: losses,
                claim_batch: [losses].into_iter().collect(),
                ..NodeStats::default()
            }),
        }
    }

    #[test]
    fn only_nodes_at_work_count() {
        let now = Timestamp::from_timestamp(100, 0).unwrap();
        let nodes = [
            node(99, None, 1),
            node(86, None, 2),
            node(85, None, 4),
            node(99, Some(99), 8),
        ];
        let alive: Vec<bool> = nodes.iter().map(|node| node.is_alive(now)).collect();
        assert_eq!(alive, [true, true, false, false]);
        let all = together(&nodes, now);
        assert_eq!(
            (all.lease_losses, all.claim_batch.count(), all.claim_batch.max()),
            (3, 2, Some(2))
        );
    }

    #[test]
    fn what_an_other_version_measured_is_read_as_far_as_it_goes() {
        let stats: NodeStats = serde_json::from_str(r#"{"lease_losses":3,"new":[1]}"#).unwrap();
        assert_eq!(stats.lease_losses, 3);
        let text = serde_json::to_string(&stats).unwrap();
        assert_eq!(serde_json::from_str::<NodeStats>(&text).unwrap(), stats);
    }
}
