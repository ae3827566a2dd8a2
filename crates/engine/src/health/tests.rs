use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

#[test]
fn what_is_told_is_of_the_last_minutes() {
    let health = EngineHealth::default();
    let mut recent = Recent::since(at(0));
    health.claimed(400, Duration::from_secs(2));
    let first = recent.step(at(5), health.totals());
    assert_eq!((first.window_seconds, first.claim_batch.max()), (5, Some(400)));
    for second in (10..=600).step_by(5) {
        health.claimed(3, Duration::from_millis(1));
        recent.step(at(second), health.totals());
    }
    let later = recent.step(at(605), health.totals());
    assert!((300..=365).contains(&later.window_seconds), "{}", later.window_seconds);
    assert_eq!(
        (later.claim_batch.max(), later.claim_batch.percentile(50)),
        (Some(3), Some(3))
    );
    assert!(later.claim_time.max().unwrap() < 1_200, "the slow claim is forgotten");
    assert_eq!(
        health.totals().claim_batch.max(),
        Some(400),
        "but not by what counts from the start"
    );
}

#[test]
fn a_claim_that_found_nothing_has_a_time_and_no_size() {
    let health = EngineHealth::default();
    health.claimed(0, Duration::from_micros(70));
    let totals = health.totals();
    assert_eq!((totals.claim_time.count(), totals.claim_batch.count()), (1, 0));
}

#[test]
fn deliveries_are_counted_by_what_became_of_them() {
    let health = EngineHealth::default();
    health.delivered(AfterAttempt::RetryAt(at(9)), at(0), at(1), true);
    health.delivered(AfterAttempt::Delivered, at(0), at(2), true);
    health.delivered(AfterAttempt::Delivered, at(0), at(9_999), false);
    health.delivered(AfterAttempt::GiveUp, at(0), at(3), true);
    assert_eq!(
        [
            &health.deliveries_delivered,
            &health.deliveries_retried,
            &health.deliveries_given_up
        ]
        .map(Counter::get),
        [2, 1, 1]
    );
    assert_eq!(
        health.webhook_lag.distribution().max(),
        Some(2_000_000),
        "a replay says nothing about lag"
    );
}

#[test]
fn numbers_from_many_threads_add_up() {
    let health = EngineHealth::default();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..1_000).for_each(|value| health.queue_wait.record(value)));
        }
    });
    assert_eq!(health.queue_wait.distribution().count(), 4_000);
    assert_eq!(health.queue_wait.sum(), 4 * 499_500);
}
