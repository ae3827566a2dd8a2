//! Events on their way.

use super::receiver::{Receiver, Reply};
use scheduler_tests::{
    client::{Client, assert_fields, text},
    on_both_databases,
    server::{TestServer, until},
};
use serde_json::{Value, json};
use std::collections::HashSet;

on_both_databases! {
    every_event_of_a_run_arrives_and_verifies
    a_failure_is_repeated_with_the_same_id_and_a_fresh_signature
    gone_switches_the_endpoint_off_and_tells_its_owner
    a_redirect_is_a_failure_and_is_not_followed
    a_slow_endpoint_delays_no_other
    both_secrets_sign_after_a_rotation
    a_delivery_can_be_replayed
}

/// An endpoint, as the answer to its creation says.
async fn endpoint(client: &Client, url: &str, more: Value) -> Value {
    let mut body = json!({"url": url});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.post("/api/v1/webhooks", body, 201).await
}

async fn deliveries(client: &Client, endpoint: &Value) -> Vec<Value> {
    let path = format!("/api/v1/webhooks/{}/deliveries", text(endpoint, "webhook_id"));
    client.get(&path, 200).await["data"].as_array().unwrap().clone()
}

/// Waits until the delivery satisfies a condition.
async fn delivery_is(client: &Client, delivery: &Value, what: &str, condition: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/api/v1/deliveries/{}", text(delivery, "delivery_id"));
    until(what, async || {
        Some(client.get(&path, 200).await).filter(|delivery| condition(delivery))
    })
    .await
}

async fn test_event(client: &Client, endpoint: &Value) -> Value {
    client
        .act(&format!("/api/v1/webhooks/{}/test", text(endpoint, "webhook_id")), 202)
        .await
}

async fn every_event_of_a_run_arrives_and_verifies(server: TestServer) {
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(204)]).await;
    let headers = json!({"headers": {"Authorization": "Bearer theirs", "X-Team": "blue"}});
    let endpoint = endpoint(&client, &receiver.url, headers).await;
    let secret = text(&endpoint, "secret").to_owned();
    let job = client.quick_job(10, "Completed").await;
    client
        .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
        .await;
    receiver.wait_for_type("run.completed").await;
    let all = receiver.wait_for(4).await;

    let kinds: HashSet<String> = all.iter().map(|one| text(&one.json(), "type").to_owned()).collect();
    for kind in ["job.created", "run.queued", "run.started", "run.completed"] {
        assert!(kinds.contains(kind), "{kinds:?}");
    }
    let ids: HashSet<&str> = all.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!(ids.len(), all.len(), "each event once");
    for one in &all {
        assert!(one.verifies(&secret));
        assert!(!one.verifies("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert_eq!(one.header("webhook-id"), one.json()["id"]);
        assert_eq!(one.header("content-type"), "application/json");
        assert!(one.header("user-agent").starts_with("job-scheduler/"));
        assert_eq!(
            (one.header("authorization"), one.header("x-team")),
            ("Bearer theirs", "blue")
        );
        assert_eq!(one.json()["data"]["job_id"], job["job_id"]);
    }
    // The same envelope as in the history.
    let history = client.get("/api/v1/events", 200).await;
    for event in history["data"].as_array().unwrap() {
        assert!(all.iter().any(|one| one.json() == *event), "{event}");
    }

    let first = deliveries(&client, &endpoint).await.remove(0);
    assert_fields(
        &first,
        "delivery_id, webhook_id, event_id, type, status, next_attempt_at, created_at, attempts",
    );
    let done = delivery_is(&client, &first, "delivered", |delivery| {
        delivery["status"] == "Delivered"
    })
    .await;
    let sent = all
        .iter()
        .find(|one| one.header("webhook-id") == text(&done, "event_id"))
        .unwrap();
    assert_eq!(text(&done, "request_body").as_bytes(), sent.body, "byte for byte");
    let attempt = &done["attempts"][0];
    assert_fields(
        attempt,
        "attempt, at, status_code, duration_ms, request_headers, response_body, error",
    );
    assert_eq!(
        (&attempt["attempt"], &attempt["status_code"], &attempt["error"]),
        (&json!(1), &json!(204), &Value::Null)
    );
    assert_eq!(attempt["request_headers"]["authorization"], "***");
    assert_eq!(attempt["request_headers"]["webhook-id"], done["event_id"]);
}

async fn a_failure_is_repeated_with_the_same_id_and_a_fresh_signature(server: TestServer) {
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(500), Reply::Status(200)]).await;
    let endpoint = endpoint(&client, &receiver.url, json!({"types": ["run.failed"]})).await;
    let delivery = test_event(&client, &endpoint).await;
    let failed = delivery_is(&client, &delivery, "one attempt", |delivery| {
        delivery["attempts"][0].is_object()
    })
    .await;
    assert_eq!(
        (&failed["status"], &failed["attempts"][0]["status_code"]),
        (&json!("Pending"), &json!(500))
    );
    assert!(text(&failed["attempts"][0], "error").contains("500"));
    assert_eq!(failed["attempts"][0]["response_body"], "thanks");
    let both = receiver.wait_for(2).await;
    assert_eq!(both[0].header("webhook-id"), both[1].header("webhook-id"));
    assert_eq!(both[0].body, both[1].body);
    let seconds = |one: usize| both[one].header("webhook-timestamp").parse::<i64>().unwrap();
    assert!(seconds(1) - seconds(0) >= 4, "about five seconds later");
    assert!(both.iter().all(|one| one.verifies(text(&endpoint, "secret"))));
    let done = delivery_is(&client, &delivery, "delivered", |delivery| {
        delivery["status"] == "Delivered"
    })
    .await;
    assert_eq!(done["attempts"].as_array().unwrap().len(), 2);
}

async fn gone_switches_the_endpoint_off_and_tells_its_owner(server: TestServer) {
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(410), Reply::Status(200)]).await;
    let endpoint = endpoint(&client, &receiver.url, json!({})).await;
    let path = format!("/api/v1/webhooks/{}", text(&endpoint, "webhook_id"));
    let delivery = test_event(&client, &endpoint).await;
    delivery_is(&client, &delivery, "failed", |delivery| delivery["status"] == "Failed").await;
    let off = client.get(&path, 200).await;
    assert_eq!(off["enabled"], false);
    assert!(text(&off, "disabled_reason").contains("410"));
    // The first mail held the code of the sign-up.
    let mail = client.mail_after(&client.email, 1).await;
    assert!(text(&mail, "text").contains(&receiver.url), "{mail}");

    client.job(json!({})).await;
    let refused = client
        .send(reqwest::Method::POST, &format!("{path}/test"), None, &[])
        .await;
    assert_eq!(
        refused.problem(409, "invalid_transition")["allowed"],
        json!(["enabled"])
    );
    assert_eq!(receiver.received().len(), 1, "nothing more is sent");

    let on = client.patch(&path, json!({"enabled": true}), 200).await;
    assert_eq!((&on["enabled"], &on["disabled_reason"]), (&json!(true), &Value::Null));
    let delivery = test_event(&client, &endpoint).await;
    delivery_is(&client, &delivery, "delivered", |delivery| {
        delivery["status"] == "Delivered"
    })
    .await;
    assert_eq!(
        receiver.received().len(),
        2,
        "what happened while it was off is not sent"
    );
}

async fn a_redirect_is_a_failure_and_is_not_followed(server: TestServer) {
    let client = server.sign_up().await;
    let inner = Receiver::start(&[Reply::Status(200)]).await;
    let receiver = Receiver::start(&[Reply::Redirect(inner.url.clone())]).await;
    let endpoint = endpoint(&client, &receiver.url, json!({})).await;
    let delivery = test_event(&client, &endpoint).await;
    let failed = delivery_is(&client, &delivery, "one attempt", |delivery| {
        delivery["attempts"][0].is_object()
    })
    .await;
    assert_eq!(
        (&failed["status"], &failed["attempts"][0]["status_code"]),
        (&json!("Pending"), &json!(302))
    );
    assert!(text(&failed["attempts"][0], "error").contains("redirects are not followed"));
    assert!(inner.received().is_empty());
}

async fn a_slow_endpoint_delays_no_other(server: TestServer) {
    let (client, neighbour) = (server.sign_up().await, server.sign_up().await);
    let silent = Receiver::start(&[Reply::Silence]).await;
    let (quick, other) = (
        Receiver::start(&[Reply::Status(200)]).await,
        Receiver::start(&[Reply::Status(200)]).await,
    );
    for url in [&silent.url, &quick.url] {
        endpoint(&client, url, json!({"types": ["job.created"]})).await;
    }
    endpoint(&neighbour, &other.url, json!({"types": ["job.created"]})).await;
    // Enough to fill every place that one endpoint may have, and none of these attempts ends before the test does.
    for _ in 0..12 {
        client.job(json!({})).await;
    }
    silent.wait_for(8).await;
    let started = std::time::Instant::now();
    client.job(json!({})).await;
    neighbour.job(json!({})).await;
    quick.wait_for(13).await;
    other.wait_for(1).await;
    assert!(
        started.elapsed() < std::time::Duration::from_secs(10),
        "the silent one has 20 s for each attempt"
    );
    assert_eq!(silent.received().len(), 8, "and no more than its places at once");
}

async fn both_secrets_sign_after_a_rotation(server: TestServer) {
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(200)]).await;
    let before = endpoint(&client, &receiver.url, json!({})).await;
    let path = format!("/api/v1/webhooks/{}/rotate-secret", text(&before, "webhook_id"));
    let after = client.act(&path, 200).await;
    assert_ne!(before["secret"], after["secret"]);
    test_event(&client, &after).await;
    let received = receiver.wait_for(1).await.remove(0);
    assert_eq!(received.header("webhook-signature").split(' ').count(), 2);
    assert!(received.verifies(text(&before, "secret")) && received.verifies(text(&after, "secret")));
    let latest = client.act(&path, 200).await;
    test_event(&client, &latest).await;
    let received = receiver.wait_for(2).await.remove(1);
    assert!(received.verifies(text(&latest, "secret")) && received.verifies(text(&after, "secret")));
    assert!(!received.verifies(text(&before, "secret")), "two at most");
}

async fn a_delivery_can_be_replayed(server: TestServer) {
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(200)]).await;
    let endpoint = endpoint(&client, &receiver.url, json!({})).await;
    let delivery = test_event(&client, &endpoint).await;
    assert_eq!(
        (&delivery["type"], &delivery["status"]),
        (&json!("webhook.test"), &json!("Pending"))
    );
    delivery_is(&client, &delivery, "delivered", |delivery| {
        delivery["status"] == "Delivered"
    })
    .await;
    let replay = format!("/api/v1/deliveries/{}/replay", text(&delivery, "delivery_id"));
    assert_eq!(client.act(&replay, 202).await["status"], "Pending");
    let both = receiver.wait_for(2).await;
    assert_eq!(both[0].header("webhook-id"), both[1].header("webhook-id"));
    let twice = |delivery: &Value| delivery["attempts"].as_array().unwrap().len() == 2;
    let done = delivery_is(&client, &delivery, "two attempts", twice).await;
    assert_eq!(
        (&done["status"], &done["attempts"][1]["attempt"]),
        (&json!("Delivered"), &json!(2))
    );
    let events = client.get("/api/v1/events", 200).await;
    assert_eq!(events["data"], json!([]), "a test is no event of anybody's");
}
