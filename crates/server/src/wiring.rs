//! Who hears of a commit.

use scheduler_domain::{
    event::EventType,
    ports::{CommitListener, Committed},
};
use scheduler_engine::runs::EngineSignals;
use std::sync::Arc;
use tokio::sync::Notify;

use crate::{polls::Polls, ws::hub::Hub};

/// Tells the sockets, the engine and the deliverer what this process has just committed.
pub struct Fanout {
    /// The sockets.
    pub hub: Arc<Hub>,
    /// The engine.
    pub engine: EngineSignals,
    /// The deliverer.
    pub deliveries: Arc<Notify>,
    /// The workers that wait for runs.
    pub polls: Arc<Polls>,
}

impl CommitListener for Fanout {
    fn committed(&self, what: &Committed) {
        self.engine.health().committed(what);
        for run_id in &what.cancelled_runs {
            self.engine.cancelled(*run_id);
        }
        for run in &what.claimed {
            self.engine.started(run.clone());
        }
        if what.has_claimable {
            self.engine.claimable();
        }
        if what.events.iter().any(|event| event.kind == EventType::RunRetrying) {
            self.engine.retry_planned();
        }
        if what.has_planned {
            self.engine.schedule_changed();
        }
        if what.has_deliveries {
            self.deliveries.notify_one();
        }
        for queue in &what.worker_queues {
            self.polls.wake(what.owner, queue);
        }
        self.hub.committed(what);
    }
}
