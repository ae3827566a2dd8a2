//! Heartbeats: a ping answers for a planned instant, and one that nothing answered for fails. Either is a run that begins and
//! ends in the same transaction.

use super::{Tx, batch, births, fire::DueRow, insert::insert, jobs::job_in};
use crate::{
    error::Fault,
    key::Key,
    rows::{instant, naive, occurrences::OccurrenceRow},
    schema::{jobs, occurrences},
    transitions::{Batch, Facts, Lease},
};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::{Timestamp, random_bytes},
    error::StoreError,
    ids::{JobId, OccurrenceId, RunId, UserId},
    job::Payload,
    occurrence::{Occurrence, OccurrenceOutcome},
    ports::{NewRun, Pinged},
    run::{RunError, RunTrigger, Trigger, TriggerKind},
};

/// Adds a run of a planned instant which ends at once, well or badly.
pub(super) fn settled(
    tx: &mut Tx,
    batch: &mut Batch,
    job: Key,
    run_id: RunId,
    (planned_at, now): (Timestamp, Timestamp),
    outcome: Result<Option<Payload>, RunError>,
) -> Result<(), Fault> {
    let owner = UserId::from(job_in(batch, job)?.created_by);
    let new = NewRun {
        run_id,
        trigger: RunTrigger {
            kind: TriggerKind::Schedule,
            planned_at: Some(planned_at),
            user_id: None,
            ..RunTrigger::manual(owner)
        },
        payload: None,
        claim: None,
    };
    births::add_run(tx, batch, job, &new, true, now)?;
    // Nobody has to look for it.
    tx.effects.of(owner).claimable -= 1;
    let lease = Lease {
        token: Key(random_bytes(tx.random())),
        until: naive(now),
        node: None,
    };
    let claim = Facts {
        lease: Some(lease),
        ..Facts::default()
    };
    let (trigger, facts) = match outcome {
        Ok(result) => (
            Trigger::Succeed,
            Facts {
                result,
                ..Facts::default()
            },
        ),
        Err(error) => (
            Trigger::Fail {
                retryable: false,
                timed_out: false,
                retry_after: None,
            },
            Facts {
                error: Some(error),
                ..Facts::default()
            },
        ),
    };
    for (trigger, facts) in [(Trigger::Claim, claim), (trigger, facts)] {
        let stepped = batch.step(&mut tx.context(), run_id.into(), trigger, now, facts)?;
        stepped.map_err(|error| StoreError::Driver(error.to_string()))?;
    }
    Ok(())
}

/// A ping came. It answers for the first instant that nothing is decided about, unless it came before the one before that.
pub(super) async fn ping_in_tx(tx: &mut Tx, owner: UserId, job_id: JobId, now: Timestamp) -> Result<Pinged, Fault> {
    let key = Key::from(job_id);
    let mut batch = batch::job_of(&mut tx.conn, owner, key, false).await?;
    let job = job_in(&batch, key)?;
    let (Some(grace), Some(planned)) = (job.heartbeat_grace()?, job.next_run_at) else {
        return Ok(Pinged::NotExpected);
    };
    let row: DueRow = jobs::table
        .find(key)
        .select(DueRow::as_select())
        .first(&mut tx.conn)
        .await?;
    if row.is_paused() {
        return Ok(Pinged::NotExpected);
    }
    let newest: Option<OccurrenceRow> = occurrences::table
        .filter(occurrences::job_id.eq(key))
        .order(occurrences::planned_at.desc())
        .select(OccurrenceRow::as_select())
        .first(&mut tx.conn)
        .await
        .optional()?;
    let planned = instant(planned);
    let decided = newest.map(|row| instant(row.last_planned_at.unwrap_or(row.planned_at)));
    if decided.is_some_and(|decided| decided >= now || decided >= planned) {
        return Ok(Pinged::Again { next: planned });
    }
    if now > planned + grace {
        return Ok(Pinged::Overdue);
    }
    let late = (now - planned).max(TimeDelta::zero());
    let (compiled, _) = row.compiled()?;
    let anchor = row.anchor();
    let run_id = RunId::new(now, tx.random());
    let result = Payload::of(&serde_json::json!({"pinged_at": now, "late_seconds": late.num_seconds()})).ok();
    settled(tx, &mut batch, key, run_id, (planned, now), Ok(result))?;
    let next = compiled.next_after(anchor, planned);
    if let Some(job) = batch.jobs.get_mut(&key) {
        job.now.next_run_at = next.map(naive);
        job.now.due_at = next.map(|next| naive(compiled.due_at(key.0, next) + grace));
    }
    batch::save(tx, batch).await?;
    let occurrence = Occurrence {
        occurrence_id: OccurrenceId::new(now, tx.random()),
        job_id,
        planned_at: planned,
        last_planned_at: None,
        count: 1,
        outcome: OccurrenceOutcome::Ran,
        reason: (late.num_seconds() > 0).then(|| format!("the ping came {} s after the instant", late.num_seconds())),
        run_id: Some(run_id),
        recorded_at: now,
    };
    insert(&mut tx.conn, vec![OccurrenceRow::new(&occurrence, owner)])
        .await
        .map_err(|fault| fault.taken("idx_occurrences_instant", "occurrences.planned_at", "planned_at"))?;
    Ok(Pinged::Counted {
        planned,
        late_seconds: late.num_seconds(),
        next,
    })
}
