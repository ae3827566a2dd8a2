//! What endpoints may not point at.

use super::receiver::{Receiver, Reply};
use reqwest::Method;
use scheduler_tests::{
    client::{broken, text},
    databases::Backend,
    server::{TestServer, until},
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inner_addresses_are_refused_when_they_are_entered() {
    let server = TestServer::with(Backend::Sqlite, &[("allow_private_targets", "")])
        .await
        .unwrap();
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(200)]).await;
    let port = receiver
        .url
        .rsplit(':')
        .next()
        .unwrap()
        .trim_end_matches("/hook")
        .to_owned();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fd00::1]",
        "[fe80::1]",
        "224.0.0.1",
        "255.255.255.255",
    ] {
        let body = json!({"url": format!("http://{host}:{port}/")});
        let answer = client.send(Method::POST, "/api/v1/webhooks", Some(body), &[]).await;
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(
            broken(&problem),
            [("/url".to_owned(), "target_not_allowed".to_owned())],
            "{host}: {problem}"
        );
    }
    let body = json!({"url": "https://example.com/"});
    let endpoint = client.post("/api/v1/webhooks", body, 201).await;
    let path = format!("/api/v1/webhooks/{}", text(&endpoint, "webhook_id"));
    let answer = client
        .send(Method::PATCH, &path, Some(json!({"url": receiver.url})), &[])
        .await;
    answer.problem(422, "validation_failed");
    assert!(receiver.received().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn this_very_server_is_refused_although_its_range_is_open() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let client = server.sign_up().await;
    let body = json!({"url": format!("{}/signup", server.base)});
    let answer = client.send(Method::POST, "/api/v1/webhooks", Some(body), &[]).await;
    answer.problem(422, "validation_failed");
}

/// With `::1` open, `localhost` may be entered; that it is `127.0.0.1` too is seen when it is resolved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_is_refused_when_it_resolves_to_an_inner_address() {
    let server = TestServer::with(Backend::Sqlite, &[("allow_private_targets", "::1/128")])
        .await
        .unwrap();
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(200)]).await;
    let url = receiver.url.replace("127.0.0.1", "localhost");
    let endpoint = client.post("/api/v1/webhooks", json!({"url": url}), 201).await;
    let delivery = client
        .act(&format!("/api/v1/webhooks/{}/test", text(&endpoint, "webhook_id")), 202)
        .await;
    let path = format!("/api/v1/deliveries/{}", text(&delivery, "delivery_id"));
    let attempt = until("one attempt", async || {
        client.get(&path, 200).await["attempts"].get(0).cloned()
    })
    .await;
    assert_eq!(attempt["status_code"], json!(null));
    let error = text(&attempt, "error");
    assert!(
        error.contains("resolves to an address that is not allowed") && !error.contains("127.0.0.1"),
        "{error}"
    );
    assert!(receiver.received().is_empty());
}

/// What was entered when the range was open is vetted again at every attempt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_vetted_at_every_attempt() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let client = server.sign_up().await;
    let receiver = Receiver::start(&[Reply::Status(200)]).await;
    let endpoint = client.post("/api/v1/webhooks", json!({"url": receiver.url}), 201).await;
    let closed = server.again(&[("allow_private_targets", "")]);
    let client = client.towards(&closed.base);
    let delivery = client
        .act(&format!("/api/v1/webhooks/{}/test", text(&endpoint, "webhook_id")), 202)
        .await;
    let path = format!("/api/v1/deliveries/{}", text(&delivery, "delivery_id"));
    let attempt = until("one attempt", async || {
        client.get(&path, 200).await["attempts"].get(0).cloned()
    })
    .await;
    assert!(text(&attempt, "error").starts_with("refused: "), "{attempt}");
    assert!(receiver.received().is_empty());
}
