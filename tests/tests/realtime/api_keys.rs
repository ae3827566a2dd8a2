//! Programs that listen with an API key.

use chrono::TimeDelta;
use scheduler_tests::{
    client::text,
    databases::Backend,
    on_both_databases,
    server::TestServer,
    sockets::{Heard, Socket},
};
use serde_json::json;
use std::time::Duration;
use tokio_tungstenite::tungstenite::{self, http::StatusCode};

const AT_ONCE: Duration = Duration::from_secs(15);

on_both_databases! {
    a_key_opens_a_socket_by_message_and_by_header
    a_revoked_key_closes_its_sockets_and_no_others
    a_key_that_expires_closes_its_socket
}

async fn a_key_opens_a_socket_by_message_and_by_header(server: TestServer) {
    let ada = server.sign_up().await;
    let (program, _) = ada.api_key(&["jobs:read"]).await;
    let (mut first, _) = Socket::open(&server, program.access(), None).await;
    let header = format!("Bearer {}", program.access());
    let mut second = Socket::connect(&server, &[("authorization", &header)]).await.unwrap();
    assert_eq!(second.message().await["type"], "ready");
    // It hears of jobs, and of runs nothing.
    let job = ada.quick_job(0, "Completed").await;
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
        .await;
    ada.run_becomes(&run, "Completed").await;
    ada.delete(&format!("/api/v1/jobs/{}", text(&job, "job_id")), 204).await;
    for socket in [&mut first, &mut second] {
        let heard = socket.messages_until(|message| message["type"] == "job.deleted").await;
        let types: Vec<_> = heard.iter().map(|message| text(message, "type")).collect();
        assert_eq!(types, ["job.created", "job.deleted"]);
    }
    // A key that may see neither jobs nor runs.
    let (worker, _) = ada.api_key(&["worker", "account:read"]).await;
    let mut socket = Socket::connect(&server, &[]).await.unwrap();
    socket.authenticate(worker.access(), None).await;
    assert_eq!(socket.hear(AT_ONCE).await, Heard::Closed(Some(4401)));
    let header = format!("Bearer {}", worker.access());
    match Socket::connect(&server, &[("authorization", &header)]).await {
        Err(tungstenite::Error::Http(answer)) => assert_eq!(answer.status(), StatusCode::FORBIDDEN),
        other => panic!("{:?}", other.err()),
    }
}

async fn a_revoked_key_closes_its_sockets_and_no_others(server: TestServer) {
    let ada = server.sign_up().await;
    let (one, key) = ada.api_key(&["jobs:read"]).await;
    let (two, _) = ada.api_key(&["jobs:read"]).await;
    let (mut closing, _) = Socket::open(&server, one.access(), None).await;
    let (mut staying, _) = Socket::open(&server, two.access(), None).await;
    ada.delete(&format!("/api/v1/api-keys/{}", text(&key, "api_key_id")), 204)
        .await;
    assert_eq!(closing.close_code(AT_ONCE).await, Some(4401));
    ada.job(json!({})).await;
    assert_eq!(staying.message().await["type"], "job.created");
}

async fn a_key_that_expires_closes_its_socket(server: TestServer) {
    let ada = server.sign_up().await;
    let expires_at = server.state.clock.now() + TimeDelta::seconds(3);
    let body = json!({"name": "short", "scopes": ["runs:read"], "expires_at": expires_at});
    let key = ada.post("/api/v1/api-keys", body, 201).await;
    let (mut socket, _) = Socket::open(&server, text(&key, "key"), None).await;
    assert_eq!(socket.hear(AT_ONCE).await, Heard::Closed(Some(4401)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_on_another_node_closes_its_sockets_here() {
    let Some(one) = TestServer::start(Backend::Mysql).await else {
        return;
    };
    let two = one.beside(&[]);
    let ada = one.sign_up().await;
    let (program, key) = ada.api_key(&["jobs:read"]).await;
    let (mut socket, _) = Socket::open(&two, program.access(), None).await;
    ada.delete(&format!("/api/v1/api-keys/{}", text(&key, "api_key_id")), 204)
        .await;
    assert_eq!(socket.close_code(AT_ONCE).await, Some(4401));
}
