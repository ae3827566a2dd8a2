//! Jobs by the ids that other systems know them by: `ext:…` where an id stands in a path.

use reqwest::Method;
use scheduler_tests::{client::text, on_both_databases, server::TestServer};
use serde_json::json;

on_both_databases! {
    every_route_of_a_job_takes_its_external_id
    ids_with_any_character_are_found
    an_unknown_or_foreign_external_id_is_not_found
}

async fn every_route_of_a_job_takes_its_external_id(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada
        .job(json!({"external_id": "erp-1", "executor": {"type": "simulated", "duration_ms": 60_000}}))
        .await;
    let by = |rest: &str| format!("/api/v1/jobs/ext:erp-1{rest}");
    assert_eq!(ada.get(&by(""), 200).await, job);
    assert_eq!(ada.get("/job/ext:erp-1", 200).await, job);
    let changed = ada.patch(&by(""), json!({"priority": "High"}), 200).await;
    assert_eq!(
        (&changed["job_id"], &changed["priority"]),
        (&job["job_id"], &json!("High"))
    );
    assert_eq!(ada.act(&by("/pause"), 200).await["paused"], true);
    assert_eq!(ada.act(&by("/resume"), 200).await["paused"], false);
    let run = ada.act(&by("/runs"), 202).await;
    assert_eq!(run["job_id"], job["job_id"]);
    assert_eq!(ada.get(&by("/runs"), 200).await["data"][0]["run_id"], run["run_id"]);
    let answer = ada
        .post("/run-job/ext:erp-1", json!({"status": "Cancelled"}), 202)
        .await;
    assert_eq!(answer["run"]["run_id"], run["run_id"]);
    for rest in ["/events", "/occurrences", "/cadence"] {
        ada.get(&by(rest), 200).await;
    }
    assert_eq!(ada.act(&by("/duplicate"), 201).await["external_id"], json!(null));
    // The versions are those of the job, whatever it is called by.
    let stale = ada.send(Method::DELETE, &by(""), None, &[("if-match", "\"1\"")]).await;
    stale.problem(412, "version_conflict");
    ada.delete(&by(""), 204).await;
    ada.get(&format!("/job/{}", text(&job, "job_id")), 404).await;
    ada.get(&by(""), 404).await;
}

async fn ids_with_any_character_are_found(server: TestServer) {
    let ada = server.sign_up().await;
    for (external_id, encoded) in [
        ("erp:4711/x", "erp:4711%2Fx"),
        ("erp:4711/x", "erp%3A4711%2fx"),
        ("a+b", "a+b"),
        ("a+c", "a%2Bc"),
        ("100%", "100%25"),
        ("%2F", "%252F"),
        ("q?#&", "q%3F%23%26"),
    ] {
        let found = ada
            .send(Method::GET, &format!("/api/v1/jobs/ext:{encoded}"), None, &[])
            .await;
        let job = if found.status == 404 {
            ada.job(json!({"external_id": external_id})).await
        } else {
            found.expect(200)
        };
        let found = ada.get(&format!("/api/v1/jobs/ext:{encoded}"), 200).await;
        assert_eq!(found["job_id"], job["job_id"], "{external_id}");
        assert_eq!(found["external_id"], external_id);
    }
}

async fn an_unknown_or_foreign_external_id_is_not_found(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    ada.job(json!({"external_id": "mine"})).await;
    for path in [
        "/api/v1/jobs/ext:mine",
        "/api/v1/jobs/ext:",
        "/api/v1/jobs/ext:other",
        "/job/ext:mine",
    ] {
        bob.send(Method::GET, path, None, &[]).await.problem(404, "not_found");
    }
}
