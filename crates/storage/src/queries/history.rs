//! [`RunHistory`]: runs, as their owner sees them.

use super::{Conn, Db, Tx, batch, dialect, statement::Ids, users::contains};
use crate::{
    error::Fault,
    key::Key,
    paging::{last_time, time_key},
    rows::{instant, int, naive, runs::RunRow},
    schema::{jobs, run_stats, runs},
    value::Value,
};
use async_trait::async_trait;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, RunId, UserId},
    page::{Limit, Page, PageKey},
    ports::{RunFilter, RunHistory},
    run::{InvalidTransition, Reason, Run, RunStatus},
    stats::{Grain, Results},
    user::Word,
};
use std::collections::HashMap;

async fn find_run(conn: &mut Conn, owner: UserId, run_id: RunId) -> Result<Run, Fault> {
    let (run, own, of_job): (RunRow, Option<String>, Option<String>) = runs::table
        .inner_join(jobs::table.on(jobs::job_id.eq(runs::job_id)))
        .filter(
            runs::run_id
                .eq(Key::from(run_id))
                .and(runs::user_id.eq(Key::from(owner))),
        )
        .filter(jobs::deleted_at.is_null())
        .select((RunRow::as_select(), runs::payload, jobs::payload))
        .first(conn)
        .await?;
    Ok(run.whole(own.or(of_job))?)
}

/// Whether the owner has this job.
pub(super) async fn owns(conn: &mut Conn, owner: UserId, job_id: JobId) -> Result<(), Fault> {
    let _: Key = jobs::table
        .filter(
            jobs::job_id
                .eq(Key::from(job_id))
                .and(jobs::created_by.eq(Key::from(owner))),
        )
        .filter(jobs::deleted_at.is_null())
        .select(jobs::job_id)
        .first(conn)
        .await?;
    Ok(())
}

pub(crate) async fn list_runs(
    conn: &mut Conn,
    owner: UserId,
    filter: &RunFilter,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<Run>, Fault> {
    let word = |status: &RunStatus| Value::Text(Some(status.word().to_owned()));
    // One of the two, never both: a planner that may choose could walk through all runs of the user to find those of
    // one job.
    let (index, column, key) = match (filter.job_id, filter.status.as_slice()) {
        (Some(job_id), _) => {
            owns(conn, owner, job_id).await?;
            ("idx_runs_job", "job_id", Key::from(job_id))
        }
        (None, [_]) => ("idx_runs_status", "user_id", Key::from(owner)),
        (None, _) => ("idx_runs_user", "user_id", Key::from(owner)),
    };
    let along = dialect::along(index);
    let start = || {
        let ids = Ids::select(format!("SELECT run_id FROM runs{along} WHERE {column} = ")).bind(Value::Key(Some(key)));
        let ids = match filter.status.as_slice() {
            [one] if filter.job_id.is_none() => ids.and_any("status", [word(one)]),
            _ => ids,
        };
        let ids = ids.and_at("created_at", ">", filter.created_after);
        ids.and_at("created_at", "<", filter.created_before)
    };
    let last = || last_time(after).map(|(at, id)| (Value::from(at), id));
    let order = ("created_at", "run_id");
    // What lies scattered among others is looked for this far and no further; the next page goes on from there.
    let border = if filter.is_a_range() {
        None
    } else {
        let beyond = start()
            .keyset(order, true, last(), 1)
            .offset(LOOKED_AT)
            .load(conn)
            .await?;
        match beyond.as_slice() {
            [id, ..] => made_at(conn, *id).await?.map(|at| (at, *id)),
            [] => None,
        }
    };
    let mut ids = scattered(start(), filter);
    if let Some((at, id)) = border {
        let at = Value::from(at);
        ids = ids.sql(" AND created_at >= ").bind(at.clone());
        ids = ids.sql(" AND (created_at > ").bind(at).sql(" OR run_id >= ");
        ids = ids.bind(Value::Key(Some(id))).sql(")");
    }
    if filter.job_id.is_none() {
        ids =
            ids.sql(" AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.job_id = runs.job_id AND deleted_at IS NOT NULL)");
    }
    let wanted = i64::from(limit.get()) + 1;
    let ids = ids.keyset(order, true, last(), wanted).load(conn).await?;
    let rows: Vec<RunRow> = runs::table
        .filter(runs::run_id.eq_any(&ids))
        .select(RunRow::as_select())
        .load(conn)
        .await?;
    let mut found: HashMap<Key, RunRow> = rows.into_iter().map(|row| (row.run_id, row)).collect();
    let found = ids
        .iter()
        .filter_map(|id| found.remove(id))
        .map(|row| row.summary())
        .collect::<Result<Vec<Run>, StoreError>>()?;
    let mut page = Page::from_rows(found, limit, |run| time_key(naive(run.created_at), run.run_id));
    if let (None, Some((at, id))) = (&page.next, border) {
        page.next = Some(time_key(at, RunId::from(id)));
    }
    Ok(page)
}

/// How many runs are looked at for one page of a filter whose runs lie scattered. Some milliseconds of work.
const LOOKED_AT: i64 = 5_000;

/// The conditions of the filter that no index serves.
fn scattered(mut ids: Ids, filter: &RunFilter) -> Ids {
    fn text(word: &str) -> Value {
        Value::Text(Some(word.to_owned()))
    }
    if filter.status.len() > usize::from(filter.job_id.is_none()) {
        // As an expression, so that no planner goes along the index of states and sorts all that it finds there.
        ids = ids.and_any(
            "COALESCE(status, '')",
            filter.status.iter().map(|status| text(status.word())),
        );
    }
    if !filter.reason.is_empty() {
        ids = ids.and_any("reason", filter.reason.iter().map(|reason| text(reason.word())));
    }
    if !filter.trigger.is_empty() {
        ids = ids.and_any("trigger_type", filter.trigger.iter().map(|kind| text(kind.word())));
    }
    if let Some(error) = &filter.error {
        ids = ids
            .sql(" AND (LOWER(error_message) LIKE ")
            .bind(text(&contains(error)))
            .sql(" ESCAPE '!' OR LOWER(error_code) LIKE ")
            .bind(text(&contains(error)))
            .sql(" ESCAPE '!')");
    }
    ids.and_at("started_at", ">", filter.started_after)
        .and_at("started_at", "<", filter.started_before)
}

async fn made_at(conn: &mut Conn, run: Key) -> Result<Option<NaiveDateTime>, Fault> {
    let at = runs::table.filter(runs::run_id.eq(run)).select(runs::created_at);
    Ok(at.first(conn).await.optional()?)
}

async fn cancel_in_tx(
    tx: &mut Tx,
    owner: UserId,
    run_id: RunId,
    now: Timestamp,
) -> Result<Result<Run, InvalidTransition>, Fault> {
    let key = Key::from(run_id);
    let mut rows = batch::lock_runs(&mut tx.conn, vec![key], false).await?;
    rows.retain(|run| run.user_id == Key::from(owner));
    let mut batch = batch::with_jobs(&mut tx.conn, rows).await?;
    if batch.jobs.values().all(|job| job.now.deleted_at.is_some()) {
        return Err(StoreError::NotFound.into());
    }
    if let Err(forbidden) = batch.cancel(&mut tx.context(), key, Reason::CancelledByUser, now)? {
        return Ok(Err(forbidden));
    }
    batch::save(tx, batch).await?;
    Ok(Ok(find_run(&mut tx.conn, owner, run_id).await?))
}

pub(crate) async fn recent_durations(conn: &mut Conn, owner: UserId, since: Timestamp) -> Result<Vec<i64>, Fault> {
    let durations: Vec<i32> = runs::table
        .filter(
            runs::user_id
                .eq(Key::from(owner))
                .and(runs::finished_at.gt(naive(since))),
        )
        .filter(runs::duration_ms.is_not_null())
        .order(runs::finished_at.desc())
        .limit(1_000)
        .select(runs::duration_ms.assume_not_null())
        .load(conn)
        .await?;
    let mut durations: Vec<i64> = durations.into_iter().map(i64::from).collect();
    durations.sort_unstable();
    Ok(durations)
}

async fn results(
    conn: &mut Conn,
    owner: UserId,
    grain: Grain,
    since: Timestamp,
) -> Result<Vec<(Timestamp, Results)>, Fault> {
    let seconds = int(u32::try_from(grain.seconds()).unwrap_or(0));
    let rows: Vec<(NaiveDateTime, i64, i64, i64)> = run_stats::table
        .filter(
            run_stats::user_id
                .eq(Key::from(owner))
                .and(run_stats::grain_seconds.eq(seconds)),
        )
        .filter(run_stats::bucket_at.ge(naive(since)))
        .order(run_stats::bucket_at)
        .select((
            run_stats::bucket_at,
            run_stats::completed,
            run_stats::failed,
            run_stats::cancelled,
        ))
        .load(conn)
        .await?;
    let result = |(at, completed, failed, cancelled)| {
        (
            instant(at),
            Results {
                completed,
                failed,
                cancelled,
            },
        )
    };
    Ok(rows.into_iter().map(result).collect())
}

#[async_trait]
impl RunHistory for Db {
    async fn find_run(&self, owner: UserId, run_id: RunId) -> Result<Run, StoreError> {
        self.read((owner, run_id), |conn, (owner, run_id)| {
            find_run(conn, *owner, *run_id).boxed()
        })
        .await
    }

    async fn list_runs<'a>(
        &self,
        owner: UserId,
        filter: &'a RunFilter,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Run>, StoreError> {
        self.read(
            (owner, filter.clone(), after.cloned(), limit),
            |conn, (owner, filter, after, limit)| list_runs(conn, *owner, filter, after.as_ref(), *limit).boxed(),
        )
        .await
    }

    async fn cancel_run(
        &self,
        owner: UserId,
        run_id: RunId,
        now: Timestamp,
    ) -> Result<Result<Run, InvalidTransition>, StoreError> {
        self.write((owner, run_id, now), |tx, (owner, run_id, now)| {
            cancel_in_tx(tx, *owner, *run_id, *now).boxed()
        })
        .await
    }

    async fn recent_durations(&self, owner: UserId, since: Timestamp) -> Result<Vec<i64>, StoreError> {
        self.read((owner, since), |conn, (owner, since)| {
            recent_durations(conn, *owner, *since).boxed()
        })
        .await
    }

    async fn results(
        &self,
        owner: UserId,
        grain: Grain,
        since: Timestamp,
    ) -> Result<Vec<(Timestamp, Results)>, StoreError> {
        self.read((owner, grain, since), |conn, (owner, grain, since)| {
            results(conn, *owner, *grain, *since).boxed()
        })
        .await
    }
}
