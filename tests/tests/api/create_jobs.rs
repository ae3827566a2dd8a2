//! `POST /jobs`

use reqwest::Method;
use scheduler_tests::{
    client::{broken, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    a_name_is_enough_and_the_rest_has_the_documented_defaults
    every_field_survives_the_round_trip
    payloads_keep_every_digit
    run_true_starts_it_at_once
    an_external_id_is_taken_once_per_owner
    every_mistake_is_named
}

async fn a_name_is_enough_and_the_rest_has_the_documented_defaults(server: TestServer) {
    let ada = server.sign_up().await;
    let answer = ada
        .send(
            Method::POST,
            "/jobs",
            Some(json!({"job_name": "  Nightly report "})),
            &[],
        )
        .await;
    let job = answer.expect(201);
    assert_eq!(
        answer.header("location"),
        Some(format!("/api/v1/jobs/{}", text(&job, "job_id")).as_str())
    );
    assert!(answer.header("etag").is_some());
    let expected = json!({
        "job_name": "Nightly report", "priority": "Medium", "description": null, "payload": null, "status": "Pending",
        "completed_at": null, "executor": {"type": "simulated", "duration_ms": 3000, "outcome": "Completed"},
        "schedule": null, "timeout_seconds": null, "overlap": "skip", "next_run_at": null, "last_run": null,
        "paused": false, "tags": [], "external_id": null, "version": 1,
        "retry": {"max_attempts": 1, "backoff": "exponential", "initial_seconds": 10, "max_seconds": 3600, "jitter": 0.2},
        "catch_up": {"policy": "last", "window_seconds": 86400, "max_runs": 100},
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&job[field], value, "{field}");
    }
    assert_eq!(job["created_at"], job["updated_at"]);
    assert!(text(&job, "created_at").ends_with('Z'), "{job}");
    // UUIDv7, text on the wire.
    assert_eq!(text(&job, "job_id").as_bytes()[14], b'7');
}

async fn every_field_survives_the_round_trip(server: TestServer) {
    let ada = server.sign_up().await;
    let sent = json!({
        "job_name": "Ünïcode 名前 🚀 'quoted' \"twice\" \\ %_", "priority": "Critical", "description": "Two\nlines\tand a tab",
        "payload": {"b": [1, 2.5, null, true, "\u{1F600}"], "a": {"": "<script>"}},
        "executor": {"type": "simulated", "duration_ms": 86_400_000, "outcome": "Failed"},
        "retry": {"max_attempts": 7, "backoff": "linear", "initial_seconds": 3, "max_seconds": 60, "jitter": 0.5, "delays": [1, 5, 30]},
        "timeout_seconds": 86_400, "overlap": "queue", "catch_up": {"policy": "all", "window_seconds": 3600, "max_runs": 5},
        "tags": ["night", "billing"], "external_id": "erp:4711/x",
    });
    let job = ada.post("/jobs", sent.clone(), 201).await;
    for (field, value) in sent.as_object().unwrap() {
        let mut value = value.clone();
        if field == "tags" {
            value = json!(["billing", "night"]);
        }
        assert_eq!(job[field], value, "{field}");
    }
    assert_eq!(ada.get(&format!("/job/{}", text(&job, "job_id")), 200).await, job);
    assert_eq!(ada.get("/jobs", 200).await["data"][0], job);
}

async fn payloads_keep_every_digit(server: TestServer) {
    let ada = server.sign_up().await;
    let headers = [("content-type", "application/json")];
    for payload in [
        "12345678901234567890123456789.123456789012345678901234567890",
        r#"{"z":1e400,"a":-0,"big":9007199254740993,"n":0.10,"esc":"é\/"}"#,
        "[]",
        "\"text\"",
        "0",
        "false",
        r#"{"b":1,"a":2,"b":3}"#,
    ] {
        let body = format!(r#"{{"job_name":"x","payload":{payload}}}"#);
        let answer = ada
            .send_raw(Method::POST, "/jobs", Some(body.into_bytes()), &headers)
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert!(
            answer.text().contains(&format!(r#""payload":{payload},"#)),
            "{payload}: {}",
            answer.text()
        );
        let created = answer.text();
        let id = created
            .split("\"job_id\":\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let got = ada.send(Method::GET, &format!("/job/{id}"), None, &[]).await;
        assert!(
            got.text().contains(&format!(r#""payload":{payload},"#)),
            "{payload}: {}",
            got.text()
        );
    }
}

async fn run_true_starts_it_at_once(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada
        .job(json!({"run": true, "executor": {"type": "simulated", "duration_ms": 50}}))
        .await;
    assert_eq!(job["status"], "Pending");
    assert_eq!(job["last_run"]["status"], "Queued");
    let done = ada.job_becomes(&job, "Completed").await;
    assert_eq!(done["last_run"]["run_id"], job["last_run"]["run_id"]);
    assert_eq!(done["version"], job["version"], "a run is no change of the job");
}

async fn an_external_id_is_taken_once_per_owner(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let body = json!({"job_name": "x", "external_id": "order-1"});
    let job = ada.post("/jobs", body.clone(), 201).await;
    assert_eq!(ada.post("/jobs", body.clone(), 409).await["code"], "external_id_taken");
    bob.post("/jobs", body.clone(), 201).await;
    let other = ada.job(json!({})).await;
    let path = format!("/api/v1/jobs/{}", text(&other, "job_id"));
    assert_eq!(
        ada.patch(&path, json!({"external_id": "order-1"}), 409).await["code"],
        "external_id_taken"
    );
    ada.delete(&format!("/api/v1/jobs/{}", text(&job, "job_id")), 204).await;
    ada.post("/jobs", body, 201).await;
    let racing = (0..8).map(|_| {
        let (ada, body) = (ada.clone(), json!({"job_name": "x", "external_id": "order-2"}));
        tokio::spawn(async move { ada.send(Method::POST, "/jobs", Some(body), &[]).await.status })
    });
    let mut statuses: Vec<u16> = futures_util::future::join_all(racing)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

async fn every_mistake_is_named(server: TestServer) {
    let ada = server.sign_up().await;
    let cases: Vec<(Value, &str, &str)> = vec![
        (json!({}), "/job_name", "required"),
        (json!({"job_name": null}), "/job_name", "wrong_type"),
        (json!({"job_name": ""}), "/job_name", ""),
        (json!({"job_name": "x".repeat(201)}), "/job_name", "too_long"),
        (json!({"job_name": "two\nlines"}), "/job_name", ""),
        (json!({"job_name": "nul\u{0}"}), "/job_name", ""),
        (json!({"priority": "urgent"}), "/priority", "unknown_word"),
        (json!({"priority": "high"}), "/priority", "unknown_word"),
        (json!({"priority": 1}), "/priority", "wrong_type"),
        (json!({"description": "x".repeat(4001)}), "/description", "too_long"),
        (json!({"payload": "x".repeat(262_200)}), "/payload", "too_large"),
        (
            json!({"executor": {"type": "rocket"}}),
            "/executor/type",
            "unknown_word",
        ),
        (json!({"executor": {}}), "/executor/type", "required"),
        (
            json!({"executor": {"type": "simulated", "duration_ms": -1}}),
            "/executor/duration_ms",
            "out_of_range",
        ),
        (
            json!({"executor": {"type": "simulated", "duration_ms": 86_400_001}}),
            "/executor/duration_ms",
            "out_of_range",
        ),
        (
            json!({"executor": {"type": "simulated", "duration_ms": 1.5}}),
            "/executor/duration_ms",
            "wrong_type",
        ),
        (
            json!({"executor": {"type": "simulated", "outcome": "Maybe"}}),
            "/executor/outcome",
            "unknown_word",
        ),
        (
            json!({"retry": {"max_attempts": 0}}),
            "/retry/max_attempts",
            "out_of_range",
        ),
        (
            json!({"retry": {"max_attempts": 101}}),
            "/retry/max_attempts",
            "out_of_range",
        ),
        (
            json!({"retry": {"backoff": "random"}}),
            "/retry/backoff",
            "unknown_word",
        ),
        (json!({"retry": {"jitter": 1.1}}), "/retry/jitter", "out_of_range"),
        (json!({"retry": {"delays": [1, -1]}}), "/retry/delays/1", "out_of_range"),
        (json!({"retry": {"tries": 3}}), "/retry/tries", "unknown_field"),
        (json!({"timeout_seconds": 0}), "/timeout_seconds", "out_of_range"),
        (json!({"timeout_seconds": 86_401}), "/timeout_seconds", "out_of_range"),
        (
            json!({"timeout_seconds": 99_999_999_999_i64}),
            "/timeout_seconds",
            "out_of_range",
        ),
        (json!({"overlap": "never"}), "/overlap", "unknown_word"),
        (
            json!({"catch_up": {"policy": "some"}}),
            "/catch_up/policy",
            "unknown_word",
        ),
        (json!({"tags": "night"}), "/tags", "wrong_type"),
        (json!({"tags": ["x", ""]}), "/tags/1", ""),
        (
            json!({"tags": (0..21).map(|n| n.to_string()).collect::<Vec<_>>()}),
            "/tags",
            "too_many",
        ),
        (
            json!({"external_id": "with blank"}),
            "/external_id",
            "invalid_external_id",
        ),
        (json!({"status": "Completed"}), "/status", "unknown_field"),
        (json!({"job_id": "x"}), "/job_id", "unknown_field"),
    ];
    for (mut body, pointer, code) in cases {
        if body.get("job_name").is_none() && body != json!({}) {
            body["job_name"] = "x".into();
        }
        let problem = ada.post("/jobs", body.clone(), 422).await;
        assert_eq!(problem["code"], "validation_failed");
        let found = broken(&problem);
        assert_eq!(found[0].0, pointer, "{problem}");
        assert!(code.is_empty() || found[0].1 == code, "{pointer} {code}: {problem}");
        if found[0].1 == "unknown_word" {
            assert!(
                problem["errors"][0]["allowed"]
                    .as_array()
                    .is_some_and(|words| !words.is_empty()),
                "{problem}"
            );
        }
    }
    let body = json!({"job_name": "", "priority": "x", "overlap": "x", "tags": [""], "timeout_seconds": 0});
    assert_eq!(broken(&ada.post("/jobs", body, 422).await).len(), 5, "all at once");
    assert_eq!(ada.get("/jobs", 200).await["data"], json!([]), "nothing was made");
}
