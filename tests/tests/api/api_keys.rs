//! API keys over HTTP: made, used, revoked.

use chrono::TimeDelta;
use reqwest::Method;
use scheduler_domain::{api_key::KeyText, clock::Timestamp};
use scheduler_server::system::SystemRandom;
use scheduler_tests::{
    client::{assert_fields, broken, text},
    databases::Backend,
    on_both_databases,
    server::{TestServer, until},
};
use serde_json::{Value, json};

on_both_databases! {
    a_key_is_told_once_and_works_until_it_is_revoked
    what_is_wrong_with_a_key_is_named
    a_run_names_the_key_that_asked_for_it
    keys_manage_nothing_that_is_the_persons
    a_key_expires
    a_user_who_is_switched_off_has_no_keys
    a_password_reset_leaves_keys_alone
}

async fn a_key_is_told_once_and_works_until_it_is_revoked(server: TestServer) {
    let ada = server.sign_up().await;
    let (program, key) = ada.api_key(&["account:read", "jobs:read", "account:read"]).await;
    assert_fields(
        &key,
        "api_key_id, key, name, prefix, last4, scopes, expires_at, created_at, last_used_at",
    );
    let secret = text(&key, "key");
    assert!(KeyText::parse(secret).is_some(), "the form of a key, checksum included");
    assert!(secret.starts_with(text(&key, "prefix")) && secret.ends_with(text(&key, "last4")));
    assert_eq!(key["scopes"], json!(["jobs:read", "account:read"]));
    assert_eq!((&key["expires_at"], &key["last_used_at"]), (&Value::Null, &Value::Null));
    assert_eq!(program.get("/me", 200).await["email"], ada.email.as_str());
    assert_eq!(program.get("/api/v1/jobs", 200).await["data"], json!([]));
    let listed = until("the use is noted", async || {
        let list = ada.get("/api/v1/api-keys", 200).await;
        let key = list["data"][0].clone();
        (!key["last_used_at"].is_null()).then_some(key)
    })
    .await;
    assert!(listed.get("key").is_none() && !listed.to_string().contains(secret));
    assert_eq!(listed["name"], "a program");
    let path = format!("/api/v1/api-keys/{}", text(&key, "api_key_id"));
    ada.delete(&path, 204).await;
    let refused = program.send(Method::GET, "/me", None, &[]).await;
    refused.problem(401, "unauthenticated");
    ada.delete(&path, 404).await;
    assert_eq!(ada.get("/api/v1/api-keys", 200).await["data"], json!([]));
}

async fn what_is_wrong_with_a_key_is_named(server: TestServer) {
    let ada = server.sign_up().await;
    let bad = async |body: Value| broken(&ada.post("/api/v1/api-keys", body, 422).await);
    let named = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    assert_eq!(bad(json!({"scopes": ["worker"]})).await, named("/name", "required"));
    assert_eq!(
        bad(json!({"name": "x", "scopes": []})).await,
        named("/scopes", "too_short")
    );
    assert_eq!(
        bad(json!({"name": "x", "scopes": ["worker", "root"]})).await,
        named("/scopes/1", "unknown_word")
    );
    let past = server.state.clock.now() - TimeDelta::minutes(1);
    assert_eq!(
        bad(json!({"name": "x", "scopes": ["worker"], "expires_at": past})).await,
        named("/expires_at", "out_of_range")
    );
    assert_eq!(
        bad(json!({"name": "x", "scopes": ["worker"], "key": "mine"})).await,
        named("/key", "unknown_field")
    );
    // Keys that are none, with a good checksum and without.
    let unknown = KeyText::draw(&SystemRandom);
    let mut slip = unknown.reveal().to_owned();
    slip.replace_range(10..11, if &slip[10..11] == "a" { "b" } else { "a" });
    for token in [unknown.reveal(), &slip, "jsk_", "jsk_nonsense", &unknown.reveal()[..39]] {
        let answer = ada.with_token(token).send(Method::GET, "/me", None, &[]).await;
        answer.problem(401, "unauthenticated");
    }
}

async fn a_run_names_the_key_that_asked_for_it(server: TestServer) {
    let ada = server.sign_up().await;
    let (program, key) = ada
        .api_key(&["jobs:write", "jobs:read", "runs:write", "runs:read"])
        .await;
    let job = program.job(json!({"run": true, "overlap": "allow"})).await;
    let by_key = |run: &Value, kind: &str| {
        assert_eq!(run["trigger"]["type"], kind, "{run}");
        assert_eq!(run["trigger"]["api_key_id"], key["api_key_id"], "{run}");
        assert_eq!(run["trigger"]["user_id"], ada.user_id(), "{run}");
    };
    by_key(&job["last_run"], "api");
    let path = format!("/api/v1/jobs/{}/runs", text(&job, "job_id"));
    let run = program.act(&path, 202).await;
    by_key(&run, "api");
    let cancelled = program
        .act(&format!("/api/v1/runs/{}/cancel", text(&run, "run_id")), 202)
        .await;
    by_key(&cancelled, "api");
    let again = program
        .act(&format!("/api/v1/runs/{}/retry", text(&run, "run_id")), 202)
        .await;
    by_key(&again, "retry");
    by_key(
        &ada.get(&format!("/api/v1/runs/{}", text(&again, "run_id")), 200).await,
        "retry",
    );
    let by_hand = ada.act(&path, 202).await;
    assert_eq!(by_hand["trigger"]["type"], "manual");
    assert!(by_hand["trigger"].get("api_key_id").is_none());
    // To make a job is not to start it.
    let (maker, _) = ada.api_key(&["jobs:write"]).await;
    let refused = maker
        .send(Method::POST, "/jobs", Some(json!({"job_name": "x", "run": true})), &[])
        .await;
    refused.problem(403, "insufficient_scope");
    maker.job(json!({"run": false})).await;
}

async fn keys_manage_nothing_that_is_the_persons(server: TestServer) {
    let admin = server.sign_up_admin().await;
    let all = [
        "jobs:read",
        "jobs:write",
        "runs:read",
        "runs:write",
        "worker",
        "webhooks:manage",
        "account:read",
    ];
    let (program, key) = admin.api_key(&all).await;
    let own = format!("/api/v1/api-keys/{}", text(&key, "api_key_id"));
    let user = format!("/api/v1/users/{}", admin.user_id());
    let closed = [
        (Method::GET, "/api/v1/api-keys"),
        (Method::POST, "/api/v1/api-keys"),
        (Method::DELETE, own.as_str()),
        (Method::GET, "/api/v1/sessions"),
        (Method::DELETE, "/api/v1/sessions/018f0000-0000-7000-8000-000000000000"),
        (Method::PATCH, "/logout"),
        (Method::PATCH, "/api/v1/me"),
        (Method::GET, "/api/v1/users"),
        (Method::PATCH, user.as_str()),
        (Method::GET, "/api/v1/nodes"),
        (Method::GET, "/api/v1/dashboard/admin"),
    ];
    for (method, path) in closed {
        let answer = program.send(method, path, None, &[]).await;
        let problem = answer.problem(403, "forbidden");
        assert!(text(&problem, "detail").contains("log-in"), "{problem}");
    }
    program.get("/me", 200).await;
}

async fn a_key_expires(server: TestServer) {
    let ada = server.sign_up().await;
    let expires_at: Timestamp = server.state.clock.now() + TimeDelta::milliseconds(1_500);
    let body = json!({"name": "short", "scopes": ["account:read"], "expires_at": expires_at});
    let key = ada.post("/api/v1/api-keys", body, 201).await;
    assert_eq!(text(&key, "expires_at").parse::<Timestamp>().unwrap(), expires_at);
    let program = ada.with_token(text(&key, "key"));
    program.get("/me", 200).await;
    until("it has expired", async || {
        let answer = program.send(Method::GET, "/me", None, &[]).await;
        (answer.status == 401).then_some(())
    })
    .await;
    assert!(server.state.clock.now() >= expires_at);
    assert_eq!(
        ada.get("/api/v1/api-keys", 200).await["data"][0]["api_key_id"],
        key["api_key_id"]
    );
}

async fn a_user_who_is_switched_off_has_no_keys(server: TestServer) {
    let (admin, ada) = (server.sign_up_admin().await, server.sign_up().await);
    let (program, _) = ada.api_key(&["account:read"]).await;
    program.get("/me", 200).await;
    let path = format!("/api/v1/users/{}", ada.user_id());
    admin.patch(&path, json!({"status": "Deactivated"}), 200).await;
    program.get("/me", 401).await;
    admin.patch(&path, json!({"status": "Active"}), 200).await;
    program.get("/me", 200).await;
}

async fn a_password_reset_leaves_keys_alone(server: TestServer) {
    let ada = server.sign_up().await;
    let (program, _) = ada.api_key(&["account:read"]).await;
    let body = json!({"email": ada.email, "purpose": "password_reset"});
    let challenge = server.client().post("/send-otp", body, 200).await;
    let code = ada.code_after(&ada.email, 1).await;
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": code, "new_password": "amber-wheels-2077"});
    server.client().post("/reset-password", body, 200).await;
    ada.get("/me", 401).await;
    program.get("/me", 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_on_one_node_is_over_on_the_others() {
    let Some(one) = TestServer::start(Backend::Mysql).await else {
        return;
    };
    let two = one.beside(&[]);
    let ada = one.sign_up().await;
    let (program, key) = ada.api_key(&["account:read"]).await;
    let elsewhere = program.towards(&two.base);
    elsewhere.get("/me", 200).await;
    ada.delete(&format!("/api/v1/api-keys/{}", text(&key, "api_key_id")), 204)
        .await;
    program.get("/me", 401).await;
    until("the other node knows", async || {
        let answer = elsewhere.send(Method::GET, "/me", None, &[]).await;
        (answer.status == 401).then_some(())
    })
    .await;
}
