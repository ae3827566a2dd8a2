//! Schedules: looked at beforehand, paused, made up for, imported.

mod import;

pub use import::{ImportOutcome, Imported};

use crate::{
    clock::{Clock, Random, Timestamp},
    error::{Refusal, StoreError},
    ids::{JobId, RunId, UserId},
    job::Job,
    ports::{JobStore, NewRun, ScheduleStore},
    run::{Asker, RunTrigger, TriggerKind},
    schedule::{Schedule, Upcoming, due},
    usecase::jobs::Jobs,
    validate::{FieldError, Problems, block, range},
};
use std::sync::Arc;

/// The longest reason of a pause, in characters.
const MAX_REASON: usize = 500;
/// The most runs of one backfill.
pub const MAX_BACKFILL: u32 = 1_000;

/// The rules of schedules over their ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Schedules {
    pub store: Arc<dyn ScheduleStore>,
    pub jobs_store: Arc<dyn JobStore>,
    pub jobs: Jobs,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
}

/// What a schedule comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// In plain words.
    pub description: String,
    /// The zone in which they are meant.
    pub time_zone: String,
    /// The next instants.
    pub upcoming: Vec<Upcoming>,
}

/// A past window to fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackfillRequest {
    /// From here on, inclusive.
    pub from: Timestamp,
    /// Up to here, inclusive.
    pub to: Timestamp,
    /// At most so many runs, 1 to [`MAX_BACKFILL`].
    pub max_runs: Option<i64>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What a backfill did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backfilled {
    /// Instants that run.
    pub planned: usize,
    /// The first of them.
    pub first_at: Option<Timestamp>,
    /// The last of them.
    pub last_at: Option<Timestamp>,
    /// Runs that were made.
    pub started: u32,
}

impl Schedules {
    /// The next instants strictly after `from` (default: now), and the schedule in words.
    pub fn preview(&self, schedule: &Schedule, count: i64, from: Option<Timestamp>) -> Result<Preview, Refusal> {
        let mut problems = Problems::new();
        problems.take(range("/count", count, 1, 100, "instants"));
        let mut from = from.unwrap_or_else(|| self.clock.now());
        let bounds = [(0, "1970"), (7_258_118_400, "2200")];
        if from.timestamp() < bounds[0].0 || from.timestamp() >= bounds[1].0 {
            problems.push(FieldError::new("/from", "out_of_range", "must be from 1970 up to 2199"));
            // What else is wrong does not depend on it.
            from = self.clock.now();
        }
        if let Err(errors) = schedule.clone().validated("/schedule", from) {
            for error in errors {
                problems.push(error);
            }
        }
        problems.finish().map_err(Refusal::Invalid)?;
        let compiled = schedule.compile().map_err(Refusal::Invalid)?;
        Ok(Preview {
            description: compiled.describe(),
            time_zone: schedule.time_zone().to_owned(),
            upcoming: compiled.upcoming(from, from, usize::try_from(count).unwrap_or(1)),
        })
    }

    /// Stops the schedule of a job; its instants are recorded as Paused.
    pub async fn pause(&self, owner: UserId, job_id: JobId, reason: Option<String>) -> Result<Job, Refusal> {
        let reason = reason
            .map(|reason| block("/reason", reason.trim(), MAX_REASON))
            .transpose()
            .map_err(|error| Refusal::Invalid(vec![error]))?
            .filter(|reason| !reason.is_empty());
        Ok(self.store.pause(owner, job_id, owner, reason, self.clock.now()).await?)
    }

    /// Goes on.
    pub async fn resume(&self, owner: UserId, job_id: JobId) -> Result<Job, Refusal> {
        Ok(self.store.resume(owner, job_id, self.clock.now()).await?)
    }

    /// Makes runs for the instants of a past window.
    pub async fn backfill(
        &self,
        by: impl Into<Asker>,
        job_id: JobId,
        asked: BackfillRequest,
    ) -> Result<Backfilled, Refusal> {
        let by: Asker = by.into();
        let owner = by.user_id;
        let job = self.jobs_store.find(owner, job_id).await?;
        let now = self.clock.now();
        let mut problems = Problems::new();
        let Some(schedule) = &job.spec.schedule else {
            let message = "the job has no schedule, so no instants were planned; start runs by hand instead";
            return Err(Refusal::Invalid(vec![FieldError::new("/from", "no_schedule", message)]));
        };
        if asked.from > asked.to {
            problems.push(FieldError::new("/to", "out_of_range", "must not lie before from"));
        }
        if asked.to > now {
            problems.push(FieldError::new("/to", "out_of_range", "must not lie in the future"));
        }
        let most = i64::from(MAX_BACKFILL);
        let max = asked.max_runs.unwrap_or(most);
        problems.take(range("/max_runs", max, 1, most, "runs"));
        problems.finish().map_err(Refusal::Invalid)?;
        let compiled = schedule.compile().map_err(Refusal::Invalid)?;
        let anchor = job.scheduled_from.unwrap_or(job.created_at);
        let found = due::backfill(
            &compiled,
            anchor,
            asked.from,
            asked.to,
            usize::try_from(max).unwrap_or(1),
        );
        let mut done = Backfilled {
            planned: found.instants.len(),
            first_at: found.instants.first().copied(),
            last_at: found.instants.last().copied(),
            started: 0,
        };
        if !asked.dry_run && !found.instants.is_empty() {
            // Runs of the same instant of creation wait in the order of their ids: the oldest comes first.
            let mut ids: Vec<RunId> = found.instants.iter().map(|_| RunId::new(now, &*self.random)).collect();
            ids.sort_unstable();
            let run = |(at, run_id): (&Timestamp, RunId)| NewRun {
                run_id,
                trigger: RunTrigger {
                    kind: TriggerKind::Backfill,
                    planned_at: Some(*at),
                    ..RunTrigger::asked_by(by)
                },
                payload: None,
                claim: None,
            };
            let runs = found.instants.iter().zip(ids).map(run).collect();
            done.started = self.store.backfill(owner, job_id, runs, now).await?;
        }
        Ok(done)
    }

    /// A copy of a job, without its runs and its external id. It is paused where the original has a schedule, so that
    /// nothing happens twice before somebody looks at it.
    pub async fn duplicate(&self, owner: UserId, job_id: JobId) -> Result<Job, Refusal> {
        let job = self.jobs_store.find(owner, job_id).await?;
        let copy = self.jobs.copy(owner, &job).await?;
        if copy.spec.schedule.is_none() {
            return Ok(copy);
        }
        let reason = Some("a copy: resume it when it is as it should be".to_owned());
        match self.pause(owner, copy.job_id, reason).await {
            Err(Refusal::Store(StoreError::NotFound)) => Ok(copy),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests;
