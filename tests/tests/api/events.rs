//! The stream of a user over HTTP.

use scheduler_tests::{
    client::{Client, assert_fields, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    the_stream_is_read_from_any_place_on
    the_history_of_a_job_is_newest_first
    events_hold_what_the_contract_says
}

async fn three_runs(ada: &Client) -> Value {
    let job = ada.quick_job(0, "Completed").await;
    for _ in 0..3 {
        ada.act(&format!("/run-job/{}", text(&job, "job_id")), 202).await;
        ada.job_becomes(&job, "Completed").await;
    }
    job
}

fn types(list: &Value) -> Vec<&str> {
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(event, "type"))
        .collect()
}

async fn the_stream_is_read_from_any_place_on(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let job = three_runs(&ada).await;
    three_runs(&bob).await;
    let all = ada.get("/api/v1/events", 200).await;
    let run = ["run.queued", "run.started", "run.completed"];
    assert_eq!(types(&all), [&["job.created"][..], &run, &run, &run].concat());
    assert!(
        all["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|event| event["data"]["job_id"] == job["job_id"]),
        "only the own ones"
    );
    let mut read = Vec::new();
    let mut since = String::new();
    loop {
        let page = ada.get(&format!("/api/v1/events?limit=3{since}"), 200).await;
        read.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => since = format!("&since={next}"),
            None => break,
        }
    }
    assert_eq!(json!(read), all["data"]);
    let last = text(&read[9], "cursor");
    assert_eq!(
        ada.get(&format!("/api/v1/events?since={last}"), 200).await["data"],
        json!([])
    );
    let some = ada.get("/api/v1/events?types=run.completed,job.created", 200).await;
    assert_eq!(
        types(&some),
        ["job.created", "run.completed", "run.completed", "run.completed"]
    );
    let other = ada.job(json!({})).await;
    let of_other = ada
        .get(&format!("/api/v1/events?job_id={}", text(&other, "job_id")), 200)
        .await;
    assert_eq!(types(&of_other), ["job.created"]);
    for garbage in ["", "x y", "-1", "zzzzzzzzzzzzzzzzzzzzz", "0x1"] {
        assert_eq!(
            ada.get(&format!("/api/v1/events?since={garbage}"), 400).await["code"],
            "invalid_cursor",
            "{garbage:?}"
        );
    }
}

async fn the_history_of_a_job_is_newest_first(server: TestServer) {
    let ada = server.sign_up().await;
    let job = three_runs(&ada).await;
    let path = format!("/api/v1/jobs/{}/events", text(&job, "job_id"));
    let all = ada.get(&path, 200).await;
    let run = ["run.completed", "run.started", "run.queued"];
    assert_eq!(types(&all), [&run[..], &run, &run, &["job.created"]].concat());
    let page = ada.get(&format!("{path}?limit=4"), 200).await;
    assert_eq!(page["has_more"], true);
    let rest = ada
        .get(&format!("{path}?cursor={}", text(&page, "next_cursor")), 200)
        .await;
    assert_eq!(types(&page).len() + types(&rest).len(), 10);
    assert_eq!(rest["data"][5]["type"], "job.created");
}

async fn events_hold_what_the_contract_says(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(0, "Failed").await;
    ada.act(&format!("/run-job/{}", text(&job, "job_id")), 202).await;
    ada.job_becomes(&job, "Failed").await;
    ada.patch(
        &format!("/api/v1/jobs/{}", text(&job, "job_id")),
        json!({"job_name": "renamed"}),
        200,
    )
    .await;
    let events = ada.get("/api/v1/events", 200).await;
    let events = events["data"].as_array().unwrap();
    let mut ids = std::collections::HashSet::new();
    for event in events {
        assert_fields(event, "id, cursor, type, timestamp, data");
        assert_fields(&event["data"], "job_id, job_name, status");
        assert!(ids.insert(text(event, "id")), "ids are unique");
        assert!(text(event, "timestamp").ends_with('Z'));
        if text(event, "type").starts_with("run.") {
            assert_fields(
                &event["data"]["run"],
                "run_id, job_id, job_name, status, reason, trigger, attempt, error, started_at, finished_at",
            );
            assert!(event["data"]["run"].get("payload").is_none() && event["data"]["run"].get("attempts").is_none());
        }
    }
    let statuses: Vec<_> = events
        .iter()
        .map(|event| (&event["data"]["previous_status"], &event["data"]["status"]))
        .collect();
    assert_eq!(statuses[2], (&json!("Pending"), &json!("Running")));
    assert_eq!(statuses[3], (&json!("Running"), &json!("Failed")));
    assert_eq!(
        (&events[4]["type"], &events[4]["data"]["job_name"]),
        (&json!("job.updated"), &json!("renamed"))
    );
}
