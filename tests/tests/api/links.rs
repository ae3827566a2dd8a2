//! Secret addresses of jobs: inbound hooks and badges.

use reqwest::Method;
use scheduler_tests::{
    client::{Client, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};

on_both_databases! {
    a_hook_starts_its_job_with_the_body_as_payload
    a_hook_works_until_it_is_replaced_or_revoked
    a_hook_obeys_the_rules_of_its_job
    a_badge_shows_where_a_job_stands
}

/// The path of the address that is in an answer.
fn path(link: &Value) -> String {
    let url: url::Url = text(link, "url").parse().unwrap();
    url.path().to_owned()
}

async fn hook(ada: &Client, job: &Value) -> Value {
    ada.act(&format!("/api/v1/jobs/{}/inbound", text(job, "job_id")), 201)
        .await
}

async fn a_hook_starts_its_job_with_the_body_as_payload(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada
        .job(json!({"payload": {"own": 1}, "overlap": "allow", "executor": {"type": "simulated", "duration_ms": 0}}))
        .await;
    let link = hook(&ada, &job).await;
    assert!(text(&link, "url").starts_with("http"), "{link}");
    assert!(text(&link, "secret").ends_with(text(&link, "last4")), "{link}");
    let nobody = server.client();
    let bodies: [(&[u8], &str, Value); 5] = [
        (b"{\"a\": 1.50}", "application/json", json!({"a": 1.5})),
        (b"", "application/json", json!({"own": 1})),
        (b"plain words", "text/plain", json!("plain words")),
        (b"a=1&b=2", "application/x-www-form-urlencoded", json!("a=1&b=2")),
        (b"[1, 2]", "text/plain", json!([1, 2])),
    ];
    for (body, kind, payload) in bodies {
        for path in [path(&link), format!("/api/v1{}", path(&link))] {
            let headers = [("content-type", kind)];
            let answer = nobody
                .send_raw(Method::POST, &path, Some(body.to_vec()), &headers)
                .await;
            let run = answer.expect(202);
            let run = ada.get(&format!("/api/v1/runs/{}", text(&run, "run_id")), 200).await;
            assert_eq!(run["payload"], payload);
            assert_eq!(run["trigger"], json!({"type": "inbound"}));
        }
    }
    let headers = [("content-type", "application/json")];
    let answer = nobody
        .send_raw(Method::POST, &path(&link), Some(b"{".to_vec()), &headers)
        .await;
    answer.problem(400, "malformed_json");
    let answer = nobody
        .send_raw(Method::POST, &path(&link), Some(vec![0xff, 0xfe]), &[])
        .await;
    answer.problem(422, "validation_failed");
    let large = format!("\"{}\"", "x".repeat(300_000)).into_bytes();
    let answer = nobody.send_raw(Method::POST, &path(&link), Some(large), &headers).await;
    assert_eq!(
        answer.problem(422, "validation_failed")["errors"][0]["code"],
        "too_large"
    );
    nobody
        .send(Method::GET, &path(&link), None, &[])
        .await
        .problem(405, "method_not_allowed");
    // It was used, and says so; the secret is shown once.
    let seen = ada
        .get(&format!("/api/v1/jobs/{}/inbound", text(&job, "job_id")), 200)
        .await;
    assert!(!seen["last_used_at"].is_null(), "{seen}");
    assert!(seen.get("secret").is_none() && seen.get("url").is_none(), "{seen}");
}

async fn a_hook_works_until_it_is_replaced_or_revoked(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.job(json!({"overlap": "allow", "external_id": "x"})).await;
    ada.get("/api/v1/jobs/ext:x/inbound", 404).await;
    let old = hook(&ada, &job).await;
    let new = hook(&ada, &job).await;
    let nobody = server.client();
    let unknown = nobody
        .send(Method::POST, "/hooks/nonsense", None, &[])
        .await
        .problem(404, "not_found");
    let replaced = nobody
        .send(Method::POST, &path(&old), None, &[])
        .await
        .problem(404, "not_found");
    assert_eq!(unknown["detail"], replaced["detail"]);
    nobody.act(&path(&new), 202).await;
    ada.delete("/api/v1/jobs/ext:x/inbound", 204).await;
    nobody.act(&path(&new), 404).await;
    ada.delete("/api/v1/jobs/ext:x/inbound", 404).await;
    // A secret is good for one thing only, and for no job that is deleted.
    let new = hook(&ada, &job).await;
    nobody.act(&format!("/heartbeats/{}", text(&new, "secret")), 404).await;
    nobody.get(&format!("/badges/{}.svg", text(&new, "secret")), 404).await;
    ada.delete("/api/v1/jobs/ext:x", 204).await;
    nobody.act(&path(&new), 404).await;
}

async fn a_hook_obeys_the_rules_of_its_job(server: TestServer) {
    let ada = server.sign_up().await;
    let busy = ada.quick_job(600_000, "Completed").await;
    let link = hook(&ada, &busy).await;
    let nobody = server.client();
    nobody.act(&path(&link), 202).await;
    nobody
        .send(Method::POST, &path(&link), None, &[])
        .await
        .problem(409, "overlap_skipped");
}

async fn a_badge_shows_where_a_job_stands(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.job(json!({"job_name": "<Nightly> & co", "executor": {"type": "simulated", "duration_ms": 0, "outcome": "Failed"}})).await;
    let link = ada
        .act(&format!("/api/v1/jobs/{}/badge", text(&job, "job_id")), 201)
        .await;
    let (nobody, svg) = (server.client(), path(&link));
    let json_path = svg.replace(".svg", ".json");
    let badge = nobody.get(&json_path, 200).await;
    assert_eq!(
        badge,
        json!({"schemaVersion": 1, "label": "<Nightly> & co", "message": "pending", "color": "#6b7280"})
    );
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
        .await;
    ada.run_becomes(&run, "Failed").await;
    assert_eq!(nobody.get(&json_path, 200).await["message"], "failed");
    let picture = nobody.send_raw(Method::GET, &svg, None, &[("accept", "image/*")]).await;
    assert_eq!(picture.status, 200);
    assert_eq!(picture.header("content-type"), Some("image/svg+xml; charset=utf-8"));
    assert_eq!(picture.header("cache-control"), Some("public, max-age=30"));
    let text = picture.text();
    assert!(
        text.starts_with("<svg") && text.contains("&lt;Nightly&gt; &amp; co: failed"),
        "{text}"
    );
    assert!(
        !text.contains("<style") && !text.contains("style=") && !text.contains("<script"),
        "{text}"
    );
    nobody.get("/badges/nonsense.svg", 404).await;
}
