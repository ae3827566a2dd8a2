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
    run::{Reason, RunStatus, Trigger, TriggerKind},
    stats::{Grain, Results},
};
use scheduler_tests::databases::{Backend, Database};

on_both! {
    runs_are_paged_newest_first
    runs_are_found_by_what_they_tell
    a_search_goes_so_far_and_then_on_from_there
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
        ..RunFilter::default()
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
    let status = |status: Vec<RunStatus>| RunFilter {
        status,
        ..RunFilter::default()
    };
    assert_eq!(ids(&status(vec![RunStatus::Running])).await, expected);
    assert_eq!(
        ids(&status(vec![RunStatus::Running, RunStatus::Queued])).await.len(),
        10
    );
    assert!(ids(&status(vec![RunStatus::Failed])).await.is_empty());
}

async fn runs_are_found_by_what_they_tell(database: Database) {
    let ada = somebody(&database, "ada").await;
    let made = queue_up(&database, ada, 4).await;
    let claimed = claim_some(&database, 3, at(100)).await;
    let ids: Vec<RunId> = claimed.iter().map(|claimed| claimed.run.run_id).collect();
    end(&database, &claimed[0], FAIL, at(110)).await;
    end(&database, &claimed[1], Trigger::Succeed, at(111)).await;
    let waits = *made.iter().find(|id| !ids.contains(id)).unwrap();
    let history = &database.stores.history;
    let found = async |filter: RunFilter| -> Vec<RunId> {
        let page = history.list_runs(ada, &filter, None, limit(50)).await.unwrap();
        assert_eq!(page.next, None);
        page.data.iter().map(|run| run.run_id).collect()
    };
    let none = RunFilter::default;
    let failed = history.find_run(ada, ids[0]).await.unwrap();
    let error = failed.error.unwrap();
    for part in [error.message[1..].to_uppercase(), error.code[..3].to_owned()] {
        let error = Some(part);
        assert_eq!(found(RunFilter { error, ..none() }).await, ids[..1]);
    }
    for (nothing, is_text) in [("%", true), ("i_u", true), ("no such thing", true), ("", false)] {
        let error = Some(nothing.to_owned());
        assert_eq!(
            found(RunFilter { error, ..none() }).await.is_empty(),
            is_text,
            "{nothing}"
        );
    }
    let reason = vec![failed.reason.unwrap()];
    assert_eq!(found(RunFilter { reason, ..none() }).await, ids[..1]);
    let reason = vec![Reason::Crashed, Reason::Replaced];
    assert_eq!(found(RunFilter { reason, ..none() }).await, []);
    let trigger = vec![TriggerKind::Manual, TriggerKind::Schedule];
    assert_eq!(found(RunFilter { trigger, ..none() }).await.len(), 4);
    let trigger = vec![TriggerKind::Schedule];
    assert_eq!(found(RunFilter { trigger, ..none() }).await, []);
    let created_at = history.find_run(ada, made[1]).await.unwrap().created_at;
    let newer = RunFilter {
        created_after: Some(created_at),
        ..none()
    };
    assert_eq!(
        found(newer).await,
        [made[3], made[2]],
        "newest first, without the one of that instant"
    );
    let older = RunFilter {
        created_before: Some(created_at),
        ..none()
    };
    assert_eq!(found(older).await, made[..1]);
    let started = |after: Option<i64>, before: Option<i64>| RunFilter {
        started_after: after.map(at),
        started_before: before.map(at),
        ..none()
    };
    assert_eq!(found(started(Some(99), None)).await.len(), 3);
    assert!(!found(started(Some(99), None)).await.contains(&waits));
    assert_eq!(found(started(Some(100), None)).await, []);
    assert_eq!(found(started(None, Some(101))).await.len(), 3);
}

/// 6,000 runs of one instant, one of them made by a schedule: the oldest.
async fn a_search_goes_so_far_and_then_on_from_there(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (job, newest) = create_running(&database, ada, spec("job"), at(50)).await;
    let digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 \
         UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    let number = "a.n + 10 * b.n + 100 * c.n + 1000 * d.n";
    let id = match database.backend {
        Backend::Sqlite => format!("CAST(printf('999999%010d', {number}) AS BLOB)"),
        Backend::Mysql => format!("CONCAT('999999', LPAD({number}, 10, '0'))"),
    };
    let (user, job_id) = (ada.as_uuid().simple(), job.job_id.as_uuid().simple());
    let time = "'2026-01-01 00:00:00.000001'";
    database
        .execute(&format!(
            "INSERT INTO runs (run_id, job_id, user_id, job_name, status, trigger_type, attempt, max_attempts, crashes, \
             created_at, started_at, finished_at, attempts) SELECT {id}, x'{job_id}', x'{user}', 'job', 'Completed', \
             CASE WHEN {number} = 0 THEN 'schedule' ELSE 'manual' END, 1, 1, 0, {time}, {time}, {time}, '[]' \
             FROM {digits} a, {digits} b, {digits} c, {digits} d WHERE {number} < 6000"
        ))
        .await;
    let history = &database.stores.history;
    for job_id in [None, Some(job.job_id)] {
        let filter = |trigger| RunFilter {
            job_id,
            trigger: vec![trigger],
            ..RunFilter::default()
        };
        let planned = filter(TriggerKind::Schedule);
        let first = history.list_runs(ada, &planned, None, limit(50)).await.unwrap();
        assert_eq!(first.data, []);
        let second = history
            .list_runs(ada, &planned, first.next.as_ref(), limit(50))
            .await
            .unwrap();
        assert_eq!((second.data.len(), second.next), (1, None));

        // Nothing twice and nothing left out, also across the border.
        let by_hand = filter(TriggerKind::Manual);
        let (mut seen, mut after): (Vec<RunId>, Option<PageKey>) = (Vec::new(), None);
        loop {
            let page = history
                .list_runs(ada, &by_hand, after.as_ref(), limit(200))
                .await
                .unwrap();
            seen.extend(page.data.iter().map(|run| run.run_id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((seen.len(), seen[0]), (6000, newest));
        let unique: std::collections::HashSet<_> = seen.iter().collect();
        assert_eq!(unique.len(), 6000);
    }
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
