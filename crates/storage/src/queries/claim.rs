//! Claiming: the most urgent runs that wait, each given to one node only.

use super::{Conn, Db, Tx, batch, dialect};
use crate::{
    error::Fault,
    key::Key,
    rows::{naive, runs::RunRow},
    schema::{jobs, runs},
    transitions::{Batch, Facts, Lease},
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
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
    Ok(dialect::locked_skipping!(rows).load(conn).await?)
}

/// The payloads of jobs that have one.
async fn payloads(conn: &mut Conn, batch: &Batch) -> Result<HashMap<Key, String>, Fault> {
    let keys: Vec<Key> = batch.jobs.keys().copied().collect();
    let rows = jobs::table
        .filter(jobs::payload.is_not_null())
        .select((jobs::job_id, jobs::payload.assume_not_null()));
    let found: Vec<(Key, String)> = match keys.as_slice() {
        [one] => rows.filter(jobs::job_id.eq(*one)).load(conn).await?,
        many => rows.filter(jobs::job_id.eq_any(many)).load(conn).await?,
    };
    Ok(found.into_iter().collect())
}

async fn claim_in_tx(tx: &mut Tx, claim: &Claim, floor: Option<i64>) -> Result<(Vec<ClaimedRun>, Option<i64>), Fault> {
    let mut found = candidates(&mut tx.conn, floor, claim.max).await?;
    if floor.is_some() && found.len() < usize::try_from(claim.max).unwrap_or(usize::MAX) {
        found = candidates(&mut tx.conn, None, claim.max).await?;
    }
    if found.is_empty() {
        return Ok((Vec::new(), None));
    }
    let is_full = found.len() == usize::try_from(claim.max).unwrap_or(usize::MAX);
    let last_key = found.last().and_then(|(run, _)| run.claim_key).filter(|_| is_full);
    let order: Vec<(Key, Option<String>)> = found.iter().map(|(run, own)| (run.run_id, own.clone())).collect();

    let mut batch = batch::with_jobs(&mut tx.conn, found.into_iter().map(|(run, _)| run).collect()).await?;
    // One token for the whole claim: a run is in a claim once, so run and token together name the attempt.
    let token = Key(random_bytes(tx.random()));
    let lease = Lease {
        token,
        until: naive(claim.lease_until),
        node: claim.node.into(),
    };
    for (run, _) in &order {
        let facts = Facts {
            lease: Some(lease),
            ..Facts::default()
        };
        let stepped = batch.step(&mut tx.context(), *run, Trigger::Claim, claim.now, facts)?;
        stepped.map_err(|error| StoreError::Driver(error.to_string()))?;
    }
    let payloads = payloads(&mut tx.conn, &batch).await?;
    let batch = batch::save(tx, batch).await?;
    let mut claimed = Vec::with_capacity(order.len());
    for (key, own) in order {
        let Some(run) = batch.runs.get(&key) else { continue };
        let Some(job) = batch.jobs.get(&run.now.job_id) else {
            continue;
        };
        let place = job.now.place();
        claimed.push(ClaimedRun {
            run: run.now.whole(own.or_else(|| payloads.get(&run.now.job_id).cloned()))?,
            lease: LeaseToken(token.0),
            retry: job.now.retry()?,
            executor: place.json("executor", &job.now.executor)?,
            timeout_seconds: job
                .now
                .timeout_seconds
                .map(|seconds| place.count("timeout_seconds", seconds))
                .transpose()?,
        });
    }
    Ok((claimed, last_key))
}

pub(super) async fn claim(db: &Db, claim: &Claim) -> Result<Vec<ClaimedRun>, StoreError> {
    let from = db.floor().start(claim.now);
    let (claimed, last_key) = db
        .write((claim.clone(), from.key), |tx, (claim, floor)| {
            Box::pin(claim_in_tx(tx, claim, *floor))
        })
        .await?;
    db.floor().claimed(from, last_key, claim.now);
    Ok(claimed)
}
