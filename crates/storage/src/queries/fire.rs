//! Instants that come due: the schedule moves on, the ledger is written and runs are made, in one transaction.

mod ledger;

use super::{Conn, Tx, batch, births, insert::insert, keys_in::keys_in, ping};
use crate::{
    error::Fault,
    key::Key,
    rows::{Place, instant, naive, occurrences::OccurrenceRow},
    schema::{jobs, runs},
    transitions::Batch,
};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::EventType,
    ids::{JobId, OccurrenceId, RunId},
    job::{Admission, CatchUp, Overlap},
    notice::HEARTBEAT_MISSED,
    occurrence::{Occurrence, OccurrenceOutcome},
    ports::{Claim, Fired, NewRun},
    run::{Reason, RunError, RunTrigger, TriggerKind},
    schedule::{
        CompiledSchedule, Schedule,
        due::{self, Decision, DueInput, MissedReason, Outcome},
    },
    user::Word,
};
use std::collections::HashMap;

/// A schedule that cannot be read is looked at again after this time, so that it does not keep the others waiting.
const BROKEN_FOR: TimeDelta = TimeDelta::hours(1);

/// What decides about the instants of a job, besides its state.
#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub(super) struct DueRow {
    job_id: Key,
    schedule: Option<String>,
    catch_up: String,
    scheduled_from: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    paused_at: Option<NaiveDateTime>,
    paused_by: Option<Key>,
    pause_reason: Option<String>,
    payload: Option<String>,
}

impl DueRow {
    /// Whether nothing of the schedule starts now.
    pub(super) fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// Where the grid of the schedule begins.
    pub(super) fn anchor(&self) -> Timestamp {
        instant(self.scheduled_from.unwrap_or(self.created_at))
    }

    pub(super) fn compiled(&self) -> Result<(CompiledSchedule, CatchUp), StoreError> {
        let place = Place {
            table: "jobs",
            row: &self.job_id,
        };
        let text = self.schedule.as_deref().unwrap_or("null");
        let schedule: Schedule = place.json("schedule", text)?;
        let compiled = schedule.compile().map_err(|errors| {
            let first = errors.into_iter().next();
            let why = first.map_or_else(String::new, |error| error.message);
            place.inconsistent("schedule", why)
        })?;
        Ok((compiled, place.json("catch_up", &self.catch_up)?))
    }
}

/// Jobs that are due; and, before them, the runs that some of them would replace.
async fn lock_due(conn: &mut Conn, now: Timestamp, most: u32) -> Result<(Batch, bool), Fault> {
    let found: Vec<(Key, String, i32)> = jobs::table
        .filter(jobs::due_at.is_not_null().and(jobs::due_at.le(naive(now))))
        .order((jobs::due_at, jobs::job_id))
        .limit(i64::from(most))
        .select((jobs::job_id, jobs::overlap, jobs::active_runs))
        .load(conn)
        .await?;
    let more = u32::try_from(found.len()).unwrap_or(u32::MAX) == most;
    let keys: Vec<Key> = found.iter().map(|(key, ..)| *key).collect();
    if keys.is_empty() {
        return Ok((Batch::default(), false));
    }
    let replacing: Vec<Key> = found
        .iter()
        .filter(|(_, overlap, active)| *active > 0 && overlap == Overlap::CancelRunning.word())
        .map(|(key, ..)| *key)
        .collect();
    let mut under_way = Vec::new();
    if !replacing.is_empty() {
        let keys = runs::table
            .filter(runs::active_job_id.eq_any(&replacing))
            .select(runs::run_id)
            .load(conn)
            .await?;
        under_way = batch::lock_runs(conn, keys, false).await?;
    }
    let jobs = batch::lock_due_jobs(conn, &keys, naive(now)).await?;
    let is_locked: Vec<Key> = jobs.iter().map(|job| job.job_id).collect();
    under_way.retain(|run| is_locked.contains(&run.job_id));
    Ok((Batch::new(under_way, jobs), more))
}

/// Fires what is due. With `careful`, instants that are in the ledger already are passed over; without it, one of them is
/// `Taken`.
pub(super) async fn fire_in_tx(
    tx: &mut Tx,
    now: Timestamp,
    most: u32,
    claim: Option<&Claim>,
    careful: bool,
) -> Result<Fired, Fault> {
    let (mut batch, more) = lock_due(&mut tx.conn, now, most).await?;
    let keys: Vec<Key> = batch.jobs.keys().copied().collect();
    if keys.is_empty() {
        return Ok(Fired::default());
    }
    let rows: Vec<DueRow> = jobs::table
        .filter(keys_in("jobs.job_id", &keys))
        .select(DueRow::as_select())
        .load(&mut tx.conn)
        .await?;
    let recorded = if careful {
        ledger::recorded(&mut tx.conn, &batch).await?
    } else {
        HashMap::new()
    };
    let mut fire = Fire {
        now,
        claim,
        recorded,
        places: claim.map_or(0, |claim| claim.max),
        ledger: Vec::new(),
        started: Vec::new(),
        runs: 0,
    };
    let jobs = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    for row in rows {
        fire.job(tx, &mut batch, &row)?;
    }
    let ledger = ledger::merge(&mut tx.conn, fire.ledger).await?;
    let batch = batch::save(tx, batch).await?;
    insert(&mut tx.conn, ledger)
        .await
        .map_err(|fault| fault.taken("idx_occurrences_instant", "occurrences.planned_at", "planned_at"))?;
    // What was replaced by a later instant of the same call is over.
    let is_running = |key: &Key| batch.runs.get(key).is_some_and(|run| run.now.lease_token.is_some());
    fire.started.retain(|(key, _)| is_running(key));
    births::hand_over(tx, &batch, fire.started)?;
    Ok(Fired {
        jobs,
        runs: fire.runs,
        more,
    })
}

struct Fire<'a> {
    now: Timestamp,
    claim: Option<&'a Claim>,
    /// See [`ledger::recorded`].
    recorded: HashMap<Key, Timestamp>,
    /// Places that are left for runs to start at once.
    places: u32,
    ledger: Vec<OccurrenceRow>,
    started: Vec<(Key, Option<String>)>,
    runs: u32,
}

impl Fire<'_> {
    /// Decides about every instant of a job that has come.
    fn job(&mut self, tx: &mut Tx, batch: &mut Batch, row: &DueRow) -> Result<(), Fault> {
        let key = row.job_id;
        let Some(planned) = batch.jobs.get(&key).and_then(|job| job.now.next_run_at) else {
            return Ok(());
        };
        let (compiled, catch_up) = match row.compiled() {
            Ok(compiled) => compiled,
            Err(error) => {
                tracing::error!(%error, job_id = %key, "a schedule cannot be read; its job is passed over for an hour");
                if let Some(job) = batch.jobs.get_mut(&key) {
                    job.now.due_at = Some(naive(self.now + BROKEN_FOR));
                }
                return Ok(());
            }
        };
        let anchor = row.anchor();
        // A ping may still come until the grace is over: nothing younger is decided about.
        let heartbeat = batch.jobs.get(&key).map(|job| job.now.heartbeat_grace()).transpose()?;
        let grace = heartbeat.flatten().unwrap_or_default();
        let now = self.now - grace;
        let planned = match self.recorded.get(&key) {
            Some(last) => compiled.next_after(anchor, *last),
            None => Some(instant(planned)),
        };
        let mut next = planned;
        if let Some(planned) = planned.filter(|planned| *planned <= now) {
            let plan = due::plan(&DueInput {
                compiled: &compiled,
                anchor,
                job_seed: key.0,
                planned,
                now,
                paused: row.paused_at.map(instant),
                catch_up,
            });
            let mut run_ids = self.run_ids(tx, &plan.decisions);
            for decision in &plan.decisions {
                self.decide(tx, batch, row, decision, &mut run_ids)?;
            }
            next = plan.next;
        }
        if let Some(job) = batch.jobs.get_mut(&key) {
            job.now.next_run_at = next.map(naive);
            job.now.due_at = next.map(|next| naive(compiled.due_at(key.0, next) + grace));
        }
        Ok(())
    }

    /// Ids for the runs of a job, the last one first: runs that are made at the same instant are told apart by their ids
    /// alone, and earlier instants come first.
    fn run_ids(&self, tx: &Tx, decisions: &[Decision]) -> Vec<RunId> {
        let runs = decisions
            .iter()
            .filter(|decision| matches!(decision.outcome, Outcome::Run { .. }));
        let mut ids: Vec<RunId> = runs.map(|_| RunId::new(self.now, tx.random())).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids
    }

    fn decide(
        &mut self,
        tx: &mut Tx,
        batch: &mut Batch,
        row: &DueRow,
        decision: &Decision,
        run_ids: &mut Vec<RunId>,
    ) -> Result<(), Fault> {
        match decision.outcome {
            Outcome::Run { late } => {
                let run_id = run_ids.pop().unwrap_or_else(|| RunId::new(self.now, tx.random()));
                self.run(tx, batch, row, (decision.planned_at, late), run_id)
            }
            Outcome::Missed { reason } => {
                let reason = self.missed(decision, reason);
                self.record(
                    tx,
                    batch,
                    row,
                    decision,
                    (OccurrenceOutcome::Missed, Some(reason), None),
                )
            }
            Outcome::Paused => {
                let job = batch.jobs.get(&row.job_id).map(|job| job.now.created_by);
                let who = if row.paused_by.is_none() || row.paused_by == job {
                    "its owner"
                } else {
                    "an administrator"
                };
                let why = row
                    .pause_reason
                    .as_ref()
                    .map(|why| format!(": {why}"))
                    .unwrap_or_default();
                let reason = format!("paused by {who}{why}").chars().take(500).collect();
                self.record(
                    tx,
                    batch,
                    row,
                    decision,
                    (OccurrenceOutcome::Paused, Some(reason), None),
                )
            }
        }
    }

    fn missed(&self, decision: &Decision, reason: MissedReason) -> String {
        let last = decision.last_planned_at.unwrap_or(decision.planned_at);
        let late = span(self.now - last);
        let why = match reason {
            MissedReason::CatchUpOff => "catch_up is \"none\"",
            MissedReason::OutsideWindow => "that is longer than the window of catch_up",
            MissedReason::NotTheLast => "catch_up is \"last\", and a later instant runs",
            MissedReason::OverMaxRuns => "later instants use up the max_runs of catch_up",
        };
        format!("no server was there in time: found {late} late; {why}")
    }

    fn run(
        &mut self,
        tx: &mut Tx,
        batch: &mut Batch,
        row: &DueRow,
        (planned_at, late): (Timestamp, bool),
        run_id: RunId,
    ) -> Result<(), Fault> {
        let one = Decision {
            outcome: Outcome::Run { late },
            planned_at,
            last_planned_at: None,
            count: 1,
        };
        let key = row.job_id;
        let Some(job) = batch.jobs.get(&key) else { return Ok(()) };
        let job = &job.now;
        if let Some(grace) = job.heartbeat_grace()? {
            return self.silence(tx, batch, row, &one, (late, grace), run_id);
        }
        let active = job.place().count("active_runs", job.active_runs)?;
        let (overlap, owner) = (job.overlap()?, job.created_by);
        let claimable = match overlap.admit(active, job.max_running()?) {
            Admission::Start => true,
            Admission::Wait => false,
            Admission::Refuse => {
                let reason = if overlap == Overlap::Queue {
                    format!("{} runs waited already", Overlap::QUEUE_LIMIT)
                } else {
                    "the run before was still under way, and overlap is \"skip\"".to_owned()
                };
                return self.record(tx, batch, row, &one, (OccurrenceOutcome::Skipped, Some(reason), None));
            }
            Admission::CancelOthersAndStart => replace(tx, batch, key, self.now)?,
        };
        let new = NewRun {
            run_id,
            trigger: RunTrigger {
                kind: TriggerKind::Schedule,
                planned_at: Some(planned_at),
                run_id: None,
                user_id: None,
                api_key_id: None,
            },
            payload: None,
            claim: self.claim.filter(|_| self.places > 0).cloned(),
        };
        if late {
            tx.effects.of(owner.into()).late.insert(key.into());
        }
        births::add_run(tx, batch, key, &new, claimable, self.now)?;
        if births::start_at_once(tx, batch, &new, self.now)? {
            self.places -= 1;
            self.started.push((run_id.into(), row.payload.clone()));
        }
        self.runs += 1;
        let reason = late.then(|| format!("caught up, {} late", span(self.now - planned_at)));
        self.record(tx, batch, row, &one, (OccurrenceOutcome::Ran, reason, Some(run_id)))
    }

    /// No ping came for an instant. That is a failure of whoever should have pinged, but not where no server was there to be
    /// pinged.
    fn silence(
        &mut self,
        tx: &mut Tx,
        batch: &mut Batch,
        row: &DueRow,
        instant: &Decision,
        (late, grace): (bool, TimeDelta),
        run_id: RunId,
    ) -> Result<(), Fault> {
        let planned = instant.planned_at;
        if late {
            let late = span(self.now - planned);
            let reason = format!("no server was there to be pinged: found {late} late");
            return self.record(tx, batch, row, instant, (OccurrenceOutcome::Missed, Some(reason), None));
        }
        let message = format!("no ping came by {}", (planned + grace).format("%Y-%m-%d %H:%M:%S UTC"));
        let error = RunError::new(HEARTBEAT_MISSED, message.clone());
        ping::settled(tx, batch, row.job_id, run_id, (planned, self.now), Err(error))?;
        self.runs += 1;
        let outcome = (OccurrenceOutcome::Ran, Some(message), Some(run_id));
        self.record(tx, batch, row, instant, outcome)
    }

    /// Notes what became of an instant, and tells of it where nothing ran.
    fn record(
        &mut self,
        tx: &mut Tx,
        batch: &Batch,
        row: &DueRow,
        decision: &Decision,
        (outcome, reason, run_id): (OccurrenceOutcome, Option<String>, Option<RunId>),
    ) -> Result<(), Fault> {
        let Some(job) = batch.jobs.get(&row.job_id) else {
            return Ok(());
        };
        let occurrence = Occurrence {
            occurrence_id: OccurrenceId::new(self.now, tx.random()),
            job_id: JobId::from(row.job_id),
            planned_at: decision.planned_at,
            last_planned_at: decision.last_planned_at,
            count: decision.count,
            outcome,
            reason,
            run_id,
            recorded_at: self.now,
        };
        self.ledger
            .push(OccurrenceRow::new(&occurrence, job.now.created_by.into()));
        let kind = match outcome {
            OccurrenceOutcome::Missed => EventType::OccurrenceMissed,
            OccurrenceOutcome::Skipped => EventType::OccurrenceSkipped,
            OccurrenceOutcome::Ran | OccurrenceOutcome::Paused | OccurrenceOutcome::OutOfWindow => return Ok(()),
        };
        tx.context().emit_occurrence(kind, &job.now, occurrence)?;
        Ok(())
    }
}

/// Cancels what is under way of a job; answers whether nothing is left of it.
fn replace(tx: &mut Tx, batch: &mut Batch, job: Key, now: Timestamp) -> Result<bool, Fault> {
    let keys: Vec<Key> = batch
        .runs
        .values()
        .filter(|run| run.now.job_id == job && run.now.active_job_id.is_some())
        .map(|run| run.now.run_id)
        .collect();
    let known = batch.jobs.get(&job).map_or(0, |job| job.now.active_runs);
    if i32::try_from(keys.len()).ok() != Some(known) {
        return Err(Fault::Retry("a run came or went before its job was locked".to_owned()));
    }
    let mut none_left = true;
    for key in keys {
        none_left &= batch
            .cancel(&mut tx.context(), key, Reason::Replaced, now)?
            .unwrap_or(true);
    }
    Ok(none_left)
}

/// A length of time in words: `40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
fn span(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if days > 0 {
        format!("{days} d {} h", hours % 24)
    } else if hours > 0 {
        format!("{hours} h {} min", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes} min")
    } else {
        format!("{seconds} s")
    }
}
