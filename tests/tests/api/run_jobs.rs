//! The documented `POST /run-job/{id}`, and its canonical form.

use reqwest::Method;
use scheduler_tests::{
    client::{Client, broken, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    a_run_goes_from_pending_over_running_to_completed
    nothing_in_the_body_means_running
    cancelled_ends_the_run_under_way_at_once
    what_the_state_machine_forbids_names_what_is_allowed
    overlap_decides_about_a_second_run
    of_many_starts_at_once_one_runs
    the_canonical_form_takes_a_payload_for_one_run
}

async fn start(ada: &Client, job: &Value, expected: u16) -> Value {
    ada.post(&run_job(job), json!({"status": "Running"}), expected).await
}

fn run_job(job: &Value) -> String {
    format!("/run-job/{}", text(job, "job_id"))
}

async fn a_run_goes_from_pending_over_running_to_completed(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(400, "Completed").await;
    let started = start(&ada, &job, 202).await;
    assert_eq!(
        (&started["job"]["status"], &started["run"]["status"]),
        (&json!("Pending"), &json!("Queued"))
    );
    let running = ada.job_becomes(&job, "Running").await;
    assert_eq!(
        (&running["last_run"]["status"], &running["last_run"]["attempt"]),
        (&json!("Running"), &json!(1))
    );
    let done = ada.job_becomes(&job, "Completed").await;
    assert_eq!(done["last_run"]["status"], "Completed");
    let types: Vec<Value> = ada.get("/api/v1/events", 200).await["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(types, ["job.created", "run.queued", "run.started", "run.completed"]);
    // And once more.
    start(&ada, &job, 202).await;
    assert_eq!(
        ada.get(&format!("/job/{}", text(&job, "job_id")), 200).await["completed_at"],
        done["completed_at"]
    );
    let again = ada.job_becomes(&job, "Completed").await;
    assert!(text(&again, "completed_at") > text(&done, "completed_at"));
}

async fn nothing_in_the_body_means_running(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(0, "Completed").await;
    ada.act(&run_job(&job), 202).await;
    ada.job_becomes(&job, "Completed").await;
    ada.post(&run_job(&job), json!({}), 202).await;
    ada.job_becomes(&job, "Completed").await;
    let runs = ada
        .get(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 200)
        .await;
    assert_eq!(runs["data"].as_array().unwrap().len(), 2);
}

async fn cancelled_ends_the_run_under_way_at_once(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(60_000, "Completed").await;
    start(&ada, &job, 202).await;
    ada.job_becomes(&job, "Running").await;
    let cancelled = ada.post(&run_job(&job), json!({"status": "Cancelled"}), 202).await;
    assert_eq!(
        (&cancelled["job"]["status"], &cancelled["run"]["status"]),
        (&json!("Cancelled"), &json!("Cancelled"))
    );
    assert!(cancelled["run"]["finished_at"].is_string());
    let run = ada
        .get(&format!("/api/v1/runs/{}", text(&cancelled["run"], "run_id")), 200)
        .await;
    assert_eq!(run["attempts"][0]["outcome"], "Cancelled", "{run}");
    // The place on the node is free again, and the job can be started anew.
    start(&ada, &job, 202).await;
    ada.job_becomes(&job, "Running").await;
    ada.post(&run_job(&job), json!({"status": "Cancelled"}), 202).await;
}

async fn what_the_state_machine_forbids_names_what_is_allowed(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(60_000, "Completed").await;
    let cancel_first = ada.post(&run_job(&job), json!({"status": "Cancelled"}), 409).await;
    assert_eq!(
        (&cancel_first["code"], &cancel_first["allowed"]),
        (&json!("invalid_transition"), &json!(["Running"]))
    );
    for word in ["Pending", "Completed", "Failed"] {
        let problem = ada.post(&run_job(&job), json!({"status": word}), 409).await;
        assert_eq!(
            (&problem["code"], &problem["allowed"]),
            (&json!("invalid_transition"), &json!(["Running"])),
            "{word}"
        );
    }
    start(&ada, &job, 202).await;
    ada.job_becomes(&job, "Running").await;
    for word in ["Pending", "Completed", "Failed"] {
        let problem = ada.post(&run_job(&job), json!({"status": word}), 409).await;
        assert_eq!(
            (&problem["code"], &problem["allowed"]),
            (&json!("invalid_transition"), &json!(["Cancelled"])),
            "{word}"
        );
    }
    for word in ["running", "Queued", "Retrying", "Done", ""] {
        let problem = ada.post(&run_job(&job), json!({"status": word}), 422).await;
        assert_eq!(broken(&problem), [("/status".to_owned(), "unknown_word".to_owned())]);
        assert_eq!(problem["errors"][0]["allowed"].as_array().unwrap().len(), 5);
    }
    ada.post(&run_job(&job), json!({"status": 1}), 422).await;
    ada.post(&run_job(&job), json!({"state": "Running"}), 422).await;
    let job = ada.get(&format!("/job/{}", text(&job, "job_id")), 200).await;
    assert_eq!(job["status"], "Running", "nothing of it changed anything");
}

async fn overlap_decides_about_a_second_run(server: TestServer) {
    let ada = server.sign_up().await;
    let job = async |overlap: &str, duration_ms: u64| {
        ada.job(json!({"overlap": overlap, "executor": {"type": "simulated", "duration_ms": duration_ms}}))
            .await
    };
    let skip = job("skip", 60_000).await;
    start(&ada, &skip, 202).await;
    let problem = start(&ada, &skip, 409).await;
    assert_eq!(problem["code"], "overlap_skipped");
    ada.job_becomes(&skip, "Running").await;
    assert_eq!(start(&ada, &skip, 409).await["code"], "overlap_skipped");

    let allow = job("allow", 60_000).await;
    let (one, two) = (start(&ada, &allow, 202).await, start(&ada, &allow, 202).await);
    ada.run_becomes(&one["run"], "Running").await;
    ada.run_becomes(&two["run"], "Running").await;
    let cancelled = ada.post(&run_job(&allow), json!({"status": "Cancelled"}), 202).await;
    assert_eq!(cancelled["run"]["run_id"], two["run"]["run_id"], "the latest of them");
    ada.run_becomes(&one["run"], "Cancelled").await;

    let queue = job("queue", 150).await;
    let (one, two) = (start(&ada, &queue, 202).await, start(&ada, &queue, 202).await);
    let (one, two) = (
        ada.run_becomes(&one["run"], "Completed").await,
        ada.run_becomes(&two["run"], "Completed").await,
    );
    assert!(
        text(&two, "started_at") >= text(&one, "finished_at"),
        "one after the other: {one} {two}"
    );

    let replace = job("cancel_running", 60_000).await;
    let one = start(&ada, &replace, 202).await;
    ada.run_becomes(&one["run"], "Running").await;
    let two = start(&ada, &replace, 202).await;
    let one = ada.run_becomes(&one["run"], "Cancelled").await;
    assert_eq!(one["reason"], "replaced");
    ada.run_becomes(&two["run"], "Running").await;
}

async fn of_many_starts_at_once_one_runs(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(60_000, "Completed").await;
    let racing = (0..12).map(|_| {
        let (ada, path) = (ada.clone(), run_job(&job));
        tokio::spawn(async move { ada.send(Method::POST, &path, None, &[]).await.status })
    });
    let statuses: Vec<u16> = futures_util::future::join_all(racing)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 202).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 409).count(),
        11,
        "{statuses:?}"
    );
}

async fn the_canonical_form_takes_a_payload_for_one_run(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada
        .job(json!({"payload": {"of": "job"}, "executor": {"type": "simulated", "duration_ms": 0}}))
        .await;
    let runs = format!("/api/v1/jobs/{}/runs", text(&job, "job_id"));
    let answer = ada.send(Method::POST, &runs, None, &[]).await;
    let first = answer.expect(202);
    assert_eq!(
        answer.header("location"),
        Some(format!("/api/v1/runs/{}", text(&first, "run_id")).as_str())
    );
    assert_eq!(
        ada.run_becomes(&first, "Completed").await["payload"],
        json!({"of": "job"})
    );
    let second = ada.post(&runs, json!({"payload": {"of": "run"}}), 202).await;
    assert_eq!(
        ada.run_becomes(&second, "Completed").await["payload"],
        json!({"of": "run"})
    );
    let third = ada
        .post(&run_job(&job), json!({"status": "Running", "payload": [3]}), 202)
        .await;
    assert_eq!(ada.run_becomes(&third["run"], "Completed").await["payload"], json!([3]));
    assert_eq!(
        ada.get(&format!("/job/{}", text(&job, "job_id")), 200).await["payload"],
        json!({"of": "job"})
    );
    ada.post(&runs, json!({"payload": "x".repeat(262_200)}), 422).await;
    ada.post(&runs, json!({"pay": 1}), 422).await;
}
