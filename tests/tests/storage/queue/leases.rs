//! Leases: renewed, lost, taken back, handed back.

use super::*;

on_both! {
    a_lost_lease_changes_nothing
    a_lease_that_ends_gives_the_run_back_and_the_third_crash_ends_it
    a_renewed_lease_holds_and_a_lost_one_is_named
    a_node_that_restarts_frees_its_own
    a_run_that_is_handed_back_burns_no_attempt
}

async fn a_lost_lease_changes_nothing(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (_, run_id) = create_running(&database, ada, spec("job"), at(0)).await;
    let old = claim_some(&database, 1, at(1)).await.remove(0);
    assert_eq!(database.stores.queue.reap(at(32), 10).await.unwrap(), 1);
    let new = claim_some(&database, 1, at(33)).await.remove(0);
    assert_ne!(old.lease, new.lease);
    let snapshot = "SELECT run_id, status, attempt, crashes, started_at, lease_token, attempts FROM runs";
    let (before, events) = (
        database.query(snapshot).await,
        database.number("SELECT COUNT(*) FROM events").await,
    );
    database.listener.take();
    for trigger in [Trigger::Succeed, FAIL, Trigger::HandBack] {
        assert_eq!(end(&database, &old, trigger, at(34)).await, Finished::LeaseLost);
    }
    assert_eq!(database.query(snapshot).await, before);
    assert_eq!(database.number("SELECT COUNT(*) FROM events").await, events);
    assert!(database.listener.take().is_empty());
    assert_eq!(end(&database, &new, Trigger::Succeed, at(35)).await, Finished::Written);
    assert_eq!(
        end(&database, &new, Trigger::Succeed, at(36)).await,
        Finished::LeaseLost,
        "it ended already"
    );
    let run = database.stores.history.find_run(ada, run_id).await.unwrap();
    let outcomes: Vec<_> = run.attempts.iter().map(|attempt| attempt.outcome.unwrap()).collect();
    assert_eq!(outcomes, [AttemptOutcome::LeaseLost, AttemptOutcome::Completed]);
}

async fn a_lease_that_ends_gives_the_run_back_and_the_third_crash_ends_it(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let (job, run_id) = create_running(&database, ada, spec("poison"), at(0)).await;
    for crash in 1..=3i64 {
        let now = at(crash * 100);
        assert_eq!(claim_some(&database, 1, now).await.len(), 1);
        assert_eq!(
            stores.queue.reap(now + TimeDelta::seconds(30), 10).await.unwrap(),
            0,
            "its lease ends then"
        );
        database.listener.take();
        assert_eq!(stores.queue.reap(now + TimeDelta::seconds(31), 10).await.unwrap(), 1);
        let committed = database.listener.take();
        assert_eq!(committed[0].has_claimable, crash < 3);
    }
    let run = stores.history.find_run(ada, run_id).await.unwrap();
    assert_eq!(
        (run.status, run.reason, run.crashes),
        (RunStatus::Failed, Some(Reason::Crashed), 3)
    );
    assert_eq!((run.error.unwrap().code.as_str(), run.attempts.len()), ("crashed", 3));
    assert_eq!(
        stores.jobs.find(ada, job.job_id).await.unwrap().status,
        JobStatus::Failed
    );
}

async fn a_renewed_lease_holds_and_a_lost_one_is_named(database: Database) {
    let queue = &database.stores.queue;
    let ada = somebody(&database, "ada").await;
    queue_up(&database, ada, 3).await;
    let claimed = claim_some(&database, 3, at(10)).await;
    let mut leases: Vec<_> = claimed
        .iter()
        .map(|claimed| (claimed.run.run_id, claimed.lease))
        .collect();
    end(&database, &claimed[1], Trigger::Succeed, at(11)).await;
    leases[2].1 = LeaseToken([1; 16]);
    let lost = queue.renew(&leases, at(70), at(20)).await.unwrap();
    assert_eq!(lost, [leases[1].0, leases[2].0]);
    assert_eq!(
        queue.reap(at(60), 10).await.unwrap(),
        1,
        "only the one that was not renewed"
    );
    assert_eq!(
        end(&database, &claimed[0], Trigger::Succeed, at(61)).await,
        Finished::Written
    );
    assert!(queue.renew(&[], at(70), at(20)).await.unwrap().is_empty());
}

async fn a_node_that_restarts_frees_its_own(database: Database) {
    let queue = &database.stores.queue;
    let ada = somebody(&database, "ada").await;
    queue_up(&database, ada, 6).await;
    queue.claim(&claim(1, 4, at(10))).await.unwrap();
    let others = queue.claim(&claim(2, 2, at(10))).await.unwrap();
    assert_eq!(queue.free_leases_of(node(1), at(11)).await.unwrap(), 4);
    assert_eq!(queue.free_leases_of(node(1), at(11)).await.unwrap(), 0);
    assert_eq!(queue.claim(&claim(3, 9, at(12))).await.unwrap().len(), 4);
    assert_eq!(
        end(&database, &others[0], Trigger::Succeed, at(13)).await,
        Finished::Written
    );
}

async fn a_run_that_is_handed_back_burns_no_attempt(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (_, run_id) = create_running(&database, ada, spec("job"), at(0)).await;
    for second in 1..5 {
        let claimed = claim_some(&database, 1, at(second)).await.remove(0);
        assert_eq!(claimed.run.attempt, 1);
        assert_eq!(
            end(&database, &claimed, Trigger::HandBack, at(second)).await,
            Finished::Written
        );
    }
    let run = database.stores.history.find_run(ada, run_id).await.unwrap();
    assert_eq!(
        (run.status, run.reason, run.crashes),
        (RunStatus::Queued, Some(Reason::HandedBack), 0)
    );
    assert_eq!(run.attempts.len(), 4);
}
