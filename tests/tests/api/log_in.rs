//! The two factors.

use futures_util::future::join_all;
use scheduler_tests::{
    client::{Client, PASSWORD},
    databases::Backend,
    on_both_databases,
    server::{TestServer, fresh_email},
};
use serde_json::{Value, json};

on_both_databases! {
    a_code_has_five_tries
    of_twenty_uses_at_once_one_wins
    a_new_log_in_ends_the_older_challenge
    every_wrong_code_is_the_same_answer
    a_resend_replaces_the_code_and_leaves_the_tries_made
    a_log_in_proves_the_address_of_an_unfinished_sign_up
}

async fn challenge(client: &Client) -> (Value, String) {
    let seen = client.mails_to(&client.email).await.len();
    let body = json!({"email": client.email, "password": PASSWORD});
    let challenge = client.anonymous().post("/login", body, 200).await;
    (challenge, client.code_after(&client.email, seen).await)
}

fn answer(challenge: &Value, code: &str) -> Value {
    json!({"challenge_id": challenge["challenge_id"], "otp": code})
}

fn wrong(code: &str) -> String {
    let first = if code.starts_with('9') { '0' } else { '9' };
    format!("{first}{}", &code[1..])
}

async fn a_code_has_five_tries(server: TestServer) {
    let ada = server.sign_up().await;
    let (first, code) = challenge(&ada).await;
    for _ in 0..4 {
        ada.anonymous()
            .post("/verify-otp", answer(&first, &wrong(&code)), 401)
            .await;
    }
    ada.anonymous().post("/verify-otp", answer(&first, &code), 200).await;
    let (second, code) = challenge(&ada).await;
    for _ in 0..5 {
        ada.anonymous()
            .post("/verify-otp", answer(&second, &wrong(&code)), 401)
            .await;
    }
    ada.anonymous().post("/verify-otp", answer(&second, &code), 401).await;
    // Not locked out: the next log-in works.
    let (third, code) = challenge(&ada).await;
    ada.anonymous().post("/verify-otp", answer(&third, &code), 200).await;
}

async fn of_twenty_uses_at_once_one_wins(server: TestServer) {
    let ada = server.sign_up().await;
    let (challenge, code) = challenge(&ada).await;
    let uses = (0..20).map(|_| {
        let (nobody, body) = (ada.anonymous(), answer(&challenge, &code));
        tokio::spawn(async move { nobody.send(reqwest::Method::POST, "/verify-otp", Some(body), &[]).await })
    });
    let statuses: Vec<u16> = join_all(uses)
        .await
        .into_iter()
        .map(|answer| answer.unwrap().status)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 401)),
        "{statuses:?}"
    );
    let sessions = ada.get("/api/v1/sessions", 200).await;
    assert_eq!(sessions["data"].as_array().unwrap().len(), 2);
}

async fn a_new_log_in_ends_the_older_challenge(server: TestServer) {
    let ada = server.sign_up().await;
    let (older, old_code) = challenge(&ada).await;
    let (newer, code) = challenge(&ada).await;
    ada.anonymous()
        .post("/verify-otp", answer(&older, &old_code), 401)
        .await;
    ada.anonymous()
        .post("/send-otp", json!({"challenge_id": older["challenge_id"]}), 401)
        .await;
    ada.anonymous().post("/verify-otp", answer(&newer, &code), 200).await;
}

async fn every_wrong_code_is_the_same_answer(server: TestServer) {
    let ada = server.sign_up().await;
    let (used, used_code) = challenge(&ada).await;
    ada.anonymous()
        .post("/verify-otp", answer(&used, &used_code), 200)
        .await;
    let (live, code) = challenge(&ada).await;
    let cases = [
        answer(&live, &wrong(&code)),
        answer(&live, "not a code"),
        answer(&live, ""),
        answer(&used, &used_code),
        json!({"challenge_id": "AAAAAAAAAAAAAAAAAAAAAA", "otp": code}),
        json!({"challenge_id": "", "otp": code}),
        json!({"challenge_id": "€".repeat(500), "otp": "1".repeat(5000)}),
    ];
    let mut seen: Option<Value> = None;
    for body in cases {
        let answer = ada
            .anonymous()
            .send(reqwest::Method::POST, "/verify-otp", Some(body.clone()), &[])
            .await;
        let mut problem = answer.problem(401, "otp_invalid");
        problem["request_id"] = Value::Null;
        assert_eq!(*seen.get_or_insert_with(|| problem.clone()), problem, "{body}");
    }
}

async fn a_resend_replaces_the_code_and_leaves_the_tries_made(server: TestServer) {
    let ada = server.sign_up().await;
    let (challenge, first) = challenge(&ada).await;
    for _ in 0..3 {
        ada.anonymous()
            .post("/verify-otp", answer(&challenge, &wrong(&first)), 401)
            .await;
    }
    let seen = ada.mails_to(&ada.email).await.len();
    let again = ada
        .anonymous()
        .post("/send-otp", json!({"challenge_id": challenge["challenge_id"]}), 200)
        .await;
    assert_eq!(again["challenge_id"], challenge["challenge_id"]);
    let second = ada.code_after(&ada.email, seen).await;
    assert_ne!(first, second, "one in 10^8");
    ada.anonymous()
        .post("/verify-otp", answer(&challenge, &first), 401)
        .await;
    ada.anonymous()
        .post("/verify-otp", answer(&challenge, &second), 200)
        .await;
}

async fn a_log_in_proves_the_address_of_an_unfinished_sign_up(server: TestServer) {
    let (email, mut client) = (fresh_email(), server.client());
    let body = json!({"full_name": "Ada", "email": email, "password": PASSWORD});
    client.post("/signup", body, 201).await;
    client.code_after(&email, 0).await;
    client.log_in(&email, PASSWORD).await;
    assert_eq!(client.get("/me", 200).await["status"], "Active");
}

#[tokio::test]
async fn a_code_expires() {
    let server = TestServer::with(Backend::Sqlite, &[("otp_ttl_seconds", "30")])
        .await
        .unwrap();
    let ada = server.sign_up().await;
    let (challenge, code) = challenge(&ada).await;
    // Thirty seconds are the shortest life that can be configured; the clock of the database row is moved instead.
    server
        .database()
        .execute("UPDATE manage_otp SET expires_at = created_at")
        .await;
    ada.anonymous()
        .post("/verify-otp", answer(&challenge, &code), 401)
        .await;
}

#[tokio::test]
async fn no_code_is_stored_or_logged_in_the_clear() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let (_, code) = challenge(&ada).await;
    let rows = server.database().query("SELECT hex(otp) FROM manage_otp").await;
    let as_hex: String = code.bytes().map(|byte| format!("{byte:02X}")).collect();
    assert!(!rows.is_empty());
    assert!(
        rows.iter()
            .all(|row| !row[0].contains(&as_hex) && !row[0].contains(&code))
    );
    let rows = server.database().query("SELECT password FROM users").await;
    assert!(
        rows.iter()
            .all(|row| row[0].contains("$2") && !row[0].contains(PASSWORD)),
        "{rows:?}"
    );
}
