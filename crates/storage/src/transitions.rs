//! Runs and their jobs in memory, locked in the database, while things happen to them.
//!
//! Every change of a run's status goes through [`Batch::step`], which asks [`RunState::step`] and nothing else. Several
//! things may happen to one run in one transaction; each has its event, the rows are written once (`queries/batch.rs`).
//!
//! [`RunState::step`]: scheduler_domain::run::RunState::step

use crate::{
    effects::Effects,
    key::Key,
    rows::{
        instant, int,
        jobs::{JobState, NewJobRow, TagRow},
        naive,
        runs::RunRow,
    },
};
use chrono::{NaiveDateTime, TimeDelta};
use scheduler_domain::{
    audit::{Action, Deed, Target, TargetKind},
    clock::{Random, Timestamp, random_bytes},
    error::StoreError,
    event::{EventData, EventType, NewEvent},
    ids::{EventId, JobId, RunId, UserId},
    job::{JobStatus, Payload},
    occurrence::Occurrence,
    run::{
        Attempt, AttemptOutcome, InvalidTransition, Reason, RetryPolicy, RunError, RunState, RunStatus, RunSummary,
        Step, Trigger,
    },
    user::Word,
};
use std::collections::BTreeMap;

/// What steps note besides the rows, and what they draw.
pub(crate) struct Context<'a> {
    pub(crate) effects: &'a mut Effects,
    pub(crate) random: &'a dyn Random,
}

impl Context<'_> {
    fn roll(&self) -> f64 {
        f64::from(u32::from_le_bytes(random_bytes(self.random))) / f64::from(u32::MAX)
    }

    /// Notes an event about a job, or about a run of it.
    pub(crate) fn emit(&mut self, kind: EventType, at: Timestamp, about: About<'_>) {
        let job_id = JobId::from(about.job.job_id);
        let event = NewEvent {
            event_id: EventId::new(at, self.random),
            kind,
            at,
            job_id: Some(job_id),
            run_id: about.run.as_ref().map(|run| run.run_id),
            data: EventData {
                job_id: Some(job_id),
                job_name: Some(about.job.job_name.clone()),
                status: Some(about.status),
                previous_status: about.previous.filter(|previous| *previous != about.status),
                run: about.run,
                incident: None,
                occurrence: None,
                lines: None,
                message: None,
            },
        };
        let owner = about.job.created_by.into();
        self.effects.emit(owner, event);
        // What is done for nobody is not written down, so the name need not be copied.
        if let Some(action) = audited(kind).filter(|_| self.effects.acting.is_some()) {
            let target = Target::new(TargetKind::Job, job_id.as_uuid(), Some(&about.job.job_name));
            self.effects.audit(Deed::new(owner, action, target, at));
        }
    }
}

/// What the audit log calls an event that people bring about.
const fn audited(kind: EventType) -> Option<Action> {
    match kind {
        EventType::JobCreated => Some(Action::JobCreated),
        EventType::JobUpdated => Some(Action::JobUpdated),
        EventType::JobDeleted => Some(Action::JobDeleted),
        EventType::JobPaused => Some(Action::JobPaused),
        EventType::JobResumed => Some(Action::JobResumed),
        _ => None,
    }
}

impl Context<'_> {
    /// Notes an event about an instant of a job's schedule.
    pub(crate) fn emit_occurrence(
        &mut self,
        kind: EventType,
        job: &JobState,
        row: Occurrence,
    ) -> Result<(), StoreError> {
        let job_id = JobId::from(job.job_id);
        let event = NewEvent {
            event_id: EventId::new(row.recorded_at, self.random),
            kind,
            at: row.recorded_at,
            job_id: Some(job_id),
            run_id: None,
            data: EventData {
                job_id: Some(job_id),
                job_name: Some(job.job_name.clone()),
                status: Some(job.status()?),
                previous_status: None,
                run: None,
                incident: None,
                occurrence: Some(row),
                lines: None,
                message: None,
            },
        };
        self.effects.emit(job.created_by.into(), event);
        Ok(())
    }
}

/// What an event is about.
pub(crate) struct About<'a> {
    pub(crate) job: &'a JobState,
    pub(crate) status: JobStatus,
    pub(crate) previous: Option<JobStatus>,
    pub(crate) run: Option<RunSummary>,
}

/// A row as it was read and as it is to be written.
pub(crate) struct Kept<T> {
    pub(crate) read: T,
    pub(crate) now: T,
}

impl<T: Clone> Kept<T> {
    pub(crate) fn new(row: T) -> Self {
        Self {
            read: row.clone(),
            now: row,
        }
    }
}

/// The right to carry out an attempt, given by a claim.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lease {
    pub(crate) token: Key,
    pub(crate) until: NaiveDateTime,
    /// The node; `None` for a worker.
    pub(crate) node: Option<Key>,
}

/// What comes with a trigger.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) lease: Option<Lease>,
    pub(crate) result: Option<Payload>,
    pub(crate) error: Option<RunError>,
}

/// Runs and their jobs, by id.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) runs: BTreeMap<Key, Kept<RunRow>>,
    pub(crate) jobs: BTreeMap<Key, Kept<JobState>>,
    /// Those of the runs that are not in the database yet, with their own payloads.
    pub(crate) new_runs: BTreeMap<Key, Option<String>>,
    /// Those of the jobs that are not in the database yet, with their tags.
    pub(crate) new_jobs: BTreeMap<Key, (NewJobRow, Vec<TagRow>)>,
}

impl Batch {
    pub(crate) fn new(runs: Vec<RunRow>, jobs: Vec<JobState>) -> Self {
        Self {
            runs: runs.into_iter().map(|run| (run.run_id, Kept::new(run))).collect(),
            jobs: jobs.into_iter().map(|job| (job.job_id, Kept::new(job))).collect(),
            ..Self::default()
        }
    }

    /// Something happens to a run at `at`. The inner error says that the table of arrows forbids it; nothing was changed.
    pub(crate) fn step(
        &mut self,
        context: &mut Context<'_>,
        run: Key,
        trigger: Trigger,
        at: Timestamp,
        facts: Facts,
    ) -> Result<Result<(), InvalidTransition>, StoreError> {
        let run = &mut self.runs.get_mut(&run).ok_or(StoreError::NotFound)?.now;
        let Some(job) = self.jobs.get_mut(&run.job_id) else {
            return Err(run.place().inconsistent("job_id", "the job does not exist"));
        };
        let job = &mut job.now;
        // The policy is read only where it decides.
        let policy = match trigger {
            Trigger::Fail { .. } => job.retry()?,
            _ => RetryPolicy::default(),
        };
        let trigger = match trigger {
            Trigger::Fail {
                retryable: true,
                timed_out,
                retry_after,
            } => Trigger::Fail {
                retryable: facts.error.as_ref().is_none_or(|error| policy.retries(&error.code)),
                timed_out,
                retry_after,
            },
            other => other,
        };
        let state = run.state()?;
        let roll = context.roll();
        let mut step = match state.step(trigger, at, &policy, roll) {
            Ok(step) => step,
            Err(forbidden) => return Ok(Err(forbidden)),
        };
        if let (Some(retry_at), Some(deadline)) = (step.retry_at, run.deadline_at.map(instant))
            && retry_at >= deadline
        {
            // No attempt could begin in time: this one was the last.
            let last = Trigger::Fail {
                retryable: true,
                timed_out: true,
                retry_after: None,
            };
            let spent = RunState {
                max_attempts: 1,
                ..state
            };
            step = match spent.step(last, at, &policy, roll) {
                Ok(step) => Step {
                    next: RunState {
                        max_attempts: state.max_attempts,
                        ..step.next
                    },
                    ..step
                },
                Err(forbidden) => return Ok(Err(forbidden)),
            };
        }
        let waited = run.waits();
        if step.next.status == RunStatus::Running {
            context.effects.of(run.user_id.into()).running += 1;
        }
        if state.status == RunStatus::Running {
            context.effects.of(run.user_id.into()).running -= 1;
            // The attempt that succeeded is the run itself: it is not written twice (`RunRow::whole`).
            if trigger != Trigger::Succeed {
                end_attempt(run, trigger, step.next.status, at, facts.error.clone());
            }
        }
        enter(run, job, &step, trigger, at, facts, context.effects)?;
        if step.next.status == RunStatus::Cancelled && state.status == RunStatus::Running {
            context
                .effects
                .of(run.user_id.into())
                .cancelled_runs
                .push(run.run_id.into());
        }
        let previous = job.status()?;
        let status = follow(run, job, waited, step.next.status, at, context.effects)?;
        let summary = run.summary()?.summary();
        context.emit(
            step.event,
            at,
            About {
                job,
                status,
                previous: Some(previous),
                run: Some(summary),
            },
        );
        Ok(Ok(()))
    }
}

impl Batch {
    /// Calls a run off, and answers whether it has ended: what a worker carries out goes on until the worker has heard
    /// of it. Asked twice, it keeps the first time and the first reason.
    pub(crate) fn cancel(
        &mut self,
        context: &mut Context<'_>,
        key: Key,
        why: Reason,
        at: Timestamp,
    ) -> Result<Result<bool, InvalidTransition>, StoreError> {
        let run = &mut self.runs.get_mut(&key).ok_or(StoreError::NotFound)?.now;
        let target = Target::new(TargetKind::Run, RunId::from(run.run_id).as_uuid(), Some(&run.job_name));
        let deed = Deed::new(run.user_id.into(), Action::RunCancelled, target, at);
        let by_hand = why == Reason::CancelledByUser;
        if !run.state()?.cancels_by_request(run.queue.is_some(), why) {
            let stepped = self.step(context, key, Trigger::Cancel(why), at, Facts::default())?;
            if by_hand && stepped.is_ok() {
                context.effects.audit(deed);
            }
            return Ok(stepped.map(|()| true));
        }
        if run.cancel_requested_at.is_none() {
            run.cancel_requested_at = Some(naive(at));
            run.reason = Some(why.word().to_owned());
            if by_hand {
                context.effects.audit(deed);
            }
        }
        Ok(Ok(false))
    }
}

/// Keeps the attempt that was under way among those that have ended.
fn end_attempt(run: &mut RunRow, trigger: Trigger, entered: RunStatus, at: Timestamp, error: Option<RunError>) {
    let outcome = match trigger {
        _ if entered == RunStatus::Cancelled => AttemptOutcome::Cancelled,
        Trigger::Succeed => AttemptOutcome::Completed,
        Trigger::Fail { timed_out: true, .. } => AttemptOutcome::TimedOut,
        Trigger::LeaseLost => AttemptOutcome::LeaseLost,
        Trigger::HandBack => AttemptOutcome::HandedBack,
        Trigger::Cancel(_) => AttemptOutcome::Cancelled,
        Trigger::Fail { .. } | Trigger::Claim | Trigger::RetryDue => AttemptOutcome::Failed,
    };
    let attempt = Attempt {
        attempt: u32::try_from(run.attempt).unwrap_or(0),
        started_at: run.started_at.map_or(at, instant),
        finished_at: Some(at),
        outcome: Some(outcome),
        error,
        node: run.node_id.map(Into::into),
        worker_name: run.worker_name.clone(),
    };
    run.push_attempt(&attempt);
}

/// Writes into the row of the run what the step says.
fn enter(
    run: &mut RunRow,
    job: &JobState,
    step: &Step,
    trigger: Trigger,
    at: Timestamp,
    facts: Facts,
    effects: &mut Effects,
) -> Result<(), StoreError> {
    step.next.status.word().clone_into(&mut run.status);
    run.reason = step.reason.map(|reason| reason.word().to_owned());
    run.attempt = int(step.next.attempt);
    run.crashes = int(step.next.crashes);
    run.retry_at = step.retry_at.map(naive);
    run.unclaim();
    run.lease_token = None;
    run.lease_until = None;
    run.timeout_at = None;
    if let Some(error) = facts.error {
        run.error_code = Some(error.code);
        run.error_message = Some(error.message);
    }
    match step.next.status {
        RunStatus::Queued => {
            // Whoever lost their turn through no fault of the job keeps their place in the queue.
            let queued_at = if trigger == Trigger::RetryDue {
                at
            } else {
                instant(run.created_at)
            };
            run.node_id = None;
            run.make_claimable(job.claim_key(queued_at)?, effects);
        }
        RunStatus::Running => {
            run.lease_token = facts.lease.map(|lease| lease.token);
            run.lease_until = facts.lease.map(|lease| lease.until);
            run.node_id = facts.lease.and_then(|lease| lease.node);
            run.cancel_requested_at = None;
            run.started_at = Some(naive(at));
            run.progress = None;
            run.progress_message = None;
            if run.deadline_at.is_none() {
                let limit = job.run_timeout_seconds.map(i64::from);
                run.deadline_at = limit.map(|seconds| naive(at + TimeDelta::seconds(seconds)));
            }
        }
        RunStatus::Retrying => {}
        RunStatus::Completed | RunStatus::Failed | RunStatus::Cancelled => {
            run.finished_at = Some(naive(at));
            run.duration_ms = completed_in(run, step.next.status);
            run.active_job_id = None;
            if let Some(result) = facts.result {
                run.result = Some(result.as_str().to_owned());
            }
            if step.next.status == RunStatus::Completed {
                run.error_code = None;
                run.error_message = None;
            }
            if trigger == Trigger::LeaseLost && step.next.status == RunStatus::Failed {
                run.error_code = Some("crashed".to_owned());
                run.error_message =
                    Some("whoever carried out the run went silent three times; no further attempt is made".to_owned());
            }
        }
    }
    Ok(())
}

/// How long the attempt took that completed the run, in milliseconds.
fn completed_in(run: &RunRow, status: RunStatus) -> Option<i32> {
    let took = run.finished_at? - run.started_at?;
    let took = i32::try_from(took.num_milliseconds().max(0)).unwrap_or(i32::MAX);
    (status == RunStatus::Completed).then_some(took)
}

/// Brings the job in line with its run; answers the status that it has then.
fn follow(
    run: &RunRow,
    job: &mut JobState,
    waited: bool,
    entered: RunStatus,
    at: Timestamp,
    effects: &mut Effects,
) -> Result<JobStatus, StoreError> {
    let owner = UserId::from(job.created_by);
    if entered.is_final() {
        job.active_runs -= 1;
        if waited {
            job.waiting_runs -= 1;
        }
        effects.run_ended(owner, entered, at);
        if entered == RunStatus::Completed {
            job.completed_at = job.completed_at.max(Some(naive(at)));
        }
    }
    let before = job.status()?;
    let after = if job.last_run_id == Some(run.run_id) {
        entered.job_status()
    } else {
        before
    };
    if before != after {
        after.word().clone_into(&mut job.status);
        effects.job_moved(owner, Some(before), Some(after));
    }
    Ok(after)
}
