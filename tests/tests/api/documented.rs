//! The twelve documented routes, at the root and under /api/v1, with their documented fields.

use scheduler_tests::{
    client::{Client, PASSWORD, assert_fields, text},
    on_both_databases,
    server::{TestServer, fresh_email},
};
use serde_json::json;

on_both_databases! {
    a_person_signs_up_logs_in_and_runs_a_job_at_the_root
    a_person_signs_up_logs_in_and_runs_a_job_under_api_v1
}

const USER: &str =
    "user_id, full_name, email, phone, role, status, is_active, last_login, time_zone, created_at, updated_at";
const JOB: &str = "job_id, job_name, priority, description, payload, status, completed_at, created_by, created_at, updated_at, \
    executor, schedule, retry, timeout_seconds, overlap, catch_up, next_run_at, last_run, paused, tags, external_id, version";
const RUN: &str = "run_id, job_id, job_name, status, reason, trigger, attempt, max_attempts, crashes, progress, result, error, \
    created_at, started_at, finished_at, duration_ms, retry_at, cancel_requested_at";

async fn a_person_signs_up_logs_in_and_runs_a_job_at_the_root(server: TestServer) {
    walk_through(server, "").await;
}

async fn a_person_signs_up_logs_in_and_runs_a_job_under_api_v1(server: TestServer) {
    walk_through(server, "/api/v1").await;
}

async fn walk_through(server: TestServer, at: &str) {
    let email = fresh_email();
    let nobody = server.client();

    // Sign up, ask for the code again, enter it.
    let body = json!({"full_name": "Ada Lovelace", "email": email, "password": PASSWORD, "phone": "+44 1632 960961"});
    let challenge = nobody.post(&format!("{at}/signup"), body, 201).await;
    assert_fields(&challenge, "challenge_id, expires_at, resend_after");
    let first = nobody.code_after(&email, 0).await;
    let body = json!({"challenge_id": challenge["challenge_id"]});
    let again = nobody.post(&format!("{at}/send-otp"), body, 200).await;
    assert_eq!(
        again["challenge_id"], challenge["challenge_id"],
        "a resend keeps the challenge"
    );
    let second = nobody.code_after(&email, 1).await;
    let verify = |code: &str| json!({"challenge_id": challenge["challenge_id"], "otp": code});
    if first != second {
        nobody.post(&format!("{at}/verify-otp"), verify(&first), 401).await;
    }
    let tokens = nobody.post(&format!("{at}/verify-otp"), verify(&second), 200).await;
    assert_fields(&tokens, "access_token, token_type, expires_in, refresh_token, user");
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 600);
    assert_fields(&tokens["user"], USER);
    assert_eq!(
        (&tokens["user"]["status"], &tokens["user"]["is_active"]),
        (&json!("Active"), &json!(true))
    );
    assert_eq!(tokens["user"]["phone"], "+441632960961");
    assert!(tokens["user"].get("password").is_none());

    // Log in with both factors.
    let body = json!({"email": email.to_uppercase(), "password": PASSWORD});
    let challenge = nobody.post(&format!("{at}/login"), body, 200).await;
    assert_fields(&challenge, "challenge_id, otp_required, expires_at, resend_after");
    assert_eq!(challenge["otp_required"], true);
    let code = nobody.code_after(&email, 2).await;
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": code});
    let tokens = nobody.post(&format!("{at}/verify-otp"), body, 200).await;
    let mut client = nobody.with_token(text(&tokens, "access_token"));
    client.tokens = tokens;

    let me = client.get(&format!("{at}/me"), 200).await;
    assert_fields(&me, USER);
    assert_eq!(
        (&me["email"], &me["full_name"], &me["role"]),
        (&json!(email), &json!("Ada Lovelace"), &json!("customer"))
    );

    jobs(&client, at).await;

    // A forgotten password.
    let body = json!({"email": email, "purpose": "password_reset"});
    let challenge = nobody.post(&format!("{at}/send-otp"), body, 200).await;
    assert_fields(&challenge, "challenge_id, expires_at, resend_after");
    let code = nobody.code_after(&email, 3).await;
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": code, "new_password": "amber-wheels-2077"});
    nobody.post(&format!("{at}/reset-password"), body, 200).await;
    client.get("/me", 401).await;
    let mut client = nobody.clone();
    client.log_in(&email, "amber-wheels-2077").await;

    let answer = client
        .send(reqwest::Method::PATCH, &format!("{at}/logout"), None, &[])
        .await;
    assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    client.get("/me", 401).await;
    client
        .send(reqwest::Method::PATCH, &format!("{at}/logout"), None, &[])
        .await
        .problem(401, "unauthenticated");
}

async fn jobs(client: &Client, at: &str) {
    let body = json!({"job_name": "Nightly report", "executor": {"type": "simulated", "duration_ms": 300}});
    let job = client.post(&format!("{at}/jobs"), body, 201).await;
    assert_fields(&job, JOB);
    assert_eq!((&job["status"], &job["last_run"]), (&json!("Pending"), &json!(null)));
    assert_eq!(job["created_by"], client.user_id());
    let path = format!("{at}/job/{}", text(&job, "job_id"));
    assert_eq!(client.get(&path, 200).await, job);

    let list = client.get(&format!("{at}/jobs"), 200).await;
    assert_eq!(list, json!({"data": [job], "has_more": false, "next_cursor": null}));

    let run_job = format!("{at}/run-job/{}", text(&job, "job_id"));
    let started = client.post(&run_job, json!({"status": "Running"}), 202).await;
    assert_fields(&started, "job, run");
    assert_fields(&started["job"], JOB);
    assert_fields(&started["run"], RUN);
    assert!(started["run"].get("payload").is_none() && started["run"].get("attempts").is_none());
    assert_eq!(started["run"]["trigger"]["type"], "manual");
    assert_eq!(started["run"]["trigger"]["user_id"], client.user_id());
    client.job_becomes(&job, "Running").await;
    let done = client.job_becomes(&job, "Completed").await;
    assert_eq!(done["last_run"]["run_id"], started["run"]["run_id"]);
    assert_eq!(done["completed_at"], done["last_run"]["finished_at"]);
    assert!(done["last_run"]["duration_ms"].as_i64().unwrap() >= 300);

    let dashboard = client.get(&format!("{at}/dashboard/customer"), 200).await;
    assert_fields(
        &dashboard,
        "counts, runs, success_rate, duration_ms, throughput, running, upcoming, attention",
    );
    assert_fields(
        &dashboard["counts"],
        "Pending, Running, Completed, Failed, Cancelled, total",
    );
    assert_fields(&dashboard["runs"], "Completed, Failed, Cancelled");
    assert_fields(&dashboard["duration_ms"], "p50, p95");
    assert_fields(&dashboard["throughput"][0], "at, completed, failed, cancelled");
}
