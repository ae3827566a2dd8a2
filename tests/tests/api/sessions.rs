//! Tokens and the sessions behind them.

use scheduler_tests::{
    client::{assert_fields, text},
    databases::Backend,
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    a_log_out_ends_the_session_at_once_and_no_other
    refresh_tokens_rotate_and_a_lost_answer_can_be_asked_for_once_more
    a_refresh_token_used_again_later_ends_the_session
    sessions_are_listed_and_ended_from_another_device
    forged_and_foreign_tokens_are_refused
}

async fn refresh(server: &TestServer, token: &str, expected: u16) -> Value {
    server
        .client()
        .post("/api/v1/token/refresh", json!({"refresh_token": token}), expected)
        .await
}

async fn a_log_out_ends_the_session_at_once_and_no_other(server: TestServer) {
    let desk = server.sign_up().await;
    let phone = desk.another_log_in().await;
    desk.log_out().await;
    desk.get("/me", 401).await;
    desk.get("/jobs", 401).await;
    refresh(&server, desk.refresh(), 401).await;
    phone.get("/me", 200).await;
    refresh(&server, phone.refresh(), 200).await;
}

async fn refresh_tokens_rotate_and_a_lost_answer_can_be_asked_for_once_more(server: TestServer) {
    let ada = server.sign_up().await;
    let first = ada.refresh().to_owned();
    let second = refresh(&server, &first, 200).await;
    assert_fields(&second, "access_token, token_type, expires_in, refresh_token, user");
    assert_ne!(second["refresh_token"], first);
    // The answer was lost: the old token works once more and gives the same successor.
    let repeated = refresh(&server, &first, 200).await;
    assert_eq!(repeated["refresh_token"], second["refresh_token"]);
    let third = refresh(&server, text(&second, "refresh_token"), 200).await;
    ada.with_token(text(&third, "access_token")).get("/me", 200).await;
    // The access tokens of before are good until they expire.
    ada.get("/me", 200).await;
}

async fn a_refresh_token_used_again_later_ends_the_session(server: TestServer) {
    let ada = server.sign_up().await;
    let first = ada.refresh().to_owned();
    let second = refresh(&server, &first, 200).await;
    let third = refresh(&server, text(&second, "refresh_token"), 200).await;
    // Its successor was used: somebody holds a copy.
    refresh(&server, &first, 401).await;
    refresh(&server, text(&third, "refresh_token"), 401).await;
    ada.get("/me", 401).await;
    ada.with_token(text(&third, "access_token")).get("/me", 401).await;
    ada.mail_after(&ada.email, 1).await;
}

async fn sessions_are_listed_and_ended_from_another_device(server: TestServer) {
    let desk = server.sign_up().await;
    let phone = desk.another_log_in().await;
    let list = desk.get("/api/v1/sessions", 200).await;
    assert_fields(&list, "data, has_more, next_cursor");
    let sessions = list["data"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    for session in sessions {
        assert_fields(
            session,
            "session_id, current, created_at, last_used_at, expires_at, user_agent, ip",
        );
    }
    assert_eq!(sessions.iter().filter(|session| session["current"] == true).count(), 1);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/api/v1/sessions/{}", text(other, "session_id"));
    desk.delete(&path, 204).await;
    phone.get("/me", 401).await;
    desk.delete(&path, 404).await;
    assert_eq!(
        desk.get("/api/v1/sessions", 200).await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let page = desk.another_log_in().await.get("/api/v1/sessions?limit=1", 200).await;
    assert_eq!(page["has_more"], true);
    let rest = desk
        .get(
            &format!("/api/v1/sessions?limit=1&cursor={}", text(&page, "next_cursor")),
            200,
        )
        .await;
    assert_eq!(rest["has_more"], false);
    assert_ne!(rest["data"], page["data"]);
}

async fn forged_and_foreign_tokens_are_refused(server: TestServer) {
    let ada = server.sign_up().await;
    let token = ada.access();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    let mut forged = vec![
        String::new(),
        "nonsense".to_owned(),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], "A".repeat(parts[2].len())),
        format!("{}.{}.{}", parts[0], parts[2], parts[1]),
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", parts[1]),
        ada.refresh().to_owned(),
        "x".repeat(10_000),
    ];
    // A token of the server next door, which has another secret.
    let other = TestServer::with(
        Backend::Sqlite,
        &[("secret", "another secret of at least 32 bytes, really")],
    )
    .await
    .unwrap();
    forged.push(other.sign_up().await.access().to_owned());
    for token in forged {
        let answer = ada
            .with_token(&token)
            .send(reqwest::Method::GET, "/me", None, &[])
            .await;
        answer.problem(401, "unauthenticated");
    }
    for header in ["", "Bearer", "Bearer ", "Basic QTpC", token] {
        let answer = ada
            .anonymous()
            .send(reqwest::Method::GET, "/me", None, &[("authorization", header)])
            .await;
        answer.problem(401, "unauthenticated");
    }
    for refresh_token in ["", ".", "a.b.c", &"x".repeat(5_000), token] {
        refresh(&server, refresh_token, 401).await;
    }
    ada.anonymous().get(&format!("/me?access_token={token}"), 401).await;
    ada.get("/me", 200).await;
}

#[tokio::test]
async fn an_access_token_expires() {
    let server = TestServer::with(Backend::Sqlite, &[("access_token_seconds", "5")])
        .await
        .unwrap();
    let ada = server.sign_up().await;
    assert_eq!(ada.tokens["expires_in"], 5);
    scheduler_tests::server::until("the token is refused", async || {
        let answer = ada.send(reqwest::Method::GET, "/me", None, &[]).await;
        (answer.status == 401).then_some(())
    })
    .await;
    let renewed = refresh(&server, ada.refresh(), 200).await;
    ada.with_token(text(&renewed, "access_token")).get("/me", 200).await;
}
