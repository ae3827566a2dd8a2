//! Jobs that expect pings: what a ping answers for, and what silence comes to.

use super::{
    people::{at, limit, somebody},
    schedules::{every, made},
};
use scheduler_domain::{
    event::EventType,
    job::{Executor, Job, JobSpec, JobStatus, Overlap},
    occurrence::OccurrenceOutcome,
    ports::{Pinged, RunFilter},
    run::{Run, RunStatus},
};
use scheduler_tests::databases::Database;

on_both! {
    a_ping_answers_for_the_next_instant_once
    silence_fails_when_the_grace_is_over
    a_ping_within_the_grace_is_late_and_counts
    the_first_ping_after_an_outage_completes
    nobody_is_blamed_while_no_server_was_there
    many_pings_at_once_count_once
    a_paused_monitor_expects_nothing
}

/// A job that expects a ping every 100 seconds, and waits for it 30 seconds longer.
async fn monitor(database: &Database) -> Job {
    let ada = somebody(database, "ada").await;
    let spec = JobSpec {
        executor: Executor::Heartbeat { grace_seconds: 30 },
        ..every(100, Overlap::Skip)
    };
    let job = made(database, ada, spec, at(0)).await;
    database.listener.take();
    job
}

async fn ping(database: &Database, job: &Job, second: i64) -> Pinged {
    let store = &database.stores.schedules;
    store.ping(job.created_by, job.job_id, at(second)).await.unwrap()
}

async fn fire(database: &Database, second: i64) {
    database.stores.schedules.fire_due(at(second), 100, None).await.unwrap();
}

/// The instants of the ledger with their outcomes, oldest first.
async fn ledger(database: &Database, job: &Job) -> Vec<(OccurrenceOutcome, i64)> {
    let page = database
        .stores
        .schedules
        .occurrences(job.created_by, job.job_id, None, limit(200))
        .await
        .unwrap();
    let rows = page.data.iter().rev();
    rows.map(|row| (row.outcome, (row.planned_at - at(0)).num_seconds()))
        .collect()
}

/// The runs, oldest first.
async fn runs(database: &Database, job: &Job) -> Vec<Run> {
    let filter = RunFilter {
        job_id: Some(job.job_id),
        ..RunFilter::default()
    };
    let mut runs = database
        .stores
        .history
        .list_runs(job.created_by, &filter, None, limit(200))
        .await
        .unwrap()
        .data;
    runs.reverse();
    runs
}

async fn now(database: &Database, job: &Job) -> Job {
    database.stores.jobs.find(job.created_by, job.job_id).await.unwrap()
}

fn events(database: &Database) -> Vec<EventType> {
    let committed = database.listener.take().into_iter();
    committed.flat_map(|what| what.events).map(|event| event.kind).collect()
}

async fn a_ping_answers_for_the_next_instant_once(database: Database) {
    let job = monitor(&database).await;
    let counted = Pinged::Counted {
        planned: at(100),
        late_seconds: 0,
        next: Some(at(200)),
    };
    assert_eq!(ping(&database, &job, 40).await, counted);
    assert_eq!(
        events(&database),
        [EventType::RunQueued, EventType::RunStarted, EventType::RunCompleted]
    );
    // Nobody has to carry it out, and nothing is left under way.
    let after = now(&database, &job).await;
    assert_eq!(
        (after.status, after.active_runs, after.next_run_at),
        (JobStatus::Completed, 0, Some(at(200)))
    );
    for second in [41, 99, 100] {
        assert_eq!(
            ping(&database, &job, second).await,
            Pinged::Again { next: at(200) },
            "{second}"
        );
    }
    assert_eq!(events(&database), []);
    // From the instant on, the next one is meant.
    assert!(matches!(ping(&database, &job, 101).await, Pinged::Counted { planned, .. } if planned == at(200)));
    fire(&database, 229).await;
    assert_eq!(
        ledger(&database, &job).await,
        [(OccurrenceOutcome::Ran, 100), (OccurrenceOutcome::Ran, 200)]
    );
    assert!(
        runs(&database, &job)
            .await
            .iter()
            .all(|run| run.status == RunStatus::Completed)
    );
}

async fn silence_fails_when_the_grace_is_over(database: Database) {
    let job = monitor(&database).await;
    for second in [100, 129] {
        fire(&database, second).await;
    }
    assert_eq!(ledger(&database, &job).await, []);
    let due = database.stores.schedules.next_due_at().await.unwrap();
    assert_eq!(due, Some(at(130)), "nobody looks before the grace is over");
    fire(&database, 130).await;
    assert_eq!(ledger(&database, &job).await, [(OccurrenceOutcome::Ran, 100)]);
    let runs = runs(&database, &job).await;
    assert_eq!((runs.len(), runs[0].status), (1, RunStatus::Failed));
    assert_eq!(runs[0].error.as_ref().unwrap().code, "heartbeat_missed");
    assert_eq!(runs[0].trigger.planned_at, Some(at(100)));
    assert_eq!(
        events(&database),
        [EventType::RunQueued, EventType::RunStarted, EventType::RunFailed]
    );
    assert_eq!(now(&database, &job).await.status, JobStatus::Failed);
}

async fn a_ping_within_the_grace_is_late_and_counts(database: Database) {
    let job = monitor(&database).await;
    fire(&database, 110).await;
    let counted = Pinged::Counted {
        planned: at(100),
        late_seconds: 12,
        next: Some(at(200)),
    };
    assert_eq!(ping(&database, &job, 112).await, counted);
    let page = database
        .stores
        .schedules
        .occurrences(job.created_by, job.job_id, None, limit(1))
        .await
        .unwrap();
    assert_eq!(
        page.data[0].reason.as_deref(),
        Some("the ping came 12 s after the instant")
    );
    fire(&database, 131).await;
    assert_eq!(now(&database, &job).await.status, JobStatus::Completed);
}

async fn the_first_ping_after_an_outage_completes(database: Database) {
    let job = monitor(&database).await;
    fire(&database, 130).await;
    fire(&database, 230).await;
    assert!(
        matches!(ping(&database, &job, 250).await, Pinged::Counted { planned, late_seconds: 0, .. } if planned == at(300))
    );
    let states: Vec<_> = runs(&database, &job).await.iter().map(|run| run.status).collect();
    assert_eq!(states, [RunStatus::Failed, RunStatus::Failed, RunStatus::Completed]);
    assert_eq!(now(&database, &job).await.status, JobStatus::Completed);
    // A ping that finds an instant which the scheduler has not come to yet says so, and changes nothing.
    assert_eq!(ping(&database, &job, 431).await, Pinged::Overdue);
    fire(&database, 431).await;
    assert!(matches!(ping(&database, &job, 431).await, Pinged::Counted { planned, .. } if planned == at(500)));
}

async fn nobody_is_blamed_while_no_server_was_there(database: Database) {
    let job = monitor(&database).await;
    // Five instants passed; the last of them is found in time.
    fire(&database, 535).await;
    let rows = ledger(&database, &job).await;
    assert_eq!(rows[0], (OccurrenceOutcome::Missed, 100));
    assert_eq!(rows.last().unwrap(), &(OccurrenceOutcome::Ran, 500));
    assert!(
        rows[..rows.len() - 1]
            .iter()
            .all(|(outcome, _)| *outcome == OccurrenceOutcome::Missed),
        "{rows:?}"
    );
    assert_eq!(runs(&database, &job).await.len(), 1);
    assert!(events(&database).contains(&EventType::OccurrenceMissed));
}

async fn many_pings_at_once_count_once(database: Database) {
    let job = monitor(&database).await;
    let pings = (0..8).map(|_| ping(&database, &job, 40));
    let answers = futures_util::future::join_all(pings).await;
    let counted = answers
        .iter()
        .filter(|answer| matches!(answer, Pinged::Counted { .. }))
        .count();
    assert_eq!(counted, 1, "{answers:?}");
    assert_eq!(runs(&database, &job).await.len(), 1);
}

async fn a_paused_monitor_expects_nothing(database: Database) {
    let job = monitor(&database).await;
    let (owner, schedules) = (job.created_by, &database.stores.schedules);
    schedules.pause(owner, job.job_id, owner, None, at(1)).await.unwrap();
    assert_eq!(ping(&database, &job, 40).await, Pinged::NotExpected);
    fire(&database, 140).await;
    assert_eq!(ledger(&database, &job).await, [(OccurrenceOutcome::Paused, 100)]);
    assert_eq!(runs(&database, &job).await, []);
    schedules.resume(owner, job.job_id, at(150)).await.unwrap();
    assert!(matches!(ping(&database, &job, 160).await, Pinged::Counted { planned, .. } if planned == at(200)));
}
