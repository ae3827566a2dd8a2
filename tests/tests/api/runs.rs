//! `/runs` and what they hold.

use scheduler_tests::{
    client::{assert_fields, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    runs_are_listed_and_filtered
    runs_are_searched_by_time_error_reason_and_trigger
    a_failed_run_was_tried_as_often_as_allowed
    an_attempt_that_takes_too_long_is_stopped
    a_run_is_cancelled_once
    what_has_ended_is_run_again_as_a_new_run
}

async fn started(ada: &scheduler_tests::client::Client, job: &Value) -> Value {
    ada.act(&format!("/api/v1/jobs/{}/runs", text(job, "job_id")), 202)
        .await
}

async fn runs_are_listed_and_filtered(server: TestServer) {
    let ada = server.sign_up().await;
    let (good, bad) = (ada.quick_job(0, "Completed").await, ada.quick_job(0, "Failed").await);
    let mut ids = Vec::new();
    for (job, end) in [(&good, "Completed"), (&bad, "Failed"), (&good, "Completed")] {
        let run = started(&ada, job).await;
        ada.run_becomes(&run, end).await;
        ids.insert(0, run["run_id"].clone());
    }
    let list = async |path: &str| {
        let list = ada.get(path, 200).await;
        assert_fields(&list, "data, has_more, next_cursor");
        list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|run| run["run_id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(list("/api/v1/runs").await, ids, "newest first");
    assert_eq!(list("/api/v1/runs?status=Failed").await, ids[1..2]);
    assert_eq!(list("/api/v1/runs?status=Failed,Completed").await, ids);
    assert_eq!(list("/api/v1/runs?status=Queued").await, Vec::<Value>::new());
    let good_id = text(&good, "job_id");
    let of_good = [ids[0].clone(), ids[2].clone()];
    assert_eq!(list(&format!("/api/v1/runs?job_id={good_id}")).await, of_good);
    assert_eq!(list(&format!("/api/v1/jobs/{good_id}/runs")).await, of_good);
    assert_eq!(
        list(&format!("/api/v1/jobs/{good_id}/runs?status=Failed")).await,
        Vec::<Value>::new()
    );
    let page = ada.get("/api/v1/runs?limit=2", 200).await;
    assert_eq!(page["has_more"], true);
    assert_eq!(
        list(&format!("/api/v1/runs?limit=2&cursor={}", text(&page, "next_cursor"))).await,
        ids[2..]
    );
    assert!(page["data"][0].get("attempts").is_none() && page["data"][0].get("payload").is_none());
}

async fn runs_are_searched_by_time_error_reason_and_trigger(server: TestServer) {
    let ada = server.sign_up().await;
    let (good, bad) = (ada.quick_job(0, "Completed").await, ada.quick_job(0, "Failed").await);
    let completed = ada.run_becomes(&started(&ada, &good).await, "Completed").await;
    let failed = ada.run_becomes(&started(&ada, &bad).await, "Failed").await;
    let again = format!("/api/v1/runs/{}/retry", text(&failed, "run_id"));
    let again = ada.act(&again, 202).await;
    let again = ada.run_becomes(&again, "Failed").await;
    let found = async |query: &str| -> Vec<Value> {
        let list = ada.get(&format!("/api/v1/runs?{query}"), 200).await;
        let runs = list["data"].as_array().unwrap();
        runs.iter().map(|run| run["run_id"].clone()).collect()
    };
    let ids = |runs: &[&Value]| -> Vec<Value> { runs.iter().map(|run| run["run_id"].clone()).collect() };
    let word = text(&failed["error"], "code").to_uppercase();
    assert_eq!(found(&format!("error={word}")).await, ids(&[&again, &failed]));
    assert_eq!(found("error=100%25").await, ids(&[]));
    assert_eq!(found("trigger=retry").await, ids(&[&again]));
    assert_eq!(found("trigger=retry,manual").await.len(), 3);
    let reason = text(&failed, "reason");
    assert_eq!(found(&format!("reason={reason}&trigger=manual")).await, ids(&[&failed]));
    assert_eq!(found("reason=crashed&reason=timed_out").await, ids(&[]));
    let of_failed = text(&failed, "created_at");
    assert_eq!(found(&format!("created_after={of_failed}")).await, ids(&[&again]));
    assert_eq!(found(&format!("created_before={of_failed}")).await, ids(&[&completed]));
    let began = text(&failed, "started_at");
    assert_eq!(found(&format!("started_after={began}")).await, ids(&[&again]));
    assert_eq!(found(&format!("started_before={began}")).await, ids(&[&completed]));
    let of_job = format!("/api/v1/jobs/{}/runs?trigger=retry", text(&bad, "job_id"));
    assert_eq!(ada.get(&of_job, 200).await["data"][0]["run_id"], again["run_id"]);
    let bob = server.sign_up().await;
    assert_eq!(bob.get("/api/v1/runs?trigger=manual", 200).await["data"], json!([]));
    // A cursor belongs to its filters.
    let page = ada.get("/api/v1/runs?trigger=retry,manual&limit=1", 200).await;
    let cursor = text(&page, "next_cursor");
    let next = format!("/api/v1/runs?trigger=retry,manual&limit=1&cursor={cursor}");
    assert_eq!(ada.get(&next, 200).await["data"][0]["run_id"], failed["run_id"]);
    ada.get(&format!("/api/v1/runs?limit=1&cursor={cursor}"), 400).await;
}

async fn a_failed_run_was_tried_as_often_as_allowed(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada
        .job(json!({
            "executor": {"type": "simulated", "duration_ms": 0, "outcome": "Failed"},
            "retry": {"max_attempts": 3, "backoff": "fixed", "initial_seconds": 1, "jitter": 0},
        }))
        .await;
    let run = started(&ada, &job).await;
    let waiting = ada.run_becomes(&run, "Retrying").await;
    assert!(
        text(&waiting, "retry_at") > text(&waiting["attempts"][0], "finished_at"),
        "{waiting}"
    );
    assert_eq!(
        ada.get(&format!("/job/{}", text(&job, "job_id")), 200).await["status"],
        "Pending"
    );
    let run = ada.run_becomes(&run, "Failed").await;
    assert_eq!(
        (&run["attempt"], &run["max_attempts"], &run["crashes"]),
        (&json!(3), &json!(3), &json!(0))
    );
    let attempts = run["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 3);
    for (n, attempt) in attempts.iter().enumerate() {
        assert_fields(
            attempt,
            "attempt, started_at, finished_at, outcome, error, node, worker_name",
        );
        assert_eq!(
            (&attempt["attempt"], &attempt["outcome"]),
            (&json!(n + 1), &json!("Failed"))
        );
        assert_fields(&attempt["error"], "code, message");
    }
    assert_fields(&run["error"], "code, message");
    let events = ada
        .get(&format!("/api/v1/jobs/{}/events", text(&job, "job_id")), 200)
        .await;
    let types: Vec<&str> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|event| text(event, "type"))
        .collect();
    let round = ["run.queued", "run.started", "run.retrying"];
    let expected = [
        &["job.created"][..],
        &round,
        &round,
        &["run.queued", "run.started", "run.failed"],
    ]
    .concat();
    assert_eq!(types, expected);
}

async fn an_attempt_that_takes_too_long_is_stopped(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada
        .job(json!({"executor": {"type": "simulated", "duration_ms": 60_000}, "timeout_seconds": 1}))
        .await;
    let run = started(&ada, &job).await;
    let run = ada.run_becomes(&run, "Failed").await;
    assert_eq!(
        (&run["reason"], &run["attempts"][0]["outcome"]),
        (&json!("timed_out"), &json!("TimedOut"))
    );
    assert!((1_000..10_000).contains(&run["duration_ms"].as_i64().unwrap()), "{run}");
    assert_eq!(
        ada.get(&format!("/job/{}", text(&job, "job_id")), 200).await["status"],
        "Failed"
    );
}

async fn a_run_is_cancelled_once(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(60_000, "Completed").await;
    let run = started(&ada, &job).await;
    let cancel = format!("/api/v1/runs/{}/cancel", text(&run, "run_id"));
    let cancelled = ada.act(&cancel, 202).await;
    assert_eq!(cancelled["status"], "Cancelled");
    let problem = ada.act(&cancel, 409).await;
    assert_eq!(
        (&problem["code"], &problem["allowed"]),
        (&json!("invalid_transition"), &json!([]))
    );
    assert_eq!(
        ada.get(&format!("/job/{}", text(&job, "job_id")), 200).await["status"],
        "Cancelled"
    );
    // While it waits for another attempt, too.
    let job = ada
        .job(json!({
            "executor": {"type": "simulated", "duration_ms": 0, "outcome": "Failed"},
            "retry": {"max_attempts": 2, "initial_seconds": 600},
        }))
        .await;
    let run = started(&ada, &job).await;
    ada.run_becomes(&run, "Retrying").await;
    ada.act(&format!("/api/v1/runs/{}/cancel", text(&run, "run_id")), 202)
        .await;
    ada.run_becomes(&run, "Cancelled").await;
    // A cancelled run never goes on.
    let events = ada
        .get(&format!("/api/v1/jobs/{}/events", text(&job, "job_id")), 200)
        .await;
    assert_eq!(events["data"][0]["type"], "run.cancelled");
}

async fn what_has_ended_is_run_again_as_a_new_run(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(0, "Failed").await;
    let first = ada
        .post(
            &format!("/api/v1/jobs/{}/runs", text(&job, "job_id")),
            json!({"payload": {"n": 1}}),
            202,
        )
        .await;
    ada.run_becomes(&first, "Failed").await;
    let second = ada
        .act(&format!("/api/v1/runs/{}/retry", text(&first, "run_id")), 202)
        .await;
    assert_ne!(second["run_id"], first["run_id"]);
    assert_eq!(
        (&second["trigger"]["type"], &second["trigger"]["run_id"]),
        (&json!("retry"), &first["run_id"])
    );
    assert_eq!(ada.run_becomes(&second, "Failed").await["payload"], json!({"n": 1}));
    let running = started(&ada, &ada.quick_job(60_000, "Completed").await).await;
    let problem = ada
        .act(&format!("/api/v1/runs/{}/retry", text(&running, "run_id")), 409)
        .await;
    assert_eq!(problem["code"], "invalid_transition");
}
