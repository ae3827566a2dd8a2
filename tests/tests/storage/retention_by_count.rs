//! What goes because there is too much of it, and the rest of what age takes.

use super::{
    logs::lines,
    people::{at, somebody},
    work::{claim_some, create, create_running, end, queue_up, spec, start},
    workers::{asking, held, queued_in},
};
use chrono::TimeDelta;
use scheduler_domain::{ids::UserId, job::Job, run::Trigger};
use scheduler_tests::databases::{Backend, Database};

on_both! {
    the_newest_runs_are_kept_and_the_latest_of_each_job
    few_runs_are_not_even_looked_at
    log_lines_go_with_age_and_before_their_run
    occurrences_go_in_batches
    users_come_in_turn
}

/// So many runs of a job, one a second, each of which ended.
async fn ended(database: &Database, owner: UserId, job: &Job, seconds: std::ops::Range<i64>) {
    for second in seconds {
        start(database, owner, job.job_id, at(second)).await.unwrap();
        for claimed in claim_some(database, 9, at(second)).await {
            end(database, &claimed, Trigger::Succeed, at(second)).await;
        }
    }
}

async fn the_newest_runs_are_kept_and_the_latest_of_each_job(database: Database) {
    let retention = &database.stores.retention;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let seldom = create(&database, ada, spec("seldom"), at(0)).await;
    let often = create(&database, ada, spec("often"), at(0)).await;
    let of_bob = create(&database, bob, spec("bob"), at(0)).await;
    ended(&database, ada, &seldom, 1..3).await;
    ended(&database, bob, &of_bob, 1..30).await;
    // One that has not ended, as old as can be.
    let (_, waiting) = create_running(&database, ada, queued_in("nobody"), at(0)).await;
    ended(&database, ada, &often, 10..30).await;
    let count = "SELECT COUNT(*) FROM runs";
    assert_eq!(database.number(count).await, 2 + 29 + 1 + 20);

    let since = at(0);
    let from = retention.first_beyond(ada, 5, since).await.unwrap().unwrap();
    assert_eq!(from.0, at(24), "five are newer");
    // 15 of `often`, both of `seldom` and the one that waits are too many; in steps of 7.
    let mut next = Some(from);
    let mut deleted = Vec::new();
    while let Some(from) = next {
        let step = retention.trim_runs(ada, from, 7).await.unwrap();
        deleted.push(step.deleted);
        next = step.next;
    }
    assert_eq!(deleted, [7, 7, 2], "the latest of `seldom` stays");
    assert_eq!(database.number(count).await, 29 + 1 + 1 + 5);
    let job = database.stores.jobs.find(ada, seldom.job_id).await.unwrap();
    assert_eq!(job.last_run.unwrap().created_at, at(2));
    assert!(database.stores.history.find_run(ada, waiting).await.is_ok());
    // Again: those that must stay are looked at, and stay.
    let from = retention.first_beyond(ada, 5, since).await.unwrap().unwrap();
    let step = retention.trim_runs(ada, from, 500).await.unwrap();
    assert_eq!((step.deleted, step.next), (0, None));
}

async fn few_runs_are_not_even_looked_at(database: Database) {
    let retention = &database.stores.retention;
    let ada = somebody(&database, "ada").await;
    let job = create(&database, ada, spec("job"), at(0)).await;
    ended(&database, ada, &job, 1..9).await;
    assert_eq!(retention.first_beyond(ada, 8, at(0)).await.unwrap(), None);
    assert!(retention.first_beyond(ada, 7, at(0)).await.unwrap().is_some());
    // By the counters nothing ended within the time that age leaves.
    assert_eq!(retention.first_beyond(ada, 7, at(100_000)).await.unwrap(), None);
}

async fn log_lines_go_with_age_and_before_their_run(database: Database) {
    let (retention, stores) = (&database.stores.retention, &database.stores);
    let ada = somebody(&database, "ada").await;
    for second in 0..2 {
        create_running(&database, ada, queued_in("default"), at(second)).await;
    }
    let claimed = stores
        .workers
        .claim(&asking(ada, &["default"], 2, at(5)))
        .await
        .unwrap();
    for run in &claimed {
        stores
            .log
            .append(held(ada, run), &lines(&["a"; 8]), at(6))
            .await
            .unwrap();
    }
    let day = TimeDelta::days(1);
    let count = "SELECT COUNT(*) FROM run_logs";
    assert_eq!(
        retention.delete_logs(at(0) + day, 500).await.unwrap(),
        0,
        "they run still"
    );
    let done = scheduler_domain::ports::Finish {
        run_id: claimed[0].run.run_id,
        lease: claimed[0].lease,
        at: at(9),
        trigger: Trigger::Succeed,
        result: None,
        error: None,
    };
    stores.queue.finish(vec![done]).await.unwrap();
    assert_eq!(retention.delete_logs(at(8), 500).await.unwrap(), 0, "too young");
    let deleted = [
        retention.delete_logs(at(10), 5).await.unwrap(),
        retention.delete_logs(at(10), 5).await.unwrap(),
        retention.delete_logs(at(10), 5).await.unwrap(),
    ];
    assert_eq!(deleted, [5, 3, 0]);
    assert_eq!(database.number(count).await, 8);
    assert!(stores.history.find_run(ada, claimed[0].run.run_id).await.is_ok());

    // By count: the lines first, then the run.
    let other = scheduler_domain::ports::Finish {
        run_id: claimed[1].run.run_id,
        lease: claimed[1].lease,
        at: at(9),
        trigger: Trigger::Succeed,
        result: None,
        error: None,
    };
    stores.queue.finish(vec![other]).await.unwrap();
    let job = stores.jobs.find(ada, claimed[1].run.job_id).await.unwrap();
    start(&database, ada, job.job_id, at(20)).await.unwrap();
    let mut next = retention.first_beyond(ada, 1, at(0)).await.unwrap();
    let mut deleted = Vec::new();
    while let Some(from) = next {
        let step = retention.trim_runs(ada, from, 5).await.unwrap();
        deleted.push(step.deleted);
        next = step.next;
    }
    assert_eq!(deleted, [5, 3, 1]);
    assert_eq!(database.number(count).await, 0);
}

async fn occurrences_go_in_batches(database: Database) {
    let ada = somebody(&database, "ada").await;
    queue_up(&database, ada, 7).await;
    let id = match database.backend {
        Backend::Sqlite => "randomblob(16)",
        Backend::Mysql => "UNHEX(REPLACE(UUID(), '-', ''))",
    };
    database
        .execute(&format!(
            "INSERT INTO occurrences (occurrence_id, job_id, user_id, planned_at, count, outcome, recorded_at) \
             SELECT {id}, job_id, user_id, created_at, 1, 'Missed', created_at FROM runs"
        ))
        .await;
    let retention = &database.stores.retention;
    let deleted = [
        retention.delete_occurrences(at(5), 3).await.unwrap(),
        retention.delete_occurrences(at(5), 3).await.unwrap(),
        retention.delete_occurrences(at(5), 3).await.unwrap(),
    ];
    assert_eq!(deleted, [3, 2, 0]);
    assert_eq!(database.number("SELECT COUNT(*) FROM occurrences").await, 2);
}

async fn users_come_in_turn(database: Database) {
    let mut all = Vec::new();
    for name in ["ada", "bob", "eve"] {
        all.push(somebody(&database, name).await);
    }
    all.sort_unstable_by_key(|user| *user.as_uuid().as_bytes());
    let retention = &database.stores.retention;
    let first = retention.users_after(None, 2).await.unwrap();
    let rest = retention.users_after(first.last().copied(), 2).await.unwrap();
    assert_eq!([first, rest].concat(), all);
    assert_eq!(retention.users_after(all.last().copied(), 2).await.unwrap(), []);
}
