//! How a node says that it lives, and how it is.

use scheduler_domain::{
    clock::{Clock, Timestamp},
    health::BEAT_SECONDS,
    ids::NodeId,
    ports::{EngineView, Heartbeat},
};
use scheduler_engine::{
    health::{EngineHealth, Recent},
    runs::RunEngine,
};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(BEAT_SECONDS as u64);
/// How long the first and the last word may take: the database may be what is missing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Writes the row of this node.
pub struct Heart {
    view: Arc<dyn EngineView>,
    engine: RunEngine,
    health: Arc<EngineHealth>,
    clock: Arc<dyn Clock>,
    node: NodeId,
    name: String,
    concurrency: u32,
    started_at: Timestamp,
    recent: Recent,
}

impl Heart {
    /// A heart that does not beat yet.
    pub fn new(
        view: Arc<dyn EngineView>,
        engine: RunEngine,
        health: Arc<EngineHealth>,
        clock: Arc<dyn Clock>,
        (node, concurrency): (NodeId, u32),
    ) -> Self {
        let started_at = clock.now();
        Self {
            view,
            engine,
            health,
            clock,
            node,
            name: machine(),
            concurrency,
            started_at,
            recent: Recent::since(started_at),
        }
    }

    /// The first beat, so that a node that is ready is one that others see; a database that is away holds nothing up.
    pub async fn start(&mut self) {
        if tokio::time::timeout(PATIENCE, self.beat()).await.is_err() {
            tracing::warn!("the first heartbeat of this node could not be written in time");
        }
    }

    /// Beats until `stop`, then says that the node ended in good order.
    pub async fn run(mut self, stop: CancellationToken) {
        while tokio::time::timeout(EVERY, stop.cancelled()).await.is_err() {
            self.beat().await;
        }
        let farewell = self.view.stopped(self.node, self.clock.now());
        match tokio::time::timeout(PATIENCE, farewell).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the end of this node could not be written"),
            Err(_) => tracing::warn!("the end of this node could not be written in time"),
        }
    }

    /// Looks at the queue and writes the row.
    pub async fn beat(&mut self) {
        match self.view.queue_depth().await {
            Ok(depth) => self.health.set_queue_depth(depth),
            Err(error) => tracing::warn!(%error, "the depth of the queue could not be read"),
        }
        let now = self.clock.now();
        let heartbeat = Heartbeat {
            node_id: self.node,
            name: self.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at,
            now,
            running: u32::try_from(self.engine.under_way()).unwrap_or(u32::MAX),
            concurrency: self.concurrency,
            stats: self.recent.step(now, self.health.totals()),
        };
        if let Err(error) = self.view.beat(&heartbeat).await {
            tracing::warn!(%error, "the heartbeat of this node could not be written");
        }
    }
}

fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "node".to_owned(),
        name => name.chars().take(200).collect(),
    }
}
