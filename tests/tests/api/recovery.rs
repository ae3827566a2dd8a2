//! A server that is killed in the middle of a run.

use scheduler_tests::{
    client::text,
    databases::{Backend, Database},
    process::Process,
};
use serde_json::json;

async fn a_killed_server_finishes_its_runs_after_the_restart(backend: Backend) {
    let Some(database) = Database::bare(backend).await else {
        return;
    };
    let data_dir = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_server-under-test");
    let first = Process::start(binary, data_dir.path(), &database.url, &[]).await;
    let mut ada = first.client();
    ada.sign_up("ada@example.com").await;
    let job = ada
        .job(json!({"executor": {"type": "simulated", "duration_ms": 1_500}, "tags": ["kept"]}))
        .await;
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
        .await;
    ada.run_becomes(&run, "Running").await;
    let waiting = ada
        .job(json!({"run": true, "executor": {"type": "simulated", "duration_ms": 60_000}}))
        .await;
    ada.job_becomes(&waiting, "Running").await;
    first.kill();

    let second = Process::start(binary, data_dir.path(), &database.url, &[]).await;
    // The key lies in the data folder: who was logged in still is.
    let ada = ada.towards(&second.base);
    let run = ada.run_becomes(&run, "Completed").await;
    assert_eq!((&run["crashes"], &run["attempt"]), (&json!(1), &json!(2)), "{run}");
    let outcomes: Vec<_> = run["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["LeaseLost", "Completed"], "both attempts are visible: {run}");
    assert!(run["result"].is_null() || run["result"].is_object());
    let done = ada.job_becomes(&job, "Completed").await;
    assert_eq!(done["tags"], json!(["kept"]));
    ada.job_becomes(&waiting, "Running").await;
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
    let expected = [
        "job.created",
        "run.queued",
        "run.started",
        "run.queued",
        "run.started",
        "run.completed",
    ];
    assert_eq!(types, expected);
    assert_eq!(events["data"][2]["data"]["run"]["reason"], "lease_lost");
    // Told to stop, it hands back what it cannot finish, and burns no attempt.
    second.stop();
    let third = Process::start(binary, data_dir.path(), &database.url, &[]).await;
    let ada = ada.towards(&third.base);
    let handed_back = ada.job_becomes(&waiting, "Running").await;
    let run = ada
        .get(
            &format!("/api/v1/runs/{}", text(&handed_back["last_run"], "run_id")),
            200,
        )
        .await;
    assert_eq!((&run["crashes"], &run["attempt"]), (&json!(1), &json!(2)), "{run}");
    third.kill();
}

#[tokio::test]
async fn a_killed_server_finishes_its_runs_after_the_restart_on_sqlite() {
    a_killed_server_finishes_its_runs_after_the_restart(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_killed_server_finishes_its_runs_after_the_restart_on_mysql() {
    a_killed_server_finishes_its_runs_after_the_restart(Backend::Mysql).await;
}

#[tokio::test]
async fn two_servers_do_not_share_a_sqlite_folder() {
    let database = Database::bare(Backend::Sqlite).await.unwrap();
    let data_dir = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_server-under-test");
    let first = Process::start(binary, data_dir.path(), &database.url, &[]).await;
    let refusal = Process::refused(binary, data_dir.path(), &database.url);
    assert!(refusal.contains("another server works on"), "{refusal}");
    first.client().get("/readyz", 200).await;
    first.kill();
}
