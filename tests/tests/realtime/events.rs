//! What listeners hear.

use scheduler_tests::{
    client::{assert_fields, text},
    on_both_databases,
    server::TestServer,
    sockets::{Heard, Socket},
};
use serde_json::json;
use std::time::Duration;

on_both_databases! {
    a_run_is_heard_in_order_with_all_its_fields
    nobody_hears_of_the_jobs_of_others
    a_subscription_narrows_what_is_heard
    every_device_hears_it
    progress_and_log_lines_are_heard_as_they_come
}

async fn a_run_is_heard_in_order_with_all_its_fields(server: TestServer) {
    let ada = server.sign_up().await;
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    let job = ada.quick_job(100, "Completed").await;
    ada.act(&format!("/run-job/{}", text(&job, "job_id")), 202).await;
    let heard = socket.messages_until(|event| event["type"] == "run.completed").await;
    let types: Vec<&str> = heard.iter().map(|event| text(event, "type")).collect();
    assert_eq!(types, ["job.created", "run.queued", "run.started", "run.completed"]);
    for event in &heard {
        assert_fields(event, "id, cursor, type, timestamp, data");
        assert_fields(&event["data"], "job_id, job_name, status");
        assert_eq!(event["data"]["job_id"], job["job_id"]);
    }
    let statuses: Vec<_> = heard
        .iter()
        .map(|event| event["data"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["Pending", "Pending", "Running", "Completed"]);
    assert_eq!(heard[3]["data"]["previous_status"], "Running");
    assert_fields(
        &heard[3]["data"]["run"],
        "run_id, status, attempt, started_at, finished_at, duration_ms, trigger",
    );
    // The history says the same, byte for byte.
    assert_eq!(json!(heard), ada.get("/api/v1/events", 200).await["data"]);
    ada.job(json!({})).await;
    assert_eq!(socket.message().await["type"], "job.created");
}

async fn nobody_hears_of_the_jobs_of_others(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let (mut of_ada, _) = Socket::open(&server, ada.access(), None).await;
    let (mut of_bob, _) = Socket::open(&server, bob.access(), None).await;
    let job = ada.job(json!({})).await;
    of_bob.say(&json!({"type": "subscribe", "jobs": [job["job_id"]]})).await;
    assert_eq!(of_bob.message().await["type"], "subscribed");
    ada.patch(
        &format!("/api/v1/jobs/{}", text(&job, "job_id")),
        json!({"job_name": "secret"}),
        200,
    )
    .await;
    of_ada.messages_until(|event| event["type"] == "job.updated").await;
    of_bob.say(&json!({"type": "subscribe"})).await;
    assert_eq!(of_bob.message().await["type"], "subscribed");
    let own = bob.job(json!({})).await;
    let next = of_bob.message().await;
    assert_eq!(
        next["data"]["job_id"], own["job_id"],
        "the first thing that bob hears is his own"
    );
    assert_eq!(of_ada.hear(Duration::from_millis(300)).await, Heard::Silence);
}

async fn a_subscription_narrows_what_is_heard(server: TestServer) {
    let ada = server.sign_up().await;
    let (one, two) = (ada.quick_job(0, "Completed").await, ada.quick_job(0, "Completed").await);
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    socket
        .say(&json!({"type": "subscribe", "jobs": [one["job_id"]], "types": ["run.completed"]}))
        .await;
    assert_eq!(socket.message().await["type"], "subscribed");
    for job in [&two, &one] {
        ada.act(&format!("/run-job/{}", text(job, "job_id")), 202).await;
        ada.job_becomes(job, "Completed").await;
    }
    let event = socket.message().await;
    assert_eq!(
        (&event["type"], &event["data"]["job_id"]),
        (&json!("run.completed"), &one["job_id"])
    );
    assert_eq!(socket.hear(Duration::from_millis(300)).await, Heard::Silence);
    // Types without the word subscribe, as the contract writes it; and back to everything.
    socket.say(&json!({"types": ["job.created"]})).await;
    assert_eq!(socket.message().await["type"], "subscribed");
    ada.job(json!({})).await;
    assert_eq!(socket.message().await["type"], "job.created");
    socket.say(&json!({"type": "subscribe"})).await;
    assert_eq!(socket.message().await["type"], "subscribed");
    ada.act(&format!("/run-job/{}", text(&two, "job_id")), 202).await;
    assert_eq!(socket.message().await["type"], "run.queued");
}

async fn every_device_hears_it(server: TestServer) {
    let desk = server.sign_up().await;
    let phone = desk.another_log_in().await;
    let mut sockets = Vec::new();
    for client in [&desk, &desk, &phone] {
        sockets.push(Socket::open(&server, client.access(), None).await.0);
    }
    let job = phone.job(json!({})).await;
    for socket in &mut sockets {
        assert_eq!(socket.message().await["data"]["job_id"], job["job_id"]);
    }
}

/// Webhooks must name them; a socket hears everything unless it narrows.
async fn progress_and_log_lines_are_heard_as_they_come(server: TestServer) {
    let ada = server.sign_up().await;
    ada.job(json!({"executor": {"type": "worker", "queue": "default"}, "run": true}))
        .await;
    let body = json!({"queues": ["default"], "worker_name": "w"});
    let claimed = ada.post("/api/v1/worker/claim", body, 200).await["data"][0].clone();
    let (mut all, _) = Socket::open(&server, ada.access(), None).await;
    let (mut some, _) = Socket::open(&server, ada.access(), None).await;
    some.say(&json!({"type": "subscribe", "types": ["run.completed"]}))
        .await;
    assert_eq!(some.message().await["type"], "subscribed");
    let call = async |what: &str, mut body: serde_json::Value| {
        body["lease_token"] = claimed["lease_token"].clone();
        let path = format!("/api/v1/worker/runs/{}/{what}", text(&claimed["run"], "run_id"));
        ada.post(&path, body, 200).await
    };
    call("heartbeat", json!({"progress": 40})).await;
    call("log", json!({"lines": [{"text": "a"}, {"text": "b"}]})).await;
    call("complete", json!({})).await;
    let heard = all.messages_until(|event| event["type"] == "run.completed").await;
    let types: Vec<&str> = heard.iter().map(|event| text(event, "type")).collect();
    assert_eq!(types, ["run.progress", "run.log", "run.completed"]);
    assert_eq!(heard[0]["data"]["run"]["progress"], 40);
    assert_eq!(heard[1]["data"]["lines"].as_array().unwrap().len(), 2);
    assert_eq!(some.message().await["type"], "run.completed");
}
