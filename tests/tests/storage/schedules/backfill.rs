//! Instants of the past that are asked for.

use super::*;

on_both! {
    a_backfill_leaves_out_what_ran
    a_backfill_goes_as_far_as_the_overlap_policy_lets_it
}

fn backfilled(database: &Database, owner: UserId, seconds: &[i64], now: Timestamp) -> Vec<NewRun> {
    let mut runs: Vec<NewRun> = seconds
        .iter()
        .map(|second| NewRun {
            trigger: RunTrigger {
                kind: TriggerKind::Backfill,
                planned_at: Some(at(*second)),
                ..RunTrigger::manual(owner)
            },
            ..new_run(database, owner, now)
        })
        .collect();
    let mut ids: Vec<_> = runs.iter().map(|run| run.run_id).collect();
    ids.sort_unstable();
    for (run, id) in runs.iter_mut().zip(ids) {
        run.run_id = id;
    }
    runs
}

async fn a_backfill_leaves_out_what_ran(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let store = &database.stores.schedules;
    let job = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    fire(&database, at(20)).await;
    store.pause(ada, job.job_id, ada, None, at(21)).await.unwrap();
    fire(&database, at(50)).await;
    let asked = backfilled(&database, ada, &[10, 20, 30, 40, 50], at(55));
    assert_eq!(store.backfill(ada, job.job_id, asked, at(55)).await.unwrap(), 3);
    let claimed = claim_some(&database, 9, at(56)).await;
    let made: Vec<_> = claimed
        .iter()
        .filter(|claimed| claimed.run.trigger.kind == TriggerKind::Backfill)
        .map(|claimed| claimed.run.trigger.planned_at.unwrap())
        .collect();
    assert_eq!(made, [30, 40, 50].map(at));
    // What a backfill has run is not run again by the next.
    let again = backfilled(&database, ada, &[20, 30, 40, 50], at(57));
    assert_eq!(store.backfill(ada, job.job_id, again, at(57)).await.unwrap(), 0);
    let foreign = store
        .backfill(bob, job.job_id, backfilled(&database, bob, &[30], at(58)), at(58))
        .await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
}

async fn a_backfill_goes_as_far_as_the_overlap_policy_lets_it(database: Database) {
    let ada = somebody(&database, "ada").await;
    let store = &database.stores.schedules;
    for (overlap, expected) in [(Overlap::Skip, 1), (Overlap::Queue, 3), (Overlap::Allow, 3)] {
        let job = made(&database, ada, every(10, overlap), at(100)).await;
        let asked = backfilled(&database, ada, &[110, 120, 130], at(100));
        let started = store.backfill(ada, job.job_id, asked, at(100)).await.unwrap();
        assert_eq!(started, expected, "{overlap:?}");
        assert_eq!(find(&database, &job).await.active_runs, expected, "{overlap:?}");
    }
}
