//! [`JobStore`]: jobs, made, changed, started, cancelled.

use super::{Conn, Db, Tx, batch, births, insert::insert, job_list, keys_in::keys_in};
use crate::{
    error::Fault,
    key::Key,
    rows::{
        jobs::{JobRow, JobState, SpecRow, TagRow},
        naive,
        runs::RunRow,
    },
    schema::{job_tags, jobs, runs, user_streams},
    transitions::{About, Batch},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    audit::job_changes,
    clock::Timestamp,
    error::StoreError,
    event::EventType,
    ids::{JobId, UserId},
    job::{Job, JobSpec},
    page::{Limit, Page, PageKey},
    ports::{JobFilter, JobSort, JobStore, NewJob, NewRun, Started, Timing},
    run::{Reason, Run},
    stats::JobCounts,
};

/// The job with its latest run, in one round trip.
pub(super) async fn load(conn: &mut Conn, owner: UserId, job_id: Key) -> Result<(Job, Option<RunRow>), Fault> {
    let (job, run): (JobRow, Option<RunRow>) = jobs::table
        .left_join(runs::table.on(jobs::last_run_id.eq(runs::run_id.nullable())))
        .filter(jobs::job_id.eq(job_id).and(jobs::created_by.eq(Key::from(owner))))
        .filter(jobs::deleted_at.is_null())
        .select((JobRow::as_select(), Option::<RunRow>::as_select()))
        .first(conn)
        .await?;
    Ok((job.into_job(run.as_ref())?, run))
}

async fn id_of_external(conn: &mut Conn, owner: UserId, external_id: &str) -> Result<JobId, Fault> {
    // A job that is deleted has no external id any more.
    let key: Key = jobs::table
        .filter(
            jobs::created_by
                .eq(Key::from(owner))
                .and(jobs::external_id.eq(external_id)),
        )
        .select(jobs::job_id)
        .first(conn)
        .await?;
    Ok(key.into())
}

async fn known(conn: &mut Conn, owner: UserId, job_ids: &[JobId]) -> Result<Vec<JobId>, Fault> {
    let keys: Vec<Key> = job_ids.iter().map(|id| Key::from(*id)).collect();
    let found: Vec<Key> = jobs::table
        .filter(keys_in("jobs.job_id", &keys))
        .filter(jobs::created_by.eq(Key::from(owner)).and(jobs::deleted_at.is_null()))
        .select(jobs::job_id)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(Into::into).collect())
}

async fn write_tags(tx: &mut Tx, owner: UserId, job_id: Key, tags: &[String]) -> Result<(), Fault> {
    let row = |tag: &String| TagRow {
        created_by: owner.into(),
        tag: tag.clone(),
        job_id,
    };
    let rows: Vec<TagRow> = tags.iter().map(row).collect();
    insert(&mut tx.conn, rows).await
}

async fn update_in_tx(
    tx: &mut Tx,
    owner: UserId,
    job_id: JobId,
    expected: i64,
    spec: &JobSpec,
    timing: Option<Timing>,
    now: Timestamp,
) -> Result<Job, Fault> {
    let key = Key::from(job_id);
    let batch = batch::job_of(&mut tx.conn, owner, key, false).await?;
    let job = job_in(&batch, key)?;
    check_version(job, Some(expected))?;
    // Read for the audit log alone, so only where there is somebody to write down.
    let before = match tx.effects.acting {
        Some(_) => Some(load(&mut tx.conn, owner, key).await?.0.spec),
        None => None,
    };
    diesel::update(jobs::table.filter(jobs::job_id.eq(key).and(jobs::version.eq(expected))))
        .set(SpecRow::new(spec, expected + 1, now))
        .execute(&mut tx.conn)
        .await
        .map_err(|error| Fault::from(error).taken("idx_jobs_external_id", "jobs.external_id", "external_id"))?;
    if let Some(timing) = timing {
        tx.effects.of(owner).has_planned |= timing.next.is_some();
        diesel::update(jobs::table.filter(jobs::job_id.eq(key)))
            .set((
                jobs::scheduled_from.eq(timing.scheduled_from.map(naive)),
                jobs::next_run_at.eq(timing.next.map(|next| naive(next.at))),
                jobs::due_at.eq(timing.next.map(|next| naive(next.due_at))),
            ))
            .execute(&mut tx.conn)
            .await?;
    }
    diesel::delete(job_tags::table.filter(job_tags::job_id.eq(key)))
        .execute(&mut tx.conn)
        .await?;
    write_tags(tx, owner, key, &spec.tags).await?;
    tx.effects.notices_wanted(owner, spec);
    let job = JobState {
        job_name: spec.job_name.clone(),
        ..job.clone()
    };
    let status = job.status()?;
    tx.context().emit(
        EventType::JobUpdated,
        now,
        About {
            job: &job,
            status,
            previous: None,
            run: None,
        },
    );
    if let Some(before) = before {
        tx.effects.explain(job_changes(&before, spec));
    }
    Ok(load(&mut tx.conn, owner, key).await?.0)
}

pub(super) fn job_in(batch: &Batch, key: Key) -> Result<&JobState, StoreError> {
    batch.jobs.get(&key).map(|job| &job.now).ok_or(StoreError::NotFound)
}

fn check_version(job: &JobState, expected: Option<i64>) -> Result<(), StoreError> {
    match expected {
        Some(expected) if expected != job.version => Err(StoreError::VersionConflict { current: job.version }),
        _ => Ok(()),
    }
}

/// Cancels every run of the batch that has not ended; answers whether none is left: what workers carry out is only asked
/// to stop.
pub(super) fn cancel_all(tx: &mut Tx, batch: &mut Batch, reason: Reason, now: Timestamp) -> Result<bool, Fault> {
    let keys: Vec<Key> = batch.runs.keys().copied().collect();
    let mut none_left = true;
    for key in keys {
        // A run that ended before it was locked stays as it is.
        none_left &= batch.cancel(&mut tx.context(), key, reason, now)?.unwrap_or(true);
    }
    Ok(none_left)
}

async fn delete_in_tx(
    tx: &mut Tx,
    owner: UserId,
    job_id: JobId,
    expected: Option<i64>,
    now: Timestamp,
) -> Result<(), Fault> {
    let key = Key::from(job_id);
    let mut batch = batch::job_of(&mut tx.conn, owner, key, true).await?;
    check_version(job_in(&batch, key)?, expected)?;
    cancel_all(tx, &mut batch, Reason::JobDeleted, now)?;
    let batch = batch::save(tx, batch).await?;
    let job = job_in(&batch, key)?;
    let status = job.status()?;
    tx.context().emit(
        EventType::JobDeleted,
        now,
        About {
            job,
            status,
            previous: None,
            run: None,
        },
    );
    tx.effects.job_moved(owner, Some(status), None);
    diesel::update(jobs::table.filter(jobs::job_id.eq(key)))
        .set((
            jobs::deleted_at.eq(naive(now)),
            jobs::external_id.eq(None::<String>),
            jobs::next_run_at.eq(None::<chrono::NaiveDateTime>),
            jobs::due_at.eq(None::<chrono::NaiveDateTime>),
            jobs::updated_at.eq(naive(now)),
            jobs::version.eq(jobs::version + 1),
        ))
        .execute(&mut tx.conn)
        .await?;
    diesel::delete(job_tags::table.filter(job_tags::job_id.eq(key)))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn counts(conn: &mut Conn, owner: UserId) -> Result<JobCounts, Fault> {
    let (pending, running, completed, failed, cancelled) = user_streams::table
        .find(Key::from(owner))
        .select((
            user_streams::jobs_pending,
            user_streams::jobs_running,
            user_streams::jobs_completed,
            user_streams::jobs_failed,
            user_streams::jobs_cancelled,
        ))
        .first(conn)
        .await?;
    Ok(JobCounts {
        pending,
        running,
        completed,
        failed,
        cancelled,
    })
}

async fn cancel_active_in_tx(
    tx: &mut Tx,
    owner: UserId,
    job_id: JobId,
    now: Timestamp,
) -> Result<Option<(Job, Run)>, Fault> {
    let key = Key::from(job_id);
    let mut batch = batch::job_of(&mut tx.conn, owner, key, true).await?;
    let active: Vec<Key> = batch
        .runs
        .values()
        .filter(|run| run.now.active_job_id.is_some())
        .map(|run| run.now.run_id)
        .collect();
    let Some(latest) = active.last().copied() else {
        return Ok(None);
    };
    cancel_all(tx, &mut batch, Reason::CancelledByUser, now)?;
    let batch = batch::save(tx, batch).await?;
    let run = batch.runs.get(&latest).ok_or(StoreError::NotFound)?.now.summary()?;
    Ok(Some((load(&mut tx.conn, owner, key).await?.0, run)))
}

#[async_trait]
impl JobStore for Db {
    async fn create(&self, owner: UserId, new: NewJob, now: Timestamp) -> Result<Job, StoreError> {
        births::create(self, owner, new, now).await
    }

    async fn create_many(&self, owner: UserId, new: Vec<NewJob>, now: Timestamp) -> Vec<Result<Job, StoreError>> {
        births::create_many(self, owner, new, now).await
    }

    async fn id_of_external<'a>(&self, owner: UserId, external_id: &'a str) -> Result<JobId, StoreError> {
        self.read((owner, external_id.to_owned()), |conn, (owner, external_id)| {
            id_of_external(conn, *owner, external_id).boxed()
        })
        .await
    }

    async fn known(&self, owner: UserId, job_ids: &[JobId]) -> Result<Vec<JobId>, StoreError> {
        self.read((owner, job_ids.to_vec()), |conn, (owner, job_ids)| {
            known(conn, *owner, job_ids).boxed()
        })
        .await
    }

    async fn count_matching<'a>(&self, owner: UserId, filter: &'a JobFilter, most: u32) -> Result<u32, StoreError> {
        self.read((owner, filter.clone(), most), |conn, (owner, filter, most)| {
            job_list::count(conn, *owner, filter, *most).boxed()
        })
        .await
    }

    async fn find(&self, owner: UserId, job_id: JobId) -> Result<Job, StoreError> {
        let load = self.read((owner, job_id), |conn, (owner, id)| {
            load(conn, *owner, Key::from(*id)).boxed()
        });
        Ok(load.await?.0)
    }

    async fn list<'a>(
        &self,
        owner: UserId,
        filter: &'a JobFilter,
        sort: JobSort,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Job>, StoreError> {
        let args = (owner, filter.clone(), sort, after.cloned(), limit);
        self.read(args, |conn, (owner, filter, sort, after, limit)| {
            job_list::list(conn, *owner, filter, *sort, after.as_ref(), *limit).boxed()
        })
        .await
    }

    async fn update(
        &self,
        owner: UserId,
        job_id: JobId,
        expected: i64,
        spec: &JobSpec,
        timing: Option<Timing>,
        now: Timestamp,
    ) -> Result<Job, StoreError> {
        self.write(
            (owner, job_id, expected, spec.clone(), timing, now),
            |tx, (owner, job_id, expected, spec, timing, now)| {
                update_in_tx(tx, *owner, *job_id, *expected, spec, *timing, *now).boxed()
            },
        )
        .await
    }

    async fn delete(
        &self,
        owner: UserId,
        job_id: JobId,
        expected: Option<i64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write((owner, job_id, expected, now), |tx, (owner, job_id, expected, now)| {
            delete_in_tx(tx, *owner, *job_id, *expected, *now).boxed()
        })
        .await
    }

    async fn counts(&self, owner: UserId) -> Result<JobCounts, StoreError> {
        self.read(owner, |conn, owner| counts(conn, *owner).boxed()).await
    }

    async fn start(&self, owner: UserId, job_id: JobId, new: NewRun, now: Timestamp) -> Result<Started, StoreError> {
        let args = (owner, job_id, new, now);
        let started = self
            .write(args.clone(), |tx, (owner, job_id, new, now)| {
                births::start_in_tx(tx, *owner, *job_id, new, *now).boxed()
            })
            .await?;
        match started {
            Some(started) => Ok(started),
            None => {
                self.write(args, |tx, (owner, job_id, new, now)| {
                    births::replace_in_tx(tx, *owner, *job_id, new, *now).boxed()
                })
                .await
            }
        }
    }

    async fn cancel_active(
        &self,
        owner: UserId,
        job_id: JobId,
        now: Timestamp,
    ) -> Result<Option<(Job, Run)>, StoreError> {
        self.write((owner, job_id, now), |tx, (owner, job_id, now)| {
            cancel_active_in_tx(tx, *owner, *job_id, *now).boxed()
        })
        .await
    }
}
