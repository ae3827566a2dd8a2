//! When a socket closes.

use scheduler_tests::{
    client::text,
    databases::Backend,
    on_both_databases,
    server::TestServer,
    sockets::{Heard, Socket},
};
use serde_json::json;
use std::time::Duration;

const AT_ONCE: Duration = Duration::from_secs(15);

on_both_databases! {
    a_log_out_closes_the_sockets_of_that_log_in_at_once
    a_session_ended_from_another_device_closes_its_sockets
    a_password_reset_closes_all_sockets
}

async fn a_log_out_closes_the_sockets_of_that_log_in_at_once(server: TestServer) {
    let desk = server.sign_up().await;
    let phone = desk.another_log_in().await;
    let (mut one, _) = Socket::open(&server, desk.access(), None).await;
    let (mut two, _) = Socket::open(&server, desk.access(), None).await;
    let (mut other, _) = Socket::open(&server, phone.access(), None).await;
    desk.log_out().await;
    assert_eq!(one.close_code(AT_ONCE).await, Some(4401));
    assert_eq!(two.close_code(AT_ONCE).await, Some(4401));
    phone.job(json!({})).await;
    assert_eq!(other.message().await["type"], "job.created", "other log-ins go on");
}

async fn a_session_ended_from_another_device_closes_its_sockets(server: TestServer) {
    let desk = server.sign_up().await;
    let phone = desk.another_log_in().await;
    let (mut socket, _) = Socket::open(&server, phone.access(), None).await;
    let sessions = desk.get("/api/v1/sessions", 200).await;
    let other = sessions["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["current"] == false)
        .unwrap();
    desk.delete(&format!("/api/v1/sessions/{}", text(other, "session_id")), 204)
        .await;
    assert_eq!(socket.close_code(AT_ONCE).await, Some(4401));
}

async fn a_password_reset_closes_all_sockets(server: TestServer) {
    let ada = server.sign_up().await;
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    let challenge = server
        .client()
        .post(
            "/send-otp",
            json!({"email": ada.email, "purpose": "password_reset"}),
            200,
        )
        .await;
    let code = ada.code_after(&ada.email, 1).await;
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": code, "new_password": "amber-wheels-2077"});
    server.client().post("/reset-password", body, 200).await;
    assert_eq!(socket.close_code(AT_ONCE).await, Some(4401));
}

#[tokio::test]
async fn an_expired_token_closes_the_socket() {
    let server = TestServer::with(Backend::Sqlite, &[("access_token_seconds", "5")])
        .await
        .unwrap();
    let ada = server.sign_up().await;
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    assert_eq!(socket.hear(Duration::from_secs(30)).await, Heard::Closed(Some(4401)));
}

#[tokio::test]
async fn a_server_that_stops_says_good_bye() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    let stopping = tokio::task::spawn_blocking(move || server.stop());
    assert_eq!(socket.close_code(Duration::from_secs(10)).await, Some(1001));
    stopping.await.unwrap();
}
