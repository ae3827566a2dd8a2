//! Jobs: made, changed, started, cancelled.

use crate::{
    clock::{Clock, Random, Timestamp},
    error::{Refusal, StoreError},
    ids::{JobId, RunId, UserId},
    job::{Admission, Job, JobSpec, JobStatus, Payload, PayloadLimits},
    ports::{Dispatcher, JobStore, NewJob, NewRun, Planned, Reservation, RunHistory, Started, Timing, Vault},
    run::{Asker, Run, RunTrigger, TriggerKind},
    user::Word,
    validate::FieldError,
};
use std::sync::Arc;

/// The rules of jobs over their ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Jobs {
    pub store: Arc<dyn JobStore>,
    pub history: Arc<dyn RunHistory>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub dispatcher: Arc<dyn Dispatcher>,
    pub vault: Arc<dyn Vault>,
    pub payload_limits: PayloadLimits,
}

impl Jobs {
    /// Makes a job; with `run`, starts it at once.
    pub async fn create(&self, by: impl Into<Asker>, spec: JobSpec, run: bool) -> Result<Job, Refusal> {
        let asker = by.into();
        let owner = asker.user_id;
        let now = self.clock.now();
        let job_id = JobId::new(now, &*self.random);
        let place = run.then(|| self.dispatcher.reserve(1)).flatten();
        let new = self.new_job(asker, job_id, (spec, run), place.as_ref(), now)?;
        Ok(self.store.create(owner, new, now).await?)
    }

    /// Makes many jobs; those with `true` start at once. Answers in their order; a job that breaks rules keeps none of
    /// the others from being made.
    pub async fn create_many(&self, by: impl Into<Asker>, wanted: Vec<(JobSpec, bool)>) -> Vec<Result<Job, Refusal>> {
        let asker = by.into();
        let now = self.clock.now();
        // Jobs of one instant are listed by their ids: those that come first in the batch were made first.
        let mut ids: Vec<JobId> = wanted.iter().map(|_| JobId::new(now, &*self.random)).collect();
        ids.sort_unstable();
        let (mut answers, mut new) = (Vec::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
        for (one, job_id) in wanted.into_iter().zip(ids) {
            match self.new_job(asker, job_id, one, None, now) {
                Ok(job) => {
                    new.push(job);
                    answers.push(None);
                }
                Err(refusal) => answers.push(Some(refusal)),
            }
        }
        let mut made = self.store.create_many(asker.user_id, new, now).await.into_iter();
        let answer = |refused: Option<Refusal>| match refused {
            Some(refusal) => Err(refusal),
            None => match made.next() {
                Some(made) => made.map_err(Refusal::Store),
                None => Err(Refusal::Store(StoreError::Driver(
                    "a job was not answered for".to_owned(),
                ))),
            },
        };
        answers.into_iter().map(answer).collect()
    }

    fn new_job(
        &self,
        asker: Asker,
        job_id: JobId,
        (spec, run): (JobSpec, bool),
        place: Option<&Reservation>,
        now: Timestamp,
    ) -> Result<NewJob, Refusal> {
        let spec = self.checked(spec, job_id, None)?;
        let timing = timing(&spec, job_id, now)?;
        let run = run.then(|| self.new_run(RunTrigger::asked_by(asker), None, place));
        Ok(NewJob {
            job_id,
            spec,
            run,
            timing,
        })
    }

    /// Says what would be wrong with a new job, and makes none.
    pub fn rehearse(&self, spec: JobSpec) -> Result<(), Refusal> {
        let job_id = JobId::make(&*self.clock, &*self.random);
        self.checked(spec, job_id, None).map(drop)
    }

    /// Makes a copy of a job, without its runs and its external id.
    pub async fn copy(&self, owner: UserId, job: &Job) -> Result<Job, Refusal> {
        let now = self.clock.now();
        let job_id = JobId::new(now, &*self.random);
        let mut spec = JobSpec {
            job_name: format!("{} (copy)", job.spec.job_name).chars().take(200).collect(),
            external_id: None,
            ..job.spec.clone()
        };
        spec.executor = spec
            .executor
            .moved(&*self.vault, job.job_id, job_id)
            .map_err(|error| Refusal::Store(StoreError::Driver(error.to_string())))?;
        // An instant that has passed is not planned again.
        if let Some(schedule) = &spec.schedule
            && schedule.clone().validated("/schedule", now).is_err()
        {
            spec.schedule = None;
        }
        let timing = timing(&spec, job_id, now)?;
        let new = NewJob {
            job_id,
            spec,
            run: None,
            timing,
        };
        Ok(self.store.create(owner, new, now).await?)
    }

    /// Changes a job. `change` is applied to the job as it is; with `expected: None` it is applied again when somebody
    /// else was faster.
    pub async fn change(
        &self,
        owner: UserId,
        job_id: JobId,
        expected: Option<i64>,
        change: &(dyn Fn(JobSpec) -> Result<JobSpec, Vec<FieldError>> + Send + Sync),
    ) -> Result<Job, Refusal> {
        let mut tries = 0;
        loop {
            let job = self.store.find(owner, job_id).await?;
            if let Some(expected) = expected
                && expected != job.version
            {
                return Err(StoreError::VersionConflict { current: job.version }.into());
            }
            let changed = change(job.spec.clone()).map_err(Refusal::Invalid)?;
            let spec = self.checked(changed, job_id, Some(&job.spec))?;
            if spec == job.spec {
                return Ok(job);
            }
            let now = self.clock.now();
            let timing = (spec.schedule != job.spec.schedule || spec.executor.grace() != job.spec.executor.grace())
                .then(|| timing(&spec, job_id, now))
                .transpose()?;
            match self.store.update(owner, job_id, job.version, &spec, timing, now).await {
                Err(StoreError::VersionConflict { .. }) if expected.is_none() && tries < 5 => tries += 1,
                other => return Ok(other?),
            }
        }
    }

    /// Starts a run, if the overlap policy of the job allows it.
    pub async fn start(
        &self,
        by: impl Into<Asker>,
        job_id: JobId,
        payload: Option<Payload>,
    ) -> Result<(Job, Run), Refusal> {
        let asker = by.into();
        self.start_by(asker.user_id, job_id, RunTrigger::asked_by(asker), payload, None)
            .await
    }

    /// Starts a run for any reason. With a `run_id` of the caller's choice a run is started once, however often it is
    /// asked for, as long as one asks after the other.
    pub async fn start_by(
        &self,
        owner: UserId,
        job_id: JobId,
        trigger: RunTrigger,
        payload: Option<Payload>,
        run_id: Option<RunId>,
    ) -> Result<(Job, Run), Refusal> {
        let payload = payload
            .map(|payload| payload.within("/payload", self.payload_limits))
            .transpose()?;
        if let Some(run_id) = run_id {
            match self.history.find_run(owner, run_id).await {
                Ok(run) => return Ok((self.store.find(owner, job_id).await?, run)),
                Err(StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let place = self.dispatcher.reserve(1);
        let new = self.new_run(trigger, payload, place.as_ref());
        let new = NewRun {
            run_id: run_id.unwrap_or(new.run_id),
            ..new
        };
        match self.store.start(owner, job_id, new, self.clock.now()).await? {
            Started::Run { job, run } => Ok((*job, *run)),
            Started::Refused => Err(Refusal::OverlapSkipped),
        }
    }

    /// The documented `POST /run-job/{id}`: the caller says what the job should become.
    pub async fn become_status(
        &self,
        by: impl Into<Asker>,
        job_id: JobId,
        wanted: JobStatus,
        payload: Option<Payload>,
    ) -> Result<(Job, Run), Refusal> {
        let asker = by.into();
        let owner = asker.user_id;
        match wanted {
            JobStatus::Running => self.start(asker, job_id, payload).await,
            JobStatus::Cancelled => match self.store.cancel_active(owner, job_id, self.clock.now()).await? {
                Some(cancelled) => Ok(cancelled),
                None => Err(self.not_possible(owner, job_id, wanted).await?),
            },
            JobStatus::Pending | JobStatus::Completed | JobStatus::Failed => {
                Err(self.not_possible(owner, job_id, wanted).await?)
            }
        }
    }

    /// Cancels one run.
    pub async fn cancel_run(&self, owner: UserId, run_id: RunId) -> Result<Run, Refusal> {
        self.history
            .cancel_run(owner, run_id, self.clock.now())
            .await?
            .map_err(|error| Refusal::InvalidTransition {
                from: error.from.word().to_owned(),
                wanted: "Cancelled".to_owned(),
                allowed: Vec::new(),
            })
    }

    /// Runs again what has ended: a new run with the payload of the old one, which its trigger names.
    pub async fn retry(&self, by: impl Into<Asker>, run_id: RunId) -> Result<Run, Refusal> {
        let asker = by.into();
        let owner = asker.user_id;
        let old = self.history.find_run(owner, run_id).await?;
        if !old.status.is_final() {
            return Err(Refusal::InvalidTransition {
                from: old.status.word().to_owned(),
                wanted: "Queued".to_owned(),
                allowed: vec!["Cancelled".to_owned()],
            });
        }
        let trigger = RunTrigger {
            kind: TriggerKind::Retry,
            run_id: Some(run_id),
            ..RunTrigger::asked_by(asker)
        };
        let place = self.dispatcher.reserve(1);
        let new = self.new_run(trigger, old.payload, place.as_ref());
        match self.store.start(owner, old.job_id, new, self.clock.now()).await? {
            Started::Run { run, .. } => Ok(*run),
            Started::Refused => Err(Refusal::OverlapSkipped),
        }
    }

    async fn not_possible(&self, owner: UserId, job_id: JobId, wanted: JobStatus) -> Result<Refusal, Refusal> {
        let job = self.store.find(owner, job_id).await?;
        // With overlap other than `skip` a job that runs may be started once more.
        let starts = job.spec.overlap.admit(job.active_runs, job.spec.max_running) != Admission::Refuse;
        let allowed = [
            (JobStatus::Running, starts),
            (JobStatus::Cancelled, job.active_runs > 0),
        ];
        Ok(Refusal::InvalidTransition {
            from: job.status.word().to_owned(),
            wanted: wanted.word().to_owned(),
            allowed: allowed
                .iter()
                .filter(|(_, possible)| *possible)
                .map(|(status, _)| status.word().to_owned())
                .collect(),
        })
    }

    /// The spec in the form in which it may be stored: within its bounds, and its secrets sealed.
    fn checked(&self, spec: JobSpec, job_id: JobId, before: Option<&JobSpec>) -> Result<JobSpec, Refusal> {
        let mut spec = spec.validated().map_err(Refusal::Invalid)?;
        // A schedule that was right when it was made may lie in the past by now.
        if spec.schedule != before.and_then(|before| before.schedule.clone()) {
            spec.schedule = spec
                .schedule
                .map(|schedule| schedule.validated("/schedule", self.clock.now()))
                .transpose()
                .map_err(Refusal::Invalid)?;
        }
        spec.payload = spec
            .payload
            .map(|payload| payload.within("/payload", self.payload_limits))
            .transpose()?;
        spec.executor = spec
            .executor
            .sealed(&*self.vault, job_id, before.map(|before| &before.executor), "/executor")
            .map_err(Refusal::Invalid)?;
        Ok(spec)
    }

    fn new_run(&self, trigger: RunTrigger, payload: Option<Payload>, place: Option<&Reservation>) -> NewRun {
        NewRun {
            run_id: RunId::make(&*self.clock, &*self.random),
            trigger,
            payload,
            claim: place.map(|place| place.claim.clone()),
        }
    }
}

/// Where the schedule of a job stands that was made or changed now.
fn timing(spec: &JobSpec, job_id: JobId, now: Timestamp) -> Result<Timing, Refusal> {
    let Some(schedule) = &spec.schedule else {
        return Ok(Timing::default());
    };
    let compiled = schedule.compile().map_err(Refusal::Invalid)?;
    let seed = *job_id.as_uuid().as_bytes();
    Ok(Timing {
        scheduled_from: Some(now),
        next: compiled.next_after(now, now).map(|at| Planned {
            at,
            due_at: compiled.due_at(seed, at) + spec.executor.grace(),
        }),
    })
}

#[cfg(test)]
mod tests;
