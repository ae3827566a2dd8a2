//! Claiming by workers: the most urgent runs of their queues, along one index, each given to one of them.

use super::super::{Conn, Tx, batch, dialect};
use super::limits;
use crate::{
    error::Fault,
    key::Key,
    rows::{instant, jobs::JobState, naive, runs::RunRow},
    schema::{jobs, runs},
    transitions::{Batch, Facts, Lease},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::{Timestamp, random_bytes},
    error::StoreError,
    ids::UserId,
    job::Executor,
    ports::{WorkerClaim, WorkerJob, WorkerRun},
    run::{LeaseToken, RunError, RunStatus, Trigger},
    user::Word,
};
use std::collections::HashMap;

/// A run that may be claimed, with its own payload.
type Candidate = (RunRow, Option<String>);

/// The keys of the first runs that may be claimed in a queue, from the index alone and without a lock.
pub(super) async fn heads(
    conn: &mut Conn,
    owner: UserId,
    queue: &str,
    max: i64,
) -> Result<Vec<(Option<i64>, Key)>, Fault> {
    Ok(runs::table
        .filter(runs::queue.eq(queue).and(runs::user_id.eq(Key::from(owner))))
        .filter(runs::worker_key.is_not_null())
        .order((runs::worker_key, runs::run_id))
        .limit(max)
        .select((runs::worker_key, runs::run_id))
        .load(conn)
        .await?)
}

/// The first runs that may be claimed in a queue, locked; those that others are claiming are passed over.
pub(super) async fn lock_heads(conn: &mut Conn, owner: UserId, queue: &str, max: i64) -> Result<Vec<Candidate>, Fault> {
    let rows = runs::table
        .filter(runs::queue.eq(queue).and(runs::user_id.eq(Key::from(owner))))
        // Set for what is Queued alone. Asked for the status too, MySQL would rather take the index of the status and sort.
        .filter(runs::worker_key.is_not_null())
        .order((runs::worker_key, runs::run_id))
        .limit(max)
        .select((RunRow::as_select(), runs::payload));
    Ok(dialect::locked_skipping!(rows).load(conn).await?)
}

/// How many runs of a queue are Running, counted up to `most`. In the order of the index of a user's runs by status: a
/// planner that may choose could walk through all that ever ran in the queue.
pub(super) async fn running(conn: &mut Conn, owner: UserId, queue: &str, most: u32) -> Result<u32, Fault> {
    let found: Vec<Key> = runs::table
        .filter(
            runs::user_id
                .eq(Key::from(owner))
                .and(runs::status.eq(RunStatus::Running.word())),
        )
        .filter(runs::queue.eq(queue))
        .order((runs::created_at, runs::run_id))
        .limit(most.into())
        .select(runs::run_id)
        .load(conn)
        .await?;
    Ok(u32::try_from(found.len()).unwrap_or(most))
}

pub(super) async fn claimable(conn: &mut Conn, owner: UserId, queues: &[String]) -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    for queue in queues {
        if !heads(conn, owner, queue, 1).await?.is_empty() {
            found.push(queue.clone());
        }
    }
    Ok(found)
}

/// A queue that still has something, and how many of its runs may be taken.
struct Open<'a> {
    queue: &'a str,
    room: i64,
    taken: i64,
}

/// The queues of the claim. Those with a limit are locked, so that two claims do not both take the last place.
async fn open_queues<'a>(tx: &mut Tx, claim: &'a WorkerClaim) -> Result<Vec<Open<'a>>, Fault> {
    let limits = limits::lock(&mut tx.conn, claim.owner.into(), &claim.queues).await?;
    let mut open = Vec::new();
    for queue in &claim.queues {
        let room = match limits.get(queue) {
            None => i64::MAX,
            Some(0) => 0,
            Some(most) => (most - running(&mut tx.conn, claim.owner, queue, *most).await?).into(),
        };
        if room > 0 {
            open.push(Open { queue, room, taken: 0 });
        }
    }
    Ok(open)
}

/// How many of the next `want` runs come from each queue: those queues are asked for, in the order of urgency, what lies
/// at their heads. One queue needs no asking.
async fn shares(conn: &mut Conn, owner: UserId, open: &[Open<'_>], want: i64) -> Result<Vec<i64>, Fault> {
    if let [one] = open {
        return Ok(vec![want.min(one.room)]);
    }
    let mut all = Vec::new();
    for (index, queue) in open.iter().enumerate() {
        // Its first `taken` runs are ours already.
        let mut found = heads(conn, owner, queue.queue, queue.taken + want.min(queue.room)).await?;
        let fresh = found.split_off(found.len().min(usize::try_from(queue.taken).unwrap_or(0)));
        all.extend(fresh.into_iter().map(|(key, run)| (key, run, index)));
    }
    all.sort_unstable();
    let mut shares = vec![0; open.len()];
    for (_, _, index) in all.into_iter().take(usize::try_from(want).unwrap_or(usize::MAX)) {
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
    }
    Ok(shares)
}

/// The most urgent runs over all queues of the claim, locked.
async fn candidates(tx: &mut Tx, claim: &WorkerClaim) -> Result<Vec<Candidate>, Fault> {
    let mut open = open_queues(tx, claim).await?;
    let mut held: Vec<Candidate> = Vec::new();
    loop {
        let want = i64::from(claim.max) - i64::try_from(held.len()).unwrap_or(i64::MAX);
        if want <= 0 || open.is_empty() {
            break;
        }
        let shares = shares(&mut tx.conn, claim.owner, &open, want).await?;
        if shares.iter().all(|share| *share == 0) {
            break;
        }
        for (queue, share) in open.iter_mut().zip(shares).filter(|(_, share)| *share > 0) {
            // Our own locks hide nothing from us: what is held already comes first again.
            let found = lock_heads(&mut tx.conn, claim.owner, queue.queue, queue.taken + share).await?;
            let before = held.len();
            for candidate in found {
                if !held.iter().any(|(run, _)| run.run_id == candidate.0.run_id) {
                    held.push(candidate);
                }
            }
            let new = i64::try_from(held.len() - before).unwrap_or(0);
            queue.taken += new;
            // Others were faster with the rest of this queue: the next round asks the other ones.
            queue.room = if new < share { 0 } else { queue.room - new };
        }
        open.retain(|queue| queue.room > 0);
    }
    held.sort_unstable_by_key(|(run, _)| (run.worker_key, run.run_id));
    Ok(held)
}

/// What workers are told about jobs, and what only jobs know: description, payload, tags, external id.
type About = (Option<String>, Option<String>, String, Option<String>);

async fn about_jobs(conn: &mut Conn, batch: &Batch) -> Result<HashMap<Key, About>, Fault> {
    let keys: Vec<Key> = batch.jobs.keys().copied().collect();
    let rows = jobs::table.select((
        jobs::job_id,
        (jobs::description, jobs::payload, jobs::tags, jobs::external_id),
    ));
    let found: Vec<(Key, About)> = rows.filter(jobs::job_id.eq_any(keys)).load(conn).await?;
    Ok(found.into_iter().collect())
}

/// When the attempt has taken too long.
fn timeout_at(job: &JobState, run: &RunRow, now: Timestamp) -> Result<Timestamp, StoreError> {
    let default = Executor::Worker { queue: String::new() }.default_timeout_seconds();
    let seconds = match job.timeout_seconds {
        Some(seconds) => job.place().count("timeout_seconds", seconds)?,
        None => default.unwrap_or(3_600),
    };
    let at = now + TimeDelta::seconds(seconds.into());
    Ok(run.deadline_at.map_or(at, |deadline| at.min(instant(deadline))))
}

pub(super) async fn claim_in_tx(tx: &mut Tx, claim: &WorkerClaim) -> Result<Vec<WorkerRun>, Fault> {
    let found = candidates(tx, claim).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let order: Vec<(Key, Option<String>)> = found.iter().map(|(run, own)| (run.run_id, own.clone())).collect();
    let mut batch = batch::with_jobs(&mut tx.conn, found.into_iter().map(|(run, _)| run).collect()).await?;
    let about = about_jobs(&mut tx.conn, &batch).await?;
    let lease_until = claim.now + TimeDelta::seconds(claim.lease_seconds.into());
    for (key, _) in &order {
        begin(tx, &mut batch, *key, claim, lease_until)?;
    }
    let batch = batch::save(tx, batch).await?;
    let mut claimed = Vec::with_capacity(order.len());
    for (key, own) in order {
        let Some(run) = batch.runs.get(&key).map(|run| &run.now) else {
            continue;
        };
        // One whose time was up before it began has no lease.
        let (Some(lease), Some(until)) = (run.lease_token, run.lease_until) else {
            continue;
        };
        let (Some(job), Some((description, payload, tags, external_id))) =
            (batch.jobs.get(&run.job_id), about.get(&run.job_id))
        else {
            continue;
        };
        let place = job.now.place();
        claimed.push(WorkerRun {
            run: run.whole(own.or_else(|| payload.clone()))?,
            job: WorkerJob {
                job_id: job.now.job_id.into(),
                job_name: job.now.job_name.clone(),
                description: description.clone(),
                priority: place.word("priority", &job.now.priority)?,
                tags: place.json("tags", tags)?,
                external_id: external_id.clone(),
                version: job.now.version,
            },
            lease: LeaseToken(lease.0),
            lease_until: instant(until),
        });
    }
    Ok(claimed)
}

/// Begins an attempt of a worker. Where all attempts together have taken too long already, it ends at once.
fn begin(
    tx: &mut Tx,
    batch: &mut Batch,
    key: Key,
    claim: &WorkerClaim,
    lease_until: Timestamp,
) -> Result<(), StoreError> {
    let lease = Lease {
        token: Key(random_bytes(tx.random())),
        until: naive(lease_until),
        node: None,
    };
    // The event tells who has it.
    let run = &mut batch.runs.get_mut(&key).ok_or(StoreError::NotFound)?.now;
    run.worker_name = Some(claim.worker_name.clone());
    run.lease_seconds = i32::try_from(claim.lease_seconds).ok();
    let facts = Facts {
        lease: Some(lease),
        ..Facts::default()
    };
    let stepped = batch.step(&mut tx.context(), key, Trigger::Claim, claim.now, facts)?;
    stepped.map_err(|error| StoreError::Driver(error.to_string()))?;

    let run = &mut batch.runs.get_mut(&key).ok_or(StoreError::NotFound)?.now;
    let job = &batch.jobs.get(&run.job_id).ok_or(StoreError::NotFound)?.now;
    let timeout_at = timeout_at(job, run, claim.now)?;
    run.timeout_at = Some(naive(timeout_at));
    run.lease_until = Some(naive(lease_until.min(timeout_at)));
    if timeout_at <= claim.now {
        let facts = Facts {
            error: Some(RunError::new("timeout", "all attempts together took too long")),
            ..Facts::default()
        };
        let ended = Trigger::of_ended_lease(Some(timeout_at), claim.now);
        let stepped = batch.step(&mut tx.context(), key, ended, claim.now, facts)?;
        stepped.map_err(|error| StoreError::Driver(error.to_string()))?;
    }
    Ok(())
}
