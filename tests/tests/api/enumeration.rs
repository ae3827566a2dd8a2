//! Nobody learns from an answer whether an address has an account.

use reqwest::Method;
use scheduler_tests::{
    client::{Answer, PASSWORD},
    databases::Backend,
    on_both_databases,
    server::{TestServer, fresh_email},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

on_both_databases! {
    answers_are_the_same_for_known_and_unknown_addresses
}

/// Status, names of headers and body without what is random.
fn shape(answer: &Answer) -> (u16, Vec<String>, Value) {
    let mut body = answer.json();
    for field in ["request_id", "challenge_id", "expires_at", "resend_after"] {
        if let Some(value) = body.get_mut(field) {
            *value = json!(value.as_str().unwrap().len());
        }
    }
    let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    (answer.status, names, body)
}

async fn answers_are_the_same_for_known_and_unknown_addresses(server: TestServer) {
    let (ada, unknown) = (server.sign_up().await, fresh_email());
    let ask = async |path: &str, body: Value| server.client().send(Method::POST, path, Some(body), &[]).await;
    let sign_up = |email: &str| json!({"full_name": "Eve", "email": email, "password": "another-good-one-77"});
    let log_in = |email: &str| json!({"email": email, "password": "a wrong password"});
    let reset = |email: &str| json!({"email": email, "purpose": "password_reset"});

    assert_eq!(
        shape(&ask("/login", log_in(&ada.email)).await),
        shape(&ask("/login", log_in(&unknown)).await)
    );
    let (known, decoy) = (
        ask("/send-otp", reset(&ada.email)).await,
        ask("/send-otp", reset(&unknown)).await,
    );
    assert_eq!(shape(&known), shape(&decoy));
    // Resending and guessing go on alike.
    for answer in [&known, &decoy] {
        assert_eq!(answer.json()["challenge_id"].as_str().unwrap().len(), 22, "128 bits");
    }
    let resend = |answer: &Answer| json!({"challenge_id": answer.json()["challenge_id"]});
    assert_eq!(
        shape(&ask("/send-otp", resend(&known)).await),
        shape(&ask("/send-otp", resend(&decoy)).await)
    );
    let guess = |answer: &Answer| json!({"challenge_id": answer.json()["challenge_id"], "otp": "00000000", "new_password": "amber-wheels-2077"});
    for _ in 0..6 {
        let (one, other) = (
            ask("/reset-password", guess(&known)).await,
            ask("/reset-password", guess(&decoy)).await,
        );
        assert_eq!(shape(&one), shape(&other));
    }
    assert_eq!(
        shape(&ask("/send-otp", resend(&known)).await),
        shape(&ask("/send-otp", resend(&decoy)).await)
    );
    let (known, decoy) = (
        ask("/signup", sign_up(&ada.email)).await,
        ask("/signup", sign_up(&unknown)).await,
    );
    assert_eq!(shape(&known), shape(&decoy));
    assert_eq!(
        shape(&ask("/send-otp", resend(&known)).await),
        shape(&ask("/send-otp", resend(&decoy)).await)
    );
}

#[tokio::test]
async fn a_deactivated_account_looks_like_a_wrong_password() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let (admin, ada) = (server.sign_up_admin().await, server.sign_up().await);
    admin
        .patch(
            &format!("/api/v1/users/{}", ada.user_id()),
            json!({"status": "Deactivated"}),
            200,
        )
        .await;
    let ask = async |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        shape(&server.client().send(Method::POST, "/login", Some(body), &[]).await)
    };
    assert_eq!(ask(&ada.email, PASSWORD).await, ask(&fresh_email(), PASSWORD).await);
}

/// A rough watch: the work of a password is done in both cases. Fine timing is no matter of a test on a busy machine.
#[tokio::test]
async fn a_log_in_with_an_unknown_address_takes_as_long() {
    let server = TestServer::with(Backend::Sqlite, &[("password_cost", "12")])
        .await
        .unwrap();
    let ada = server.sign_up().await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        for (times, email) in [(&mut known, ada.email.clone()), (&mut unknown, fresh_email())] {
            let started = Instant::now();
            server
                .client()
                .post("/login", json!({"email": email, "password": "a wrong password"}), 401)
                .await;
            times.push(started.elapsed());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    let (less, more) = (known.min(unknown), known.max(unknown));
    assert!(more < less * 2, "known {known:?}, unknown {unknown:?}");
}
