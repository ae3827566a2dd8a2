//! A forgotten password.

use scheduler_tests::{
    client::{PASSWORD, broken},
    on_both_databases,
    server::{TestServer, fresh_email},
};
use serde_json::json;

on_both_databases! {
    a_reset_ends_every_session_and_sets_the_password
    the_code_of_a_reset_does_not_log_in_and_that_of_a_log_in_resets_nothing
    a_weak_new_password_costs_no_try
    a_reset_for_an_unknown_address_never_verifies
    what_is_asked_for_must_be_clear
}

const NEW: &str = "amber-wheels-2077";

async fn a_reset_ends_every_session_and_sets_the_password(server: TestServer) {
    let ada = server.sign_up().await;
    let phone = ada.another_log_in().await;
    let body = json!({"email": ada.email, "purpose": "password_reset"});
    let challenge = server.client().post("/send-otp", body, 200).await;
    let code = ada.code_after(&ada.email, 2).await;
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": code, "new_password": NEW});
    server.client().post("/reset-password", body.clone(), 200).await;
    for client in [&ada, &phone] {
        client.get("/me", 401).await;
        server
            .client()
            .post("/api/v1/token/refresh", json!({"refresh_token": client.refresh()}), 401)
            .await;
    }
    server.client().post("/reset-password", body, 401).await;
    server
        .client()
        .post("/login", json!({"email": ada.email, "password": PASSWORD}), 401)
        .await;
    let mut again = server.client();
    let seen = ada.mail_after(&ada.email, 3).await;
    assert!(
        seen["subject"].as_str().unwrap().to_lowercase().contains("password"),
        "its owner is told: {seen}"
    );
    again.log_in(&ada.email, NEW).await;
    again.get("/me", 200).await;
}

async fn the_code_of_a_reset_does_not_log_in_and_that_of_a_log_in_resets_nothing(server: TestServer) {
    let ada = server.sign_up().await;
    let body = json!({"email": ada.email, "purpose": "password_reset"});
    let reset = server.client().post("/send-otp", body, 200).await;
    let reset_code = ada.code_after(&ada.email, 1).await;
    let body = json!({"challenge_id": reset["challenge_id"], "otp": reset_code});
    server.client().post("/verify-otp", body, 401).await;
    let log_in = server
        .client()
        .post("/login", json!({"email": ada.email, "password": PASSWORD}), 200)
        .await;
    let code = ada.code_after(&ada.email, 2).await;
    let body = json!({"challenge_id": log_in["challenge_id"], "otp": code, "new_password": NEW});
    server.client().post("/reset-password", body, 401).await;
    server
        .client()
        .post("/login", json!({"email": ada.email, "password": NEW}), 401)
        .await;
}

async fn a_weak_new_password_costs_no_try(server: TestServer) {
    let ada = server.sign_up().await;
    let body = json!({"email": ada.email, "purpose": "password_reset"});
    let challenge = server.client().post("/send-otp", body, 200).await;
    let code = ada.code_after(&ada.email, 1).await;
    let body =
        |password: &str| json!({"challenge_id": challenge["challenge_id"], "otp": code, "new_password": password});
    for _ in 0..8 {
        let problem = server.client().post("/reset-password", body("password12"), 422).await;
        assert_eq!(broken(&problem)[0].0, "/new_password");
    }
    server.client().post("/reset-password", body(NEW), 200).await;
}

async fn a_reset_for_an_unknown_address_never_verifies(server: TestServer) {
    let body = json!({"email": fresh_email(), "purpose": "password_reset"});
    let challenge = server.client().post("/send-otp", body, 200).await;
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": "12345678", "new_password": NEW});
    server.client().post("/reset-password", body, 401).await;
}

async fn what_is_asked_for_must_be_clear(server: TestServer) {
    let email = fresh_email();
    let cases = [
        (json!({}), ""),
        (json!({"email": email}), "/purpose"),
        (json!({"email": email, "purpose": "log_in"}), "/purpose"),
        (
            json!({"email": email, "phone": "+441632960961", "purpose": "password_reset"}),
            "",
        ),
        (json!({"email": "nonsense", "purpose": "password_reset"}), "/email"),
        (json!({"phone": "nonsense", "purpose": "password_reset"}), "/phone"),
        (
            json!({"email": email, "purpose": "password_reset", "channel": "pigeon"}),
            "/channel",
        ),
    ];
    for (body, pointer) in cases {
        let problem = server.client().post("/send-otp", body.clone(), 422).await;
        assert_eq!(broken(&problem)[0].0, pointer, "{body}: {problem}");
    }
}
