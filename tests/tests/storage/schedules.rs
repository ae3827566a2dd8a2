//! Instants that come due: each ends in one row of the ledger, whoever asks, however often.

use super::{
    people::{at, limit, somebody},
    work::{claim, claim_some, end, new_run, spec},
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::EventType,
    ids::{JobId, UserId},
    job::{CatchUp, CatchUpPolicy, Job, JobSpec, Overlap, Payload},
    occurrence::{Occurrence, OccurrenceOutcome},
    ports::{Fired, NewJob, NewRun, Planned, Timing},
    run::{Reason, RunStatus, RunTrigger, Trigger, TriggerKind},
    schedule::Schedule,
};
use scheduler_tests::databases::Database;

mod backfill;
mod overlap;
mod silence;

on_both! {
    what_runs_next_is_told_soonest_first
    a_due_instant_makes_one_run_and_one_row
    many_at_once_fire_each_instant_once
    with_a_claim_runs_start_at_once
    once_is_over_after_its_instant
    nothing_comes_after_the_end
    a_new_schedule_counts_from_its_change
    a_job_that_is_deleted_fires_no_more
    the_ledger_is_read_page_by_page
    old_rows_are_deleted_in_batches
    an_instant_that_is_in_the_ledger_already_stops_nobody
    a_schedule_that_cannot_be_read_stops_nobody
    jitter_delays_the_run_but_not_the_planned_instant
}

/// A job that runs every so many seconds.
pub fn every(seconds: u32, overlap: Overlap) -> JobSpec {
    scheduled(Schedule::every(seconds), overlap)
}

fn scheduled(schedule: Schedule, overlap: Overlap) -> JobSpec {
    JobSpec {
        schedule: Some(schedule),
        overlap,
        ..spec("job")
    }
}

fn timing(schedule: Option<&Schedule>, job_id: JobId, now: Timestamp) -> Timing {
    let Some(schedule) = schedule else {
        return Timing::default();
    };
    let compiled = schedule.compile().unwrap();
    Timing {
        scheduled_from: Some(now),
        next: compiled.next_after(now, now).map(|at| Planned {
            at,
            due_at: compiled.due_at(*job_id.as_uuid().as_bytes(), at),
        }),
    }
}

pub async fn made(database: &Database, owner: UserId, spec: JobSpec, now: Timestamp) -> Job {
    let job_id = JobId::new(now, &*database.random);
    let new = NewJob {
        timing: timing(spec.schedule.as_ref(), job_id, now),
        job_id,
        spec,
        run: None,
    };
    database.stores.jobs.create(owner, new, now).await.unwrap()
}

async fn fire(database: &Database, now: Timestamp) -> Fired {
    database.stores.schedules.fire_due(now, 100, None).await.unwrap()
}

async fn find(database: &Database, job: &Job) -> Job {
    database.stores.jobs.find(job.created_by, job.job_id).await.unwrap()
}

/// The ledger of a job, oldest instant first.
async fn ledger(database: &Database, job: &Job) -> Vec<Occurrence> {
    let store = &database.stores.schedules;
    let page = store
        .occurrences(job.created_by, job.job_id, None, limit(200))
        .await
        .unwrap();
    let mut rows = page.data;
    rows.reverse();
    rows
}

/// Outcome, first instant, last instant, count.
type Line = (OccurrenceOutcome, Timestamp, Option<Timestamp>, u32);

fn lines(rows: &[Occurrence]) -> Vec<Line> {
    rows.iter()
        .map(|row| (row.outcome, row.planned_at, row.last_planned_at, row.count))
        .collect()
}

fn ran(second: i64) -> Line {
    (OccurrenceOutcome::Ran, at(second), None, 1)
}

fn several(outcome: OccurrenceOutcome, first: i64, last: i64, count: u32) -> Line {
    (outcome, at(first), (count > 1).then(|| at(last)), count)
}

/// The kinds of the events since the last look.
fn events(database: &Database) -> Vec<EventType> {
    let committed = database.listener.take().into_iter();
    committed.flat_map(|what| what.events).map(|event| event.kind).collect()
}

async fn runs(database: &Database) -> i64 {
    database.number("SELECT COUNT(*) FROM runs").await
}

async fn what_runs_next_is_told_soonest_first(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let every = |seconds| JobSpec {
        schedule: Some(Schedule::every(seconds)),
        ..spec(&format!("every {seconds} s"))
    };
    let slow = made(&database, ada, every(600), at(0)).await;
    let quick = made(&database, ada, every(30), at(0)).await;
    let paused = made(&database, ada, every(20), at(0)).await;
    made(&database, ada, every(90_000), at(0)).await;
    made(&database, bob, every(10), at(0)).await;
    made(&database, ada, spec("on demand"), at(0)).await;
    let store = &database.stores.schedules;
    store.pause(ada, paused.job_id, ada, None, at(1)).await.unwrap();
    let next = store.upcoming(ada, at(86_400), 20).await.unwrap();
    let next: Vec<_> = next
        .iter()
        .map(|(job, name, when)| (*job, name.as_str(), *when))
        .collect();
    assert_eq!(
        next,
        [
            (quick.job_id, "every 30 s", at(30)),
            (slow.job_id, "every 600 s", at(600))
        ]
    );
    assert_eq!(store.upcoming(ada, at(86_400), 1).await.unwrap().len(), 1);
}

async fn a_due_instant_makes_one_run_and_one_row(database: Database) {
    let ada = somebody(&database, "ada").await;
    let payload = Payload::from_json(r#"{"of":"job"}"#.to_owned()).unwrap();
    let spec = JobSpec {
        payload: Some(payload.clone()),
        ..every(60, Overlap::Skip)
    };
    let job = made(&database, ada, spec, at(0)).await;
    assert_eq!((job.next_run_at, job.scheduled_from), (Some(at(60)), Some(at(0))));
    assert_eq!(find(&database, &job).await, job);
    assert_eq!(database.stores.schedules.next_due_at().await.unwrap(), Some(at(60)));
    database.listener.take();

    assert_eq!(
        fire(&database, at(60) - TimeDelta::microseconds(1)).await,
        Fired::default()
    );
    assert_eq!(runs(&database).await, 0);
    let fired = fire(&database, at(60)).await;
    assert_eq!(
        fired,
        Fired {
            jobs: 1,
            runs: 1,
            more: false
        }
    );
    assert_eq!(fire(&database, at(60)).await, Fired::default(), "only once");

    let committed = database.listener.take();
    assert_eq!(committed.len(), 1);
    assert!(committed[0].has_claimable && committed[0].owner == ada);
    let kinds: Vec<_> = committed[0].events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventType::RunQueued]);

    let rows = ledger(&database, &job).await;
    assert_eq!(lines(&rows), [ran(60)]);
    assert_eq!((rows[0].reason.as_deref(), rows[0].recorded_at), (None, at(60)));
    let claimed = claim_some(&database, 9, at(61)).await.remove(0);
    assert_eq!(Some(claimed.run.run_id), rows[0].run_id);
    assert_eq!(claimed.run.payload, Some(payload));
    let trigger = &claimed.run.trigger;
    assert_eq!(
        (trigger.kind, trigger.planned_at),
        (TriggerKind::Schedule, Some(at(60)))
    );
    assert_eq!((trigger.user_id, trigger.run_id), (None, None));
    let job = find(&database, &job).await;
    assert_eq!((job.next_run_at, job.active_runs), (Some(at(120)), 1));
    assert_eq!(database.stores.schedules.next_due_at().await.unwrap(), Some(at(120)));
}

async fn many_at_once_fire_each_instant_once(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    for number in 0..50 {
        let owner = if number % 2 == 0 { ada } else { bob };
        made(&database, owner, every(60, Overlap::Allow), at(0)).await;
    }
    let other = database.another_node().await.0;
    for minute in 1..=3 {
        let now = at(60 * minute);
        let calls = (0..8).map(|number| {
            let store = if number % 2 == 0 { &database.stores } else { &other };
            let store = store.schedules.clone();
            tokio::spawn(async move { store.fire_due(now, 20, None).await.unwrap() })
        });
        let mut fired: u32 = join_all(calls).await.into_iter().map(|fired| fired.unwrap().runs).sum();
        // What all of them passed over because another had it is left for the next look.
        loop {
            let rest = database.stores.schedules.fire_due(now, 20, None).await.unwrap();
            fired += rest.runs;
            if rest.jobs == 0 {
                break;
            }
        }
        assert_eq!(fired, 50, "minute {minute}");
        assert_eq!(runs(&database).await, 50 * minute);
    }
    let rows = database
        .number("SELECT COUNT(*) FROM occurrences WHERE outcome = 'Ran' AND count = 1")
        .await;
    assert_eq!(rows, 150);
    let jobs = database.number("SELECT COUNT(DISTINCT job_id) FROM occurrences").await;
    let joined = database
        .number("SELECT COUNT(*) FROM occurrences o JOIN runs r ON r.run_id = o.run_id AND r.planned_at = o.planned_at")
        .await;
    assert_eq!((jobs, joined), (50, 150));
    let fired = database
        .number("SELECT COUNT(*) FROM events WHERE type = 'run.queued'")
        .await;
    assert_eq!(fired, 150);
}

async fn with_a_claim_runs_start_at_once(database: Database) {
    let ada = somebody(&database, "ada").await;
    let payload = Payload::from_json("[7]".to_owned()).unwrap();
    for _ in 0..3 {
        let spec = JobSpec {
            payload: Some(payload.clone()),
            ..every(60, Overlap::Skip)
        };
        made(&database, ada, spec, at(0)).await;
    }
    database.listener.take();
    let store = &database.stores.schedules;
    let fired = store.fire_due(at(60), 100, Some(claim(1, 2, at(60)))).await.unwrap();
    assert_eq!((fired.jobs, fired.runs), (3, 3));
    let committed = database.listener.take();
    assert_eq!(committed.len(), 1);
    let claimed = &committed[0].claimed;
    assert_eq!(claimed.len(), 2, "as many as there are places");
    for claimed in claimed {
        assert_eq!((claimed.run.status, claimed.run.attempt), (RunStatus::Running, 1));
        assert_eq!(claimed.run.payload, Some(payload.clone()));
        assert_eq!(claimed.run.started_at, Some(at(60)));
    }
    let started = committed[0]
        .events
        .iter()
        .filter(|event| event.kind == EventType::RunStarted);
    assert_eq!(started.count(), 2);
    assert!(committed[0].has_claimable, "the third waits for a place");
    assert_eq!(claim_some(&database, 9, at(60)).await.len(), 1);
    let finished = end(&database, &claimed[0], Trigger::Succeed, at(61)).await;
    assert_eq!(finished, scheduler_domain::ports::Finished::Written);
}

async fn once_is_over_after_its_instant(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, scheduled(Schedule::once(at(5)), Overlap::Skip), at(0)).await;
    assert_eq!(job.next_run_at, Some(at(5)));
    assert_eq!(fire(&database, at(6)).await.runs, 1);
    let job = find(&database, &job).await;
    assert_eq!((job.next_run_at, job.active_runs), (None, 1));
    assert!(job.spec.schedule.is_some(), "what was planned can still be read");
    assert_eq!(fire(&database, at(1_000)).await, Fired::default());
    assert_eq!(lines(&ledger(&database, &job).await), [ran(5)]);
    assert_eq!(database.stores.schedules.next_due_at().await.unwrap(), None);
}

async fn nothing_comes_after_the_end(database: Database) {
    let ada = somebody(&database, "ada").await;
    let schedule = Schedule {
        start_at: Some(at(3)),
        end_at: Some(at(23)),
        ..Schedule::every(10)
    };
    let job = made(&database, ada, scheduled(schedule, Overlap::Allow), at(0)).await;
    assert_eq!(fire(&database, at(13)).await.runs, 2);
    assert_eq!(
        find(&database, &job).await.next_run_at,
        Some(at(23)),
        "the end is included"
    );
    assert_eq!(fire(&database, at(40)).await.runs, 1);
    assert_eq!(find(&database, &job).await.next_run_at, None);
    assert_eq!(lines(&ledger(&database, &job).await), [ran(3), ran(13), ran(23)]);
}

async fn a_new_schedule_counts_from_its_change(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(60, Overlap::Allow), at(0)).await;
    fire(&database, at(60)).await;
    let jobs = &database.stores.jobs;
    let changed = every(7, Overlap::Allow);
    let moved = timing(changed.schedule.as_ref(), job.job_id, at(70));
    let job = jobs
        .update(ada, job.job_id, job.version, &changed, Some(moved), at(70))
        .await
        .unwrap();
    assert_eq!((job.next_run_at, job.scheduled_from), (Some(at(77)), Some(at(70))));
    // A change of something else leaves it alone.
    let renamed = JobSpec {
        job_name: "other".to_owned(),
        ..changed
    };
    let job = jobs
        .update(ada, job.job_id, job.version, &renamed, None, at(71))
        .await
        .unwrap();
    assert_eq!((job.next_run_at, job.scheduled_from), (Some(at(77)), Some(at(70))));
    fire(&database, at(84)).await;
    assert_eq!(lines(&ledger(&database, &job).await), [ran(60), ran(77), ran(84)]);
    // Without a schedule it rests.
    let bare = JobSpec {
        schedule: None,
        ..renamed
    };
    let job = find(&database, &job).await;
    let job = jobs
        .update(ada, job.job_id, job.version, &bare, Some(Timing::default()), at(85))
        .await
        .unwrap();
    assert_eq!((job.next_run_at, job.scheduled_from), (None, None));
    assert_eq!(fire(&database, at(200)).await, Fired::default());
}

async fn a_job_that_is_deleted_fires_no_more(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    let other = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    database.stores.jobs.delete(ada, job.job_id, None, at(5)).await.unwrap();
    let fired = fire(&database, at(10)).await;
    assert_eq!((fired.jobs, fired.runs), (1, 1));
    assert_eq!(ledger(&database, &other).await.len(), 1);
    let gone = database
        .stores
        .schedules
        .occurrences(ada, job.job_id, None, limit(9))
        .await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
}

async fn the_ledger_is_read_page_by_page(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let job = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    for second in 1..=7 {
        fire(&database, at(second * 10)).await;
    }
    let store = &database.stores.schedules;
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = store
            .occurrences(ada, job.job_id, after.as_ref(), limit(3))
            .await
            .unwrap();
        seen.extend(page.data.iter().map(|row| row.planned_at));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
        // What comes meanwhile does not move the pages.
        fire(&database, at(70 + pages * 10)).await;
    }
    assert_eq!(seen, [70, 60, 50, 40, 30, 20, 10].map(at));
    assert_eq!(pages, 3);
    let foreign = store.occurrences(bob, job.job_id, None, limit(3)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
}

async fn old_rows_are_deleted_in_batches(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    for second in 1..=5 {
        fire(&database, at(second * 10)).await;
    }
    assert_eq!(
        database.stores.retention.delete_occurrences(at(40), 2).await.unwrap(),
        2
    );
    assert_eq!(
        database.stores.retention.delete_occurrences(at(40), 2).await.unwrap(),
        1
    );
    assert_eq!(
        database.stores.retention.delete_occurrences(at(40), 2).await.unwrap(),
        0
    );
    assert_eq!(lines(&ledger(&database, &job).await), [ran(40), ran(50)]);
}

/// Clocks of nodes differ, and may be set back.
async fn an_instant_that_is_in_the_ledger_already_stops_nobody(database: Database) {
    let ada = somebody(&database, "ada").await;
    let early = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    let other = made(&database, ada, every(20, Overlap::Allow), at(0)).await;
    fire(&database, at(10)).await;
    let spec = JobSpec {
        schedule: Some(Schedule {
            start_at: Some(at(0)),
            ..Schedule::every(5)
        }),
        ..early.spec.clone()
    };
    // A node whose clock is behind changes the schedule: its next instants were decided about.
    let moved = timing(spec.schedule.as_ref(), early.job_id, at(6));
    let early = database
        .stores
        .jobs
        .update(ada, early.job_id, early.version, &spec, Some(moved), at(6))
        .await
        .unwrap();
    assert_eq!(early.next_run_at, Some(at(10)));
    let fired = fire(&database, at(20)).await;
    assert_eq!((fired.jobs, fired.runs), (2, 3));
    assert_eq!(lines(&ledger(&database, &early).await), [ran(10), ran(15), ran(20)]);
    assert_eq!(lines(&ledger(&database, &other).await), [ran(20)]);
    assert_eq!(runs(&database).await, 4);
}

async fn a_schedule_that_cannot_be_read_stops_nobody(database: Database) {
    let ada = somebody(&database, "ada").await;
    let broken = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    let id = broken.job_id.as_uuid().simple().to_string();
    database
        .execute(&format!(
            "UPDATE jobs SET schedule = '{{\"type\":\"lunar\"}}' WHERE job_id = x'{id}'"
        ))
        .await;
    assert_eq!(fire(&database, at(10)).await.runs, 1);
    assert_eq!(fire(&database, at(20)).await.jobs, 1, "it is left alone for a while");
    assert_eq!(database.stores.schedules.next_due_at().await.unwrap(), Some(at(30)));
}

async fn jitter_delays_the_run_but_not_the_planned_instant(database: Database) {
    let ada = somebody(&database, "ada").await;
    let schedule = Schedule {
        jitter_seconds: 30,
        ..Schedule::every(60)
    };
    let job = made(&database, ada, scheduled(schedule.clone(), Overlap::Allow), at(0)).await;
    let seed = *job.job_id.as_uuid().as_bytes();
    let due = schedule.compile().unwrap().due_at(seed, at(60));
    assert!(due > at(60) && due < at(90));
    assert_eq!(job.next_run_at, Some(at(60)));
    assert_eq!(database.stores.schedules.next_due_at().await.unwrap(), Some(due));
    assert_eq!(
        fire(&database, due - TimeDelta::microseconds(1)).await,
        Fired::default()
    );
    assert_eq!(fire(&database, due).await.runs, 1);
    assert_eq!(lines(&ledger(&database, &job).await), [ran(60)]);
    assert_eq!(find(&database, &job).await.next_run_at, Some(at(120)));
}
