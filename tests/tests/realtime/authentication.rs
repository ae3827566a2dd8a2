//! Who may listen.

use scheduler_tests::{
    databases::Backend,
    on_both_databases,
    server::TestServer,
    sockets::{Heard, Socket},
};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::{self, http::StatusCode};

const SOON: Duration = Duration::from_secs(3);

on_both_databases! {
    the_first_message_or_a_header_authenticates
    without_a_good_token_the_socket_closes_with_4401
}

async fn the_first_message_or_a_header_authenticates(server: TestServer) {
    let ada = server.sign_up().await;
    for path in ["/ws", "/api/v1/ws"] {
        let mut socket = Socket::connect_to(&server, path, &[]).await.unwrap();
        socket.authenticate(ada.access(), None).await;
        let ready = socket.message().await;
        assert_eq!(ready["type"], "ready");
        assert!(ready["cursor"].is_string());
        let header = format!("Bearer {}", ada.access());
        let mut socket = Socket::connect_to(&server, path, &[("authorization", &header)])
            .await
            .unwrap();
        assert_eq!(socket.message().await["type"], "ready");
    }
}

async fn without_a_good_token_the_socket_closes_with_4401(server: TestServer) {
    let ada = server.sign_up().await;
    for token in ["", "nonsense", ada.refresh()] {
        let mut socket = Socket::connect(&server, &[]).await.unwrap();
        socket.authenticate(token, None).await;
        assert_eq!(socket.hear(SOON).await, Heard::Closed(Some(4401)));
    }
    let gone = ada.another_log_in().await;
    gone.log_out().await;
    let mut socket = Socket::connect(&server, &[]).await.unwrap();
    socket.authenticate(gone.access(), None).await;
    assert_eq!(socket.hear(SOON).await, Heard::Closed(Some(4401)));
    // In a header the handshake fails already.
    let refused = Socket::connect(&server, &[("authorization", "Bearer nonsense")])
        .await
        .err()
        .unwrap();
    assert_eq!(status(refused), StatusCode::UNAUTHORIZED);
    // In the address a token is nothing.
    let mut socket = Socket::connect_to(&server, &format!("/ws?token={}", ada.access()), &[])
        .await
        .unwrap();
    socket.say(&json!({"type": "subscribe"})).await;
    assert_eq!(socket.hear(SOON).await, Heard::Closed(Some(4400)));
}

fn status(error: tungstenite::Error) -> StatusCode {
    match error {
        tungstenite::Error::Http(answer) => answer.status(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn who_does_not_authenticate_within_5_s_is_closed_with_4408() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let started = Instant::now();
    let mut socket = Socket::connect(&server, &[]).await.unwrap();
    // Talking about other things does not help.
    socket.say(&json!({"type": "ping"})).await;
    assert_eq!(socket.message().await["type"], "pong");
    assert_eq!(socket.hear(Duration::from_secs(10)).await, Heard::Closed(Some(4408)));
    assert!((4..8).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn pages_of_other_origins_are_refused_at_the_handshake() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    for origin in [
        "https://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://evil.example:80",
    ] {
        let refused = Socket::connect(&server, &[("origin", origin)]).await.err().unwrap();
        assert_eq!(status(refused), StatusCode::FORBIDDEN, "{origin}");
    }
    let ada = server.sign_up().await;
    let mut socket = Socket::connect(&server, &[("origin", &server.base)]).await.unwrap();
    socket.authenticate(ada.access(), None).await;
    assert_eq!(socket.message().await["type"], "ready");
    // Not a WebSocket at all.
    ada.send(reqwest::Method::GET, "/ws", None, &[])
        .await
        .problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_user_has_50_sockets_at_most() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let mut sockets = Vec::new();
    for _ in 0..50 {
        sockets.push(Socket::open(&server, ada.access(), None).await);
    }
    let mut socket = Socket::connect(&server, &[]).await.unwrap();
    socket.authenticate(ada.access(), None).await;
    assert_eq!(socket.hear(SOON).await, Heard::Closed(Some(1013)));
    Socket::open(&server, server.sign_up().await.access(), None).await;
    sockets.pop();
    scheduler_tests::server::until("there is room again", async || {
        let mut socket = Socket::connect(&server, &[]).await.unwrap();
        socket.authenticate(ada.access(), None).await;
        matches!(socket.hear(SOON).await, Heard::Message(_)).then_some(())
    })
    .await;
}
