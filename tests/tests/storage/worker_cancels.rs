//! Calling off what workers carry out: asked for, and ended by the worker's answer or its lease.

use super::{
    people::{at, somebody},
    work::{retrying, start},
    workers::{FAIL, find, finish, held, kinds, queued_in, take, taken},
};
use scheduler_domain::{
    error::StoreError,
    job::{Executor, JobSpec, Overlap},
    ports::Beat,
    run::{AttemptOutcome, Reason, RunStatus, Trigger},
};
use scheduler_tests::databases::Database;

on_both! {
    a_cancelled_run_goes_on_until_its_worker_answers
    a_worker_that_falls_silent_after_a_cancel_ends_it
    a_replaced_worker_run_lets_the_new_one_wait
    a_deleted_job_fences_its_worker
    a_new_attempt_is_not_asked_to_stop
}

async fn a_cancelled_run_goes_on_until_its_worker_answers(database: Database) {
    let ada = somebody(&database, "ada").await;
    for (trigger, status) in [(Trigger::Succeed, RunStatus::Completed), (FAIL, RunStatus::Cancelled)] {
        let job = JobSpec {
            executor: Executor::Worker {
                queue: "default".into(),
            },
            ..retrying("two attempts", 2)
        };
        let claimed = taken(&database, ada, job).await;
        database.listener.take();
        let history = &database.stores.history;
        for second in [5, 6] {
            let run = history
                .cancel_run(ada, claimed.run.run_id, at(second))
                .await
                .unwrap()
                .unwrap();
            assert_eq!((run.status, run.cancel_requested_at), (RunStatus::Running, Some(at(5))));
        }
        assert!(
            kinds(&database.listener.take()).is_empty(),
            "its status has not changed"
        );
        let beaten = database
            .stores
            .workers
            .heartbeat(held(ada, &claimed), &Beat::default(), at(7))
            .await;
        assert!(beaten.unwrap().cancel_requested);
        let run = finish(&database, ada, &claimed, trigger, at(8)).await.unwrap();
        assert_eq!((run.status, run.cancel_requested_at), (status, Some(at(5))));
        assert_eq!(kinds(&database.listener.take()).len(), 1);
    }
}

async fn a_worker_that_falls_silent_after_a_cancel_ends_it(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    let (job, run) = database
        .stores
        .jobs
        .cancel_active(ada, claimed.run.job_id, at(5))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((job.active_runs, run.status), (1, RunStatus::Running));
    assert_eq!(database.stores.queue.reap(at(32), 9).await.unwrap(), 1);
    let run = find(&database, ada, claimed.run.run_id).await;
    assert_eq!(
        (run.status, run.reason, run.crashes),
        (RunStatus::Cancelled, Some(Reason::CancelledByUser), 0)
    );
    assert_eq!(
        (run.error, run.attempts[0].outcome),
        (None, Some(AttemptOutcome::Cancelled))
    );
}

async fn a_replaced_worker_run_lets_the_new_one_wait(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = JobSpec {
        overlap: Overlap::CancelRunning,
        ..queued_in("default")
    };
    let old = taken(&database, ada, job).await;
    let second = start(&database, ada, old.run.job_id, at(2)).await.unwrap();
    let third = start(&database, ada, old.run.job_id, at(3)).await.unwrap();
    assert_eq!(find(&database, ada, second.run_id).await.reason, Some(Reason::Replaced));
    assert!(
        take(&database, ada, 9, at(4)).await.is_empty(),
        "the old one is at work still"
    );
    let ended = finish(&database, ada, &old, FAIL, at(5)).await.unwrap();
    assert_eq!(
        (ended.status, ended.reason),
        (RunStatus::Cancelled, Some(Reason::Replaced))
    );
    assert_eq!(take(&database, ada, 9, at(6)).await[0].run.run_id, third.run_id);
}

async fn a_deleted_job_fences_its_worker(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    database
        .stores
        .jobs
        .delete(ada, claimed.run.job_id, None, at(2))
        .await
        .unwrap();
    assert!(matches!(
        finish(&database, ada, &claimed, Trigger::Succeed, at(3)).await,
        Err(StoreError::NotFound)
    ));
    assert_eq!(
        database
            .number("SELECT COUNT(*) FROM runs WHERE status = 'Cancelled'")
            .await,
        1
    );
}

async fn a_new_attempt_is_not_asked_to_stop(database: Database) {
    let ada = somebody(&database, "ada").await;
    let claimed = taken(&database, ada, queued_in("default")).await;
    let run_id = claimed.run.run_id;
    finish(&database, ada, &claimed, Trigger::HandBack, at(2))
        .await
        .unwrap();
    // As if a request had been left over.
    database
        .execute("UPDATE runs SET cancel_requested_at = '2026-01-01 00:00:00.000000'")
        .await;
    let again = take(&database, ada, 1, at(3)).await.remove(0);
    assert_eq!(
        (again.run.run_id, again.run.attempt, again.run.cancel_requested_at),
        (run_id, 1, None)
    );
}
