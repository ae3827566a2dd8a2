//! How jobs and runs come into being: made one by one or many at once, and started in the same transaction where the node
//! that asks has a place for them.

use super::{
    Db, Tx, batch,
    claim::claimed,
    group::Group,
    jobs::{cancel_all, job_in, load},
};
use crate::{
    acting,
    error::Fault,
    key::Key,
    rows::{
        jobs::{NewJobRow, TagRow},
        naive,
        runs::{NewRunRow, Parent, RunRow},
    },
    transitions::{About, Batch, Facts, Kept, Lease},
};
use futures_util::FutureExt;
use scheduler_domain::{
    audit::Acting,
    clock::{Timestamp, random_bytes},
    error::StoreError,
    event::EventType,
    ids::{JobId, UserId},
    job::{Admission, Job, JobStatus, Overlap},
    ports::{NewJob, NewRun, Started},
    run::{Reason, RunStatus, Trigger},
    user::Word,
};
use std::sync::Arc;

/// A job to make.
#[derive(Clone)]
pub(crate) struct Birth {
    owner: UserId,
    new: NewJob,
    now: Timestamp,
    /// For whom: a group has many.
    acting: Option<Arc<Acting>>,
}

/// Jobs that are made at the same time, in one transaction.
pub(crate) type Births = Group<Birth, Job>;

impl Birth {
    /// About how many bytes it brings.
    pub(crate) fn size(&self) -> usize {
        let payload = self
            .new
            .spec
            .payload
            .as_ref()
            .map_or(0, |payload| payload.as_str().len());
        payload + self.new.spec.description.as_ref().map_or(0, String::len) + 1_000
    }
}

/// Makes a job, together with all others that are asked for while the last transaction commits.
pub(super) async fn create(db: &Db, owner: UserId, new: NewJob, now: Timestamp) -> Result<Job, StoreError> {
    let acting = acting::current();
    let birth = Birth {
        owner,
        new,
        now,
        acting,
    };
    db.births().submit(db.clone(), birth).await
}

/// Makes many jobs; they go into as few transactions as [`Group`] makes of them.
pub(super) async fn create_many(
    db: &Db,
    owner: UserId,
    new: Vec<NewJob>,
    now: Timestamp,
) -> Vec<Result<Job, StoreError>> {
    let acting = acting::current();
    let birth = |new| Birth {
        owner,
        new,
        now,
        acting: acting.clone(),
    };
    let births = new.into_iter().map(birth).collect();
    db.births().submit_all(db.clone(), births).await
}

/// Makes all of them, or none.
pub(crate) async fn create_all(db: &Db, births: Vec<Birth>) -> Result<Vec<Job>, StoreError> {
    db.write(births, |tx, births| create_in_tx(tx, births).boxed()).await
}

async fn create_in_tx(tx: &mut Tx, births: &[Birth]) -> Result<Vec<Job>, Fault> {
    let mut batch = Batch::default();
    let mut jobs = Vec::with_capacity(births.len());
    let mut started = Vec::new();
    for Birth {
        owner,
        new,
        now,
        acting,
    } in births
    {
        let (owner, now) = (*owner, *now);
        tx.effects.acting.clone_from(acting);
        let key = Key::from(new.job_id);
        let row = NewJobRow::new(new.job_id, owner, &new.spec, new.timing, now);
        let tags = new.spec.tags.iter().map(|tag| TagRow {
            created_by: owner.into(),
            tag: tag.clone(),
            job_id: key,
        });
        tx.effects.job_moved(owner, None, Some(JobStatus::Pending));
        tx.effects.of(owner).has_planned |= new.timing.next.is_some();
        tx.effects.notices_wanted(owner, &new.spec);
        tx.context().emit(
            EventType::JobCreated,
            now,
            About {
                job: &row.state,
                status: JobStatus::Pending,
                previous: None,
                run: None,
            },
        );
        batch.jobs.insert(key, Kept::new(row.state.clone()));
        batch.new_jobs.insert(key, (row, tags.collect()));
        let mut last_run = None;
        if let Some(run) = &new.run {
            let queued = add_run(tx, &mut batch, key, run, true, now)?;
            last_run = Some(queued.summary()?);
            if start_at_once(tx, &mut batch, run, now)? {
                let payload = new.spec.payload.as_ref().map(|payload| payload.as_str().to_owned());
                started.push((Key::from(run.run_id), payload));
            }
        }
        jobs.push(Job {
            job_id: new.job_id,
            spec: new.spec.clone(),
            status: JobStatus::Pending,
            completed_at: None,
            created_by: owner,
            created_at: now,
            updated_at: now,
            next_run_at: new.timing.next.map(|next| next.at),
            scheduled_from: new.timing.scheduled_from,
            paused_at: None,
            pause_reason: None,
            paused_by: None,
            version: 1,
            active_runs: u32::from(new.run.is_some()),
            last_run,
        });
    }
    let batch = batch::save(tx, batch).await?;
    hand_over(tx, &batch, started)?;
    Ok(jobs)
}

/// Adds a run to a job that is locked or new. It is written when the batch is saved.
pub(super) fn add_run(
    tx: &mut Tx,
    batch: &mut Batch,
    key: Key,
    new: &NewRun,
    claimable: bool,
    now: Timestamp,
) -> Result<RunRow, Fault> {
    let job = &mut batch.jobs.get_mut(&key).ok_or(StoreError::NotFound)?.now;
    let owner = UserId::from(job.created_by);
    let (before, after) = (job.status()?, RunStatus::Queued.job_status());
    job.last_run_id = Some(new.run_id.into());
    job.active_runs += 1;
    job.waiting_runs += i32::from(!claimable);
    after.word().clone_into(&mut job.status);
    if before != after {
        tx.effects.job_moved(owner, Some(before), Some(after));
    }
    let parent = Parent {
        job_id: job.job_id.into(),
        job_name: &job.job_name,
        owner,
        max_attempts: job.retry()?.max_attempts,
        queue: job.queue()?,
    };
    let NewRunRow { mut row, payload } = NewRunRow::new(new, parent, naive(now));
    if claimable {
        row.make_claimable(job.claim_key(now)?, &mut tx.effects);
    }
    let about = About {
        job,
        status: after,
        previous: Some(before),
        run: Some(row.summary()?.summary()),
    };
    tx.context().emit(EventType::RunQueued, now, about);
    batch.new_runs.insert(row.run_id, payload);
    batch.runs.insert(row.run_id, Kept::new(row.clone()));
    Ok(row)
}

/// Starts a new run on the node that made it, if that has a place for it and the run need not wait.
pub(super) fn start_at_once(tx: &mut Tx, batch: &mut Batch, new: &NewRun, now: Timestamp) -> Result<bool, Fault> {
    let key = Key::from(new.run_id);
    let claimable = batch.runs.get(&key).is_some_and(|run| run.now.claim_key.is_some());
    let Some(claim) = new.claim.as_ref().filter(|_| claimable) else {
        return Ok(false);
    };
    let lease = Lease {
        token: Key(random_bytes(tx.random())),
        until: naive(claim.lease_until),
        node: Some(claim.node.into()),
    };
    let facts = Facts {
        lease: Some(lease),
        ..Facts::default()
    };
    let stepped = batch.step(&mut tx.context(), key, Trigger::Claim, now, facts)?;
    stepped.map_err(|error| StoreError::Driver(error.to_string()))?;
    // It waits for nobody: the claimer need not look for it.
    if let Some(run) = batch.runs.get(&key) {
        tx.effects.of(run.now.user_id.into()).claimable -= 1;
    }
    Ok(true)
}

/// Tells the listener, after the commit, what this node carries out now. With each run comes the payload of its job.
pub(super) fn hand_over(tx: &mut Tx, batch: &Batch, started: Vec<(Key, Option<String>)>) -> Result<(), Fault> {
    for (key, of_job) in started {
        let own = batch.new_runs.get(&key).cloned().flatten();
        if let Some(run) = claimed(batch, key, own.or(of_job))? {
            tx.effects.of(run.run.user_id).claimed.push(run);
        }
    }
    Ok(())
}

/// Asks for a run. `None`, and nothing is done, where runs under way would be replaced: they are locked before their job,
/// by [`replace_in_tx`].
pub(super) async fn start_in_tx(
    tx: &mut Tx,
    owner: UserId,
    job_id: JobId,
    new: &NewRun,
    now: Timestamp,
) -> Result<Option<Started>, Fault> {
    let (job, batch) = batch::whole_job(&mut tx.conn, owner, job_id.into()).await?;
    if job.spec.overlap == Overlap::CancelRunning && job.active_runs > 0 {
        return Ok(None);
    }
    admit(tx, job, batch, new, now).await.map(Some)
}

/// Asks for a run in the place of those under way.
pub(super) async fn replace_in_tx(
    tx: &mut Tx,
    owner: UserId,
    job_id: JobId,
    new: &NewRun,
    now: Timestamp,
) -> Result<Started, Fault> {
    let batch = batch::job_of(&mut tx.conn, owner, job_id.into(), true).await?;
    let (job, _) = load(&mut tx.conn, owner, job_id.into()).await?;
    admit(tx, job, batch, new, now).await
}

/// Does what the overlap policy says of one more run of a job that is locked.
async fn admit(tx: &mut Tx, mut job: Job, mut batch: Batch, new: &NewRun, now: Timestamp) -> Result<Started, Fault> {
    let key = Key::from(job.job_id);
    let state = job_in(&batch, key)?;
    let active = state.place().count("active_runs", state.active_runs)?;
    let claimable = match job.spec.overlap.admit(active, job.spec.max_running) {
        Admission::Refuse => return Ok(Started::Refused),
        Admission::Wait => false,
        Admission::Start => true,
        // Behind a worker that was asked to stop, the new run waits until it has.
        Admission::CancelOthersAndStart => cancel_all(tx, &mut batch, Reason::Replaced, now)?,
    };
    let queued = add_run(tx, &mut batch, key, new, claimable, now)?;
    // The answer says what was asked for: a run that is queued. That it has started is the next event.
    let after = job_in(&batch, key)?;
    job.status = JobStatus::Pending;
    job.active_runs = after.place().count("active_runs", after.active_runs)?;
    let mut run = queued.summary()?;
    job.last_run = Some(run.clone());
    run.payload = new.payload.clone().or_else(|| job.spec.payload.clone());
    let of_job = job.spec.payload.as_ref().map(|payload| payload.as_str().to_owned());
    let started = start_at_once(tx, &mut batch, new, now)?;
    let batch = batch::save(tx, batch).await?;
    if started {
        hand_over(tx, &batch, vec![(new.run_id.into(), of_job)])?;
    }
    Ok(Started::Run {
        job: Box::new(job),
        run: Box::new(run),
    })
}
