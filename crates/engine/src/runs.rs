//! Runs at work: claimed in batches, carried out side by side, completed in group commits, kept by leases.
//!
//! ```text
//!   claimer ----> executors (one task a run) ----> completer
//!      ^                ^                              |
//!   wake, poll     keeper: renews, reaps           group commit
//! ```
//!
//! Every loop is a step that tests can call, plus a loop that calls it.

mod claimer;
mod completer;
mod execute;
mod executors;
mod http;
mod keeper;
mod scheduler;
mod slots;

#[cfg(test)]
mod tests;

pub use executors::Executors;

use crate::health::EngineHealth;
pub use scheduler::Scheduler;
use scheduler_domain::{
    clock::Clock,
    ids::{NodeId, RunId},
    ports::RunQueue,
};
use slots::Slots;
use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// How long the last results may take to be written when everything else has stopped.
const LAST_WRITE: Duration = Duration::from_secs(1);

/// How long a claim waits for more places, and a commit for more results, while more runs wait than there are places.
const GATHER: Duration = Duration::from_millis(5);

/// How the engine of one node is set up.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// This node.
    pub node: NodeId,
    /// Runs at once on this node.
    pub concurrency: u32,
    /// Runs of one user at once, on all nodes together; `None`: any number.
    pub per_user: Option<u32>,
    /// How long a lease lasts; it is renewed after a third of it.
    pub lease: Duration,
    /// How often expired leases are looked for.
    pub reap_every: Duration,
    /// How long to wait for a wake-up before looking anyway.
    pub poll_every: Duration,
    /// How long running attempts may go on after a stop was asked for, before they are handed back.
    pub grace: Duration,
}

impl EngineSettings {
    /// The settings of DESIGN section 9 for a node.
    pub fn for_node(node: NodeId) -> Self {
        Self {
            node,
            concurrency: 64,
            per_user: None,
            lease: Duration::from_secs(30),
            reap_every: Duration::from_secs(5),
            poll_every: Duration::from_secs(1),
            grace: Duration::from_secs(25),
        }
    }
}

/// How the rest of the program tells the engine that something changed. Cheap to clone; never blocks.
#[derive(Debug, Clone, Default)]
pub struct EngineSignals {
    claimable: Arc<Notify>,
    retries: Arc<Notify>,
    schedules: Arc<Notify>,
    slots: Slots,
    /// From when it is set up until it has ended: it keeps the database, whose commits are told to these signals.
    engine: Arc<RwLock<Option<RunEngine>>>,
    health: Arc<EngineHealth>,
}

impl std::fmt::Debug for RunEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunEngine")
            .field("node", &self.settings.node)
            .finish_non_exhaustive()
    }
}

impl EngineSignals {
    /// The numbers of this node.
    pub fn health(&self) -> &Arc<EngineHealth> {
        &self.health
    }

    /// Runs that this process has made and started at once are carried out by this engine.
    pub fn lead_to(&self, engine: RunEngine) {
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = Some(engine);
    }

    /// The engine has ended; whoever else held it may let go.
    fn lead_nowhere(&self) {
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A run started in the transaction that made it, for a place that this node kept.
    pub fn started(&self, run: scheduler_domain::ports::ClaimedRun) {
        let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(engine) = engine else {
            // Nothing is lost: the run is claimed again when its lease ends. It would be late, and this a mistake of ours.
            tracing::error!(run_id = %run.run.run_id, "a run was started without its engine: it waits for its lease");
            return;
        };
        engine.begin(run);
    }

    /// A run can be claimed that could not before.
    pub fn claimable(&self) {
        self.claimable.notify_one();
    }

    /// A schedule was made or changed: it may come due sooner than all others.
    pub fn schedule_changed(&self) {
        self.schedules.notify_one();
    }

    /// A run waits for its next attempt, perhaps sooner than all others.
    pub fn retry_planned(&self) {
        self.retries.notify_one();
    }

    /// A run that may be under way here was cancelled: its attempt stops.
    pub fn cancelled(&self, run_id: RunId) {
        self.slots.stop(run_id);
    }
}

/// The engine of one node.
#[derive(Clone)]
pub struct RunEngine {
    queue: Arc<dyn RunQueue>,
    clock: Arc<dyn Clock>,
    settings: EngineSettings,
    signals: EngineSignals,
    executors: Arc<Executors>,
    finished: mpsc::Sender<completer::Message>,
    inbox: Arc<tokio::sync::Mutex<mpsc::Receiver<completer::Message>>>,
    /// Whether runs may start here that did not wait.
    accepting: Arc<AtomicBool>,
    /// Whether the last claim left runs waiting.
    backlog: Arc<AtomicBool>,
}

impl RunEngine {
    /// An engine that does nothing until [`run`](Self::run).
    pub fn new(
        queue: Arc<dyn RunQueue>,
        clock: Arc<dyn Clock>,
        settings: EngineSettings,
        signals: EngineSignals,
        executors: Arc<Executors>,
    ) -> Self {
        let (finished, inbox) = mpsc::channel(4_096);
        Self {
            queue,
            clock,
            settings,
            signals,
            executors,
            finished,
            inbox: Arc::new(tokio::sync::Mutex::new(inbox)),
            accepting: Arc::new(AtomicBool::new(false)),
            backlog: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Works until `stop`, then claims nothing more, lets running attempts end for the grace period and hands the rest
    /// back. Returns when nothing of this node is under way.
    pub async fn run(self, stop: CancellationToken) {
        let completer_stop = CancellationToken::new();
        let keeper_stop = CancellationToken::new();
        let completer = tokio::spawn(self.clone().completer_loop(completer_stop.clone()));
        let mut loops = JoinSet::new();
        loops.spawn(self.clone().renew_loop(keeper_stop.clone()));
        loops.spawn(self.clone().reap_loop(stop.clone()));
        loops.spawn(self.clone().retry_loop(stop.clone()));
        self.free_own_leases().await;
        self.accepting.store(true, Ordering::Release);
        self.claim_loop(&stop).await;
        self.accepting.store(false, Ordering::Release);
        self.drain().await;
        keeper_stop.cancel();
        completer_stop.cancel();
        while loops.join_next().await.is_some() {}
        // With the database away there may be results that cannot be written: their leases end, and the runs go back.
        let mut completer = completer;
        match tokio::time::timeout(LAST_WRITE, &mut completer).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the completer ended badly"),
            Err(_) => {
                completer.abort();
                tracing::warn!(runs = self.under_way(), "stopping: results could not be written");
            }
        }
        self.signals.lead_nowhere();
    }

    /// How many more attempts there is room for.
    pub fn free_places(&self) -> u32 {
        self.signals.slots.free(self.settings.concurrency)
    }

    /// How many attempts are under way here.
    pub fn under_way(&self) -> usize {
        self.signals.slots.len()
    }

    /// Waits for the attempts under way, then asks those that are left to hand back.
    async fn drain(&self) {
        let left = self.under_way();
        if left > 0 {
            tracing::info!(
                runs = left,
                grace_seconds = self.settings.grace.as_secs(),
                "stopping: waiting for runs"
            );
        }
        if tokio::time::timeout(self.settings.grace, self.signals.slots.empty())
            .await
            .is_err()
        {
            tracing::info!(runs = self.under_way(), "stopping: handing runs back");
            self.signals.slots.hand_back_all();
            let patience = Duration::from_secs(5);
            if tokio::time::timeout(patience, self.signals.slots.empty())
                .await
                .is_err()
            {
                tracing::warn!(
                    runs = self.under_way(),
                    "stopping: these runs go back when their lease ends"
                );
            }
        }
    }
}
