//! `POST /jobs/batch`

use reqwest::Method;
use scheduler_tests::{client::text, on_both_databases, server::TestServer};
use serde_json::{Value, json};

on_both_databases! {
    each_job_has_its_own_result
    a_thousand_are_made_at_once
    mistakes_of_the_whole_are_told_at_once
    heartbeats_have_the_addresses_of_their_pings
}

async fn each_job_has_its_own_result(server: TestServer) {
    let ada = server.sign_up().await;
    ada.job(json!({"external_id": "taken"})).await;
    let jobs = json!([
        {"job_name": "first", "external_id": "a"},
        {"job_name": "", "priority": "Urgent"},
        {"job_name": "third", "external_id": "taken"},
        {"job_name": "fourth", "external_id": "a"},
        {"job_name": "fifth", "nme": 1},
        [1],
        {"job_name": "seventh", "run": true, "payload": {"n": 1.50}},
    ]);
    let answer = ada.post("/api/v1/jobs/batch", json!({"jobs": jobs}), 200).await;
    let data = answer["data"].as_array().unwrap();
    let statuses: Vec<_> = data.iter().map(|item| item["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 422, 409, 409, 422, 422, 201]);
    let places: Vec<_> = data.iter().map(|item| item["index"].as_u64().unwrap()).collect();
    assert_eq!(places, [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(data[0]["job"]["job_name"], "first");
    let pointers = |item: &Value| -> Vec<String> {
        let errors = item["problem"]["errors"].as_array().unwrap();
        errors.iter().map(|error| text(error, "pointer").to_owned()).collect()
    };
    assert_eq!(pointers(&data[1]), ["/priority", "/job_name"]);
    assert_eq!(data[1]["problem"]["code"], "validation_failed");
    assert_eq!(data[2]["problem"]["code"], "external_id_taken");
    assert_eq!(
        data[3]["problem"]["code"], "external_id_taken",
        "by the first of the same batch"
    );
    assert_eq!(pointers(&data[4]), ["/nme"]);
    assert_eq!(pointers(&data[5]), [""]);
    assert_eq!(data[6]["job"]["last_run"]["status"], "Queued");
    // What was refused left nothing behind.
    assert_eq!(ada.get("/api/v1/jobs/counts", 200).await["total"], 3);
    let first = ada.get("/api/v1/jobs/ext:a", 200).await;
    assert_eq!(first, data[0]["job"]);
}

async fn a_thousand_are_made_at_once(server: TestServer) {
    let ada = server.sign_up().await;
    let jobs: Vec<Value> = (0..1_000).map(|n| json!({"job_name": format!("job {n}")})).collect();
    let answer = ada.post("/api/v1/jobs/batch", json!({"jobs": jobs}), 200).await;
    let data = answer["data"].as_array().unwrap();
    assert_eq!(data.len(), 1_000);
    assert!(data.iter().all(|item| item["status"] == 201), "{answer}");
    assert_eq!(ada.get("/api/v1/jobs/counts", 200).await["total"], 1_000);
    // Listed in the order of the batch.
    let listed = ada.get("/jobs?sort=created_at&limit=200", 200).await;
    let names: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| text(job, "job_name"))
        .collect();
    assert_eq!(names[..3], ["job 0", "job 1", "job 2"]);
}

async fn heartbeats_have_the_addresses_of_their_pings(server: TestServer) {
    let ada = server.sign_up().await;
    let watched = |name: &str| {
        json!({"job_name": name, "executor": {"type": "heartbeat", "grace_seconds": 60},
               "schedule": {"type": "interval", "every_seconds": 3600}})
    };
    let jobs = json!([watched("one"), {"job_name": "plain"}, {"job_name": ""}, watched("two")]);
    let answer = ada.post("/api/v1/jobs/batch", json!({"jobs": jobs}), 200).await;
    let job = |index: usize| &answer["data"][index]["job"];
    assert!(job(1).get("ping_url").is_none(), "{answer}");
    let nobody = server.client();
    for index in [0, 3] {
        let path = text(job(index), "ping_url").strip_prefix(&server.base).unwrap();
        assert_eq!(nobody.act(path, 200).await["outcome"], "counted");
        let runs = format!("/api/v1/jobs/{}/runs", text(job(index), "job_id"));
        assert_eq!(
            ada.get(&runs, 200).await["data"].as_array().unwrap().len(),
            1,
            "its own"
        );
    }
}

async fn mistakes_of_the_whole_are_told_at_once(server: TestServer) {
    let ada = server.sign_up().await;
    let too_many: Vec<Value> = (0..1_001).map(|_| json!({"job_name": "x"})).collect();
    for (body, pointer, code) in [
        (json!({"jobs": []}), "/jobs", "out_of_range"),
        (json!({ "jobs": too_many }), "/jobs", "out_of_range"),
        (json!({}), "/jobs", "required"),
        (json!({"jobs": {"job_name": "x"}}), "/jobs", "wrong_type"),
        (json!({"jobs": [], "dry_run": true}), "/dry_run", "unknown_field"),
    ] {
        let answer = ada.send(Method::POST, "/api/v1/jobs/batch", Some(body), &[]).await;
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
    assert_eq!(ada.get("/api/v1/jobs/counts", 200).await["total"], 0);
}
