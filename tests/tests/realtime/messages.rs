//! What listeners may say.

use scheduler_tests::{
    databases::Backend,
    server::TestServer,
    sockets::{Heard, Socket},
};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(3);

#[tokio::test]
async fn what_nobody_can_read_closes_with_4400() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let garbage = [
        "",
        "nonsense",
        "[]",
        "{}",
        r#"{"type":"dance"}"#,
        r#"{"type":"authenticate"}"#,
        r#"{"type":"subscribe","jobs":"all"}"#,
        r#"{"type":"subscribe","types":["run.exploded"]}"#,
        r#"{"type":"subscribe","colour":"red"}"#,
        &"[".repeat(10_000),
    ];
    for text in garbage {
        let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
        socket.say_text(text.to_owned()).await;
        assert_eq!(
            socket.hear(SOON).await,
            Heard::Closed(Some(4400)),
            "{}",
            &text[..text.len().min(60)]
        );
        let mut socket = Socket::connect(&server, &[]).await.unwrap();
        socket.say_text(text.to_owned()).await;
        assert_eq!(
            socket.hear(SOON).await,
            Heard::Closed(Some(4400)),
            "before: {}",
            &text[..text.len().min(60)]
        );
    }
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    socket.say_bytes(vec![0, 159, 146, 150]).await;
    assert_eq!(socket.hear(SOON).await, Heard::Closed(Some(4400)));
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    socket.authenticate(ada.access(), None).await;
    assert_eq!(socket.hear(SOON).await, Heard::Closed(Some(4400)), "twice");
    ada.get("/readyz", 200).await;
}

#[tokio::test]
async fn a_message_over_64_kib_closes_with_4400() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let message = |bytes: usize| {
        let empty = json!({"type": "subscribe", "jobs": [""]}).to_string();
        json!({"type": "subscribe", "jobs": ["x".repeat(bytes - empty.len())]}).to_string()
    };
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    socket.say_text(message(64 * 1024)).await;
    assert_eq!(socket.message().await["type"], "subscribed", "64 KiB are a message");
    for bytes in [64 * 1024 + 1, 100_000, 1_000_000] {
        let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
        socket.say_text(message(bytes)).await;
        assert_eq!(socket.hear(SOON).await, Heard::Closed(Some(4400)), "{bytes}");
    }
}

#[tokio::test]
async fn a_chatterbox_is_closed() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let (mut socket, _) = Socket::open(&server, ada.access(), None).await;
    for _ in 0..120 {
        socket.say(&json!({"type": "ping"})).await;
    }
    assert_eq!(socket.close_code(SOON).await, Some(4400));
}
