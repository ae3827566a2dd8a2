//! Workers: what they claim, how long it is theirs, and what becomes of late words.

use super::{
    people::{at, somebody},
    work::{claim_some, create_running, new_run, node, retrying, spec},
};
use chrono::TimeDelta;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::EventType,
    ids::{RunId, UserId},
    job::{Executor, JobSpec, Payload, Priority},
    ports::{Beat, Committed, Finish, Held, WorkerClaim, WorkerRun},
    run::{AttemptOutcome, LeaseToken, Reason, Run, RunError, RunStatus, Trigger},
};
use scheduler_tests::databases::Database;
use std::collections::HashSet;

mod claims;

on_both! {
    a_run_goes_from_claim_to_completed
    a_zombie_changes_nothing
    a_worker_that_is_in_time_wins
    strangers_find_nothing
    a_silent_worker_loses_the_run
    a_lease_never_outlives_the_timeout
    a_run_whose_time_is_up_is_not_given_away
    progress_is_kept_and_told_once_a_second
    queues_are_counted
}

pub fn queued_in(queue: &str) -> JobSpec {
    JobSpec {
        executor: Executor::Worker { queue: queue.into() },
        ..spec("work")
    }
}

pub fn asking(owner: UserId, queues: &[&str], max: u32, now: Timestamp) -> WorkerClaim {
    WorkerClaim {
        owner,
        queues: queues.iter().map(|queue| (*queue).to_owned()).collect(),
        max,
        worker_name: "printer-1".into(),
        lease_seconds: 30,
        now,
    }
}

pub async fn take(database: &Database, owner: UserId, max: u32, now: Timestamp) -> Vec<WorkerRun> {
    let claim = asking(owner, &["default"], max, now);
    database.stores.workers.claim(&claim).await.unwrap()
}

/// A run that a worker has since `at(1)`.
pub async fn taken(database: &Database, owner: UserId, spec: JobSpec) -> WorkerRun {
    create_running(database, owner, spec, at(0)).await;
    take(database, owner, 1, at(1)).await.remove(0)
}

pub fn held(owner: UserId, claimed: &WorkerRun) -> Held {
    Held {
        owner,
        run_id: claimed.run.run_id,
        lease: claimed.lease,
    }
}

pub const FAIL: Trigger = super::work::FAIL;

pub async fn finish(
    database: &Database,
    owner: UserId,
    claimed: &WorkerRun,
    trigger: Trigger,
    now: Timestamp,
) -> Result<Run, StoreError> {
    let finish = Finish {
        run_id: claimed.run.run_id,
        lease: claimed.lease,
        at: now,
        trigger,
        result: (trigger == Trigger::Succeed).then(|| Payload::from_json("[1]".into()).unwrap()),
        error: (trigger == FAIL).then(|| RunError::new("worker_error", "on fire")),
    };
    database.stores.workers.finish(owner, finish).await
}

async fn beat(database: &Database, held: Held, now: Timestamp) -> Result<Timestamp, StoreError> {
    let beaten = database.stores.workers.heartbeat(held, &Beat::default(), now).await;
    beaten.map(|beaten| beaten.lease_until)
}

pub async fn find(database: &Database, owner: UserId, run_id: RunId) -> Run {
    database.stores.history.find_run(owner, run_id).await.unwrap()
}

pub fn kinds(committed: &[Committed]) -> Vec<EventType> {
    committed
        .iter()
        .flat_map(|what| &what.events)
        .map(|event| event.kind)
        .collect()
}

async fn a_run_goes_from_claim_to_completed(database: Database) {
    let ada = somebody(&database, "ada").await;
    let payload = Payload::from_json(r#"{"a":1.10}"#.into()).unwrap();
    let job = JobSpec {
        payload: Some(payload.clone()),
        tags: vec!["t".into()],
        ..queued_in("default")
    };
    create_running(&database, ada, job, at(0)).await;
    let told = database.listener.take();
    assert_eq!(
        (told[0].has_claimable, &told[0].worker_queues[..]),
        (false, &["default".to_owned()][..])
    );
    let claimed = take(&database, ada, 9, at(1)).await.remove(0);
    assert_eq!((claimed.run.status, claimed.run.attempt), (RunStatus::Running, 1));
    assert_eq!(
        (claimed.run.payload.as_ref(), claimed.lease_until),
        (Some(&payload), at(31))
    );
    assert_eq!(claimed.job.tags, ["t"]);
    let told = database.listener.take();
    assert_eq!(kinds(&told), [EventType::RunStarted]);
    assert!(told[0].events[0].data.contains(r#""worker_name":"printer-1""#));
    assert!(take(&database, ada, 9, at(2)).await.is_empty());

    assert_eq!(beat(&database, held(ada, &claimed), at(10)).await.unwrap(), at(40));
    let run = finish(&database, ada, &claimed, Trigger::Succeed, at(12))
        .await
        .unwrap();
    assert_eq!(
        (run.status, run.result.unwrap().as_str()),
        (RunStatus::Completed, "[1]")
    );
    let run = find(&database, ada, run.run_id).await;
    let attempt = &run.attempts[0];
    assert_eq!(
        (attempt.outcome, attempt.worker_name.as_deref(), attempt.node),
        (Some(AttemptOutcome::Completed), Some("printer-1"), None)
    );
}

/// Every late word about an attempt that was taken back changes nothing, whoever has the run then.
async fn a_zombie_changes_nothing(database: Database) {
    let ada = somebody(&database, "ada").await;
    let zombie = taken(&database, ada, queued_in("default")).await;
    assert_eq!(database.stores.queue.reap(at(32), 9).await.unwrap(), 1);
    for second_has_it in [false, true] {
        if second_has_it {
            take(&database, ada, 1, at(33)).await;
        }
        let sql = "SELECT status, attempt, crashes, progress, lease_until, log_lines FROM runs";
        let before = (
            database.query(sql).await,
            database.number("SELECT COUNT(*) FROM events").await,
        );
        for trigger in [Trigger::Succeed, FAIL, Trigger::HandBack] {
            let said = finish(&database, ada, &zombie, trigger, at(34)).await;
            assert!(matches!(said, Err(StoreError::LeaseLost)), "{trigger:?}: {said:?}");
        }
        assert!(matches!(
            beat(&database, held(ada, &zombie), at(34)).await,
            Err(StoreError::LeaseLost)
        ));
        let said = database
            .stores
            .log
            .append(held(ada, &zombie), &super::logs::lines(&["late"]), at(34))
            .await;
        assert!(matches!(said, Err(StoreError::LeaseLost)));
        let after = (
            database.query(sql).await,
            database.number("SELECT COUNT(*) FROM events").await,
        );
        assert_eq!(before, after);
        assert_eq!(database.number("SELECT COUNT(*) FROM run_logs").await, 0);
    }
}

/// A word that comes before the reaper counts, even if the lease has just ended.
async fn a_worker_that_is_in_time_wins(database: Database) {
    let ada = somebody(&database, "ada").await;
    let stores = &database.stores;
    for trigger in [Trigger::Succeed, FAIL] {
        let claimed = taken(&database, ada, queued_in("default")).await;
        assert!(
            finish(&database, ada, &claimed, trigger, at(33))
                .await
                .unwrap()
                .status
                .is_final()
        );
        assert_eq!(stores.queue.reap(at(40), 9).await.unwrap(), 0, "{trigger:?}");
    }
    let claimed = taken(&database, ada, queued_in("default")).await;
    assert_eq!(beat(&database, held(ada, &claimed), at(33)).await.unwrap(), at(63));
    assert_eq!(stores.queue.reap(at(40), 9).await.unwrap(), 0);
    stores
        .log
        .append(held(ada, &claimed), &super::logs::lines(&["x"]), at(64))
        .await
        .unwrap();
    assert_eq!(stores.queue.reap(at(64), 9).await.unwrap(), 1, "a line extends nothing");
}

async fn strangers_find_nothing(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let claimed = taken(&database, ada, queued_in("default")).await;
    assert!(take(&database, bob, 9, at(2)).await.is_empty());
    let stolen = held(bob, &claimed);
    assert!(matches!(
        beat(&database, stolen, at(2)).await,
        Err(StoreError::NotFound)
    ));
    assert!(matches!(
        finish(&database, bob, &claimed, Trigger::Succeed, at(2)).await,
        Err(StoreError::NotFound)
    ));
    let said = database
        .stores
        .log
        .append(stolen, &super::logs::lines(&["x"]), at(2))
        .await;
    assert!(matches!(said, Err(StoreError::NotFound)));
    assert!(matches!(
        database.stores.workers.knows(bob, claimed.run.run_id).await,
        Err(StoreError::NotFound)
    ));
    let wrong = Held {
        lease: LeaseToken([0; 16]),
        ..held(ada, &claimed)
    };
    assert!(matches!(
        beat(&database, wrong, at(2)).await,
        Err(StoreError::LeaseLost)
    ));
}

async fn a_silent_worker_loses_the_run(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    assert_eq!(
        database.stores.queue.reap(at(31), 9).await.unwrap(),
        0,
        "not before its end"
    );
    database.listener.take();
    assert_eq!(database.stores.queue.reap(at(32), 9).await.unwrap(), 1);
    let told = database.listener.take();
    assert_eq!(
        (kinds(&told), told[0].worker_queues.len()),
        (vec![EventType::RunQueued], 1)
    );
    let run = find(&database, ada, claimed.run.run_id).await;
    assert_eq!(
        (run.status, run.reason, run.crashes),
        (RunStatus::Queued, Some(Reason::LeaseLost), 1)
    );
    let again = take(&database, ada, 1, at(33)).await.remove(0);
    assert_eq!(
        (again.run.attempt, again.run.attempts[0].outcome),
        (2, Some(AttemptOutcome::LeaseLost))
    );
}

async fn a_lease_never_outlives_the_timeout(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = JobSpec {
        timeout_seconds: Some(40),
        executor: Executor::Worker {
            queue: "default".into(),
        },
        ..retrying("slow", 2)
    };
    let claimed = taken(&database, ada, job).await;
    assert_eq!(beat(&database, held(ada, &claimed), at(20)).await.unwrap(), at(41));
    assert!(matches!(
        beat(&database, held(ada, &claimed), at(41)).await,
        Err(StoreError::LeaseLost)
    ));
    assert_eq!(database.stores.queue.reap(at(42), 9).await.unwrap(), 1);
    let run = find(&database, ada, claimed.run.run_id).await;
    assert_eq!(
        (run.status, run.crashes),
        (RunStatus::Retrying, 0),
        "an attempt was used up"
    );
    assert_eq!(run.error.unwrap().code, "timeout");
    assert_eq!(run.attempts[0].outcome, Some(AttemptOutcome::TimedOut));
    database.stores.queue.queue_due_retries(at(100), 9).await.unwrap();
    take(&database, ada, 1, at(100)).await;
    database.stores.queue.reap(at(131), 9).await.unwrap();
    let run = find(&database, ada, claimed.run.run_id).await;
    let silent = (RunStatus::Queued, 1);
    assert_eq!((run.status, run.crashes), silent, "silence comes before the timeout");
}

async fn a_run_whose_time_is_up_is_not_given_away(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = JobSpec {
        run_timeout_seconds: Some(60),
        ..queued_in("default")
    };
    let claimed = taken(&database, ada, job).await;
    database.stores.queue.reap(at(32), 9).await.unwrap();
    assert!(take(&database, ada, 1, at(62)).await.is_empty());
    let run = find(&database, ada, claimed.run.run_id).await;
    assert_eq!((run.status, run.reason), (RunStatus::Failed, Some(Reason::TimedOut)));
}

async fn progress_is_kept_and_told_once_a_second(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    database.listener.take();
    for (millis, progress, told) in [
        (0, 1, 1),
        (300, 2, 0),
        (999, 3, 0),
        (1_000, 4, 1),
        (2_500, 4, 0),
        (2_600, 5, 1),
    ] {
        let beat = Beat {
            progress: Some(progress),
            message: Some(format!("step {progress}")),
        };
        let now = at(2) + TimeDelta::milliseconds(millis);
        database
            .stores
            .workers
            .heartbeat(held(ada, &claimed), &beat, now)
            .await
            .unwrap();
        let run = find(&database, ada, claimed.run.run_id).await;
        assert_eq!(
            (run.progress, run.progress_message),
            (Some(progress), Some(format!("step {progress}")))
        );
        let committed = database.listener.take();
        assert_eq!(kinds(&committed), vec![EventType::RunProgress; told], "{millis}");
        if told == 1 {
            assert!(
                committed[0].events[0]
                    .data
                    .contains(&format!("\"progress\":{progress}"))
            );
        }
    }
    // Another run of the same job has a second of its own; an empty message takes back what was said.
    let new = new_run(&database, ada, at(3));
    database
        .stores
        .jobs
        .start(ada, claimed.run.job_id, new, at(3))
        .await
        .unwrap();
    let second = take(&database, ada, 1, at(4)).await.remove(0);
    database.listener.take();
    let beat = Beat {
        progress: None,
        message: Some(String::new()),
    };
    let now = at(2) + TimeDelta::milliseconds(2_700);
    database
        .stores
        .workers
        .heartbeat(held(ada, &claimed), &beat, now)
        .await
        .unwrap();
    assert_eq!(find(&database, ada, claimed.run.run_id).await.progress_message, None);
    assert!(kinds(&database.listener.take()).is_empty());
    let beat = Beat {
        progress: Some(9),
        message: None,
    };
    database
        .stores
        .workers
        .heartbeat(held(ada, &second), &beat, now)
        .await
        .unwrap();
    assert_eq!(kinds(&database.listener.take()), [EventType::RunProgress]);
}

async fn queues_are_counted(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let workers = &database.stores.workers;
    for (second, queue) in (0..5).zip(["a", "default", "default", "default", "z/1"]) {
        create_running(&database, ada, queued_in(queue), at(second)).await;
    }
    create_running(&database, ada, spec("no worker's"), at(6)).await;
    create_running(&database, bob, queued_in("default"), at(6)).await;
    take(&database, ada, 1, at(7)).await;
    let limited = workers.limit(ada, "default", Some(7), at(8)).await.unwrap();
    assert_eq!((limited.max_running, limited.waiting, limited.running), (Some(7), 2, 1));
    workers.limit(ada, "idle", Some(1), at(8)).await.unwrap();
    workers.limit(ada, "idle", Some(2), at(9)).await.unwrap();
    let all = workers.queues(ada).await.unwrap();
    let seen: Vec<_> = all
        .iter()
        .map(|q| (q.name.as_str(), q.max_running, q.waiting, q.running))
        .collect();
    let expected = [
        ("a", None, 1, 0),
        ("default", Some(7), 2, 1),
        ("idle", Some(2), 0, 0),
        ("z/1", None, 1, 0),
    ];
    assert_eq!(seen, expected);
    assert_eq!(workers.queues(bob).await.unwrap().len(), 1);
}
