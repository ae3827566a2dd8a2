//! Instants that passed while their job was paused or no server ran.

use super::*;

on_both! {
    a_pause_is_one_growing_row_and_resuming_goes_on_with_the_grid
    pausing_twice_changes_nothing
    nothing_is_made_up_for_under_none
    the_latest_is_made_up_for_under_last
    all_are_made_up_for_under_all
}

async fn a_pause_is_one_growing_row_and_resuming_goes_on_with_the_grid(database: Database) {
    use OccurrenceOutcome::Paused;
    let ada = somebody(&database, "ada").await;
    let store = &database.stores.schedules;
    let job = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    fire(&database, at(10)).await;
    database.listener.take();
    let paused = store
        .pause(ada, job.job_id, ada, Some("moving house".to_owned()), at(12))
        .await
        .unwrap();
    assert_eq!((paused.paused_at, paused.paused_by), (Some(at(12)), Some(ada)));
    assert_eq!(paused.pause_reason.as_deref(), Some("moving house"));
    assert_eq!(paused.version, job.version + 1);
    assert_eq!(events(&database), [EventType::JobPaused]);
    for second in [20, 30, 55] {
        assert_eq!(fire(&database, at(second)).await.runs, 0);
    }
    assert_eq!(events(&database), []);
    let rows = ledger(&database, &job).await;
    assert_eq!(lines(&rows), [ran(10), several(Paused, 20, 50, 4)]);
    assert_eq!(rows[1].reason.as_deref(), Some("paused by its owner: moving house"));
    // Days without a server are no more than a longer row.
    assert_eq!(fire(&database, at(86_405)).await.runs, 0);
    let rows = ledger(&database, &job).await;
    assert_eq!(lines(&rows), [ran(10), several(Paused, 20, 86_400, 8_639)]);

    let resumed = store.resume(ada, job.job_id, at(86_406)).await.unwrap();
    assert_eq!(
        (resumed.paused_at, resumed.paused_by, resumed.pause_reason),
        (None, None, None)
    );
    assert_eq!(resumed.next_run_at, Some(at(86_410)));
    assert_eq!(events(&database), [EventType::JobResumed]);
    assert_eq!(fire(&database, at(86_409)).await, Fired::default());
    assert_eq!(fire(&database, at(86_410)).await.runs, 1);
    assert_eq!(lines(&ledger(&database, &job).await).last(), Some(&ran(86_410)));
}

async fn pausing_twice_changes_nothing(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let store = &database.stores.schedules;
    let job = made(&database, ada, every(10, Overlap::Allow), at(0)).await;
    let first = store
        .pause(ada, job.job_id, ada, Some("a".to_owned()), at(1))
        .await
        .unwrap();
    database.listener.take();
    let second = store
        .pause(ada, job.job_id, ada, Some("b".to_owned()), at(2))
        .await
        .unwrap();
    assert_eq!(first, second);
    let resumed = store.resume(ada, job.job_id, at(3)).await.unwrap();
    assert_eq!(store.resume(ada, job.job_id, at(4)).await.unwrap(), resumed);
    assert_eq!(events(&database), [EventType::JobResumed]);
    for refused in [
        store.pause(bob, job.job_id, bob, None, at(5)).await,
        store.resume(bob, job.job_id, at(5)).await,
    ] {
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
    // An administrator's pause says so.
    store.pause(ada, job.job_id, bob, None, at(6)).await.unwrap();
    fire(&database, at(10)).await;
    let rows = ledger(&database, &job).await;
    assert_eq!(rows[0].reason.as_deref(), Some("paused by an administrator"));
}

/// A job that should run every ten minutes, and a server that is back after 3,700 seconds.
async fn after_silence(database: &Database, policy: CatchUpPolicy, max_runs: u32) -> (Job, Fired) {
    let ada = somebody(database, "ada").await;
    let spec = JobSpec {
        catch_up: CatchUp {
            policy,
            max_runs,
            ..CatchUp::default()
        },
        ..every(600, Overlap::Queue)
    };
    let job = made(database, ada, spec, at(0)).await;
    database.listener.take();
    let fired = fire(database, at(3_700)).await;
    assert_eq!(fire(database, at(3_700)).await, Fired::default());
    let job = find(database, &job).await;
    assert_eq!(job.next_run_at, Some(at(4_200)));
    (job, fired)
}

async fn nothing_is_made_up_for_under_none(database: Database) {
    let (job, fired) = after_silence(&database, CatchUpPolicy::None, 100).await;
    assert_eq!(fired.runs, 0);
    let rows = ledger(&database, &job).await;
    assert_eq!(lines(&rows), [several(OccurrenceOutcome::Missed, 600, 3_600, 6)]);
    let reason = rows[0].reason.as_deref().unwrap();
    assert!(reason.contains("\"none\"") && reason.contains("1 min late"), "{reason}");
    let committed = database.listener.take();
    let told = committed[0]
        .events
        .iter()
        .find(|event| event.kind == EventType::OccurrenceMissed);
    let data: serde_json::Value = serde_json::from_str(&told.unwrap().data).unwrap();
    assert_eq!(data["occurrence"], serde_json::to_value(&rows[0]).unwrap());
    // A second absence is a row of its own: it has its own reason.
    fire(&database, at(7_300)).await;
    assert_eq!(ledger(&database, &job).await.len(), 2);
}

async fn the_latest_is_made_up_for_under_last(database: Database) {
    let (job, fired) = after_silence(&database, CatchUpPolicy::Last, 100).await;
    assert_eq!(fired.runs, 1);
    let rows = ledger(&database, &job).await;
    assert_eq!(
        lines(&rows),
        [several(OccurrenceOutcome::Missed, 600, 3_000, 5), ran(3_600)]
    );
    assert_eq!(rows[1].reason.as_deref(), Some("caught up, 1 min late"));
    assert_eq!(events(&database), [EventType::OccurrenceMissed, EventType::RunQueued]);
}

async fn all_are_made_up_for_under_all(database: Database) {
    let (job, fired) = after_silence(&database, CatchUpPolicy::All, 4).await;
    assert_eq!(fired.runs, 4);
    let expected = [
        several(OccurrenceOutcome::Missed, 600, 1_200, 2),
        ran(1_800),
        ran(2_400),
        ran(3_000),
        ran(3_600),
    ];
    assert_eq!(lines(&ledger(&database, &job).await), expected);
    let mut order = Vec::new();
    for second in 3_701..3_705 {
        let claimed = claim_some(&database, 9, at(second)).await.remove(0);
        order.push(claimed.run.trigger.planned_at.unwrap());
        end(&database, &claimed, Trigger::Succeed, at(second)).await;
    }
    assert_eq!(order, [1_800, 2_400, 3_000, 3_600].map(at), "oldest first");
}
