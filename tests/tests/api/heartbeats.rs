//! Jobs that expect to be pinged.

use reqwest::Method;
use scheduler_tests::{
    client::text,
    on_both_databases,
    server::{TestServer, until},
};
use serde_json::{Value, json};

on_both_databases! {
    a_ping_answers_for_an_instant_and_silence_is_a_failure
    a_heartbeat_needs_a_schedule
    pings_are_refused_where_none_are_expected
}

fn monitor(every_seconds: u64, grace_seconds: u64) -> Value {
    json!({
        "job_name": "Backup is alive",
        "executor": {"type": "heartbeat", "grace_seconds": grace_seconds},
        "schedule": {"type": "interval", "every_seconds": every_seconds},
    })
}

async fn a_ping_answers_for_an_instant_and_silence_is_a_failure(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.post("/jobs", monitor(3_600, 60), 201).await;
    let url: url::Url = text(&job, "ping_url").parse().unwrap();
    let path = format!("/api/v1/jobs/{}", text(&job, "job_id"));
    let shown = ada.get(&path, 200).await;
    assert!(shown.get("ping_url").is_none(), "it is shown once: {shown}");
    assert_eq!(shown["executor"], json!({"type": "heartbeat", "grace_seconds": 60}));
    let nobody = server.client();
    let ping = nobody.act(url.path(), 200).await;
    assert_eq!(
        (&ping["outcome"], &ping["planned_at"]),
        (&json!("counted"), &job["next_run_at"])
    );
    let after = ada.get(&path, 200).await;
    assert_eq!(
        (&after["status"], &after["next_run_at"]),
        (&json!("Completed"), &ping["next_at"])
    );
    assert_eq!(after["last_run"]["trigger"]["type"], "schedule");
    assert_eq!(nobody.get(url.path(), 200).await["outcome"], "again");
    assert_eq!(
        nobody
            .send(Method::HEAD, &format!("/api/v1{}", url.path()), None, &[])
            .await
            .status,
        200
    );
    let ledger = ada.get(&format!("{path}/occurrences"), 200).await;
    assert_eq!(ledger["data"].as_array().unwrap().len(), 1, "{ledger}");
    assert_eq!(
        (&ledger["data"][0]["outcome"], &ledger["data"][0]["run_id"]),
        (&json!("Ran"), &after["last_run"]["run_id"])
    );

    // Another one, which nobody pings.
    let silent = ada.post("/jobs", monitor(1, 0), 201).await;
    let failed = ada.job_becomes(&silent, "Failed").await;
    assert_eq!(failed["last_run"]["error"]["code"], "heartbeat_missed", "{failed}");
    let url: url::Url = text(&silent, "ping_url").parse().unwrap();
    // The first ping after an outage is told like any other change.
    until("a ping that counts", async || {
        let ping = nobody.act(url.path(), 200).await;
        (ping["outcome"] == "counted" || ping["outcome"] == "late").then_some(())
    })
    .await;
    let events = ada
        .get(
            &format!("/api/v1/jobs/{}/events?limit=200", text(&silent, "job_id")),
            200,
        )
        .await;
    let kinds: Vec<_> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(event, "type"))
        .collect();
    for kind in ["run.failed", "run.completed"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    // By hand it counts as a sign of life as well.
    ada.act(&format!("{path}/runs"), 202).await;
    ada.job_becomes(&job, "Completed").await;
}

async fn a_heartbeat_needs_a_schedule(server: TestServer) {
    let ada = server.sign_up().await;
    for (body, pointer) in [
        (json!({"job_name": "x", "executor": {"type": "heartbeat"}}), "/schedule"),
        (
            json!({"job_name": "x", "executor": {"type": "heartbeat", "grace_seconds": 90_000},
            "schedule": {"type": "interval", "every_seconds": 60}}),
            "/executor/grace_seconds",
        ),
        (
            json!({"job_name": "x", "executor": {"type": "heartbeat", "queue": "q"},
            "schedule": {"type": "interval", "every_seconds": 60}}),
            "/executor/queue",
        ),
    ] {
        let problem = ada
            .send(Method::POST, "/jobs", Some(body), &[])
            .await
            .problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let body = json!({"job_name": "x", "executor": {"type": "heartbeat"}, "schedule": {"type": "interval", "every_seconds": 60}});
    assert_eq!(ada.post("/jobs", body, 201).await["executor"]["grace_seconds"], 60);
}

async fn pings_are_refused_where_none_are_expected(server: TestServer) {
    let ada = server.sign_up().await;
    let plain = ada.job(json!({})).await;
    let path = format!("/api/v1/jobs/{}/heartbeat", text(&plain, "job_id"));
    ada.send(Method::POST, &path, None, &[])
        .await
        .problem(422, "validation_failed");
    let job = ada.post("/jobs", monitor(3_600, 60), 201).await;
    let path = format!("/api/v1/jobs/{}", text(&job, "job_id"));
    ada.send(Method::POST, &format!("{path}/inbound"), None, &[])
        .await
        .problem(422, "validation_failed");
    // A new address takes the place of the old one.
    let link = ada.act(&format!("{path}/heartbeat"), 201).await;
    let (old, new): (url::Url, url::Url) = (
        text(&job, "ping_url").parse().unwrap(),
        text(&link, "url").parse().unwrap(),
    );
    let nobody = server.client();
    nobody.act(old.path(), 404).await;
    ada.act(&format!("{path}/pause"), 200).await;
    assert_eq!(nobody.act(new.path(), 200).await["outcome"], "not_expected");
    ada.act(&format!("{path}/resume"), 200).await;
    assert_eq!(nobody.act(new.path(), 200).await["outcome"], "counted");
}
