//! More obligations of `DeliveryStore` and `EndpointStore`: results in groups, numbers, ranges.

use super::{
    people::{at, somebody, t0},
    webhooks::{added, claim, record, result, two_events},
};
use scheduler_domain::{
    error::StoreError,
    ports::ReplayStep,
    webhook::{AfterAttempt, DeliveryStatus, EndpointEffect},
};
use scheduler_tests::databases::Database;

on_both!(
    results_of_many_are_written_together_and_each_under_its_own_lease
    numbers_are_told_for_a_day_and_a_week_and_forgotten_later
    a_range_is_delivered_again_step_by_step
);

async fn results_of_many_are_written_together_and_each_under_its_own_lease(database: Database) {
    let owner = somebody(&database, "ada").await;
    let healthy = added(&database, owner).await.webhook_id;
    let failing = added(&database, owner).await.webhook_id;
    two_events(&database, owner, t0()).await;
    let due = claim(&database, at(1)).await;
    assert_eq!(due.len(), 4);
    let mut results: Vec<_> = due
        .iter()
        .map(|due| {
            if due.endpoint.webhook_id == healthy {
                result(due, at(2), AfterAttempt::Delivered, EndpointEffect::Healthy)
            } else {
                result(due, at(2), AfterAttempt::RetryAt(at(7)), EndpointEffect::Failing)
            }
        })
        .collect();
    let lost = due.iter().position(|due| due.endpoint.webhook_id == healthy).unwrap();
    results[lost].lease = [0; 16];
    let stores = &database.stores;
    let held = stores.deliveries.record(&results, at(2)).await.unwrap();
    let expected: Vec<bool> = (0..4).map(|index| index != lost).collect();
    assert_eq!(held, expected);
    assert_eq!(
        stores.endpoints.find(owner, failing).await.unwrap().failing_since,
        Some(at(2))
    );
    assert_eq!(stores.endpoints.find(owner, healthy).await.unwrap().failing_since, None);
    let again = stores.deliveries.record(&results, at(3)).await.unwrap();
    assert_eq!(again, [false; 4], "a lease is over with its result");
    assert_eq!(stores.deliveries.record(&[], at(3)).await.unwrap(), Vec::<bool>::new());

    let of = async |id| stores.endpoints.statistics(owner, id, at(4)).await.unwrap();
    let (good, bad) = (of(healthy).await, of(failing).await);
    assert_eq!((good.pending, good.day.delivered, good.day.attempts), (1, 1, 1));
    assert_eq!((bad.pending, bad.day.delivered, bad.day.failed_attempts), (2, 0, 2));
    assert_eq!(
        (good.day.last_success_at, good.day.last_failure_at),
        (Some(at(2)), None)
    );
    assert_eq!(bad.day.durations.percentile(50), Some(12));
    assert_eq!(good.day, good.week);
}

async fn numbers_are_told_for_a_day_and_a_week_and_forgotten_later(database: Database) {
    let (owner, stranger) = (somebody(&database, "ada").await, somebody(&database, "eve").await);
    let id = added(&database, owner).await.webhook_id;
    let day = 86_400;
    for (second, after) in [(0, AfterAttempt::GiveUp), (3 * day, AfterAttempt::Delivered)] {
        two_events(&database, owner, at(second)).await;
        for due in claim(&database, at(second + 1)).await {
            record(&database, &due, at(second + 2), after, EndpointEffect::Healthy).await;
        }
    }
    let stores = &database.stores;
    let of = async |second| stores.endpoints.statistics(owner, id, at(second)).await.unwrap();
    let now = of(3 * day + 60).await;
    assert_eq!((now.day.delivered, now.day.given_up), (2, 0));
    assert_eq!(
        (now.week.delivered, now.week.given_up, now.week.success_rate()),
        (2, 2, Some(0.5))
    );
    assert_eq!(
        of(8 * day).await.week.delivered,
        2,
        "the first hour is over, the second is not"
    );
    assert_eq!(of(30 * day).await.week.attempts, 0);
    let foreign = stores.endpoints.statistics(stranger, id, at(0)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
    stores.deliveries.delete_ended(at(20 * day), 100).await.unwrap();
    assert_eq!(database.number("SELECT COUNT(*) FROM webhook_stats").await, 0);
}

async fn a_range_is_delivered_again_step_by_step(database: Database) {
    let (owner, stranger) = (somebody(&database, "ada").await, somebody(&database, "eve").await);
    let id = added(&database, owner).await.webhook_id;
    for (minute, after) in [AfterAttempt::Delivered, AfterAttempt::GiveUp, AfterAttempt::GiveUp]
        .into_iter()
        .enumerate()
    {
        let second = i64::try_from(minute).unwrap() * 60;
        two_events(&database, owner, at(second)).await;
        for due in claim(&database, at(second + 1)).await {
            record(&database, &due, at(second + 2), after, EndpointEffect::Unchanged).await;
        }
    }
    two_events(&database, owner, at(180)).await;
    let deliveries = &database.stores.deliveries;
    let step = |from, to, status, after| ReplayStep {
        from: at(from),
        to: at(to),
        status,
        after,
        batch: 3,
    };
    // The last minute is on its way, the first was taken.
    let failed = Some(DeliveryStatus::Failed);
    let first = deliveries
        .replay_range(owner, id, &step(0, 600, failed, None), at(300))
        .await
        .unwrap();
    assert_eq!(first.count, 1, "of the first three, one had failed");
    let second = step(0, 600, failed, first.last);
    let second = deliveries.replay_range(owner, id, &second, at(300)).await.unwrap();
    assert_eq!(second.count, 3);
    let third = step(0, 600, failed, second.last);
    let third = deliveries.replay_range(owner, id, &third, at(300)).await.unwrap();
    assert_eq!((third.count, third.last), (0, None));
    assert_eq!(
        database
            .number("SELECT COUNT(*) FROM webhook_deliveries WHERE status = 'Pending'")
            .await,
        6
    );

    let none = deliveries
        .replay_range(owner, id, &step(60, 120, None, None), at(300))
        .await
        .unwrap();
    assert_eq!(none.count, 0, "they are on their way already");
    let all = deliveries
        .replay_range(owner, id, &step(0, 60, None, None), at(300))
        .await
        .unwrap();
    assert_eq!(all.count, 2, "from is inclusive, to is not");
    let foreign = deliveries
        .replay_range(stranger, id, &step(0, 600, None, None), at(300))
        .await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
    let due = claim(&database, at(301)).await;
    assert_eq!(due.len(), 8);
    assert!(
        due.iter().all(|due| due.tries == 0),
        "with the whole schedule before them"
    );
}
