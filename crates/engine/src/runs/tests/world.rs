//! A queue in memory that obeys the domain's table of arrows, and a clock that follows tokio's.

use crate::runs::{EngineSettings, EngineSignals, Executors, RunEngine};
use async_trait::async_trait;
use chrono::TimeDelta;
use scheduler_domain::{
    clock::{Clock, SeededRandom, Timestamp},
    error::StoreError,
    ids::{JobId, NodeId, RunId, UserId},
    job::{Executor, SimulatedOutcome},
    ports::{Claim, ClaimedRun, Finish, Finished, HttpCaller, MockHttpCaller, RunQueue, Vault, VaultError},
    run::{LeaseToken, Reason, RetryPolicy, Run, RunStatus, RunTrigger, Trigger},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

pub(super) struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
            + TimeDelta::days(20_000)
            + TimeDelta::from_std(self.0.elapsed()).unwrap_or(TimeDelta::MAX)
    }
}

pub(super) struct Row {
    pub(super) run: Run,
    executor: Executor,
    timeout_seconds: Option<u32>,
    pub(super) retry: RetryPolicy,
    pub(super) lease: Option<(LeaseToken, NodeId, Timestamp)>,
}

/// What the queue holds, what it was asked, and what it is told to answer.
#[derive(Default)]
pub(super) struct State {
    pub(super) rows: Vec<Row>,
    leases: u8,
    /// The `max` of each claim.
    pub(super) claims: Vec<u32>,
    /// The sizes of the batches of results that were written.
    pub(super) batches: Vec<usize>,
    /// Every result that came in.
    pub(super) finishes: Vec<Finish>,
    /// When leases were renewed.
    pub(super) renewals: usize,
    pub(super) freed: Vec<NodeId>,
    pub(super) retries_looked_for: usize,
    /// Answers to the next calls of `finish`, before it works.
    pub(super) finish_errors: VecDeque<StoreError>,
    /// Whether the database is away.
    pub(super) away: bool,
    /// A run whose result is refused.
    pub(super) poison: Option<RunId>,
    /// How long a write of results takes.
    pub(super) finish_takes: Duration,
}

impl State {
    fn check(&self) -> Result<(), StoreError> {
        if self.away {
            return Err(StoreError::Unavailable("away".into()));
        }
        Ok(())
    }

    fn step(&mut self, index: usize, trigger: Trigger, now: Timestamp) {
        let policy = RetryPolicy::default();
        let row = &mut self.rows[index];
        let step = row.run.state().step(trigger, now, &policy, 0.5).unwrap();
        row.run.status = step.next.status;
        row.run.attempt = step.next.attempt;
        row.run.crashes = step.next.crashes;
        row.run.reason = step.reason;
        row.run.retry_at = step.retry_at;
        if step.next.status != RunStatus::Running {
            row.lease = None;
        }
    }

    pub(super) fn row(&mut self, run_id: RunId) -> &mut Row {
        self.rows.iter_mut().find(|row| row.run.run_id == run_id).unwrap()
    }
}

#[derive(Default)]
pub(super) struct MemoryQueue(pub(super) Mutex<State>);

#[async_trait]
impl RunQueue for MemoryQueue {
    async fn claim(&self, claim: &Claim) -> Result<Vec<ClaimedRun>, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.check()?;
        state.claims.push(claim.max);
        let mut claimed = Vec::new();
        for index in 0..state.rows.len() {
            if state.rows[index].run.status != RunStatus::Queued || claimed.len() == claim.max as usize {
                continue;
            }
            state.step(index, Trigger::Claim, claim.now);
            state.leases += 1;
            let lease = LeaseToken([state.leases; 16]);
            let row = &mut state.rows[index];
            row.lease = Some((lease, claim.node, claim.lease_until));
            claimed.push(ClaimedRun {
                run: row.run.clone(),
                lease,
                executor: row.executor.clone(),
                timeout_seconds: row.timeout_seconds,
                retry: row.retry.clone(),
            });
        }
        Ok(claimed)
    }

    async fn finish(&self, batch: Vec<Finish>) -> Result<Vec<Finished>, StoreError> {
        let takes = self.0.lock().unwrap().finish_takes;
        tokio::time::sleep(takes).await;
        let mut state = self.0.lock().unwrap();
        state.check()?;
        if let Some(error) = state.finish_errors.pop_front() {
            return Err(error);
        }
        if batch.iter().any(|finish| Some(finish.run_id) == state.poison) {
            return Err(StoreError::Driver("poison".into()));
        }
        state.batches.push(batch.len());
        let mut answers = Vec::new();
        for finish in batch {
            let index = state
                .rows
                .iter()
                .position(|row| row.run.run_id == finish.run_id)
                .unwrap();
            if state.rows[index].lease.is_some_and(|(lease, ..)| lease == finish.lease) {
                state.step(index, finish.trigger, finish.at);
                state.rows[index].run.error = finish.error.clone();
                state.rows[index].run.finished_at = Some(finish.at);
                answers.push(Finished::Written);
            } else {
                answers.push(Finished::LeaseLost);
            }
            state.finishes.push(finish);
        }
        Ok(answers)
    }

    async fn renew(
        &self,
        leases: &[(RunId, LeaseToken)],
        until: Timestamp,
        _: Timestamp,
    ) -> Result<Vec<RunId>, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.check()?;
        state.renewals += 1;
        let mut lost = Vec::new();
        for (run_id, token) in leases {
            match &mut state.row(*run_id).lease {
                Some((lease, _, ends)) if lease == token => *ends = until,
                _ => lost.push(*run_id),
            }
        }
        Ok(lost)
    }

    async fn reap(&self, now: Timestamp, _: u32) -> Result<u32, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.check()?;
        let mut reaped = 0;
        for index in 0..state.rows.len() {
            if state.rows[index].lease.is_some_and(|(_, _, ends)| ends <= now) {
                state.step(index, Trigger::LeaseLost, now);
                reaped += 1;
            }
        }
        Ok(reaped)
    }

    async fn free_leases_of(&self, node: NodeId, now: Timestamp) -> Result<u32, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.check()?;
        state.freed.push(node);
        let mut freed = 0;
        for index in 0..state.rows.len() {
            if state.rows[index].lease.is_some_and(|(_, holder, _)| holder == node) {
                state.step(index, Trigger::LeaseLost, now);
                freed += 1;
            }
        }
        Ok(freed)
    }

    async fn queue_due_retries(&self, now: Timestamp, _: u32) -> Result<u32, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.retries_looked_for += 1;
        state.check()?;
        let mut queued = 0;
        for index in 0..state.rows.len() {
            if state.rows[index].run.retry_at.is_some_and(|at| at <= now) {
                state.step(index, Trigger::RetryDue, now);
                queued += 1;
            }
        }
        Ok(queued)
    }

    async fn next_retry_at(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self
            .0
            .lock()
            .unwrap()
            .rows
            .iter()
            .filter_map(|row| row.run.retry_at)
            .min())
    }

    async fn delete_ended(&self, _: Timestamp, _: u32) -> Result<u32, StoreError> {
        Ok(0)
    }
}

/// An engine over a queue in memory.
pub(super) struct World {
    pub(super) queue: Arc<MemoryQueue>,
    pub(super) clock: Arc<TokioClock>,
    pub(super) signals: EngineSignals,
    pub(super) engine: RunEngine,
    pub(super) stop: CancellationToken,
    random: SeededRandom,
}

/// A vault that hides nothing, and opens only where it sealed.
pub(super) struct OpenVault;

impl Vault for OpenVault {
    fn seal(&self, place: &str, plain: &[u8]) -> String {
        format!("{place}|{}", String::from_utf8_lossy(plain))
    }

    fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>, VaultError> {
        let (at, plain) = sealed.split_once('|').ok_or(VaultError)?;
        if at == place { Ok(plain.into()) } else { Err(VaultError) }
    }
}

pub(super) fn executors(caller: Arc<dyn HttpCaller>, clock: Arc<dyn Clock>) -> Arc<Executors> {
    Arc::new(Executors {
        caller,
        vault: Arc::new(OpenVault),
        clock,
        random: Arc::new(SeededRandom::new(5)),
        version: "1.2.3".to_owned(),
    })
}

pub(super) fn node() -> NodeId {
    NodeId::from_uuid(uuid::Uuid::from_u128(7))
}

pub(super) fn settings() -> EngineSettings {
    EngineSettings {
        concurrency: 4,
        ..EngineSettings::for_node(node())
    }
}

pub(super) fn simulated(duration_ms: u64, outcome: SimulatedOutcome) -> Executor {
    Executor::Simulated {
        duration_ms,
        outcome,
        failure_rate: 0.0,
    }
}

pub(super) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

impl World {
    pub(super) fn new(settings: EngineSettings) -> Self {
        Self::calling(settings, Arc::new(MockHttpCaller::new()))
    }

    /// A world whose requests go through `caller`.
    pub(super) fn calling(settings: EngineSettings, caller: Arc<dyn HttpCaller>) -> Self {
        let queue = Arc::new(MemoryQueue::default());
        let clock = Arc::new(TokioClock(Instant::now()));
        let signals = EngineSignals::default();
        let engine = RunEngine::new(
            queue.clone(),
            clock.clone(),
            settings,
            signals.clone(),
            executors(caller, clock.clone()),
        );
        Self {
            queue,
            clock,
            signals,
            engine,
            stop: CancellationToken::new(),
            random: SeededRandom::new(3),
        }
    }

    pub(super) fn start(&self) -> JoinHandle<()> {
        tokio::spawn(self.engine.clone().run(self.stop.clone()))
    }

    /// Queues a run.
    pub(super) fn add(&self, executor: Executor, timeout_seconds: Option<u32>, max_attempts: u32) -> RunId {
        let now = self.clock.now();
        let run_id = RunId::new(now, &self.random);
        let user_id = UserId::from_uuid(uuid::Uuid::from_u128(1));
        let run = Run {
            run_id,
            job_id: JobId::from_uuid(uuid::Uuid::from_u128(2)),
            job_name: "Nightly".into(),
            user_id,
            status: RunStatus::Queued,
            reason: None,
            trigger: RunTrigger::manual(user_id),
            attempt: 0,
            max_attempts,
            crashes: 0,
            payload: None,
            progress: None,
            result: None,
            error: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            retry_at: None,
            cancel_requested_at: None,
            deadline_at: None,
            queue: None,
            worker_name: None,
            progress_message: None,
            attempts: Vec::new(),
        };
        self.state(|state| {
            state.rows.push(Row {
                run,
                executor,
                timeout_seconds,
                retry: RetryPolicy::default(),
                lease: None,
            });
        });
        run_id
    }

    /// Queues a run that takes so long and ends well.
    pub(super) fn add_lasting(&self, duration_ms: u64) -> RunId {
        self.add(simulated(duration_ms, SimulatedOutcome::Completed), None, 1)
    }

    pub(super) fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.queue.0.lock().unwrap())
    }

    pub(super) fn run(&self, run_id: RunId) -> Run {
        self.state(|state| state.row(run_id).run.clone())
    }

    pub(super) fn status(&self, run_id: RunId) -> RunStatus {
        self.run(run_id).status
    }

    /// Cancels a run as the store does, and tells the engine.
    pub(super) fn cancel(&self, run_id: RunId) {
        let now = self.clock.now();
        self.state(|state| {
            let index = state.rows.iter().position(|row| row.run.run_id == run_id).unwrap();
            state.step(index, Trigger::Cancel(Reason::CancelledByUser), now);
        });
        self.signals.cancelled(run_id);
    }

    /// Takes the lease of a run away, as a reaper on another node does.
    pub(super) fn take_lease(&self, run_id: RunId) {
        let now = self.clock.now();
        self.state(|state| {
            let index = state.rows.iter().position(|row| row.run.run_id == run_id).unwrap();
            state.step(index, Trigger::LeaseLost, now);
        });
    }
}
