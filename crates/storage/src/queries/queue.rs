//! [`RunQueue`]: how attempts end, leases, retries, and what retention deletes.

use super::{Conn, Db, Tx, batch, claim};
use crate::{
    error::Fault,
    key::Key,
    rows::{instant, naive, runs::RunRow},
    schema::{job_tags, jobs, runs},
    transitions::Facts,
};
use async_trait::async_trait;
use diesel::dsl::{exists, min, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{NodeId, RunId, uuid_v7},
    ports::{Claim, ClaimedRun, Finish, Finished, RunQueue},
    run::{LeaseToken, RunStatus, Trigger},
    user::Word,
};
use std::collections::HashSet;

async fn finish_in_tx(tx: &mut Tx, finishes: &[Finish]) -> Result<Vec<Finished>, Fault> {
    let keys = finishes.iter().map(|finish| finish.run_id.into()).collect();
    let rows = batch::lock_runs(&mut tx.conn, keys, false).await?;
    // Only runs whose lease holds are touched, so only their jobs are locked.
    let leases: HashSet<(Key, Key)> = finishes
        .iter()
        .map(|finish| (finish.run_id.into(), Key(finish.lease.0)))
        .collect();
    let held = |run: &RunRow| {
        run.lease_token
            .is_some_and(|lease| leases.contains(&(run.run_id, lease)))
    };
    let mut batch = batch::with_jobs(&mut tx.conn, rows.into_iter().filter(held).collect()).await?;
    let mut answers = Vec::with_capacity(finishes.len());
    for finish in finishes {
        let key = Key::from(finish.run_id);
        // A second word about the same attempt finds the lease gone.
        let holds = batch
            .runs
            .get(&key)
            .is_some_and(|run| run.now.lease_token == Some(Key(finish.lease.0)));
        let facts = Facts {
            lease: None,
            result: finish.result.clone(),
            error: finish.error.clone(),
        };
        let written = holds
            && batch
                .step(&mut tx.context(), key, finish.trigger, finish.at, facts)?
                .is_ok();
        answers.push(if written {
            Finished::Written
        } else {
            Finished::LeaseLost
        });
    }
    batch::save(tx, batch).await?;
    Ok(answers)
}

async fn renew_in_tx(tx: &mut Tx, leases: &[(RunId, LeaseToken)], until: Timestamp) -> Result<Vec<RunId>, Fault> {
    let keys = leases.iter().map(|(run, _)| Key::from(*run)).collect();
    let rows = batch::lock_runs(&mut tx.conn, keys, false).await?;
    let holds = |run: &RunId, token: &LeaseToken| {
        rows.iter()
            .any(|row| row.run_id == Key::from(*run) && row.lease_token == Some(Key(token.0)))
    };
    let (held, lost): (Vec<_>, Vec<_>) = leases.iter().partition(|(run, token)| holds(run, token));
    let held: Vec<Key> = held.into_iter().map(|(run, _)| Key::from(run)).collect();
    let row = diesel::update(runs::table).set(runs::lease_until.eq(naive(until)));
    let running = runs::status.eq(RunStatus::Running.word());
    match held.as_slice() {
        [] => 0,
        [one] => {
            row.filter(runs::run_id.eq(*one).and(running))
                .execute(&mut tx.conn)
                .await?
        }
        many => {
            row.filter(runs::run_id.eq_any(many).and(running))
                .execute(&mut tx.conn)
                .await?
        }
    };
    Ok(lost.into_iter().map(|(run, _)| run).collect())
}

/// Something happens to all of these runs for which it still holds once they are locked.
async fn happen(
    tx: &mut Tx,
    keys: Vec<Key>,
    trigger: Trigger,
    now: Timestamp,
    still: impl Fn(&RunRow) -> bool,
) -> Result<u32, Fault> {
    if keys.is_empty() {
        return Ok(0);
    }
    // Whoever has one of them locked is just ending it.
    let rows = batch::lock_runs(&mut tx.conn, keys, true).await?;
    let mut batch = batch::with_jobs(&mut tx.conn, rows.into_iter().filter(still).collect()).await?;
    let keys: Vec<Key> = batch.runs.keys().copied().collect();
    let mut count = 0;
    for key in keys {
        // What has ended is a lease of a node, or one of a worker, whose time may be up as well.
        let ended = batch.runs.get(&key).filter(|_| trigger == Trigger::LeaseLost);
        let (trigger, error) = ended.map_or((trigger, None), |run| run.now.lease_ended(now));
        let facts = Facts {
            error,
            ..Facts::default()
        };
        if batch.step(&mut tx.context(), key, trigger, now, facts)?.is_ok() {
            count += 1;
        }
    }
    batch::save(tx, batch).await?;
    Ok(count)
}

async fn reap_in_tx(tx: &mut Tx, now: Timestamp, batch: u32) -> Result<u32, Fault> {
    let keys = runs::table
        .filter(runs::lease_until.is_not_null().and(runs::lease_until.lt(naive(now))))
        .order(runs::lease_until)
        .limit(i64::from(batch))
        .select(runs::run_id)
        .load(&mut tx.conn)
        .await?;
    happen(tx, keys, Trigger::LeaseLost, now, |run| {
        run.lease_until.is_some_and(|until| until < naive(now))
    })
    .await
}

async fn free_in_tx(tx: &mut Tx, node: NodeId, now: Timestamp) -> Result<u32, Fault> {
    let node = Key::from(node);
    let keys = runs::table
        .filter(runs::lease_until.is_not_null().and(runs::node_id.eq(node)))
        .select(runs::run_id)
        .limit(500)
        .load(&mut tx.conn)
        .await?;
    happen(tx, keys, Trigger::LeaseLost, now, |run| {
        run.lease_until.is_some() && run.node_id == Some(node)
    })
    .await
}

async fn queue_retries_in_tx(tx: &mut Tx, now: Timestamp, batch: u32) -> Result<u32, Fault> {
    let keys = runs::table
        .filter(runs::retry_at.is_not_null().and(runs::retry_at.le(naive(now))))
        .order(runs::retry_at)
        .limit(i64::from(batch))
        .select(runs::run_id)
        .load(&mut tx.conn)
        .await?;
    happen(tx, keys, Trigger::RetryDue, now, |run| {
        run.retry_at.is_some_and(|at| at <= naive(now))
    })
    .await
}

async fn next_retry_at(conn: &mut Conn) -> Result<Option<Timestamp>, Fault> {
    let at = runs::table
        .filter(runs::retry_at.is_not_null())
        .select(min(runs::retry_at))
        .first(conn)
        .await?;
    Ok(Option::map(at, instant))
}

async fn delete_ended_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    // Ids grow with time, so old runs are at the start of the primary key: no index is needed to find them.
    let made_before = Key(*uuid_v7(before, [0; 10]).as_bytes());
    let old: Vec<Key> = runs::table
        .filter(runs::run_id.lt(made_before).and(runs::finished_at.lt(naive(before))))
        .order(runs::run_id)
        .limit(i64::from(batch))
        .select(runs::run_id)
        .load(&mut tx.conn)
        .await?;
    let mut deleted = 0;
    if !old.is_empty() {
        deleted += diesel::delete(runs::table.filter(runs::run_id.eq_any(old)))
            .execute(&mut tx.conn)
            .await?;
    }
    let rest = i64::from(batch) - i64::try_from(deleted).unwrap_or(i64::MAX);
    if rest > 0 {
        let gone: Vec<Key> = jobs::table
            .filter(jobs::deleted_at.is_not_null().and(jobs::deleted_at.lt(naive(before))))
            .filter(not(exists(
                runs::table.filter(runs::job_id.eq(jobs::job_id)).select(runs::run_id),
            )))
            .limit(rest)
            .select(jobs::job_id)
            .load(&mut tx.conn)
            .await?;
        if !gone.is_empty() {
            diesel::delete(job_tags::table.filter(job_tags::job_id.eq_any(&gone)))
                .execute(&mut tx.conn)
                .await?;
            deleted += diesel::delete(jobs::table.filter(jobs::job_id.eq_any(&gone)))
                .execute(&mut tx.conn)
                .await?;
        }
    }
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl RunQueue for Db {
    async fn claim(&self, claim: &Claim) -> Result<Vec<ClaimedRun>, StoreError> {
        claim::claim(self, claim).await
    }

    async fn finish(&self, batch: Vec<Finish>) -> Result<Vec<Finished>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        self.write(batch, |tx, batch| finish_in_tx(tx, batch).boxed()).await
    }

    async fn renew(
        &self,
        leases: &[(RunId, LeaseToken)],
        until: Timestamp,
        _now: Timestamp,
    ) -> Result<Vec<RunId>, StoreError> {
        if leases.is_empty() {
            return Ok(Vec::new());
        }
        self.write((leases.to_vec(), until), |tx, (leases, until)| {
            renew_in_tx(tx, leases, *until).boxed()
        })
        .await
    }

    async fn reap(&self, now: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((now, batch), |tx, (now, batch)| reap_in_tx(tx, *now, *batch).boxed())
            .await
    }

    async fn free_leases_of(&self, node: NodeId, now: Timestamp) -> Result<u32, StoreError> {
        let mut freed = 0;
        loop {
            let some = self
                .write((node, now), |tx, (node, now)| free_in_tx(tx, *node, *now).boxed())
                .await?;
            freed += some;
            if some == 0 {
                return Ok(freed);
            }
        }
    }

    async fn queue_due_retries(&self, now: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((now, batch), |tx, (now, batch)| {
            queue_retries_in_tx(tx, *now, *batch).boxed()
        })
        .await
    }

    async fn next_retry_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read((), |conn, ()| next_retry_at(conn).boxed()).await
    }

    async fn delete_ended(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_ended_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
