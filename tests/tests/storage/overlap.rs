//! What happens when runs of one job meet.

use super::{
    people::{at, somebody},
    work::{claim_some, create, create_running, end, new_run, spec, start},
};
use scheduler_domain::{
    job::{JobSpec, JobStatus, Overlap},
    ports::Finished,
    run::{Reason, RunStatus, Trigger},
};
use scheduler_tests::databases::Database;

on_both! {
    allow_lets_both_run
    skip_refuses_the_second
    of_many_starts_at_once_skip_lets_one_through
    queue_lets_them_wait_for_their_turn
    a_full_queue_refuses
    a_waiting_run_can_be_cancelled
    cancel_running_replaces_the_old_one
    cancelling_a_job_cancels_all_of_it
    cancelling_one_run_says_what_is_forbidden
}

fn with(overlap: Overlap) -> JobSpec {
    JobSpec { overlap, ..spec("job") }
}

async fn allow_lets_both_run(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, with(Overlap::Allow), at(0)).await;
    assert!(start(&database, ada, job.job_id, at(1)).await.is_some());
    assert_eq!(claim_some(&database, 9, at(2)).await.len(), 2);
    assert_eq!(database.stores.jobs.find(ada, job.job_id).await.unwrap().active_runs, 2);
}

async fn skip_refuses_the_second(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, with(Overlap::Skip), at(0)).await;
    let events = database.number("SELECT COUNT(*) FROM events").await;
    assert!(start(&database, ada, job.job_id, at(1)).await.is_none());
    assert_eq!(database.number("SELECT COUNT(*) FROM events").await, events);
    let claimed = claim_some(&database, 9, at(2)).await.remove(0);
    assert!(start(&database, ada, job.job_id, at(3)).await.is_none());
    end(&database, &claimed, Trigger::Succeed, at(4)).await;
    assert!(start(&database, ada, job.job_id, at(5)).await.is_some());
}

async fn of_many_starts_at_once_skip_lets_one_through(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, with(Overlap::Skip), at(0)).await;
    let starts = (0..12).map(|_| {
        let (jobs, new) = (database.stores.jobs.clone(), new_run(&database, ada, at(1)));
        tokio::spawn(async move { jobs.start(ada, job.job_id, new, at(1)).await.unwrap() })
    });
    let started = futures_util::future::join_all(starts).await.into_iter();
    let refused = started.filter(|answer| *answer.as_ref().unwrap() == scheduler_domain::ports::Started::Refused);
    assert_eq!(refused.count(), 11);
    assert_eq!(database.number("SELECT COUNT(*) FROM runs").await, 1);
}

async fn queue_lets_them_wait_for_their_turn(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, first) = create_running(&database, ada, with(Overlap::Queue), at(0)).await;
    let mut expected = vec![first];
    for second in 1..4 {
        expected.push(start(&database, ada, job.job_id, at(second)).await.unwrap().run_id);
    }
    let mut order = Vec::new();
    for second in 10..14 {
        let claimed = claim_some(&database, 9, at(second)).await;
        assert_eq!(claimed.len(), 1, "one at a time");
        order.push(claimed[0].run.run_id);
        assert!(claim_some(&database, 9, at(second)).await.is_empty());
        database.listener.take();
        assert_eq!(
            end(&database, &claimed[0], Trigger::Succeed, at(second)).await,
            Finished::Written
        );
        assert_eq!(database.listener.take()[0].has_claimable, second < 13);
    }
    assert_eq!(order, expected);
    let job = database.stores.jobs.find(ada, job.job_id).await.unwrap();
    assert_eq!((job.status, job.active_runs), (JobStatus::Completed, 0));
    assert_eq!(database.number("SELECT waiting_runs FROM jobs").await, 0);
}

async fn a_full_queue_refuses(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, with(Overlap::Queue), at(0)).await;
    for second in 1..=100 {
        assert!(start(&database, ada, job.job_id, at(second)).await.is_some());
    }
    assert!(start(&database, ada, job.job_id, at(101)).await.is_none());
}

async fn a_waiting_run_can_be_cancelled(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, with(Overlap::Queue), at(0)).await;
    let second = start(&database, ada, job.job_id, at(1)).await.unwrap();
    let third = start(&database, ada, job.job_id, at(2)).await.unwrap();
    let cancelled = database
        .stores
        .history
        .cancel_run(ada, second.run_id, at(3))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (cancelled.status, cancelled.reason),
        (RunStatus::Cancelled, Some(Reason::CancelledByUser))
    );
    let first = claim_some(&database, 9, at(4)).await.remove(0);
    end(&database, &first, Trigger::Succeed, at(5)).await;
    assert_eq!(claim_some(&database, 9, at(6)).await[0].run.run_id, third.run_id);
    // Cancelling the one that runs frees the next, too.
    let fourth = start(&database, ada, job.job_id, at(7)).await.unwrap();
    database
        .stores
        .history
        .cancel_run(ada, third.run_id, at(8))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(claim_some(&database, 9, at(9)).await[0].run.run_id, fourth.run_id);
}

async fn cancel_running_replaces_the_old_one(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, with(Overlap::CancelRunning), at(0)).await;
    let old = claim_some(&database, 9, at(1)).await.remove(0);
    database.listener.take();
    let new = start(&database, ada, job.job_id, at(2)).await.unwrap();
    let committed = database.listener.take();
    assert_eq!(committed[0].cancelled_runs, [old.run.run_id]);
    assert_eq!(committed[0].events.len(), 2);
    let replaced = database.stores.history.find_run(ada, old.run.run_id).await.unwrap();
    assert_eq!(
        (replaced.status, replaced.reason),
        (RunStatus::Cancelled, Some(Reason::Replaced))
    );
    assert_eq!(end(&database, &old, Trigger::Succeed, at(3)).await, Finished::LeaseLost);
    assert_eq!(claim_some(&database, 9, at(4)).await[0].run.run_id, new.run_id);
    let job = database.stores.jobs.find(ada, job.job_id).await.unwrap();
    assert_eq!((job.status, job.active_runs), (JobStatus::Running, 1));
}

async fn cancelling_a_job_cancels_all_of_it(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, with(Overlap::Queue), at(0)).await;
    claim_some(&database, 9, at(1)).await;
    start(&database, ada, job.job_id, at(2)).await.unwrap();
    let last = start(&database, ada, job.job_id, at(3)).await.unwrap();
    let (job, run) = stores
        .jobs
        .cancel_active(ada, job.job_id, at(4))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (job.status, job.active_runs, run.run_id),
        (JobStatus::Cancelled, 0, last.run_id)
    );
    assert_eq!(
        database
            .number("SELECT COUNT(*) FROM runs WHERE status = 'Cancelled'")
            .await,
        3
    );
    assert!(
        stores
            .jobs
            .cancel_active(ada, job.job_id, at(5))
            .await
            .unwrap()
            .is_none()
    );
    assert!(start(&database, ada, job.job_id, at(6)).await.is_some());
    assert_eq!(claim_some(&database, 9, at(7)).await.len(), 1);
}

async fn cancelling_one_run_says_what_is_forbidden(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (_, run_id) = create_running(&database, ada, spec("job"), at(0)).await;
    let claimed = claim_some(&database, 9, at(1)).await.remove(0);
    end(&database, &claimed, Trigger::Succeed, at(2)).await;
    let forbidden = database
        .stores
        .history
        .cancel_run(ada, run_id, at(3))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(forbidden.from, RunStatus::Completed);
}
