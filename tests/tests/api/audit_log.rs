//! The audit log over HTTP.

use reqwest::Method;
use scheduler_tests::{
    client::{Client, PASSWORD, assert_fields, broken, text},
    on_both_databases,
    server::{TestServer, until},
};
use serde_json::{Value, json};

on_both_databases! {
    what_a_person_and_a_program_do_is_told_with_who_and_where
    failed_log_ins_and_codes_are_told_to_the_owner
    what_others_did_is_told_without_who_they_are
    the_log_is_filtered_and_exported
    what_operations_on_many_jobs_do_is_told_one_by_one
    secret_addresses_are_told_without_their_secrets
    secrets_never_get_into_the_log
}

async fn entries(client: &Client, query: &str) -> Vec<Value> {
    let list = client.get(&format!("/api/v1/audit-log{query}"), 200).await;
    list["data"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().rev().map(|entry| text(entry, "action")).collect()
}

/// Waits for entries that are written in the background.
async fn until_told(client: &Client, action: &str, count: usize) -> Vec<Value> {
    until(&format!("{count} times {action}"), async || {
        let found = entries(client, &format!("?action={action}")).await;
        (found.len() >= count).then_some(found)
    })
    .await
}

async fn what_a_person_and_a_program_do_is_told_with_who_and_where(server: TestServer) {
    let ada = server.sign_up().await;
    let (program, key) = ada.api_key(&["jobs:write", "runs:write", "account:read"]).await;
    let job = program
        .job(json!({"executor": {"type": "simulated", "duration_ms": 600_000}}))
        .await;
    let path = format!("/api/v1/jobs/{}", text(&job, "job_id"));
    let answer = ada
        .send(
            Method::PATCH,
            &path,
            Some(json!({"priority": "High"})),
            &[("x-request-id", "from-the-test"), ("user-agent", "tests/1")],
        )
        .await;
    answer.expect(200);
    ada.post(&format!("{path}/pause"), json!({"reason": "moving"}), 200)
        .await;
    ada.act(&format!("{path}/resume"), 200).await;
    let run = program.act(&format!("{path}/runs"), 202).await;
    program
        .act(&format!("/api/v1/runs/{}/cancel", text(&run, "run_id")), 202)
        .await;
    ada.delete(&path, 204).await;
    ada.delete(&format!("/api/v1/api-keys/{}", text(&key, "api_key_id")), 204)
        .await;
    until_told(&ada, "api_key.first_used", 1).await;
    let log = entries(&ada, "").await;
    let mut told = actions(&log);
    // Written by a task of its own, some time after the first use.
    told.retain(|action| *action != "api_key.first_used");
    let expected = [
        "login.succeeded",
        "api_key.created",
        "job.created",
        "job.updated",
        "job.paused",
        "job.resumed",
        "run.cancelled",
        "job.deleted",
        "api_key.revoked",
    ];
    assert_eq!(told, expected);
    for entry in &log {
        assert_fields(
            entry,
            "audit_id, at, action, actor, target, ip, user_agent, request_id, bulk_operation_id, changes",
        );
        assert_eq!(entry["ip"], "127.0.0.1", "{entry}");
        assert_eq!(entry["actor"]["user_id"], ada.user_id(), "{entry}");
    }
    let find = |action: &str| log.iter().find(|entry| entry["action"] == action).unwrap();
    let updated = find("job.updated");
    assert_eq!(
        updated["changes"],
        json!([{"field": "priority", "before": "Medium", "after": "High"}])
    );
    assert_eq!(
        (&updated["request_id"], &updated["user_agent"]),
        (&json!("from-the-test"), &json!("tests/1"))
    );
    assert_eq!(
        updated["target"],
        json!({"type": "job", "id": job["job_id"], "name": "Nightly report"})
    );
    assert_eq!(updated["actor"]["type"], "session");
    for action in ["job.created", "run.cancelled", "api_key.first_used"] {
        let actor = &find(action)["actor"];
        assert_eq!(
            (&actor["type"], &actor["api_key_id"]),
            (&json!("api_key"), &key["api_key_id"]),
            "{action}"
        );
    }
    let created = find("api_key.created");
    assert_eq!(created["target"]["name"], "a program");
    assert_eq!(
        created["changes"][0]["after"],
        json!(["jobs:write", "runs:write", "account:read"])
    );
}

async fn failed_log_ins_and_codes_are_told_to_the_owner(server: TestServer) {
    let ada = server.sign_up().await;
    let wrong = json!({"email": ada.email, "password": "not the password"});
    ada.anonymous().post("/login", wrong, 401).await;
    let nobody = json!({"email": "nobody@example.com", "password": PASSWORD});
    ada.anonymous().post("/login", nobody, 401).await;
    let right = json!({"email": ada.email, "password": PASSWORD});
    let challenge = ada.anonymous().post("/login", right, 200).await;
    let code = ada.code_after(&ada.email, 1).await;
    let other = if code == "00000000" { "00000001" } else { "00000000" };
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": other});
    ada.anonymous().post("/verify-otp", body, 401).await;
    for action in ["login.failed", "otp.failed"] {
        let told = until_told(&ada, action, 1).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["actor"], json!({"type": "anonymous"}));
        assert_eq!(
            (&told[0]["ip"], &told[0]["target"]["id"]),
            (&json!("127.0.0.1"), &json!(ada.user_id()))
        );
    }
    let phone = ada.another_log_in().await;
    phone.log_out().await;
    let reset = json!({"email": ada.email, "purpose": "password_reset"});
    let seen = ada.mails_to(&ada.email).await.len();
    let challenge = ada.anonymous().post("/send-otp", reset, 200).await;
    let code = ada.code_after(&ada.email, seen).await;
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": code, "new_password": "amber-wheels-2077"});
    ada.anonymous().post("/reset-password", body, 200).await;
    let mut again = ada.anonymous();
    again.log_in(&ada.email, "amber-wheels-2077").await;
    let log = entries(&again, "?action=login.succeeded,session.ended&action=password.reset").await;
    let expected = [
        "login.succeeded",
        "login.succeeded",
        "session.ended",
        "password.reset",
        "login.succeeded",
    ];
    assert_eq!(actions(&log), expected);
    let log_in = &log[0];
    assert_eq!(log_in["actor"]["session_id"], log_in["target"]["id"]);
}

async fn what_others_did_is_told_without_who_they_are(server: TestServer) {
    let (admin, ada) = (server.sign_up_admin().await, server.sign_up().await);
    let path = format!("/api/v1/users/{}", ada.user_id());
    admin.patch(&path, json!({"status": "Deactivated"}), 200).await;
    admin.patch(&path, json!({"status": "Active"}), 200).await;
    let mut ada_again = ada.anonymous();
    ada_again.log_in(&ada.email, PASSWORD).await;
    let log = entries(&ada_again, "?action=user.changed").await;
    assert_eq!(log.len(), 2);
    for entry in &log {
        assert_eq!(entry["actor"], json!({"type": "administrator"}));
        assert_eq!((&entry["ip"], &entry["request_id"]), (&Value::Null, &Value::Null));
        assert!(!entry.to_string().contains(admin.user_id()));
    }
    assert_eq!(
        log[1]["changes"],
        json!([{"field": "status", "before": "Active", "after": "Deactivated"}])
    );
    let own = entries(&admin, &format!("?action=user.changed&target_id={}", ada.user_id())).await;
    assert_eq!((own.len(), &own[0]["actor"]["user_id"]), (2, &json!(admin.user_id())));
}

async fn the_log_is_filtered_and_exported(server: TestServer) {
    let ada = server.sign_up().await;
    let mut jobs = Vec::new();
    for number in 0..6 {
        jobs.push(
            ada.post("/jobs", json!({"job_name": format!("=job, {number}")}), 201)
                .await,
        );
    }
    let (program, key) = ada.api_key(&["jobs:write", "account:read"]).await;
    program.job(json!({})).await;
    let first = ada.get("/api/v1/audit-log?limit=3", 200).await;
    assert_eq!(
        (first["has_more"].as_bool(), first["data"].as_array().unwrap().len()),
        (Some(true), 3)
    );
    let cursor = text(&first, "next_cursor");
    let second = ada
        .get(&format!("/api/v1/audit-log?limit=3&cursor={cursor}"), 200)
        .await;
    assert_ne!(first["data"][2], second["data"][0]);
    ada.send(
        Method::GET,
        &format!("/api/v1/audit-log?action=job.created&cursor={cursor}"),
        None,
        &[],
    )
    .await
    .problem(400, "invalid_cursor");
    let about = entries(&ada, &format!("?target_id={}", text(&jobs[2], "job_id"))).await;
    assert_eq!(actions(&about), ["job.created"]);
    until_told(&ada, "api_key.first_used", 1).await;
    let by_key = entries(
        &ada,
        &format!("?actor_id={}&action=job.created", text(&key, "api_key_id")),
    )
    .await;
    assert_eq!(by_key.len(), 1);
    let border = text(&about[0], "at");
    let later = entries(&ada, &format!("?action=job.created&created_after={border}")).await;
    let earlier = entries(&ada, &format!("?action=job.created&created_before={border}")).await;
    assert_eq!((later.len(), earlier.len()), (4, 2));
    for (query, pointer) in [
        ("?action=job.exploded", "action"),
        ("?actor_id=nonsense", "actor_id"),
        ("?format=xml", "format"),
        ("?who=me", "who"),
        ("?created_after=yesterday", "created_after"),
    ] {
        let answer = ada
            .send(Method::GET, &format!("/api/v1/audit-log{query}"), None, &[])
            .await;
        assert_eq!(broken(&answer.problem(400, "invalid_parameter"))[0].0, pointer);
    }
    // A program may read it, too.
    let query = "/api/v1/audit-log?action=job.created&format=";
    let accept = [("accept", "text/csv")];
    let csv = program.send(Method::GET, &format!("{query}csv"), None, &accept).await;
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    assert!(csv.header("content-disposition").unwrap().contains("audit-log.csv"));
    let table = csv.text();
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 7 + 1, "{table}");
    assert!(lines[0].starts_with("at,action,actor_type,"));
    assert!(lines[7].contains("\"'=job, 0\""), "no formula: {table}");
    let ndjson = ada.send(Method::GET, &format!("{query}ndjson"), None, &[]).await;
    let told: Vec<Value> = ndjson
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told, entries(&ada, "?action=job.created").await);
    // An export has no pages.
    let all = ada
        .send(Method::GET, "/api/v1/audit-log?format=ndjson&limit=1", None, &[])
        .await;
    assert_eq!(all.text().lines().count(), entries(&ada, "?limit=200").await.len());
}

async fn what_operations_on_many_jobs_do_is_told_one_by_one(server: TestServer) {
    let ada = server.sign_up().await;
    let (program, key) = ada
        .api_key(&["jobs:read", "jobs:write", "runs:read", "runs:write", "account:read"])
        .await;
    let mut jobs = Vec::new();
    for number in 0..3 {
        let job = json!({"job_name": format!("job {number}"), "tags": ["night"],
                         "executor": {"type": "simulated", "duration_ms": 600_000}});
        jobs.push(ada.post("/jobs", job, 201).await);
    }
    let done = async |action: &str, params: Value| {
        let body = json!({"action": action, "filter": {"tag": "night"}, "params": params});
        let headers = [("x-request-id", action), ("user-agent", "deploy/1.4")];
        let answer = program
            .send(Method::POST, "/api/v1/bulk-operations", Some(body), &headers)
            .await;
        let operation = answer.expect(202);
        let path = format!("/api/v1/bulk-operations/{}", text(&operation, "bulk_operation_id"));
        until("the operation ends", async || {
            let operation = program.get(&path, 200).await;
            (operation["status"] == "Completed").then_some(operation)
        })
        .await
    };
    let by_key = json!({"type": "api_key", "user_id": ada.user_id(), "api_key_id": key["api_key_id"]});
    // A run that an operation starts is asked for by the key, as one run is.
    done("run", json!({})).await;
    for job in &jobs {
        let runs = ada
            .get(&format!("/api/v1/jobs/{}/runs", text(job, "job_id")), 200)
            .await;
        let trigger = json!({"type": "api", "user_id": ada.user_id(), "api_key_id": key["api_key_id"]});
        assert_eq!(runs["data"][0]["trigger"], trigger);
    }
    for (action, params, told, changes) in [
        (
            "pause",
            json!({"reason": "moving"}),
            "job.paused",
            json!([{"field": "pause_reason", "before": null, "after": "moving"}]),
        ),
        ("resume", json!({}), "job.resumed", json!([])),
        (
            "tag",
            json!({"add": ["day"]}),
            "job.updated",
            json!([{"field": "tags", "before": ["night"], "after": ["day", "night"]}]),
        ),
        ("cancel", json!({}), "run.cancelled", json!([])),
        ("delete", json!({}), "job.deleted", json!([])),
    ] {
        let operation = done(action, params).await;
        let log = entries(&ada, &format!("?action={told}")).await;
        assert_eq!(log.len(), 3, "{action}: {log:?}");
        for entry in &log {
            assert_eq!(entry["bulk_operation_id"], operation["bulk_operation_id"], "{entry}");
            assert_eq!((&entry["actor"], &entry["changes"]), (&by_key, &changes), "{action}");
            let origin = (&entry["ip"], &entry["user_agent"], &entry["request_id"]);
            assert_eq!(origin, (&json!("127.0.0.1"), &json!("deploy/1.4"), &json!(action)));
        }
        let target = text(&operation, "bulk_operation_id");
        let asked = entries(&ada, &format!("?target_id={target}")).await;
        assert_eq!(actions(&asked), ["bulk_operation.created"]);
        assert_eq!(
            asked[0]["target"],
            json!({"type": "bulk_operation", "id": target, "name": action})
        );
        assert_eq!(
            (&asked[0]["actor"], &asked[0]["bulk_operation_id"]),
            (&by_key, &Value::Null)
        );
        let asked = asked[0]["changes"].as_array().unwrap();
        let filter = asked.iter().find(|change| change["field"] == "filter").unwrap();
        assert_eq!(filter["after"]["tag"], "night");
    }
    // What a person stops is told as well.
    let operation = ada
        .post("/api/v1/bulk-operations", json!({"action": "pause", "filter": {}}), 202)
        .await;
    let path = format!(
        "/api/v1/bulk-operations/{}/abort",
        text(&operation, "bulk_operation_id")
    );
    let answer = ada.send(Method::POST, &path, None, &[]).await;
    let aborted = entries(&ada, "?action=bulk_operation.aborted").await;
    assert_eq!(
        aborted.len(),
        usize::from(answer.status == 200),
        "it may have been faster"
    );
    let csv = ada
        .send(
            Method::GET,
            "/api/v1/audit-log?action=job.deleted&format=csv",
            None,
            &[],
        )
        .await
        .text();
    assert!(
        csv.lines().next().unwrap().ends_with(",audit_id,bulk_operation_id"),
        "{csv}"
    );
}

async fn secret_addresses_are_told_without_their_secrets(server: TestServer) {
    let ada = server.sign_up().await;
    let watched = ada
        .job(json!({"job_name": "Backup", "executor": {"type": "heartbeat"},
                    "schedule": {"type": "interval", "every_seconds": 3600}}))
        .await;
    let job = ada.job(json!({"job_name": "Build"})).await;
    let at = |what: &str| format!("/api/v1/jobs/{}/{what}", text(&job, "job_id"));
    let first = ada.act(&at("inbound"), 201).await;
    let second = ada.act(&at("inbound"), 201).await;
    let badge = ada.act(&at("badge"), 201).await;
    ada.delete(&at("inbound"), 204).await;
    ada.delete(&at("inbound"), 404).await;
    ada.delete(&at("badge"), 204).await;
    let log = entries(&ada, &format!("?target_id={}", text(&job, "job_id"))).await;
    let expected = [
        "job.created",
        "inbound.created",
        "inbound.created",
        "badge.created",
        "inbound.revoked",
        "badge.revoked",
    ];
    assert_eq!(actions(&log), expected);
    let change = |before: &Value, after: &Value| json!([{"field": "last4", "before": before, "after": after}]);
    assert_eq!(log[3]["changes"], change(&first["last4"], &second["last4"]));
    assert_eq!(log[1]["changes"], change(&second["last4"], &Value::Null));
    for entry in &log {
        assert_eq!(
            entry["target"],
            json!({"type": "job", "id": job["job_id"], "name": "Build"})
        );
        assert_eq!(entry["actor"]["type"], "session");
    }
    let heartbeats = entries(&ada, "?action=heartbeat.created").await;
    assert_eq!(heartbeats.len(), 1);
    assert_eq!(heartbeats[0]["target"]["id"], watched["job_id"]);
    let everything = format!("{log:?} {heartbeats:?}");
    for secret in [&first, &second, &badge].map(|link| text(link, "secret")) {
        assert!(!everything.contains(secret));
    }
    assert!(!everything.contains("jsp_"));
}

async fn secrets_never_get_into_the_log(server: TestServer) {
    let ada = server.sign_up().await;
    let (_, key) = ada.api_key(&["worker"]).await;
    let executor = |secret: &str| {
        json!({"type": "http", "method": "POST", "url": "https://example.com/x",
               "headers": {"Authorization": secret, "X-Plain": "plain"}})
    };
    let job = ada.job(json!({"executor": executor("hush-1")})).await;
    let path = format!("/api/v1/jobs/{}", text(&job, "job_id"));
    ada.patch(
        &path,
        json!({"executor": executor("hush-2"), "payload": "p".repeat(5_000)}),
        200,
    )
    .await;
    let hook = json!({"url": "https://example.com/hook", "headers": {"X-Token": "hush-3"}});
    let hook = ada.post("/api/v1/webhooks", hook, 201).await;
    let hook_path = format!("/api/v1/webhooks/{}", text(&hook, "webhook_id"));
    ada.patch(&hook_path, json!({"headers": {"X-Token": "hush-4"}}), 200)
        .await;
    let rotated = ada.act(&format!("{hook_path}/rotate-secret"), 200).await;
    ada.delete(&hook_path, 204).await;
    let log = entries(&ada, "").await;
    let expected = [
        "login.succeeded",
        "api_key.created",
        "job.created",
        "job.updated",
        "webhook.created",
        "webhook.updated",
        "webhook.secret_rotated",
        "webhook.deleted",
    ];
    assert_eq!(actions(&log), expected);
    let updated = &log[4]["changes"];
    assert!(updated.to_string().contains("executor.headers"), "{updated}");
    assert!(updated.to_string().contains("… (5002 bytes)"), "{updated}");
    let rows = server
        .database()
        .query("SELECT changes, target_name FROM audit_log")
        .await;
    let everything = format!("{log:?} {rows:?}");
    for secret in [
        "hush-",
        text(&key, "key"),
        text(&hook, "secret"),
        text(&rotated, "secret"),
        PASSWORD,
    ] {
        assert!(!everything.contains(secret), "{secret}");
    }
}
