//! Ranges that are delivered again, and how an endpoint is doing.

use super::receiver::{Receiver, Reply};
use chrono::{TimeDelta, Utc};
use reqwest::Method;
use scheduler_tests::{
    client::{Client, assert_fields, broken, text},
    on_both_databases,
    server::{TestServer, until},
};
use serde_json::{Value, json};

on_both_databases! {
    a_range_is_delivered_again_and_the_log_says_who_asked
    the_statistics_tell_how_an_endpoint_is_doing
    what_a_range_may_be
}

async fn endpoint(client: &Client, url: &str) -> (Value, String) {
    let made = client
        .post("/api/v1/webhooks", json!({"url": url, "types": ["job.created"]}), 201)
        .await;
    let path = format!("/api/v1/webhooks/{}", text(&made, "webhook_id"));
    (made, path)
}

/// Waits until so many deliveries have ended.
async fn ended(client: &Client, path: &str, count: usize) -> Value {
    until("deliveries have ended", async || {
        let statistics = client.get(&format!("{path}/statistics"), 200).await;
        let done = statistics["last_24h"]["deliveries"] == count && statistics["pending"] == 0;
        done.then_some(statistics)
    })
    .await
}

#[expect(clippy::disallowed_methods, reason = "the server runs by the clock of the machine")]
async fn a_range_is_delivered_again_and_the_log_says_who_asked(server: TestServer) {
    let (client, stranger) = (server.sign_up().await, server.sign_up().await);
    let receiver = Receiver::start(&[Reply::Status(204)]).await;
    let (made, path) = endpoint(&client, &receiver.url).await;
    for _ in 0..3 {
        client.job(json!({})).await;
    }
    ended(&client, &path, 3).await;
    let (from, to) = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::hours(1));
    let range = json!({"from": from, "to": to});
    let replay = format!("{path}/replay");
    let failed = json!({"from": from, "to": to, "status": "Failed"});
    assert_eq!(client.post(&replay, failed, 202).await["count"], 0);
    let answer = client.post(&replay, range.clone(), 202).await;
    assert_eq!(answer, json!({"count": 3, "has_more": false, "next_from": null}));
    let all = receiver.wait_for(6).await;
    let mut ids: Vec<&str> = all.iter().map(|one| one.header("webhook-id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "the same events");
    assert!(all.iter().all(|one| one.verifies(text(&made, "secret"))));

    let log = client.get("/api/v1/audit-log?action=webhook.replayed", 200).await;
    let log = log["data"].as_array().unwrap();
    assert_eq!(log.len(), 2, "one entry for each range");
    assert_eq!(log[0]["target"]["id"], made["webhook_id"]);
    let fields: Vec<&str> = log[1]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(one, "field"))
        .collect();
    assert_eq!(fields, ["from", "status", "to"]);

    stranger.post(&replay, range.clone(), 404).await;
    let (reader, _) = client.api_key(&["jobs:read"]).await;
    reader.post(&replay, range.clone(), 403).await;
    client.patch(&path, json!({"enabled": false}), 200).await;
    let answer = client.send(Method::POST, &replay, Some(range), &[]).await;
    answer.problem(409, "invalid_transition");
}

async fn the_statistics_tell_how_an_endpoint_is_doing(server: TestServer) {
    let (client, stranger) = (server.sign_up().await, server.sign_up().await);
    let receiver = Receiver::start(&[Reply::Status(500), Reply::Status(204)]).await;
    let (_, path) = endpoint(&client, &receiver.url).await;
    let statistics = format!("{path}/statistics");
    let fresh = client.get(&statistics, 200).await;
    assert_fields(
        &fresh,
        "pending, pending_capped, last_success_at, last_failure_at, last_24h, last_7d",
    );
    assert_fields(
        &fresh["last_7d"],
        "deliveries, delivered, failed, attempts, failed_attempts, success_rate, duration_ms",
    );
    assert_eq!(fresh["last_24h"]["success_rate"], Value::Null);
    client.job(json!({})).await;
    let waiting = until("one failed", async || {
        let now = client.get(&statistics, 200).await;
        (now["last_24h"]["failed_attempts"] == 1).then_some(now)
    })
    .await;
    assert_eq!(
        (&waiting["pending"], &waiting["pending_capped"]),
        (&json!(1), &json!(false))
    );
    assert!(waiting["last_failure_at"].is_string() && waiting["last_success_at"].is_null());
    let done = ended(&client, &path, 1).await;
    assert_eq!(done["last_24h"]["attempts"], 2);
    assert_eq!(done["last_24h"]["success_rate"], 0.5);
    assert!(done["last_24h"]["duration_ms"]["p95"].is_u64());
    assert_eq!(done["last_24h"], done["last_7d"]);
    stranger.get(&statistics, 404).await;
    client.get(&format!("{statistics}?x=1"), 400).await;
}

async fn what_a_range_may_be(server: TestServer) {
    let client = server.sign_up().await;
    let (_, path) = endpoint(&client, "https://example.com/").await;
    let replay = format!("{path}/replay");
    for (body, pointer, code) in [
        (json!({"to": "2026-01-01T00:00:00Z"}), "/from", "required"),
        (
            json!({"from": "yesterday", "to": "2026-01-01T00:00:00Z"}),
            "/from",
            "invalid",
        ),
        (
            json!({"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}),
            "/to",
            "out_of_range",
        ),
        (
            json!({"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "status": "Pending"}),
            "/status",
            "unknown_word",
        ),
        (
            json!({"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "all": true}),
            "/all",
            "unknown_field",
        ),
    ] {
        let answer = client.send(Method::POST, &replay, Some(body.clone()), &[]).await;
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(broken(&problem), [(pointer.to_owned(), code.to_owned())], "{body}");
    }
}
