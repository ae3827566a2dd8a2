//! [`ScheduleStore`]: pauses, backfills, the ledger. What comes due is in `fire.rs`.

use super::{
    Conn, Db, Tx, batch, births, dialect, fire,
    history::owns,
    jobs::{cancel_all, job_in, load},
    ping,
    statement::Ids,
};
use crate::{
    error::Fault,
    key::Key,
    paging::{last_time, time_key},
    rows::{instant, naive, occurrences::OccurrenceRow},
    schema::{jobs, occurrences, runs},
    transitions::About,
    value::Value,
};
use async_trait::async_trait;
use diesel::{dsl::min, prelude::*};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    audit::Changes,
    clock::Timestamp,
    error::StoreError,
    event::EventType,
    ids::{JobId, UserId},
    job::{Admission, Job},
    occurrence::Occurrence,
    page::{Limit, Page, PageKey},
    ports::{Claim, Fired, NewRun, Pinged, ScheduleStore},
    run::{Reason, RunStatus},
    user::Word,
};
use std::collections::HashSet;

async fn next_due_at(conn: &mut Conn) -> Result<Option<Timestamp>, Fault> {
    let at = jobs::table
        .filter(jobs::due_at.is_not_null())
        .select(min(jobs::due_at))
        .first(conn)
        .await?;
    Ok(Option::map(at, instant))
}

/// A job that runs next.
type Next = (JobId, String, Timestamp);

async fn upcoming(conn: &mut Conn, owner: UserId, until: Timestamp, most: u32) -> Result<Vec<Next>, Fault> {
    let rows: Vec<(Key, String, chrono::NaiveDateTime)> = jobs::table
        .filter(
            jobs::created_by
                .eq(Key::from(owner))
                .and(jobs::next_run_at.is_not_null()),
        )
        .filter(jobs::next_run_at.le(naive(until)).and(jobs::paused_at.is_null()))
        .order((jobs::next_run_at, jobs::job_id))
        .limit(i64::from(most))
        .select((jobs::job_id, jobs::job_name, jobs::next_run_at.assume_not_null()))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(key, name, at)| (key.into(), name, instant(at)))
        .collect())
}

/// Pauses (`Some`) or resumes a schedule, unless it is so already.
async fn set_pause(
    tx: &mut Tx,
    owner: UserId,
    job_id: JobId,
    pause: Option<&(UserId, Option<String>)>,
    now: Timestamp,
) -> Result<Job, Fault> {
    let key = Key::from(job_id);
    let batch = batch::job_of(&mut tx.conn, owner, key, false).await?;
    let (job, _) = load(&mut tx.conn, owner, key).await?;
    if job.paused_at.is_some() == pause.is_some() {
        return Ok(job);
    }
    diesel::update(jobs::table.filter(jobs::job_id.eq(key)))
        .set((
            jobs::paused_at.eq(pause.map(|_| naive(now))),
            jobs::paused_by.eq(pause.map(|(by, _)| Key::from(*by))),
            jobs::pause_reason.eq(pause.and_then(|(_, reason)| reason.clone())),
            jobs::updated_at.eq(naive(now)),
            jobs::version.eq(jobs::version + 1),
        ))
        .execute(&mut tx.conn)
        .await?;
    let state = job_in(&batch, key)?;
    let about = About {
        job: state,
        status: state.status()?,
        previous: None,
        run: None,
    };
    let kind = if pause.is_some() {
        EventType::JobPaused
    } else {
        EventType::JobResumed
    };
    tx.context().emit(kind, now, about);
    if let Some((_, Some(reason))) = pause {
        tx.effects
            .explain(Changes::one("pause_reason", serde_json::Value::Null, reason.as_str()));
    }
    Ok(load(&mut tx.conn, owner, key).await?.0)
}

async fn occurrences_page(
    conn: &mut Conn,
    owner: UserId,
    job_id: JobId,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<Occurrence>, Fault> {
    owns(conn, owner, job_id).await?;
    let along = dialect::along("idx_occurrences_instant");
    let mut ids = Ids::select(format!("SELECT occurrence_id FROM occurrences{along} WHERE job_id = "))
        .bind(Value::Key(Some(job_id.into())));
    // No two rows of a job have the same instant, so the instant alone says where to go on.
    if let Some((at, _)) = last_time(after) {
        ids = ids.sql(" AND planned_at < ").bind(Value::from(at));
    }
    let ids = ids
        .sql(" ORDER BY planned_at DESC LIMIT ")
        .bind(Value::Big(Some(i64::from(limit.get()) + 1)))
        .load(conn)
        .await?;
    let mut rows: Vec<OccurrenceRow> = occurrences::table
        .filter(occurrences::occurrence_id.eq_any(&ids))
        .select(OccurrenceRow::as_select())
        .load(conn)
        .await?;
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.planned_at));
    let rows = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<Occurrence>, StoreError>>()?;
    Ok(Page::from_rows(rows, limit, |row| {
        time_key(naive(row.planned_at), row.occurrence_id)
    }))
}

async fn backfill_in_tx(
    tx: &mut Tx,
    owner: UserId,
    job_id: JobId,
    asked: &[NewRun],
    now: Timestamp,
) -> Result<u32, Fault> {
    let key = Key::from(job_id);
    let mut batch = batch::job_of(&mut tx.conn, owner, key, true).await?;
    let planned: Vec<_> = asked
        .iter()
        .filter_map(|run| run.trigger.planned_at.map(naive))
        .collect();
    let ran: Vec<chrono::NaiveDateTime> = occurrences::table
        .filter(occurrences::job_id.eq(key).and(occurrences::run_id.is_not_null()))
        .filter(occurrences::planned_at.eq_any(&planned))
        .select(occurrences::planned_at)
        .load(&mut tx.conn)
        .await?;
    let made: Vec<Option<chrono::NaiveDateTime>> = runs::table
        .filter(runs::job_id.eq(key).and(runs::planned_at.eq_any(&planned)))
        .filter(runs::status.ne(RunStatus::Cancelled.word()))
        .select(runs::planned_at)
        .load(&mut tx.conn)
        .await?;
    let ran: HashSet<_> = ran.into_iter().chain(made.into_iter().flatten()).collect();
    let mut started = 0;
    for run in asked {
        if run.trigger.planned_at.is_some_and(|at| ran.contains(&naive(at))) {
            continue;
        }
        let job = job_in(&batch, key)?;
        let active = job.place().count("active_runs", job.active_runs)?;
        let claimable = match job.overlap()?.admit(active, job.max_running()?) {
            Admission::Refuse => break,
            Admission::Wait => false,
            Admission::Start => true,
            Admission::CancelOthersAndStart => cancel_all(tx, &mut batch, Reason::Replaced, now)?,
        };
        births::add_run(tx, &mut batch, key, run, claimable, now)?;
        started += 1;
    }
    batch::save(tx, batch).await?;
    Ok(started)
}

#[async_trait]
impl ScheduleStore for Db {
    async fn fire_due(&self, now: Timestamp, batch: u32, claim: Option<Claim>) -> Result<Fired, StoreError> {
        let fire = |careful| {
            self.write(
                (now, batch, claim.clone(), careful),
                |tx, (now, batch, claim, careful)| fire::fire_in_tx(tx, *now, *batch, claim.as_ref(), *careful).boxed(),
            )
        };
        match fire(false).await {
            // One job must not stop all the others.
            Err(StoreError::Taken(_)) => {
                tracing::warn!("a planned instant was in the ledger already; did a clock jump?");
                fire(true).await
            }
            other => other,
        }
    }

    async fn next_due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read((), |conn, ()| next_due_at(conn).boxed()).await
    }

    async fn upcoming(
        &self,
        owner: UserId,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<(JobId, String, Timestamp)>, StoreError> {
        self.read((owner, until, most), |conn, (owner, until, most)| {
            upcoming(conn, *owner, *until, *most).boxed()
        })
        .await
    }

    async fn ping(&self, owner: UserId, job_id: JobId, now: Timestamp) -> Result<Pinged, StoreError> {
        self.write((owner, job_id, now), |tx, (owner, job_id, now)| {
            ping::ping_in_tx(tx, *owner, *job_id, *now).boxed()
        })
        .await
    }

    async fn pause(
        &self,
        owner: UserId,
        job_id: JobId,
        by: UserId,
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<Job, StoreError> {
        self.write((owner, job_id, (by, reason), now), |tx, (owner, job_id, pause, now)| {
            set_pause(tx, *owner, *job_id, Some(pause), *now).boxed()
        })
        .await
    }

    async fn resume(&self, owner: UserId, job_id: JobId, now: Timestamp) -> Result<Job, StoreError> {
        self.write((owner, job_id, now), |tx, (owner, job_id, now)| {
            set_pause(tx, *owner, *job_id, None, *now).boxed()
        })
        .await
    }

    async fn occurrences<'a>(
        &self,
        owner: UserId,
        job_id: JobId,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Occurrence>, StoreError> {
        self.read(
            (owner, job_id, after.cloned(), limit),
            |conn, (owner, job_id, after, limit)| {
                occurrences_page(conn, *owner, *job_id, after.as_ref(), *limit).boxed()
            },
        )
        .await
    }

    async fn backfill(
        &self,
        owner: UserId,
        job_id: JobId,
        runs: Vec<NewRun>,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        self.write((owner, job_id, runs, now), |tx, (owner, job_id, runs, now)| {
            backfill_in_tx(tx, *owner, *job_id, runs, *now).boxed()
        })
        .await
    }
}
