//! [`Retention`]: deleting by age and by number, a few rows at a time.
//!
//! Nothing here can be in the way of a claim: what is deleted has ended, so it has no claim key and is in none of the
//! indexes that claims walk along.

use super::{Conn, Db, Tx, dialect, keys_in::keys_in, statement::Ids};
use crate::{
    error::Fault,
    key::Key,
    rows::{instant, naive},
    schema::{jobs, occurrences, run_logs, run_stats, runs, users},
    value::Value,
};
use async_trait::async_trait;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{RunId, UserId, uuid_v7},
    ports::{Retention, Trimmed},
    stats::Grain,
};
use std::collections::HashSet;

/// Deletes these lines; each run's by the primary key.
async fn delete_lines(conn: &mut Conn, lines: Vec<(Key, i32)>) -> Result<u32, Fault> {
    let mut deleted = 0;
    let mut rest = lines.as_slice();
    while let Some((run, _)) = rest.first() {
        let many = rest.iter().take_while(|(other, _)| other == run).count();
        let (of_run, others) = rest.split_at(many);
        let numbers: Vec<i32> = of_run.iter().map(|(_, line)| *line).collect();
        let rows = run_logs::table.filter(run_logs::run_id.eq(*run).and(run_logs::line.eq_any(numbers)));
        deleted += diesel::delete(rows).execute(conn).await?;
        rest = others;
    }
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

async fn delete_logs_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    // Ids of runs grow with time, so old lines are at the start of the primary key.
    let made_before = Key(*uuid_v7(before, [0; 10]).as_bytes());
    // A value, not EXISTS: MariaDB would make a join of that, begin with the runs and sort.
    let finished_at = runs::table
        .filter(runs::run_id.eq(run_logs::run_id))
        .select(runs::finished_at)
        .single_value();
    let old: Vec<(Key, i32)> = run_logs::table
        .filter(run_logs::run_id.lt(made_before).and(finished_at.lt(naive(before))))
        .order((run_logs::run_id, run_logs::line))
        .limit(i64::from(batch))
        .select((run_logs::run_id, run_logs::line))
        .load(&mut tx.conn)
        .await?;
    delete_lines(&mut tx.conn, old).await
}

async fn delete_occurrences_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    let old: Vec<Key> = occurrences::table
        .filter(occurrences::recorded_at.lt(naive(before)))
        .order(occurrences::recorded_at)
        .limit(i64::from(batch))
        .select(occurrences::occurrence_id)
        .load(&mut tx.conn)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let old = occurrences::table
        .filter(occurrences::occurrence_id.eq_any(old))
        // A row that stands for several may have grown meanwhile.
        .filter(occurrences::recorded_at.lt(naive(before)));
    let deleted = diesel::delete(old).execute(&mut tx.conn).await?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

async fn users_after(conn: &mut Conn, after: Option<UserId>, limit: u32) -> Result<Vec<UserId>, Fault> {
    let after = after.map_or(Key([0; 16]), Key::from);
    let found: Vec<Key> = users::table
        .filter(users::user_id.gt(after))
        .order(users::user_id)
        .limit(i64::from(limit))
        .select(users::user_id)
        .load(conn)
        .await?;
    Ok(found.into_iter().map(UserId::from).collect())
}

/// How many runs of a user ended since then, by the counters of hours: a few hundred rows at most.
async fn ended_since(conn: &mut Conn, owner: Key, since: Timestamp) -> Result<i64, Fault> {
    let hours: Vec<(i64, i64, i64)> = run_stats::table
        .filter(run_stats::user_id.eq(owner))
        .filter(run_stats::grain_seconds.eq(i32::try_from(Grain::Hour.seconds()).unwrap_or(i32::MAX)))
        .filter(run_stats::bucket_at.ge(naive(since - TimeDelta::hours(1))))
        .select((run_stats::completed, run_stats::failed, run_stats::cancelled))
        .load(conn)
        .await?;
    Ok(hours
        .into_iter()
        .map(|(completed, failed, cancelled)| completed + failed + cancelled)
        .sum())
}

async fn first_beyond(
    conn: &mut Conn,
    owner: UserId,
    keep: u32,
    since: Timestamp,
) -> Result<Option<(Timestamp, RunId)>, Fault> {
    let owner = Key::from(owner);
    if ended_since(conn, owner, since).await? <= i64::from(keep) {
        return Ok(None);
    }
    let along = dialect::along("idx_runs_user");
    let ids = Ids::select(format!("SELECT run_id FROM runs{along} WHERE user_id = "))
        .bind(Value::Key(Some(owner)))
        .sql(" ORDER BY created_at DESC, run_id DESC LIMIT 1 OFFSET ")
        .bind(Value::Big(Some(keep.into())))
        .load(conn)
        .await?;
    let Some(run) = ids.as_slice().first() else {
        return Ok(None);
    };
    let found: Option<NaiveDateTime> = runs::table
        .filter(runs::run_id.eq(*run))
        .select(runs::created_at)
        .first(conn)
        .await
        .optional()?;
    Ok(found.map(|at| (instant(at), RunId::from(*run))))
}

async fn trim_in_tx(tx: &mut Tx, owner: UserId, from: (Timestamp, RunId), batch: u32) -> Result<Trimmed, Fault> {
    let along = dialect::along("idx_runs_user");
    let (at, from_run) = (naive(from.0), Key::from(from.1));
    let ids = Ids::select(format!("SELECT run_id FROM runs{along} WHERE user_id = "))
        .bind(Value::Key(Some(Key::from(owner))))
        .sql(" AND created_at <= ")
        .bind(Value::from(at))
        .sql(" AND (created_at < ")
        .bind(Value::from(at))
        .sql(" OR run_id <= ")
        .bind(Value::Key(Some(from_run)))
        .sql(") ORDER BY created_at DESC, run_id DESC LIMIT ")
        .bind(Value::Big(Some(i64::from(batch) + 1)))
        .load(&mut tx.conn)
        .await?;
    if ids.is_empty() {
        return Ok(Trimmed::default());
    }
    let rows: Vec<(Key, Key, NaiveDateTime, Option<NaiveDateTime>)> = runs::table
        .filter(keys_in("runs.run_id", &ids))
        .select((runs::run_id, runs::job_id, runs::created_at, runs::finished_at))
        .load(&mut tx.conn)
        .await?;
    // One more than a batch was read, to know where to go on.
    let beyond = ids.get(batch as usize).copied();
    let next = rows
        .iter()
        .find(|row| Some(row.0) == beyond)
        .map(|row| (instant(row.2), row.0.into()));
    let rows: Vec<_> = rows.into_iter().filter(|row| Some(row.0) != beyond).collect();
    let of_jobs: Vec<Key> = rows
        .iter()
        .map(|row| row.1)
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    let latest: Vec<Option<Key>> = jobs::table
        .filter(keys_in("jobs.job_id", &of_jobs))
        .select(jobs::last_run_id)
        .load(&mut tx.conn)
        .await?;
    let latest: HashSet<Key> = latest.into_iter().flatten().collect();
    let mut gone: Vec<Key> = rows
        .into_iter()
        .filter(|row| row.3.is_some() && !latest.contains(&row.0))
        .map(|row| row.0)
        .collect();
    if gone.is_empty() {
        return Ok(Trimmed { deleted: 0, next });
    }
    gone.sort_unstable();
    // Their lines would go with them, all in this transaction: they go first, and the runs another time.
    let lines: Vec<(Key, i32)> = run_logs::table
        .filter(run_logs::run_id.eq_any(&gone))
        .order((run_logs::run_id, run_logs::line))
        .limit(i64::from(batch))
        .select((run_logs::run_id, run_logs::line))
        .load(&mut tx.conn)
        .await?;
    if !lines.is_empty() {
        let deleted = delete_lines(&mut tx.conn, lines).await?;
        return Ok(Trimmed {
            deleted,
            next: Some(from),
        });
    }
    let ended = runs::table.filter(runs::run_id.eq_any(gone).and(runs::finished_at.is_not_null()));
    let deleted = diesel::delete(ended).execute(&mut tx.conn).await?;
    Ok(Trimmed {
        deleted: u32::try_from(deleted).unwrap_or(u32::MAX),
        next,
    })
}

#[async_trait]
impl Retention for Db {
    async fn delete_logs(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_logs_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }

    async fn delete_occurrences(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_occurrences_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }

    async fn users_after(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserId>, StoreError> {
        self.read((after, limit), |conn, (after, limit)| {
            users_after(conn, *after, *limit).boxed()
        })
        .await
    }

    async fn first_beyond(
        &self,
        owner: UserId,
        keep: u32,
        since: Timestamp,
    ) -> Result<Option<(Timestamp, RunId)>, StoreError> {
        self.read((owner, keep, since), |conn, (owner, keep, since)| {
            first_beyond(conn, *owner, *keep, *since).boxed()
        })
        .await
    }

    async fn trim_runs(&self, owner: UserId, from: (Timestamp, RunId), batch: u32) -> Result<Trimmed, StoreError> {
        self.write((owner, from, batch), |tx, (owner, from, batch)| {
            trim_in_tx(tx, *owner, *from, *batch).boxed()
        })
        .await
    }
}
