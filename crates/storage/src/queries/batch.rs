//! Locks runs and their jobs, and writes them back: the two ends of every change of a run.

use super::{
    Conn, Tx, dialect,
    insert::insert,
    keys_in::keys_in,
    update::{Change, update},
};
use crate::{
    error::Fault,
    key::Key,
    rows::{
        instant,
        jobs::{JobRow, JobState},
        runs::{NewRunRow, RunRow},
    },
    schema::{jobs, runs},
    transitions::{Batch, Kept},
    value::{Seen, Value},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{error::StoreError, ids::UserId, job::Job, run::RunStatus, user::Word};
use std::collections::{BTreeMap, HashMap};

/// Locks runs by id, in the order of their ids. Those that somebody else has locked are waited for, or passed over.
pub(super) async fn lock_runs(conn: &mut Conn, mut keys: Vec<Key>, pass_over: bool) -> Result<Vec<RunRow>, Fault> {
    keys.sort_unstable();
    keys.dedup();
    let rows = runs::table.select(RunRow::as_select());
    Ok(match keys.as_slice() {
        [] => Vec::new(),
        // One run, the common case of a quiet server, has a statement that stays prepared.
        [one] if !pass_over => dialect::load!(dialect::locked!(rows.filter(runs::run_id.eq(*one))), conn)?,
        many if pass_over => {
            let rows = rows.filter(keys_in("runs.run_id", many)).order(runs::run_id);
            dialect::load!(dialect::locked_skipping!(rows), conn)?
        }
        many => dialect::load_by_key!(conn, runs::run_id, many, |these| dialect::locked!(
            runs::table
                .select(RunRow::as_select())
                .filter(these)
                .order(runs::run_id)
        ))?,
    })
}

/// Locks jobs that are due, in the order of their ids; those that somebody else has locked are passed over.
pub(super) async fn lock_due_jobs(
    conn: &mut Conn,
    keys: &[Key],
    now: chrono::NaiveDateTime,
) -> Result<Vec<JobState>, Fault> {
    let rows = jobs::table
        .select(JobState::as_select())
        .filter(keys_in("jobs.job_id", keys))
        .filter(jobs::due_at.le(now).and(jobs::deleted_at.is_null()))
        .order(jobs::job_id);
    Ok(dialect::load!(dialect::locked_skipping!(rows), conn)?)
}

/// Locks jobs by id, in the order of their ids, and reads these columns of them.
macro_rules! lock_jobs {
    ($conn:expr, $keys:expr, $columns:expr) => {{
        let mut keys: Vec<Key> = $keys;
        keys.sort_unstable();
        keys.dedup();
        let rows = jobs::table.select($columns);
        match keys.as_slice() {
            [] => Vec::new(),
            [one] => dialect::load!(dialect::locked!(rows.filter(jobs::job_id.eq(*one))), $conn)?,
            many => dialect::load_by_key!($conn, jobs::job_id, many, |these| dialect::locked!(
                jobs::table.select($columns).filter(these).order(jobs::job_id)
            ))?,
        }
    }};
}

fn jobs_of(runs: &[RunRow]) -> Vec<Key> {
    runs.iter().map(|run| run.job_id).collect()
}

/// Locks the jobs of runs that are locked.
pub(super) async fn with_jobs(conn: &mut Conn, runs: Vec<RunRow>) -> Result<Batch, Fault> {
    let jobs = lock_jobs!(conn, jobs_of(&runs), JobState::as_select());
    Ok(Batch::new(runs, jobs))
}

/// The same, with the payloads of the jobs that have one.
pub(super) async fn with_jobs_and_payloads(
    conn: &mut Conn,
    runs: Vec<RunRow>,
) -> Result<(Batch, HashMap<Key, String>), Fault> {
    let found: Vec<(JobState, Option<String>)> =
        lock_jobs!(conn, jobs_of(&runs), (JobState::as_select(), jobs::payload));
    let (mut jobs, mut payloads) = (Vec::with_capacity(found.len()), HashMap::new());
    for (job, payload) in found {
        payloads.extend(payload.map(|payload| (job.job_id, payload)));
        jobs.push(job);
    }
    Ok((Batch::new(runs, jobs), payloads))
}

/// Locks a job of an owner; with `and_runs`, first those of its runs that have not ended.
pub(super) async fn job_of(conn: &mut Conn, owner: UserId, job_id: Key, and_runs: bool) -> Result<Batch, Fault> {
    let runs = if and_runs {
        let keys = runs::table
            .filter(runs::active_job_id.eq(job_id))
            .select(runs::run_id)
            .load(conn)
            .await?;
        lock_runs(conn, keys, false).await?
    } else {
        Vec::new()
    };
    let found: Vec<JobState> = lock_jobs!(conn, vec![job_id], JobState::as_select());
    let job = found
        .into_iter()
        .find(|job| job.created_by == Key::from(owner) && job.deleted_at.is_none())
        .ok_or(StoreError::NotFound)?;
    let active = runs.iter().filter(|run| run.active_job_id.is_some()).count();
    if and_runs && usize::try_from(job.active_runs).ok() != Some(active) {
        return Err(Fault::Retry("a run came or went before its job was locked".to_owned()));
    }
    Ok(Batch::new(runs, vec![job]))
}

/// Locks a job of an owner and reads all of it, save its latest run.
pub(super) async fn whole_job(conn: &mut Conn, owner: UserId, job_id: Key) -> Result<(Job, Batch), Fault> {
    let rows = jobs::table
        .filter(jobs::job_id.eq(job_id).and(jobs::created_by.eq(Key::from(owner))))
        .filter(jobs::deleted_at.is_null())
        .select((JobRow::as_select(), JobState::as_select()));
    let mut found: Vec<(JobRow, JobState)> = dialect::load!(dialect::locked!(rows), conn)?;
    let (job, state) = found.pop().ok_or(StoreError::NotFound)?;
    Ok((job.into_job(None)?, Batch::new(Vec::new(), vec![state])))
}

/// Writes what changed, after the next waiting run of each job that has become free was released.
pub(super) async fn save(tx: &mut Tx, mut batch: Batch) -> Result<Batch, Fault> {
    release_waiting(tx, &mut batch).await?;
    insert_new(&mut tx.conn, &mut batch).await?;
    save_runs(&mut tx.conn, &batch).await?;
    save_jobs(&mut tx.conn, &batch).await?;
    Ok(batch)
}

/// Writes the jobs and runs that are new, as they are at the end of the transaction.
async fn insert_new(conn: &mut Conn, batch: &mut Batch) -> Result<(), Fault> {
    let (mut job_rows, mut tag_rows) = (Vec::new(), Vec::new());
    for (key, (row, tags)) in &batch.new_jobs {
        let mut row = row.clone();
        if let Some(job) = batch.jobs.get(key) {
            row.state = job.now.clone();
        }
        job_rows.push(row);
        tag_rows.extend(tags.iter().cloned());
    }
    insert(conn, job_rows)
        .await
        .map_err(|fault| fault.taken("idx_jobs_external_id", "jobs.external_id", "external_id"))?;
    insert(conn, tag_rows).await?;
    let run_rows: Vec<NewRunRow> = batch
        .new_runs
        .iter()
        .filter_map(|(key, payload)| {
            Some(NewRunRow {
                row: batch.runs.get(key)?.now.clone(),
                payload: payload.clone(),
            })
        })
        .collect();
    insert(conn, run_rows).await?;
    add_results(conn, batch).await
}

/// Writes what runs came to that are new and over already (`ping.rs`): most new runs have nothing of it.
async fn add_results(conn: &mut Conn, batch: &Batch) -> Result<(), Fault> {
    let columns = ["result", "error_code", "error_message", "duration_ms"];
    let new = batch.new_runs.keys().filter_map(|key| batch.runs.get(key));
    let ended = new.map(|run| &run.now).filter(|run| run.finished_at.is_some());
    let rows: Vec<Change> = ended
        .map(|run| Change {
            key: run.run_id,
            values: vec![
                Value::Text(run.result.clone()),
                Value::Text(run.error_code.clone()),
                Value::Text(run.error_message.clone()),
                Value::Int(run.duration_ms),
            ],
        })
        .collect();
    if !rows.is_empty() {
        update(conn, "runs", "run_id", &columns, rows, None).await?;
    }
    Ok(())
}

/// Makes claimable what waits behind others, as far as the overlap policy has room for it now, oldest first.
async fn release_waiting(tx: &mut Tx, batch: &mut Batch) -> Result<(), Fault> {
    let keys: Vec<Key> = batch.jobs.keys().copied().collect();
    for key in keys {
        let Some(job) = batch.jobs.get(&key) else { continue };
        let job = &job.now;
        let room = job.overlap()?.room(job.max_running()?);
        let busy = u32::try_from(job.active_runs - job.waiting_runs).unwrap_or(0);
        let free = room
            .saturating_sub(busy)
            .min(u32::try_from(job.waiting_runs).unwrap_or(0));
        if free > 0 {
            release(tx, batch, key, free).await?;
        }
    }
    Ok(())
}

/// Makes up to `free` waiting runs of a job claimable.
async fn release(tx: &mut Tx, batch: &mut Batch, job_id: Key, free: u32) -> Result<(), Fault> {
    // What happened in this transaction is not in the database yet: runs that were just added wait only here, and
    // those that were just ended wait only there.
    let known: Vec<Key> = batch
        .runs
        .values()
        .filter(|run| run.now.job_id == job_id)
        .map(|run| run.now.run_id)
        .collect();
    let next = runs::table
        .filter(
            runs::active_job_id
                .eq(job_id)
                .and(runs::status.eq(RunStatus::Queued.word())),
        )
        .filter(runs::claim_key.is_null().and(runs::worker_key.is_null()))
        .filter(runs::run_id.ne_all(known))
        .order((runs::created_at, runs::run_id))
        .limit(i64::from(free))
        .select(RunRow::as_select());
    let found: Vec<RunRow> = dialect::locked!(next).load(&mut tx.conn).await?;
    for row in found {
        batch.runs.insert(row.run_id, Kept::new(row));
    }
    let mut waiting: Vec<(chrono::NaiveDateTime, Key)> = batch
        .runs
        .values()
        .filter(|run| run.now.job_id == job_id && run.now.waits())
        .map(|run| (run.now.created_at, run.now.run_id))
        .collect();
    waiting.sort_unstable();
    let Some(job) = batch.jobs.get_mut(&job_id) else {
        return Ok(());
    };
    for (_, key) in waiting.into_iter().take(usize::try_from(free).unwrap_or(usize::MAX)) {
        if let Some(run) = batch.runs.get_mut(&key) {
            let claim_key = job.now.claim_key(instant(run.now.created_at))?;
            run.now.make_claimable(claim_key, &mut tx.effects);
            job.now.waiting_runs -= 1;
        }
    }
    Ok(())
}

/// Columns of a run that change, and their values.
const RUN_COLUMNS: [&str; 26] = [
    "status",
    "reason",
    "attempt",
    "crashes",
    "progress",
    "result",
    "error_code",
    "error_message",
    "started_at",
    "finished_at",
    "retry_at",
    "lease_token",
    "lease_until",
    "node_id",
    "claim_key",
    "attempts",
    "active_job_id",
    "claim_user",
    "worker_key",
    "worker_name",
    "lease_seconds",
    "timeout_at",
    "deadline_at",
    "progress_message",
    "cancel_requested_at",
    "duration_ms",
];

fn run_values(run: &RunRow) -> [Seen<'_>; 26] {
    [
        Seen::Text(Some(&run.status)),
        Seen::Text(run.reason.as_deref()),
        Seen::Int(Some(run.attempt)),
        Seen::Int(Some(run.crashes)),
        Seen::Int(run.progress),
        Seen::Text(run.result.as_deref()),
        Seen::Text(run.error_code.as_deref()),
        Seen::Text(run.error_message.as_deref()),
        Seen::At(run.started_at),
        Seen::At(run.finished_at),
        Seen::At(run.retry_at),
        Seen::Key(run.lease_token),
        Seen::At(run.lease_until),
        Seen::Key(run.node_id),
        Seen::Big(run.claim_key),
        Seen::Text(Some(&run.attempts)),
        Seen::Key(run.active_job_id),
        Seen::Key(run.claim_user),
        Seen::Big(run.worker_key),
        Seen::Text(run.worker_name.as_deref()),
        Seen::Int(run.lease_seconds),
        Seen::At(run.timeout_at),
        Seen::At(run.deadline_at),
        Seen::Text(run.progress_message.as_deref()),
        Seen::At(run.cancel_requested_at),
        Seen::Int(run.duration_ms),
    ]
}

const JOB_COLUMNS: [&str; 7] = [
    "status",
    "completed_at",
    "last_run_id",
    "active_runs",
    "waiting_runs",
    "next_run_at",
    "due_at",
];

fn job_values(job: &JobState) -> [Seen<'_>; 7] {
    [
        Seen::Text(Some(&job.status)),
        Seen::At(job.completed_at),
        Seen::Key(job.last_run_id),
        Seen::Int(Some(job.active_runs)),
        Seen::Int(Some(job.waiting_runs)),
        Seen::At(job.next_run_at),
        Seen::At(job.due_at),
    ]
}

/// The columns in which any row changed, and the new values of the rows that changed.
fn changes<'a, const N: usize>(
    names: [&'static str; N],
    rows: impl Iterator<Item = (Key, [Seen<'a>; N], [Seen<'a>; N])>,
) -> (Vec<&'static str>, Vec<Change>) {
    let rows: Vec<_> = rows.filter(|(_, read, now)| read != now).collect();
    let differs = |index: usize| rows.iter().any(|(_, read, now)| read.get(index) != now.get(index));
    let wanted: Vec<bool> = (0..N).map(differs).collect();
    let pick = |values: [Seen<'a>; N]| {
        values
            .into_iter()
            .zip(&wanted)
            .filter(|(_, wanted)| **wanted)
            .map(|(value, _)| Value::from(value))
    };
    let columns = names
        .into_iter()
        .zip(&wanted)
        .filter(|(_, wanted)| **wanted)
        .map(|(name, _)| name)
        .collect();
    (
        columns,
        rows.into_iter()
            .map(|(key, _, now)| Change {
                key,
                values: pick(now).collect(),
            })
            .collect(),
    )
}

/// Writes the runs, guarded by the status that was read.
async fn save_runs(conn: &mut Conn, batch: &Batch) -> Result<(), Fault> {
    let mut by_status: BTreeMap<&str, Vec<&Kept<RunRow>>> = BTreeMap::new();
    for (key, run) in &batch.runs {
        if batch.new_runs.contains_key(key) {
            continue;
        }
        by_status.entry(run.read.status.as_str()).or_default().push(run);
    }
    for (status, runs) in by_status {
        let rows = runs
            .iter()
            .map(|run| (run.now.run_id, run_values(&run.read), run_values(&run.now)));
        let (columns, rows) = changes(RUN_COLUMNS, rows);
        let guard = Some(("status", Value::Text(Some(status.to_owned()))));
        let expected = rows.len();
        if update(conn, "runs", "run_id", &columns, rows, guard).await? != expected {
            return Err(Fault::Retry("a run changed although it was locked".to_owned()));
        }
    }
    Ok(())
}

async fn save_jobs(conn: &mut Conn, batch: &Batch) -> Result<(), Fault> {
    let rows = batch
        .jobs
        .iter()
        .filter(|(key, _)| !batch.new_jobs.contains_key(key))
        .map(|(_, job)| job)
        .map(|job| (job.now.job_id, job_values(&job.read), job_values(&job.now)));
    let (columns, rows) = changes(JOB_COLUMNS, rows);
    update(conn, "jobs", "job_id", &columns, rows, None).await?;
    Ok(())
}
