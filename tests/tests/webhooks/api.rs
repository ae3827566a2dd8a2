//! The routes.

use reqwest::Method;
use scheduler_tests::{
    client::{assert_fields, broken, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    an_endpoint_is_made_read_changed_and_removed
    foreign_endpoints_are_not_found_before_anything_else
    every_mistake_is_named
    credentials_are_masked_and_kept
}

const WEBHOOKS: &str = "/api/v1/webhooks";

async fn an_endpoint_is_made_read_changed_and_removed(server: TestServer) {
    let client = server.sign_up().await;
    let answer = client
        .send(
            Method::POST,
            WEBHOOKS,
            Some(json!({"url": "https://example.com/hook"})),
            &[],
        )
        .await;
    let made = answer.expect(201);
    assert_fields(
        &made,
        "webhook_id, url, types, description, headers, enabled, disabled_reason, created_at, updated_at, secret",
    );
    assert!(text(&made, "secret").starts_with("whsec_"));
    assert_eq!(
        (&made["types"], &made["enabled"], &made["headers"]),
        (&json!(["*"]), &json!(true), &json!({}))
    );
    let path = format!("{WEBHOOKS}/{}", text(&made, "webhook_id"));
    assert_eq!(answer.header("location"), Some(path.as_str()));

    let read = client.send(Method::GET, &path, None, &[]).await;
    let etag = read.header("etag").unwrap().to_owned();
    let read = read.expect(200);
    assert!(read.get("secret").is_none());
    assert_eq!(client.get(WEBHOOKS, 200).await["data"], json!([read]));

    let change = json!({"types": ["run.failed", "run.log"], "description": "Alarms", "enabled": false});
    let changed = client
        .send(Method::PATCH, &path, Some(change), &[("if-match", &etag)])
        .await;
    assert_ne!(changed.header("etag"), Some(etag.as_str()));
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["types"], &changed["description"]),
        (&json!(["run.failed", "run.log"]), &json!("Alarms"))
    );
    assert_eq!(
        (&changed["enabled"], changed["disabled_reason"].is_string()),
        (&json!(false), true)
    );
    assert_eq!(changed["url"], "https://example.com/hook");
    let stale = client
        .send(
            Method::PATCH,
            &path,
            Some(json!({"enabled": true})),
            &[("if-match", &etag)],
        )
        .await;
    assert_eq!(stale.problem(412, "version_conflict")["version"], 2);
    assert_eq!(
        client.patch(&path, json!({"description": null}), 200).await["description"],
        Value::Null
    );
    client
        .send(Method::DELETE, &path, None, &[("if-match", &etag)])
        .await
        .problem(412, "version_conflict");
    client.delete(&path, 204).await;
    client.get(&path, 404).await;
    client.delete(&path, 404).await;
    assert_eq!(client.get(WEBHOOKS, 200).await["data"], json!([]));
}

async fn foreign_endpoints_are_not_found_before_anything_else(server: TestServer) {
    let (client, stranger) = (server.sign_up().await, server.sign_up().await);
    let made = client.post(WEBHOOKS, json!({"url": "https://example.com/"}), 201).await;
    let foreign = text(&made, "webhook_id").to_owned();
    for id in [foreign.as_str(), "00000000-0000-7000-8000-000000000000", "not-an-id"] {
        let path = format!("{WEBHOOKS}/{id}");
        stranger.get(&path, 404).await;
        let conditions = [("if-match", "\"99\""), ("content-type", "text/plain")];
        let answer = stranger
            .send_raw(Method::PATCH, &path, Some(b"nonsense".to_vec()), &conditions)
            .await;
        answer.problem(404, "not_found");
        stranger.delete(&path, 404).await;
        stranger.act(&format!("{path}/test"), 404).await;
        stranger.act(&format!("{path}/rotate-secret"), 404).await;
        stranger.get(&format!("{path}/deliveries?nonsense=1"), 404).await;
        stranger.get(&format!("/api/v1/deliveries/{id}"), 404).await;
        stranger.act(&format!("/api/v1/deliveries/{id}/replay"), 404).await;
    }
    stranger.anonymous().get(WEBHOOKS, 401).await;
    client.get(&format!("{WEBHOOKS}/{foreign}"), 200).await;
}

async fn every_mistake_is_named(server: TestServer) {
    let client = server.sign_up().await;
    for (body, pointer, code) in [
        (json!({}), "/url", "required"),
        (json!({"url": 7}), "/url", "wrong_type"),
        (json!({"url": "example.com"}), "/url", "invalid_url"),
        (json!({"url": "ftp://example.com/"}), "/url", "unsupported_scheme"),
        (
            json!({"url": "https://me:pw@example.com/"}),
            "/url",
            "user_info_not_allowed",
        ),
        (json!({"url": "https://example.com/#x"}), "/url", "fragment_not_allowed"),
        (
            json!({"url": format!("https://example.com/{}", "x".repeat(2_000))}),
            "/url",
            "too_long",
        ),
        (
            json!({"url": "https://example.com/", "secret": "mine"}),
            "/secret",
            "unknown_field",
        ),
        (
            json!({"url": "https://example.com/", "types": ["run.exploded"]}),
            "/types/0",
            "unknown_word",
        ),
        (
            json!({"url": "https://example.com/", "types": ["webhook.test"]}),
            "/types/0",
            "unknown_word",
        ),
        (
            json!({"url": "https://example.com/", "types": []}),
            "/types",
            "too_short",
        ),
        (
            json!({"url": "https://example.com/", "description": "x".repeat(501)}),
            "/description",
            "too_long",
        ),
        (
            json!({"url": "https://example.com/", "headers": {"Host": "x"}}),
            "/headers/Host",
            "header_not_allowed",
        ),
        (
            json!({"url": "https://example.com/", "headers": {"webhook-id": "x"}}),
            "/headers/webhook-id",
            "header_not_allowed",
        ),
        (
            json!({"url": "https://example.com/", "headers": {"X-A": "a\r\nb: c"}}),
            "/headers/X-A",
            "invalid_header_value",
        ),
        (
            json!({"url": "https://example.com/", "headers": {"Cookie": "***"}}),
            "/headers/Cookie",
            "nothing_masked",
        ),
    ] {
        let answer = client.send(Method::POST, WEBHOOKS, Some(body.clone()), &[]).await;
        let problem = answer.problem(422, "validation_failed");
        assert_eq!(
            broken(&problem),
            [(pointer.to_owned(), code.to_owned())],
            "{body}: {problem}"
        );
    }
    let two = json!({"url": "nonsense", "types": ["nonsense"]});
    let problem = client
        .send(Method::POST, WEBHOOKS, Some(two), &[])
        .await
        .problem(422, "validation_failed");
    assert_eq!(broken(&problem).len(), 2, "all of them at once");
    client
        .send(Method::GET, &format!("{WEBHOOKS}?page=2"), None, &[])
        .await
        .problem(400, "invalid_parameter");
    client
        .send(Method::GET, &format!("{WEBHOOKS}?cursor=x"), None, &[])
        .await
        .problem(400, "invalid_cursor");
    client
        .send(Method::PUT, WEBHOOKS, None, &[])
        .await
        .problem(405, "method_not_allowed");
}

async fn credentials_are_masked_and_kept(server: TestServer) {
    let client = server.sign_up().await;
    let headers = json!({"Authorization": "Bearer hush-hush", "X-Team": "blue"});
    let made = client
        .post(
            WEBHOOKS,
            json!({"url": "https://example.com/", "headers": headers}),
            201,
        )
        .await;
    let shown = json!({"Authorization": "***", "X-Team": "blue"});
    assert_eq!(made["headers"], shown);
    let path = format!("{WEBHOOKS}/{}", text(&made, "webhook_id"));
    let changed = client
        .patch(
            &path,
            json!({"headers": {"Authorization": "***", "X-Team": "red"}}),
            200,
        )
        .await;
    assert_eq!(changed["headers"], json!({"Authorization": "***", "X-Team": "red"}));
    let stored = server
        .database()
        .query("SELECT sealed_headers, secrets FROM webhook_endpoints")
        .await
        .concat()
        .concat();
    assert!(
        !stored.contains("hush-hush") && !stored.contains(text(&made, "secret")),
        "{stored}"
    );
    assert_eq!(
        client.patch(&path, json!({"headers": null}), 200).await["headers"],
        json!({})
    );
}
