mod fixture;

use fixture::{Answer, Fixture};
use scheduler_domain::{
    clock::{Clock, Timestamp},
    webhook::{AfterAttempt, EndpointEffect, SigningSecret, verify},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn what_is_sent_verifies_and_the_result_is_written() {
    let fixture = Fixture::new().with(&[(1, Answer::Status(204))]);
    let deliverer = fixture.deliverer();
    assert_eq!(deliverer.tick().await.unwrap(), 1);
    deliverer.idle().await;

    assert_eq!(deliverer.health.deliveries_delivered.get(), 1);
    assert_eq!(deliverer.health.totals().webhook_lag.count(), 1);
    let request = fixture.requests().remove(0);
    let header = |name: &str| {
        let found = request.headers.iter().find(|(known, _)| known == name);
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    let secret = SigningSecret::parse(fixture::SECRET).unwrap();
    let now: Timestamp = fixture.clock.now();
    let verified = verify(
        &header("webhook-id"),
        &header("webhook-timestamp"),
        &header("webhook-signature"),
        &request.body,
        &secret,
        now,
    );
    assert_eq!(verified, Ok(()));
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("user-agent"), "job-scheduler/1.2.3");
    assert_eq!(header("authorization"), "Bearer own");

    let result = fixture.results().remove(0);
    assert_eq!(
        (result.after, result.effect),
        (AfterAttempt::Delivered, EndpointEffect::Healthy)
    );
    assert_eq!((result.attempt.attempt, result.attempt.status_code), (1, Some(204)));
    assert!(
        result
            .attempt
            .request_headers
            .contains(&("authorization".to_owned(), "***".to_owned()))
    );
}

#[tokio::test]
async fn a_failure_is_planned_again_with_its_reason() {
    let fixture = Fixture::new().with(&[
        (1, Answer::Status(500)),
        (2, Answer::RetryAfter(600)),
        (3, Answer::Refused),
    ]);
    let deliverer = fixture.deliverer();
    deliverer.tick().await.unwrap();
    deliverer.idle().await;
    let now = fixture.clock.now();
    let wait = |endpoint: u128| match fixture.result_of(endpoint).after {
        AfterAttempt::RetryAt(at) => (at - now).num_seconds(),
        other => panic!("{other:?}"),
    };
    assert_eq!((wait(1), wait(2), wait(3)), (5, 600, 5));
    assert!(fixture.result_of(1).attempt.error.unwrap().contains("500"));
    assert_eq!(fixture.result_of(3).attempt.error.as_deref(), Some("refused: no"));
    assert_eq!(fixture.result_of(3).effect, EndpointEffect::Failing);
}

#[tokio::test]
async fn the_owner_is_told_when_an_endpoint_is_switched_off() {
    let fixture = Fixture::new().with(&[(1, Answer::Status(410))]);
    let deliverer = fixture.deliverer();
    deliverer.tick().await.unwrap();
    deliverer.idle().await;
    assert!(matches!(fixture.result_of(1).effect, EndpointEffect::Disable(_)));
    assert_eq!(fixture.posted(), ["https://endpoint-1.example/ to ada@example.com"]);
}

#[tokio::test]
async fn a_result_without_its_lease_tells_nobody() {
    let fixture = Fixture::new().with(&[(1, Answer::Status(410))]).losing_leases();
    let deliverer = fixture.deliverer();
    deliverer.tick().await.unwrap();
    deliverer.idle().await;
    assert_eq!(fixture.posted(), Vec::<String>::new());
}

#[tokio::test]
async fn a_secret_that_does_not_open_sends_nothing_and_blames_nobody() {
    let fixture = Fixture::new().with(&[(1, Answer::Status(204))]).with_a_closed_vault();
    let deliverer = fixture.deliverer();
    deliverer.tick().await.unwrap();
    deliverer.idle().await;
    assert!(fixture.requests().is_empty());
    let result = fixture.result_of(1);
    assert_eq!(result.effect, EndpointEffect::Unchanged);
    assert!(matches!(result.after, AfterAttempt::RetryAt(_)));
    assert!(result.attempt.error.unwrap().contains("cannot be opened"));
}

#[tokio::test(start_paused = true)]
async fn a_slow_endpoint_delays_no_other() {
    let fixture = Fixture::new().with(&[(1, Answer::Never), (2, Answer::Status(200))]);
    let deliverer = fixture.deliverer();
    let stop = CancellationToken::new();
    let running = tokio::spawn(deliverer.clone().run(stop.clone()));
    fixture.until_results(1).await;
    assert_eq!(fixture.result_of(2).after, AfterAttempt::Delivered);
    assert_eq!(deliverer.under_way(), 1, "the slow one is still under way");
    // What comes later is not held up either.
    fixture.add(3, Answer::Status(200));
    deliverer.wake.notify_one();
    fixture.until_results(2).await;
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn places_are_bounded_for_the_node_and_told_for_each_endpoint() {
    let fixture = Fixture::new().with(&[(1, Answer::Never); 9]);
    let mut deliverer = fixture.deliverer();
    std::sync::Arc::make_mut(&mut deliverer.settings).concurrency = 6;
    assert_eq!(deliverer.tick().await.unwrap(), 6);
    assert_eq!(deliverer.tick().await.unwrap(), 0, "every place is taken");
    assert_eq!(deliverer.busy.by_endpoint(), [(fixture::webhook(1), 6)]);
    deliverer.abandon.cancel();
    deliverer.idle().await;
    assert_eq!(deliverer.busy.by_endpoint(), [], "places are free again");
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_a_little_and_then_lets_go() {
    let fixture = Fixture::new().with(&[(1, Answer::Never), (2, Answer::After(Duration::from_secs(3)))]);
    let deliverer = fixture.deliverer();
    deliverer.tick().await.unwrap();
    let stop = CancellationToken::new();
    stop.cancel();
    fixture.add(3, Answer::Status(200));
    let started = tokio::time::Instant::now();
    deliverer.clone().run(stop).await;
    assert_eq!(started.elapsed(), Duration::from_secs(5));
    assert_eq!(
        fixture.results().len(),
        1,
        "one ended in time, one was let go, and nothing new was begun"
    );
}

#[tokio::test(start_paused = true)]
async fn a_result_is_written_when_the_database_is_back() {
    let fixture = Fixture::new().with(&[(1, Answer::Status(200))]).failing_writes(3);
    let deliverer = fixture.deliverer();
    deliverer.tick().await.unwrap();
    deliverer.idle().await;
    assert_eq!(fixture.result_of(1).after, AfterAttempt::Delivered);
}
