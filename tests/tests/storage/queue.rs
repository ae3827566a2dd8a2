//! The queue: claims, leases, ends, retries, crashes.

use super::{
    people::{at, somebody},
    work::{FAIL, claim, claim_some, create_running, end, finish, new_run, node, queue_up, retrying, spec, start},
};
use chrono::TimeDelta;
use scheduler_domain::{
    event::EventType,
    ids::RunId,
    job::{JobSpec, JobStatus, Payload, Priority},
    ports::{Finished, Started},
    run::{AttemptOutcome, LeaseToken, Reason, RunStatus, Trigger},
};
use scheduler_tests::databases::Database;
use std::collections::HashSet;

mod leases;

on_both! {
    a_run_goes_from_queued_to_completed
    the_most_urgent_run_goes_first
    two_claimers_never_share_a_run
    one_batch_ends_many_runs_and_answers_in_its_order
    a_failed_attempt_is_tried_again_until_none_is_left
    what_cannot_be_mended_fails_at_once
    a_run_can_have_a_payload_of_its_own
    only_the_latest_run_speaks_for_its_job
    a_floor_under_the_claim_leaves_nothing_behind
}

async fn a_run_goes_from_queued_to_completed(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let payload = Payload::from_json(r#"{"a":1.10}"#.to_owned()).unwrap();
    let job = JobSpec {
        payload: Some(payload.clone()),
        timeout_seconds: Some(9),
        ..spec("job")
    };
    let (job, run_id) = create_running(&database, ada, job, at(0)).await;
    database.listener.take();

    let claimed = claim_some(&database, 10, at(1)).await;
    assert_eq!(claimed.len(), 1);
    let run = &claimed[0].run;
    assert_eq!(
        (run.run_id, run.status, run.attempt, run.started_at),
        (run_id, RunStatus::Running, 1, Some(at(1)))
    );
    assert_eq!(
        (run.payload.as_ref(), claimed[0].timeout_seconds),
        (Some(&payload), Some(9))
    );
    assert_eq!(claimed[0].executor, job.spec.executor);
    let committed = database.listener.take();
    assert_eq!(
        (committed[0].events.len(), committed[0].events[0].kind),
        (1, EventType::RunStarted)
    );
    let data: serde_json::Value = serde_json::from_str(&committed[0].events[0].data).unwrap();
    assert_eq!(
        (&data["status"], &data["previous_status"]),
        (&"Running".into(), &"Pending".into())
    );
    assert_eq!(
        (&data["run"]["status"], &data["run"]["run_id"]),
        (&"Running".into(), &run_id.to_string().into())
    );
    assert_eq!(
        stores.jobs.find(ada, job.job_id).await.unwrap().status,
        JobStatus::Running
    );

    assert_eq!(
        end(&database, &claimed[0], Trigger::Succeed, at(4)).await,
        Finished::Written
    );
    let job = stores.jobs.find(ada, job.job_id).await.unwrap();
    assert_eq!(
        (job.status, job.completed_at, job.active_runs),
        (JobStatus::Completed, Some(at(4)), 0)
    );
    let run = stores.history.find_run(ada, run_id).await.unwrap();
    assert_eq!(
        (run.status, run.finished_at, run.reason),
        (RunStatus::Completed, Some(at(4)), None)
    );
    assert_eq!(run.result.unwrap().as_str(), r#"{"n":1.50}"#);
    assert_eq!(run.attempts.len(), 1);
    let attempt = &run.attempts[0];
    assert_eq!(
        (attempt.attempt, attempt.started_at, attempt.finished_at),
        (1, at(1), Some(at(4)))
    );
    assert_eq!(
        (attempt.outcome, attempt.node),
        (Some(AttemptOutcome::Completed), Some(node(1)))
    );
    assert_eq!(database.listener.take()[0].events[0].kind, EventType::RunCompleted);
}

async fn the_most_urgent_run_goes_first(database: Database) {
    let ada = somebody(&database, "ada").await;
    let mut expected = Vec::new();
    // A Low run waits 180 s longer than a Critical one: the one from four minutes before goes first.
    for (priority, seconds) in [
        (Priority::Low, -240),
        (Priority::Critical, 0),
        (Priority::High, 0),
        (Priority::Medium, 0),
        (Priority::Low, 0),
    ] {
        let job = JobSpec {
            priority,
            ..spec("job")
        };
        expected.push(create_running(&database, ada, job, at(seconds)).await.1);
    }
    let mut order = Vec::new();
    for _ in 0..5 {
        order.extend(
            claim_some(&database, 1, at(1))
                .await
                .into_iter()
                .map(|claimed| claimed.run.run_id),
        );
    }
    assert_eq!(order, expected);
    assert!(claim_some(&database, 1, at(1)).await.is_empty());
}

async fn two_claimers_never_share_a_run(database: Database) {
    let ada = somebody(&database, "ada").await;
    let mut expected = queue_up(&database, ada, 120).await;
    let (other, _) = database.another_node().await;
    let claimers = (0..8u8).map(|number| {
        let queue = if number % 2 == 0 {
            database.stores.queue.clone()
        } else {
            other.queue.clone()
        };
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let some = queue.claim(&claim(number, 7, at(1_000))).await.unwrap();
                if some.is_empty() {
                    break;
                }
                mine.extend(some.into_iter().map(|claimed| claimed.run.run_id));
            }
            mine
        })
    });
    let mut all: Vec<RunId> = Vec::new();
    for mine in futures_util::future::join_all(claimers).await {
        all.extend(mine.unwrap());
    }
    // A claimer may find the rest locked by another and stop; what is left is taken now.
    all.extend(
        claim_some(&database, 500, at(2_000))
            .await
            .into_iter()
            .map(|claimed| claimed.run.run_id),
    );
    assert_eq!(
        all.iter().collect::<HashSet<_>>().len(),
        all.len(),
        "a run was given to two"
    );
    all.sort_unstable();
    expected.sort_unstable();
    assert_eq!(all, expected);
}

async fn one_batch_ends_many_runs_and_answers_in_its_order(database: Database) {
    let ada = somebody(&database, "ada").await;
    let bob = somebody(&database, "bob").await;
    queue_up(&database, ada, 60).await;
    queue_up(&database, bob, 61).await;
    let claimed = claim_some(&database, 500, at(100)).await;
    assert_eq!(claimed.len(), 121);
    database.listener.take();
    let mut batch: Vec<_> = claimed
        .iter()
        .zip([Trigger::Succeed, FAIL, Trigger::HandBack].into_iter().cycle())
        .zip(0..)
        .map(|((claimed, trigger), number)| finish(claimed, trigger, at(101 + number)))
        .collect();
    batch[5].lease = LeaseToken([9; 16]);
    batch.push(batch[0].clone());
    let answers = database.stores.queue.finish(batch).await.unwrap();
    let lost: Vec<usize> = answers
        .iter()
        .enumerate()
        .filter(|(_, answer)| **answer == Finished::LeaseLost)
        .map(|(index, _)| index)
        .collect();
    assert_eq!(
        lost,
        [5, 121],
        "a foreign lease, and a second word about the same attempt"
    );
    let count = async |status: &str| {
        database
            .number(&format!("SELECT COUNT(*) FROM runs WHERE status = '{status}'"))
            .await
    };
    assert_eq!(
        (count("Completed").await, count("Failed").await, count("Queued").await),
        (41, 40, 39)
    );
    assert_eq!(count("Running").await, 1);
    let committed = database.listener.take();
    assert_eq!(committed.iter().map(|what| what.events.len()).sum::<usize>(), 120);
    assert_eq!(committed.len(), 2, "one word per owner");
    let finished = database.number("SELECT COUNT(DISTINCT finished_at) FROM runs").await;
    assert_eq!(finished, 81, "each its own instant");
}

async fn a_failed_attempt_is_tried_again_until_none_is_left(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let (job, run_id) = create_running(&database, ada, retrying("job", 2), at(0)).await;
    let first = claim_some(&database, 1, at(1)).await.remove(0);
    end(&database, &first, FAIL, at(2)).await;
    let run = stores.history.find_run(ada, run_id).await.unwrap();
    assert_eq!(
        (run.status, run.retry_at, run.error.unwrap().code.as_str()),
        (RunStatus::Retrying, Some(at(12)), "simulated_failure")
    );
    assert_eq!(
        stores.jobs.find(ada, job.job_id).await.unwrap().status,
        JobStatus::Pending
    );
    assert_eq!(stores.queue.next_retry_at().await.unwrap(), Some(at(12)));
    assert!(claim_some(&database, 1, at(11)).await.is_empty());
    assert_eq!(stores.queue.queue_due_retries(at(11), 10).await.unwrap(), 0);
    assert_eq!(stores.queue.queue_due_retries(at(12), 10).await.unwrap(), 1);
    assert_eq!(stores.queue.next_retry_at().await.unwrap(), None);
    let second = claim_some(&database, 1, at(13)).await.remove(0);
    assert_eq!(second.run.attempt, 2);
    let timed_out = Trigger::Fail {
        retryable: true,
        timed_out: true,
        retry_after: None,
    };
    end(&database, &second, timed_out, at(14)).await;
    let run = stores.history.find_run(ada, run_id).await.unwrap();
    assert_eq!(
        (run.status, run.reason, run.attempts.len()),
        (RunStatus::Failed, Some(Reason::TimedOut), 2)
    );
    assert_eq!(run.attempts[1].outcome, Some(AttemptOutcome::TimedOut));
    let job = stores.jobs.find(ada, job.job_id).await.unwrap();
    assert_eq!(
        (job.status, job.completed_at, job.active_runs),
        (JobStatus::Failed, None, 0)
    );
}

async fn what_cannot_be_mended_fails_at_once(database: Database) {
    let ada = somebody(&database, "ada").await;
    create_running(&database, ada, retrying("job", 5), at(0)).await;
    let (_, asked_to_wait) = create_running(&database, ada, retrying("other", 5), at(0)).await;
    let claimed = claim_some(&database, 9, at(1)).await;
    let (slow, broken): (Vec<_>, Vec<_>) = claimed
        .into_iter()
        .partition(|claimed| claimed.run.run_id == asked_to_wait);
    end(
        &database,
        &broken[0],
        Trigger::Fail {
            retryable: false,
            timed_out: false,
            retry_after: None,
        },
        at(2),
    )
    .await;
    let run = database
        .stores
        .history
        .find_run(ada, broken[0].run.run_id)
        .await
        .unwrap();
    assert_eq!(
        (run.status, run.reason),
        (RunStatus::Failed, Some(Reason::NotRetryable))
    );
    let wait = Trigger::Fail {
        retryable: true,
        timed_out: false,
        retry_after: Some(TimeDelta::seconds(77)),
    };
    end(&database, &slow[0], wait, at(2)).await;
    assert_eq!(database.stores.queue.next_retry_at().await.unwrap(), Some(at(79)));
}

async fn a_run_can_have_a_payload_of_its_own(database: Database) {
    let ada = somebody(&database, "ada").await;
    let of_job = Payload::from_json("1".to_owned()).unwrap();
    let own = Payload::from_json("[2.0]".to_owned()).unwrap();
    let job = super::work::create(
        &database,
        ada,
        JobSpec {
            payload: Some(of_job.clone()),
            ..spec("job")
        },
        at(0),
    )
    .await;
    let mut new = new_run(&database, ada, at(1));
    new.payload = Some(own.clone());
    let Started::Run { run, .. } = database.stores.jobs.start(ada, job.job_id, new, at(1)).await.unwrap() else {
        panic!("refused");
    };
    assert_eq!(run.payload.as_ref(), Some(&own));
    start(&database, ada, job.job_id, at(2)).await.unwrap();
    let payloads: Vec<_> = claim_some(&database, 9, at(3))
        .await
        .into_iter()
        .map(|claimed| claimed.run.payload)
        .collect();
    assert_eq!(payloads, [Some(own.clone()), Some(of_job)]);
    assert_eq!(
        database.stores.history.find_run(ada, run.run_id).await.unwrap().payload,
        Some(own)
    );
}

async fn only_the_latest_run_speaks_for_its_job(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let (job, _) = create_running(&database, ada, spec("job"), at(0)).await;
    let first = claim_some(&database, 1, at(1)).await.remove(0);
    let second = start(&database, ada, job.job_id, at(2)).await.unwrap();
    assert_eq!(
        stores.jobs.find(ada, job.job_id).await.unwrap().status,
        JobStatus::Pending
    );
    database.listener.take();
    end(&database, &first, Trigger::Succeed, at(3)).await;
    let found = stores.jobs.find(ada, job.job_id).await.unwrap();
    assert_eq!(
        (found.status, found.completed_at, found.active_runs),
        (JobStatus::Pending, Some(at(3)), 1)
    );
    assert_eq!(found.last_run.unwrap().run_id, second.run_id);
    let data: serde_json::Value = serde_json::from_str(&database.listener.take()[0].events[0].data).unwrap();
    assert_eq!(
        (&data["status"], data.get("previous_status")),
        (&"Pending".into(), None)
    );
}

async fn a_floor_under_the_claim_leaves_nothing_behind(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (other, _) = database.another_node().await;
    queue_up(&database, ada, 12).await;
    assert_eq!(claim_some(&database, 4, at(100)).await.len(), 4);
    // Older work appears: here, which this node knows at once, and on another node, which it finds within 200 ms.
    let (_, here) = create_running(
        &database,
        ada,
        JobSpec {
            priority: Priority::Critical,
            ..spec("here")
        },
        at(-900),
    )
    .await;
    assert_eq!(claim_some(&database, 4, at(100)).await[0].run.run_id, here);
    let job = other
        .jobs
        .create(
            ada,
            scheduler_domain::ports::NewJob {
                timing: scheduler_domain::ports::Timing::default(),
                job_id: scheduler_domain::ids::JobId::new(at(-800), &*database.random),
                spec: spec("there"),
                run: Some(new_run(&database, ada, at(-800))),
            },
            at(-800),
        )
        .await
        .unwrap();
    let later = at(100) + TimeDelta::milliseconds(200);
    assert_eq!(claim_some(&database, 4, later).await[0].run.job_id, job.job_id);
    assert_eq!(
        claim_some(&database, 4, later).await.len(),
        2,
        "the rest, although the floor is above nothing"
    );
}
