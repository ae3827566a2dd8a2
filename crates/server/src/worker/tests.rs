use super::*;
use chrono::TimeDelta;
use scheduler_domain::{
    clock::ManualClock,
    ports::{
        MockDeliveryStore, MockEngineView, MockEventStore, MockOtpStore, MockRetention, MockRunQueue, MockSessionStore,
    },
};

fn start() -> Timestamp {
    "2026-01-01T00:00:30Z".parse().unwrap()
}

fn worker(otps: MockOtpStore, clock: &Arc<ManualClock>) -> CronWorker {
    let housekeeping = Housekeeping {
        otps: Arc::new(otps),
        sessions: Arc::new(MockSessionStore::new()),
        runs: Arc::new(MockRunQueue::new()),
        events: Arc::new(MockEventStore::new()),
        deliveries: Arc::new(MockDeliveryStore::new()),
        retention: Arc::new(MockRetention::new()),
        view: Arc::new(MockEngineView::new()),
        kept: Kept {
            history: TimeDelta::days(30),
            logs: TimeDelta::days(7),
            runs_per_user: 100,
        },
        swept: Arc::default(),
    };
    CronWorker::new(housekeeping, clock.clone(), "0 */10 * * * *").unwrap()
}

#[tokio::test]
async fn codes_are_cleaned_up_batch_after_batch_when_their_time_comes() {
    let clock = Arc::new(ManualClock::at(start()));
    let mut otps = MockOtpStore::new();
    let mut batches = vec![500, 500, 3].into_iter();
    otps.expect_delete_expired().times(3).returning(move |before, batch| {
        assert_eq!(
            before.to_rfc3339(),
            "2025-12-31T23:10:10+00:00",
            "codes are kept for an hour"
        );
        assert_eq!(batch, 500);
        Ok(batches.next().unwrap())
    });
    let mut worker = worker(otps, &clock);
    worker.entries.retain(|entry| entry.chore == Chore::Codes);
    let stop = CancellationToken::new();
    clock.advance(TimeDelta::minutes(9));
    assert!(worker.tick(&stop).await.is_empty());
    clock.advance(TimeDelta::seconds(40));
    assert_eq!(worker.tick(&stop).await, [Chore::Codes]);
    assert!(worker.tick(&stop).await.is_empty(), "once is enough");
}

#[tokio::test]
async fn an_error_ends_the_sweep_and_not_the_worker() {
    let clock = Arc::new(ManualClock::at(start()));
    let mut otps = MockOtpStore::new();
    let away = |_, _| Err(scheduler_domain::error::StoreError::Unavailable("away".into()));
    otps.expect_delete_expired().times(2).returning(away);
    let mut worker = worker(otps, &clock);
    worker.entries.retain(|entry| entry.chore == Chore::Codes);
    let stop = CancellationToken::new();
    for _ in 0..2 {
        clock.advance(TimeDelta::minutes(10));
        assert_eq!(worker.tick(&stop).await, [Chore::Codes]);
    }
}
