//! [`WorkerQueue`]: runs that outside programs claim, keep alive and end.

mod claim;
mod limits;

use super::{Conn, Db, Tx, batch, dialect};
use crate::{
    error::Fault,
    key::Key,
    rows::{instant, naive, runs::RunRow},
    schema::{events, jobs, runs},
    transitions::{About, Facts},
};
use async_trait::async_trait;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::EventType,
    ids::{RunId, UserId},
    ports::{Beat, Beaten, Finish, Held, Queue, WorkerClaim, WorkerQueue, WorkerRun},
    run::{Run, RunStatus},
    user::Word,
};

/// A run has at most one stored `run.progress` in this time.
const PROGRESS_EVERY: TimeDelta = TimeDelta::seconds(1);
/// So many of a job's newest events are looked through for the last `run.progress` of a run.
const LOOK_BACK: i64 = 20;

async fn knows(conn: &mut Conn, owner: UserId, run_id: RunId) -> Result<(), Fault> {
    let _: Key = runs::table
        .inner_join(jobs::table.on(jobs::job_id.eq(runs::job_id)))
        .filter(
            runs::run_id
                .eq(Key::from(run_id))
                .and(runs::user_id.eq(Key::from(owner))),
        )
        .filter(jobs::deleted_at.is_null())
        .select(runs::run_id)
        .first(conn)
        .await?;
    Ok(())
}

/// The run of an attempt, locked, with the lines and bytes of its log. For a run that is not the owner's `NotFound`; for
/// a lease that is not the present one, or none of a worker, `LeaseLost`.
pub(super) async fn held(conn: &mut Conn, held: Held) -> Result<(RunRow, i32, i32), Fault> {
    let row = runs::table
        .filter(
            runs::run_id
                .eq(Key::from(held.run_id))
                .and(runs::user_id.eq(Key::from(held.owner))),
        )
        .select((RunRow::as_select(), runs::log_lines, runs::log_bytes));
    let found: Vec<(RunRow, i32, i32)> = dialect::locked!(row).load(conn).await?;
    let holds = |run: &RunRow| run.lease_token == Some(Key(held.lease.0)) && run.queue.is_some();
    match found.into_iter().next() {
        Some(found) if holds(&found.0) => Ok(found),
        Some(_) => {
            // The runs of a deleted job are not found any more.
            knows(conn, held.owner, held.run_id).await?;
            Err(StoreError::LeaseLost.into())
        }
        None => Err(StoreError::NotFound.into()),
    }
}

#[derive(AsChangeset)]
#[diesel(table_name = runs)]
struct BeatRow {
    lease_until: Option<NaiveDateTime>,
    progress: Option<i32>,
    progress_message: Option<Option<String>>,
}

async fn heartbeat_in_tx(tx: &mut Tx, attempt: Held, beat: &Beat, now: Timestamp) -> Result<Beaten, Fault> {
    let (run, ..) = held(&mut tx.conn, attempt).await?;
    if run.timeout_at.is_some_and(|at| at <= naive(now)) {
        return Err(StoreError::LeaseLost.into());
    }
    let asked = now + TimeDelta::seconds(run.lease_seconds.unwrap_or(30).into());
    let until = run.timeout_at.map_or(naive(asked), |at| at.min(naive(asked)));
    let progress = beat.progress.map(i32::from);
    let message = beat
        .message
        .as_ref()
        .map(|text| (!text.is_empty()).then(|| text.clone()));
    let is_news = progress.is_some_and(|progress| run.progress != Some(progress))
        || message.as_ref().is_some_and(|text| run.progress_message != *text);
    let row = BeatRow {
        lease_until: Some(until),
        progress,
        progress_message: message,
    };
    let is_held = runs::run_id
        .eq(run.run_id)
        .and(runs::user_id.eq(run.user_id))
        .and(runs::lease_token.eq(Key(attempt.lease.0)))
        .and(runs::status.eq(RunStatus::Running.word()));
    let extended = diesel::update(runs::table.filter(is_held))
        .set(&row)
        .execute(&mut tx.conn)
        .await?;
    if extended == 0 {
        return Err(StoreError::LeaseLost.into());
    }
    let beaten = Beaten {
        lease_until: instant(until),
        cancel_requested: run.cancel_requested_at.is_some(),
    };
    if is_news && !told_lately(&mut tx.conn, &run, now).await? {
        let run = RunRow {
            progress: row.progress.or(run.progress),
            progress_message: row.progress_message.unwrap_or_else(|| run.progress_message.clone()),
            ..run
        };
        tell(tx, run, EventType::RunProgress, now).await?;
    }
    Ok(beaten)
}

/// Whether a `run.progress` of this run was stored a moment ago.
async fn told_lately(conn: &mut Conn, run: &RunRow, now: Timestamp) -> Result<bool, Fault> {
    let newest: Vec<(String, Option<Key>, NaiveDateTime)> = events::table
        .filter(events::job_id.eq(run.job_id))
        .order(events::seq.desc())
        .limit(LOOK_BACK)
        .select((events::kind, events::run_id, events::occurred_at))
        .load(conn)
        .await?;
    let since = naive(now - PROGRESS_EVERY);
    Ok(newest
        .into_iter()
        .any(|(kind, run_id, at)| kind == EventType::RunProgress.word() && run_id == Some(run.run_id) && at > since))
}

/// Notes an event about a run that is locked and goes on.
async fn tell(tx: &mut Tx, run: RunRow, kind: EventType, now: Timestamp) -> Result<(), Fault> {
    let batch = batch::with_jobs(&mut tx.conn, vec![run]).await?;
    for (run, job) in batch.runs.values().zip(batch.jobs.values()) {
        let about = About {
            job: &job.now,
            status: job.now.status()?,
            previous: None,
            run: Some(run.now.summary()?.summary()),
        };
        tx.context().emit(kind, now, about);
    }
    Ok(())
}

async fn finish_in_tx(tx: &mut Tx, owner: UserId, finish: &Finish) -> Result<Run, Fault> {
    let attempt = Held {
        owner,
        run_id: finish.run_id,
        lease: finish.lease,
    };
    let (run, ..) = held(&mut tx.conn, attempt).await?;
    let (key, queue) = (run.run_id, run.queue.clone());
    let mut batch = batch::with_jobs(&mut tx.conn, vec![run]).await?;
    let facts = Facts {
        lease: None,
        result: finish.result.clone(),
        error: finish.error.clone(),
    };
    let stepped = batch.step(&mut tx.context(), key, finish.trigger, finish.at, facts)?;
    stepped.map_err(|_| StoreError::LeaseLost)?;
    if let Some(queue) = queue
        && limits::limit_of(&mut tx.conn, owner.into(), &queue).await?.is_some()
    {
        // There is room for another one of them.
        tx.effects.worker_claimable(owner, &queue);
    }
    let batch = batch::save(tx, batch).await?;
    let run = batch.runs.get(&key).ok_or(StoreError::NotFound)?;
    Ok(run.now.summary()?)
}

#[async_trait]
impl WorkerQueue for Db {
    async fn claim(&self, claim: &WorkerClaim) -> Result<Vec<WorkerRun>, StoreError> {
        // Most questions find nothing: that needs no transaction that writes.
        if self.claimable(claim.owner, &claim.queues).await?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(claim.clone(), |tx, claim| claim::claim_in_tx(tx, claim).boxed())
            .await
    }

    async fn claimable(&self, owner: UserId, queues: &[String]) -> Result<Vec<String>, StoreError> {
        self.read((owner, queues.to_vec()), |conn, (owner, queues)| {
            claim::claimable(conn, *owner, queues).boxed()
        })
        .await
    }

    async fn knows(&self, owner: UserId, run_id: RunId) -> Result<(), StoreError> {
        self.read((owner, run_id), |conn, (owner, run_id)| {
            knows(conn, *owner, *run_id).boxed()
        })
        .await
    }

    async fn heartbeat(&self, held: Held, beat: &Beat, now: Timestamp) -> Result<Beaten, StoreError> {
        self.write((held, beat.clone(), now), |tx, (held, beat, now)| {
            heartbeat_in_tx(tx, *held, beat, *now).boxed()
        })
        .await
    }

    async fn finish(&self, owner: UserId, finish: Finish) -> Result<Run, StoreError> {
        self.write((owner, finish), |tx, (owner, finish)| {
            finish_in_tx(tx, *owner, finish).boxed()
        })
        .await
    }

    async fn queues(&self, owner: UserId) -> Result<Vec<Queue>, StoreError> {
        self.read(owner, |conn, owner| limits::queues(conn, *owner).boxed())
            .await
    }

    async fn limit(
        &self,
        owner: UserId,
        queue: &str,
        max_running: Option<u32>,
        now: Timestamp,
    ) -> Result<Queue, StoreError> {
        self.write(
            (owner, queue.to_owned(), max_running, now),
            |tx, (owner, queue, max, now)| limits::limit_in_tx(tx, *owner, queue, *max, *now).boxed(),
        )
        .await
    }
}
