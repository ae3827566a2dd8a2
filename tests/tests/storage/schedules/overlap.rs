//! Instants that come due while runs of their job are under way.

use super::*;

on_both! {
    skip_leaves_one_growing_row_and_an_event_each
    several_instants_in_one_call_share_a_row_too
    queue_lets_instants_wait_in_their_order
    allow_starts_as_many_as_may_run
    cancel_running_replaces_what_runs
    cancel_running_replaces_within_one_call
}

async fn skip_leaves_one_growing_row_and_an_event_each(database: Database) {
    use OccurrenceOutcome::Skipped;
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(10, Overlap::Skip), at(0)).await;
    fire(&database, at(10)).await;
    database.listener.take();
    for second in [20, 30, 40] {
        assert_eq!(fire(&database, at(second)).await.runs, 0);
    }
    let rows = ledger(&database, &job).await;
    assert_eq!(lines(&rows), [ran(10), several(Skipped, 20, 40, 3)]);
    assert!(rows[1].reason.as_deref().unwrap().contains("\"skip\""), "{rows:?}");
    assert_eq!((rows[1].run_id, rows[1].recorded_at), (None, at(40)));
    assert_eq!(events(&database), [EventType::OccurrenceSkipped; 3]);
    fire(&database, at(75)).await;
    let rows = ledger(&database, &job).await;
    assert_eq!(lines(&rows), [ran(10), several(Skipped, 20, 70, 6)]);

    let run = claim_some(&database, 1, at(76)).await.remove(0);
    end(&database, &run, Trigger::Succeed, at(77)).await;
    fire(&database, at(80)).await;
    fire(&database, at(90)).await;
    let expected = [
        ran(10),
        several(Skipped, 20, 70, 6),
        ran(80),
        several(Skipped, 90, 90, 1),
    ];
    assert_eq!(lines(&ledger(&database, &job).await), expected);
    assert_eq!(find(&database, &job).await.next_run_at, Some(at(100)));
}

async fn several_instants_in_one_call_share_a_row_too(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(10, Overlap::Skip), at(0)).await;
    fire(&database, at(50)).await;
    let expected = [ran(10), several(OccurrenceOutcome::Skipped, 20, 50, 4)];
    assert_eq!(lines(&ledger(&database, &job).await), expected);
}

async fn queue_lets_instants_wait_in_their_order(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(10, Overlap::Queue), at(0)).await;
    assert_eq!(fire(&database, at(50)).await.runs, 5);
    assert_eq!(fire(&database, at(60)).await.runs, 1);
    let mut order = Vec::new();
    for second in 61..67 {
        let claimed = claim_some(&database, 9, at(second)).await;
        assert_eq!(claimed.len(), 1, "one at a time");
        order.push(claimed[0].run.trigger.planned_at.unwrap());
        end(&database, &claimed[0], Trigger::Succeed, at(second)).await;
    }
    assert_eq!(order, [10, 20, 30, 40, 50, 60].map(at));
    let last = find(&database, &job).await.last_run.unwrap();
    assert_eq!(last.trigger.planned_at, Some(at(60)));
    assert_eq!(ledger(&database, &job).await.len(), 6);
}

async fn allow_starts_as_many_as_may_run(database: Database) {
    let ada = somebody(&database, "ada").await;
    let spec = JobSpec {
        max_running: Some(2),
        ..every(10, Overlap::Allow)
    };
    let job = made(&database, ada, spec, at(0)).await;
    assert_eq!(fire(&database, at(40)).await.runs, 4);
    let claimed = claim_some(&database, 9, at(41)).await;
    assert_eq!(claimed.len(), 2);
    assert_eq!(find(&database, &job).await.active_runs, 4);
    end(&database, &claimed[0], Trigger::Succeed, at(42)).await;
    assert_eq!(claim_some(&database, 9, at(43)).await.len(), 1);
    let expected = [ran(10), ran(20), ran(30), ran(40)];
    assert_eq!(lines(&ledger(&database, &job).await), expected);
}

async fn cancel_running_replaces_what_runs(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(10, Overlap::CancelRunning), at(0)).await;
    fire(&database, at(10)).await;
    let old = claim_some(&database, 9, at(11)).await.remove(0);
    database.listener.take();
    assert_eq!(fire(&database, at(20)).await.runs, 1);
    let committed = database.listener.take();
    assert_eq!(committed[0].cancelled_runs, [old.run.run_id]);
    let old = database.stores.history.find_run(ada, old.run.run_id).await.unwrap();
    assert_eq!((old.status, old.reason), (RunStatus::Cancelled, Some(Reason::Replaced)));
    let new = claim_some(&database, 9, at(21)).await.remove(0);
    assert_eq!(new.run.trigger.planned_at, Some(at(20)));
    assert_eq!(lines(&ledger(&database, &job).await), [ran(10), ran(20)]);
    assert_eq!(find(&database, &job).await.active_runs, 1);
}

async fn cancel_running_replaces_within_one_call(database: Database) {
    let ada = somebody(&database, "ada").await;
    let job = made(&database, ada, every(10, Overlap::CancelRunning), at(0)).await;
    let store = &database.stores.schedules;
    store.fire_due(at(30), 100, Some(claim(1, 10, at(30)))).await.unwrap();
    let claimed: Vec<_> = database
        .listener
        .take()
        .into_iter()
        .flat_map(|what| what.claimed)
        .collect();
    let last = claimed.last().unwrap();
    assert_eq!(last.run.trigger.planned_at, Some(at(30)));
    assert_eq!(claimed.len(), 1, "what was replaced at once is not handed over");
    let running = database
        .number("SELECT COUNT(*) FROM runs WHERE status = 'Running'")
        .await;
    let cancelled = database
        .number("SELECT COUNT(*) FROM runs WHERE status = 'Cancelled'")
        .await;
    assert_eq!((running, cancelled), (1, 2));
    assert_eq!(find(&database, &job).await.active_runs, 1);
    let last_run = find(&database, &job).await.last_run.unwrap();
    assert_eq!(last_run.run_id, last.run.run_id);
}
