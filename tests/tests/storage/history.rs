//! Runs as people see them, and the numbers about them.

use super::{
    people::{at, limit, somebody, t0},
    work::{FAIL, claim_some, create_running, end, queue_up, spec, start},
};
use chrono::TimeDelta;
use scheduler_domain::{
    ids::RunId,
    page::PageKey,
    ports::RunFilter,
    run::{RunStatus, Trigger},
    stats::{Grain, Results},
};
use scheduler_tests::databases::Database;

on_both! {
    runs_are_paged_newest_first
    durations_are_those_of_completed_runs
    results_are_counted_in_their_buckets
}

async fn runs_are_paged_newest_first(database: Database) {
    let history = &database.stores.history;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    queue_up(&database, bob, 2).await;
    let mut expected = queue_up(&database, ada, 7).await;
    let (job, first) = create_running(&database, ada, spec("job"), at(50)).await;
    let second = start(&database, ada, job.job_id, at(51)).await.unwrap().run_id;
    expected.extend([first, second]);
    expected.reverse();
    let (mut seen, mut after): (Vec<RunId>, Option<PageKey>) = (Vec::new(), None);
    loop {
        let page = history
            .list_runs(ada, &RunFilter::default(), after.as_ref(), limit(4))
            .await
            .unwrap();
        seen.extend(page.data.iter().map(|run| run.run_id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
    let of_job = RunFilter {
        job_id: Some(job.job_id),
        status: Vec::new(),
    };
    let ids = async |filter: &RunFilter| -> Vec<RunId> {
        let page = history.list_runs(ada, filter, None, limit(50)).await.unwrap();
        page.data.iter().map(|run| run.run_id).collect()
    };
    assert_eq!(ids(&of_job).await, [second, first]);
    let running: Vec<RunId> = claim_some(&database, 200, at(60))
        .await
        .iter()
        .map(|claimed| claimed.run.run_id)
        .collect();
    assert_eq!(running.len(), 11);
    start(&database, ada, job.job_id, at(61)).await.unwrap();
    let status = |status: Vec<RunStatus>| RunFilter { job_id: None, status };
    assert_eq!(ids(&status(vec![RunStatus::Running])).await, expected);
    assert_eq!(
        ids(&status(vec![RunStatus::Running, RunStatus::Queued])).await.len(),
        10
    );
    assert!(ids(&status(vec![RunStatus::Failed])).await.is_empty());
}

async fn durations_are_those_of_completed_runs(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    queue_up(&database, ada, 6).await;
    queue_up(&database, bob, 1).await;
    let claimed = claim_some(&database, 9, at(10)).await;
    let hers: Vec<_> = claimed.iter().filter(|claimed| claimed.run.user_id == ada).collect();
    for (claimed, seconds) in hers.iter().zip([5, 3, 9, 1]) {
        end(&database, claimed, Trigger::Succeed, at(10 + seconds)).await;
    }
    end(&database, hers[4], FAIL, at(20)).await;
    let history = &database.stores.history;
    assert_eq!(
        history.recent_durations(ada, t0()).await.unwrap(),
        [1000, 3000, 5000, 9000]
    );
    assert_eq!(history.recent_durations(ada, at(13)).await.unwrap(), [5000, 9000]);
    assert!(history.recent_durations(bob, t0()).await.unwrap().is_empty());
}

async fn results_are_counted_in_their_buckets(database: Database) {
    let ada = somebody(&database, "ada").await;
    queue_up(&database, ada, 5).await;
    let claimed = claim_some(&database, 9, at(10)).await;
    let minute = Grain::Minute.bucket(t0()) + TimeDelta::minutes(3);
    end(&database, &claimed[0], Trigger::Succeed, minute).await;
    end(
        &database,
        &claimed[1],
        Trigger::Succeed,
        minute + TimeDelta::milliseconds(59_999),
    )
    .await;
    end(&database, &claimed[2], FAIL, minute + TimeDelta::seconds(60)).await;
    database
        .stores
        .history
        .cancel_run(ada, claimed[3].run.run_id, minute + TimeDelta::seconds(61))
        .await
        .unwrap()
        .unwrap();
    let history = &database.stores.history;
    let two = Results {
        completed: 2,
        ..Results::default()
    };
    let mixed = Results {
        failed: 1,
        cancelled: 1,
        ..Results::default()
    };
    let next = minute + TimeDelta::seconds(60);
    assert_eq!(
        history.results(ada, Grain::Minute, t0()).await.unwrap(),
        [(minute, two), (next, mixed)]
    );
    assert_eq!(
        history.results(ada, Grain::Minute, next).await.unwrap(),
        [(next, mixed)]
    );
    let hours = history
        .results(ada, Grain::Hour, Grain::Hour.bucket(t0()))
        .await
        .unwrap();
    let mut sum = Results::default();
    hours.iter().for_each(|(_, results)| sum.add(*results));
    assert_eq!((sum.completed, sum.failed, sum.cancelled), (2, 1, 1));
}
