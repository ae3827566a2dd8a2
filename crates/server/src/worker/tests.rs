use super::*;
use chrono::TimeDelta;
use scheduler_domain::{
    clock::ManualClock,
    ports::{
        EventSweep, MockAuditLog, MockBulkStore, MockDeliveryStore, MockEngineView, MockEventStore,
        MockIdempotencyStore, MockNoticeStore, MockOtpStore, MockRetention, MockRunQueue, MockSessionStore,
    },
};

fn start() -> Timestamp {
    "2026-01-01T00:00:30Z".parse().unwrap()
}

fn worker(otps: MockOtpStore, clock: &Arc<ManualClock>) -> CronWorker {
    let mut bulk = MockBulkStore::new();
    bulk.expect_delete_ended().returning(|_, _| Ok(0));
    let mut notices = MockNoticeStore::new();
    notices.expect_delete_old().returning(|_, _| Ok(0));
    let housekeeping = Housekeeping {
        otps: Arc::new(otps),
        sessions: Arc::new(MockSessionStore::new()),
        runs: Arc::new(MockRunQueue::new()),
        events: Arc::new(MockEventStore::new()),
        deliveries: Arc::new(MockDeliveryStore::new()),
        retention: Arc::new(MockRetention::new()),
        bulk: Arc::new(bulk),
        notices: Arc::new(notices),
        view: Arc::new(MockEngineView::new()),
        idempotency: Arc::new(MockIdempotencyStore::new()),
        audit: Arc::new(MockAuditLog::new()),
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

#[tokio::test]
async fn users_who_have_too_many_runs_lose_the_oldest_step_by_step() {
    use scheduler_domain::{
        ids::{RunId, UserId},
        ports::Trimmed,
    };
    let clock = Arc::new(ManualClock::at(start()));
    let user = |n| UserId::from_uuid(uuid::Uuid::from_u128(n));
    let run = |n| (start(), RunId::from_uuid(uuid::Uuid::from_u128(n)));
    let mut retention = MockRetention::new();
    retention.expect_users_after().times(2).returning(move |after, _| {
        Ok(match after {
            None => vec![user(1), user(2)],
            Some(last) => {
                assert_eq!(last, user(2));
                Vec::new()
            }
        })
    });
    retention
        .expect_first_beyond()
        .times(2)
        .returning(move |owner, keep, _| {
            assert_eq!(keep, 100);
            Ok((owner == user(2)).then(|| run(9)))
        });
    let mut steps = vec![(run(9), 500, Some(run(5))), (run(5), 3, None)].into_iter();
    retention
        .expect_trim_runs()
        .times(2)
        .returning(move |owner, from, batch| {
            let (expected, deleted, next) = steps.next().unwrap();
            assert_eq!((owner, from, batch), (user(2), expected, 500));
            Ok(Trimmed { deleted, next })
        });
    let mut worker = worker(MockOtpStore::new(), &clock);
    worker.housekeeping.retention = Arc::new(retention);
    worker.entries.retain(|entry| entry.chore == Chore::SurplusRuns);
    clock.advance(TimeDelta::hours(1));
    assert_eq!(worker.tick(&CancellationToken::new()).await, [Chore::SurplusRuns]);
    assert_eq!(worker.housekeeping.swept.of(Swept::SurplusRuns), 503);
}

#[tokio::test]
async fn log_lines_go_before_the_runs_and_earlier() {
    let clock = Arc::new(ManualClock::at(start()));
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let order = order.clone();
        move || order.lock().unwrap().push(what)
    };
    let (mut deliveries, mut events) = (MockDeliveryStore::new(), MockEventStore::new());
    let (mut retention, mut runs) = (MockRetention::new(), MockRunQueue::new());
    let now = start() + TimeDelta::minutes(15);
    let noted = note("deliveries");
    deliveries.expect_delete_ended().returning(move |_, _| {
        noted();
        Ok(0)
    });
    let mut audit = MockAuditLog::new();
    let noted = note("audit log");
    audit.expect_delete_old().returning(move |before, _| {
        assert_eq!(now - before, TimeDelta::days(30));
        noted();
        Ok(4)
    });
    let noted = note("events");
    events.expect_delete_events().returning(move |_, _, _| {
        noted();
        Ok(EventSweep { deleted: 0, next: None })
    });
    let noted = note("occurrences");
    retention.expect_delete_occurrences().returning(move |_, _| {
        noted();
        Ok(2)
    });
    let noted = note("logs");
    retention.expect_delete_logs().returning(move |before, batch| {
        assert_eq!((now - before, batch), (TimeDelta::days(7), 500));
        noted();
        Ok(7)
    });
    let noted = note("runs");
    runs.expect_delete_ended().returning(move |before, _| {
        assert_eq!(now - before, TimeDelta::days(30));
        noted();
        Ok(1)
    });
    let mut worker = worker(MockOtpStore::new(), &clock);
    worker.housekeeping.deliveries = Arc::new(deliveries);
    worker.housekeeping.events = Arc::new(events);
    worker.housekeeping.audit = Arc::new(audit);
    worker.housekeeping.retention = Arc::new(retention);
    worker.housekeeping.runs = Arc::new(runs);
    worker.entries.retain(|entry| entry.chore == Chore::History);
    clock.advance(TimeDelta::minutes(15));
    assert_eq!(worker.tick(&CancellationToken::new()).await, [Chore::History]);
    let swept = &worker.housekeeping.swept;
    assert_eq!(
        [Swept::Occurrences, Swept::Logs, Swept::Runs, Swept::AuditLog].map(|what| swept.of(what)),
        [2, 7, 1, 4]
    );
    assert_eq!(
        *order.lock().unwrap(),
        ["deliveries", "audit log", "events", "occurrences", "logs", "runs"]
    );
}
