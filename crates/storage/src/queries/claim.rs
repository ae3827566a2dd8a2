//! Claiming: the most urgent runs that wait, each given to one node only.

use super::{Conn, Db, Tx, batch, dialect, fair, keys_in::keys_in};
use crate::{
    error::Fault,
    fairness::Fairness,
    key::Key,
    rows::{naive, runs::RunRow},
    schema::runs,
    transitions::{Batch, Facts, Lease},
};
use diesel::prelude::*;
use scheduler_domain::{
    clock::random_bytes,
    error::StoreError,
    ports::{Claim, ClaimedRun},
    run::{LeaseToken, RunStatus, Trigger},
    user::Word,
};
use std::collections::HashMap;

/// A run that may be claimed, with its own payload.
type Candidate = (RunRow, Option<String>);

/// The first `max` runs that may be claimed, from `floor` on, locked; those that others are claiming are passed over.
/// The order is that of the index, so nothing is sorted and only what is returned is locked.
pub(crate) async fn candidates(conn: &mut Conn, floor: Option<i64>, max: u32) -> Result<Vec<Candidate>, Fault> {
    let rows = runs::table
        .filter(
            runs::claim_key
                .is_not_null()
                .and(runs::claim_key.ge(floor.unwrap_or(i64::MIN))),
        )
        .filter(runs::status.eq(RunStatus::Queued.word()))
        .order((runs::claim_key, runs::run_id))
        .limit(i64::from(max))
        .select((RunRow::as_select(), runs::payload));
    Ok(dialect::load!(dialect::locked_skipping!(rows), conn)?)
}

/// Locks the runs that were chosen, as far as they may still be claimed and nobody else is at it.
async fn chosen(conn: &mut Conn, keys: &[Key]) -> Result<Vec<Candidate>, Fault> {
    let rows = runs::table
        .filter(keys_in("runs.run_id", keys))
        .filter(runs::claim_key.is_not_null())
        .filter(runs::status.eq(RunStatus::Queued.word()))
        .order(runs::run_id)
        .select((RunRow::as_select(), runs::payload));
    let found: Vec<Candidate> = dialect::load!(dialect::locked_skipping!(rows), conn)?;
    let mut by_key: HashMap<Key, Candidate> = found.into_iter().map(|found| (found.0.run_id, found)).collect();
    Ok(keys.iter().filter_map(|key| by_key.remove(key)).collect())
}

/// The runs that this claim takes, and where the next one may start.
async fn take(
    conn: &mut Conn,
    claim: &Claim,
    floor: Option<i64>,
    memory: &Fairness,
) -> Result<(Vec<Candidate>, Option<i64>), Fault> {
    let max = usize::try_from(claim.max).unwrap_or(usize::MAX);
    if !memory.is_contended(claim.now) && claim.per_user.is_none() {
        let mut found = candidates(conn, floor, claim.max).await?;
        if floor.is_some() && found.len() < max {
            found = candidates(conn, None, claim.max).await?;
        }
        let last_key = found.last().and_then(|(run, _)| run.claim_key);
        if found.len() < max {
            return Ok((found, None));
        }
        // More waits than was asked for: whose turn is it?
        return match fair::choose(conn, memory, None, claim.now, claim.max).await? {
            None => Ok((found, last_key)),
            Some(keys) => Ok((chosen(conn, &keys).await?, None)),
        };
    }
    match fair::choose(conn, memory, claim.per_user, claim.now, claim.max).await? {
        None => Ok((candidates(conn, None, claim.max).await?, None)),
        Some(keys) => Ok((chosen(conn, &keys).await?, None)),
    }
}

/// What a claim took, in the order in which it is carried out, each run with its own payload.
#[derive(Default)]
struct Taken {
    batch: Batch,
    order: Vec<(Key, Option<String>)>,
    /// The payloads of the jobs.
    payloads: HashMap<Key, String>,
    /// Where the next claim may start.
    last_key: Option<i64>,
}

impl Taken {
    /// The runs as they are carried out. This reads JSON, and is done when the transaction is over and others write.
    /// A row that cannot be understood takes no others with it: its lease ends, and after three times its run.
    fn runs(self) -> Vec<ClaimedRun> {
        let mut all = Vec::with_capacity(self.order.len());
        for (key, own) in self.order {
            let run = self.batch.runs.get(&key);
            let of_job = run.and_then(|run| self.payloads.get(&run.now.job_id).cloned());
            match claimed(&self.batch, key, own.or(of_job)) {
                Ok(run) => all.extend(run),
                Err(error) => tracing::error!(%error, run_id = %key, "a run that was claimed cannot be carried out"),
            }
        }
        all
    }
}

async fn claim_in_tx(tx: &mut Tx, claim: &Claim, floor: Option<i64>, memory: &Fairness) -> Result<Taken, Fault> {
    let (found, last_key) = take(&mut tx.conn, claim, floor, memory).await?;
    if found.is_empty() {
        return Ok(Taken::default());
    }
    let order: Vec<(Key, Option<String>)> = found.iter().map(|(run, own)| (run.run_id, own.clone())).collect();

    let runs = found.into_iter().map(|(run, _)| run).collect();
    let (mut batch, payloads) = batch::with_jobs_and_payloads(&mut tx.conn, runs).await?;
    // One token for the whole claim: a run is in a claim once, so run and token together name the attempt.
    let token = Key(random_bytes(tx.random()));
    let lease = Lease {
        token,
        until: naive(claim.lease_until),
        node: Some(claim.node.into()),
    };
    for (run, _) in &order {
        let facts = Facts {
            lease: Some(lease),
            ..Facts::default()
        };
        let stepped = batch.step(&mut tx.context(), *run, Trigger::Claim, claim.now, facts)?;
        stepped.map_err(|error| StoreError::Driver(error.to_string()))?;
    }
    let batch = batch::save(tx, batch).await?;
    if let Some(limit) = claim.per_user {
        let mut started: HashMap<Key, u32> = HashMap::new();
        for run in batch.runs.values() {
            *started.entry(run.now.user_id).or_default() += 1;
        }
        if !fair::within_limit(&mut tx.conn, &started, limit).await? {
            return Err(Fault::Retry("another node has used up the room of a user".to_owned()));
        }
    }
    Ok(Taken {
        batch,
        order,
        payloads,
        last_key,
    })
}

/// A run of the batch that was just claimed, with all that is needed to carry it out.
pub(super) fn claimed(batch: &Batch, key: Key, payload: Option<String>) -> Result<Option<ClaimedRun>, StoreError> {
    let Some(run) = batch.runs.get(&key) else {
        return Ok(None);
    };
    let (Some(job), Some(token)) = (batch.jobs.get(&run.now.job_id), run.now.lease_token) else {
        return Ok(None);
    };
    let place = job.now.place();
    Ok(Some(ClaimedRun {
        run: run.now.whole(payload)?,
        lease: LeaseToken(token.0),
        retry: job.now.retry()?,
        executor: place.json("executor", &job.now.executor)?,
        timeout_seconds: job
            .now
            .timeout_seconds
            .map(|seconds| place.count("timeout_seconds", seconds))
            .transpose()?,
    }))
}

pub(super) async fn claim(db: &Db, claim: &Claim) -> Result<Vec<ClaimedRun>, StoreError> {
    let from = db.floor().start(claim.now);
    let taken = db
        .write((claim.clone(), from.key, db.clone()), |tx, (claim, floor, db)| {
            Box::pin(claim_in_tx(tx, claim, *floor, db.fairness()))
        })
        .await?;
    db.floor().claimed(from, taken.last_key, claim.now);
    let claimed = taken.runs();
    let users = claimed.iter().map(|claimed| Key::from(claimed.run.user_id));
    db.fairness().served(users, claim.now);
    Ok(claimed)
}
