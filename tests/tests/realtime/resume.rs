//! Going on where one stopped.

use scheduler_tests::{
    client::{Client, text},
    databases::Backend,
    on_both_databases,
    server::TestServer,
    sockets::{Heard, Socket},
};
use serde_json::{Value, json};
use std::time::Duration;

on_both_databases! {
    since_goes_on_without_a_hole_while_things_happen
    since_the_beginning_tells_everything
    a_stream_that_was_pruned_says_resync
}

async fn since_goes_on_without_a_hole_while_things_happen(server: TestServer) {
    let ada = server.sign_up().await;
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let ada = ada.clone();
            tokio::spawn(async move {
                for m in 0..25 {
                    ada.job(json!({"job_name": format!("{n}/{m}")})).await;
                }
            })
        })
        .collect();
    let mut heard: Vec<Value> = Vec::new();
    let mut since: Option<String> = Some("0".to_owned());
    // The line breaks again and again.
    while heard.len() < 100 {
        let (mut socket, _) = Socket::open(&server, ada.access(), since.as_deref()).await;
        for _ in 0..7 {
            match socket.hear(Duration::from_millis(1_000)).await {
                Heard::Message(event) => heard.push(event),
                Heard::Silence => break,
                Heard::Closed(code) => panic!("closed: {code:?}"),
            }
        }
        since = heard.last().map(|event| text(event, "cursor").to_owned()).or(since);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(heard, whole_stream(&ada).await);
}

async fn whole_stream(ada: &Client) -> Vec<Value> {
    ada.get("/api/v1/events?limit=200", 200).await["data"]
        .as_array()
        .unwrap()
        .clone()
}

async fn since_the_beginning_tells_everything(server: TestServer) {
    let ada = server.sign_up().await;
    for n in 0..5 {
        ada.job(json!({"job_name": n.to_string()})).await;
    }
    let stream = whole_stream(&ada).await;
    for from in 0..=5 {
        let since = if from == 0 {
            "0"
        } else {
            text(&stream[from - 1], "cursor")
        };
        let (mut socket, ready) = Socket::open(&server, ada.access(), Some(since)).await;
        assert_eq!(ready, since, "ready says from where");
        for event in &stream[from..] {
            assert_eq!(socket.message().await, *event);
        }
        assert_eq!(socket.hear(Duration::from_millis(100)).await, Heard::Silence);
    }
    // Without since: from now on. The cursor of ready is a place to come back to.
    let (mut socket, ready) = Socket::open(&server, ada.access(), None).await;
    assert_eq!(ready, text(&stream[4], "cursor"));
    assert_eq!(socket.hear(Duration::from_millis(100)).await, Heard::Silence);
}

async fn a_stream_that_was_pruned_says_resync(server: TestServer) {
    let ada = server.sign_up().await;
    for _ in 0..3 {
        ada.job(json!({})).await;
    }
    let stream = whole_stream(&ada).await;
    // A cursor of another life, ahead of everything.
    let (mut socket, ready) = Socket::open(&server, ada.access(), Some("ffffff")).await;
    let resync = socket.message().await;
    assert_eq!(
        (&resync["type"], &resync["cursor"]),
        (&json!("resync"), &stream[2]["cursor"])
    );
    assert_eq!(ready, text(&stream[2], "cursor"));
    let job = ada.job(json!({})).await;
    assert_eq!(
        socket.message().await["data"]["job_id"],
        job["job_id"],
        "the socket goes on from there"
    );
    // Retention took the beginning.
    let now = server.state.clock.now();
    let pruned = server.state.events.delete_events(None, now, 1_000).await.unwrap();
    assert!(pruned.deleted > 0);
    let (mut socket, _) = Socket::open(&server, ada.access(), Some(text(&stream[0], "cursor"))).await;
    assert_eq!(socket.message().await["type"], "resync");
    ada.job(json!({})).await;
    assert_eq!(socket.message().await["type"], "job.created");
}

#[tokio::test]
async fn a_malformed_cursor_closes_with_4400() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    for since in ["", "x y", "zz", "-1", "0x1", "00", "ffffffffffffffffffffffff"] {
        let mut socket = Socket::connect(&server, &[]).await.unwrap();
        socket.authenticate(ada.access(), Some(since)).await;
        assert_eq!(
            socket.hear(Duration::from_secs(3)).await,
            Heard::Closed(Some(4400)),
            "{since:?}"
        );
    }
}
