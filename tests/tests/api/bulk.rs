//! Operations on many jobs.

use reqwest::Method;
use scheduler_tests::{
    client::{Client, text},
    on_both_databases,
    server::{TestServer, until},
};
use serde_json::{Value, json};

on_both_databases! {
    each_action_is_done_to_every_job_that_the_filter_finds
    a_rehearsal_counts_and_leaves_nothing_behind
    ids_are_checked_beforehand
    a_job_that_refuses_is_told_with_its_reason
    what_has_ended_cannot_be_aborted
    an_operation_goes_on_after_a_restart
    every_mistake_is_named
}

const PATH: &str = "/api/v1/bulk-operations";

async fn make(ada: &Client, count: usize, more: Value) -> Vec<Value> {
    let job = |n: usize| {
        let mut job = json!({"job_name": format!("job {n}"), "executor": {"type": "simulated", "duration_ms": 0}});
        job.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        job
    };
    let jobs: Vec<Value> = (0..count).map(job).collect();
    let answer = ada.post("/api/v1/jobs/batch", json!({"jobs": jobs}), 200).await;
    let data = answer["data"].as_array().unwrap();
    data.iter().map(|item| item["job"].clone()).collect()
}

async fn ended(ada: &Client, operation: &Value) -> Value {
    let path = format!("{PATH}/{}", text(operation, "bulk_operation_id"));
    until(&format!("{path} ends"), async || {
        Some(ada.get(&path, 200).await).filter(|operation| !operation["finished_at"].is_null())
    })
    .await
}

async fn done(ada: &Client, body: Value) -> Value {
    let operation = ada.post(PATH, body, 202).await;
    ended(ada, &operation).await
}

async fn each_action_is_done_to_every_job_that_the_filter_finds(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    // More than two batches.
    make(&ada, 60, json!({"tags": ["night"]})).await;
    make(&ada, 3, json!({"tags": ["day"]})).await;
    make(&bob, 2, json!({"tags": ["night"]})).await;
    let filter = json!({"tag": "night"});
    let operation = done(
        &ada,
        json!({"action": "run", "filter": filter, "params": {"payload": {"a": 1}}}),
    )
    .await;
    let expected = json!({"action": "run", "status": "Completed", "matched": 60, "matched_exactly": true, "done": 60,
        "failed": 0, "errors": []});
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&operation[field], value, "{operation}");
    }
    until("all have run", async || {
        let counts = ada.get("/api/v1/jobs/counts", 200).await;
        (counts["Completed"] == 60 && counts["Pending"] == 3).then_some(())
    })
    .await;
    let run = &ada.get("/api/v1/runs?limit=1", 200).await["data"][0];
    let run = ada.get(&format!("/api/v1/runs/{}", text(run, "run_id")), 200).await;
    assert_eq!(run["payload"], json!({"a": 1}));

    let tag = json!({"action": "tag", "filter": filter, "params": {"add": ["new"], "remove": ["night"]}});
    assert_eq!(done(&ada, tag).await["done"], 60);
    let tagged = ada.get("/jobs?tag=new&limit=200", 200).await;
    assert_eq!(tagged["data"].as_array().unwrap().len(), 60);
    assert_eq!(tagged["data"][0]["tags"], json!(["new"]));

    let filter = json!({"tag": "new", "status": ["Completed", "Failed"], "priority": ["Medium"], "q": "job 1"});
    let pause = json!({"action": "pause", "filter": filter, "params": {"reason": "stocktaking"}});
    assert_eq!(done(&ada, pause).await["done"], 11, "job 1, and job 10 to job 19");
    let paused = &ada.get("/jobs?tag=new&q=job%2015", 200).await["data"][0];
    assert_eq!(paused["paused"], true, "{paused}");
    assert_eq!(
        done(&ada, json!({"action": "resume", "filter": filter})).await["done"],
        11
    );
    assert_eq!(done(&ada, json!({"action": "cancel", "filter": {}})).await["done"], 63);
    assert_eq!(
        done(&ada, json!({"action": "delete", "filter": {"tag": "new"}})).await["done"],
        60
    );
    assert_eq!(ada.get("/api/v1/jobs/counts", 200).await["total"], 3);
    assert_eq!(bob.get("/api/v1/jobs/counts", 200).await["total"], 2, "bob's are bob's");
    let listed = ada.get(&format!("{PATH}?limit=200"), 200).await;
    let actions: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| text(o, "action"))
        .collect();
    assert_eq!(actions, ["delete", "cancel", "resume", "pause", "tag", "run"]);
}

async fn a_rehearsal_counts_and_leaves_nothing_behind(server: TestServer) {
    let ada = server.sign_up().await;
    make(&ada, 7, json!({})).await;
    let rehearsed = ada
        .post(PATH, json!({"action": "delete", "filter": {}, "dry_run": true}), 202)
        .await;
    assert_eq!(rehearsed["matched"], 7);
    assert_eq!(
        (&rehearsed["bulk_operation_id"], &rehearsed["status"]),
        (&json!(null), &json!("DryRun"))
    );
    assert_eq!(ada.get(PATH, 200).await["data"], json!([]));
    assert_eq!(ada.get("/api/v1/jobs/counts", 200).await["total"], 7);
}

async fn ids_are_checked_beforehand(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let jobs = make(&ada, 2, json!({})).await;
    let foreign = make(&bob, 1, json!({})).await;
    let ids = json!([jobs[0]["job_id"], foreign[0]["job_id"], jobs[1]["job_id"]]);
    let answer = ada
        .send(Method::POST, PATH, Some(json!({"action": "delete", "ids": ids})), &[])
        .await;
    let problem = answer.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/ids/1");
    assert_eq!(problem["errors"][0]["code"], "not_found");
    assert_eq!(
        ada.get("/api/v1/jobs/counts", 200).await["total"],
        2,
        "nothing was half done"
    );
    // One that is named twice is handled once.
    let ids = json!([jobs[0]["job_id"], jobs[1]["job_id"], jobs[0]["job_id"]]);
    let operation = done(&ada, json!({"action": "delete", "ids": ids})).await;
    assert_eq!((&operation["matched"], &operation["done"]), (&json!(2), &json!(2)));
    assert_eq!(ada.get("/api/v1/jobs/counts", 200).await["total"], 0);
}

async fn a_job_that_refuses_is_told_with_its_reason(server: TestServer) {
    let ada = server.sign_up().await;
    let busy = ada.quick_job(600_000, "Completed").await;
    ada.act(&format!("/api/v1/jobs/{}/runs", text(&busy, "job_id")), 202)
        .await;
    make(&ada, 1, json!({})).await;
    let operation = done(&ada, json!({"action": "run", "filter": {}})).await;
    assert_eq!((&operation["done"], &operation["failed"]), (&json!(1), &json!(1)));
    assert_eq!(operation["errors"][0]["job_id"], busy["job_id"]);
    assert_eq!(operation["errors"][0]["code"], "overlap_skipped");
    assert!(!text(&operation["errors"][0], "message").is_empty());
}

async fn what_has_ended_cannot_be_aborted(server: TestServer) {
    let ada = server.sign_up().await;
    make(&ada, 1, json!({})).await;
    let operation = done(&ada, json!({"action": "pause", "filter": {}})).await;
    let path = format!("{PATH}/{}/abort", text(&operation, "bulk_operation_id"));
    let problem = ada
        .send(Method::POST, &path, None, &[])
        .await
        .problem(409, "invalid_transition");
    assert_eq!(problem["allowed"], json!([]));
    // One that is under way can; what was done by then stays done.
    make(&ada, 400, json!({})).await;
    let operation = ada.post(PATH, json!({"action": "pause", "filter": {}}), 202).await;
    let path = format!("{PATH}/{}/abort", text(&operation, "bulk_operation_id"));
    let answer = ada.send(Method::POST, &path, None, &[]).await;
    if answer.status == 200 {
        assert_eq!(answer.json()["status"], "Aborted");
    } else {
        answer.problem(409, "invalid_transition");
    }
}

async fn an_operation_goes_on_after_a_restart(server: TestServer) {
    let ada = server.sign_up().await;
    make(&ada, 300, json!({})).await;
    let operation = ada.post(PATH, json!({"action": "run", "filter": {}}), 202).await;
    // It stops wherever it is; a node that died would leave the same behind, and its lease.
    let server = server.again(&[]);
    let ada = ada.towards(&server.base);
    let operation = ended(&ada, &operation).await;
    assert_eq!(
        (&operation["done"], &operation["failed"]),
        (&json!(300), &json!(0)),
        "{operation}"
    );
    // No job ran twice.
    assert_eq!(server.database().number("SELECT COUNT(*) FROM runs").await, 300);
}

async fn every_mistake_is_named(server: TestServer) {
    let ada = server.sign_up().await;
    for (body, pointer, code) in [
        (json!({"action": "run"}), "/filter", "required"),
        (json!({"filter": {}}), "/action", "required"),
        (json!({"action": "burn", "filter": {}}), "/action", "unknown_word"),
        (
            json!({"action": "run", "filter": {}, "ids": []}),
            "/ids",
            "contradiction",
        ),
        (json!({"action": "run", "ids": []}), "/ids", "out_of_range"),
        (json!({"action": "run", "ids": ["x"]}), "/ids/0", "not_found"),
        (
            json!({"action": "run", "filter": {"status": ["Sleeping"]}}),
            "/filter/status/0",
            "unknown_word",
        ),
        (
            json!({"action": "run", "filter": {"colour": 1}}),
            "/filter/colour",
            "unknown_field",
        ),
        (json!({"action": "tag", "filter": {}}), "/params", "required"),
        (
            json!({"action": "run", "filter": {}, "params": {"reason": "x"}}),
            "/params/reason",
            "not_applicable",
        ),
        (
            json!({"action": "run", "filter": {}, "params": {"x": 1}}),
            "/params/x",
            "unknown_field",
        ),
        (
            json!({"action": "tag", "filter": {}, "params": {"add": [""]}}),
            "/params/add/0",
            "too_short",
        ),
    ] {
        let answer = ada.send(Method::POST, PATH, Some(body.clone()), &[]).await;
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{body}: {problem}");
    }
    let answer = ada
        .send(
            Method::POST,
            PATH,
            Some(json!({"action": "run", "filter": {"created_after": "-7d"}})),
            &[],
        )
        .await;
    answer.problem(422, "validation_failed");
}
