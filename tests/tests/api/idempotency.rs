//! Requests that are sent again.

use reqwest::Method;
use scheduler_tests::{
    client::{Answer, Client, broken, text},
    databases::Backend,
    on_both_databases,
    server::{TestServer, until},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{io::AsyncWriteExt, net::TcpStream};

on_both_databases! {
    a_repeated_request_is_carried_out_once
    another_body_is_a_mismatch
    what_was_refused_is_judged_anew
    every_kind_of_act_is_repeated
    secrets_are_told_once
    a_key_of_one_credential_is_not_that_of_another
    many_at_once_make_one_job
    a_client_that_went_away_gets_its_answer_the_next_time
    a_hook_that_is_called_again_starts_no_second_run
}

/// A POST with a key.
async fn send(client: &Client, path: &str, body: Option<Value>, key: &str) -> Answer {
    client.send(Method::POST, path, body, &[("idempotency-key", key)]).await
}

#[track_caller]
fn assert_same(first: &Answer, again: &Answer) {
    assert_eq!(again.status, first.status);
    assert_eq!(again.header("idempotent-replayed"), Some("true"), "{:?}", again.headers);
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(again.text(), first.text());
    for name in ["location", "etag", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
}

async fn jobs(client: &Client) -> usize {
    client.get("/jobs", 200).await["data"].as_array().unwrap().len()
}

async fn a_repeated_request_is_carried_out_once(server: TestServer) {
    let ada = server.sign_up().await;
    let body = json!({"job_name": "once", "run": true});
    let first = send(&ada, "/jobs", Some(body.clone()), "k-1").await;
    first.expect(201);
    for path in ["/jobs", "/api/v1/jobs"] {
        assert_same(&first, &send(&ada, path, Some(body.clone()), "k-1").await);
    }
    assert_eq!(jobs(&ada).await, 1);
    let other = send(&ada, "/jobs", Some(body.clone()), "k-2").await;
    assert_ne!(other.expect(201)["job_id"], first.json()["job_id"]);
    // Without a key each is a new one, and reading takes no notice of keys.
    ada.post("/jobs", body, 201).await;
    assert_eq!(jobs(&ada).await, 3);
    ada.send(Method::GET, "/jobs", None, &[("idempotency-key", "k-1")])
        .await
        .expect(200);
    for key in ["", "two words", &"x".repeat(256), "ü"] {
        let answer = send(&ada, "/jobs", Some(json!({"job_name": "x"})), key).await;
        let problem = answer.problem(400, "invalid_parameter");
        assert_eq!(broken(&problem)[0].0, "Idempotency-Key");
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let answer = ada
        .send(Method::POST, "/jobs", Some(json!({"job_name": "x"})), &twice)
        .await;
    answer.problem(400, "invalid_parameter");
    assert_eq!(jobs(&ada).await, 3);
}

async fn another_body_is_a_mismatch(server: TestServer) {
    let ada = server.sign_up().await;
    send(&ada, "/jobs", Some(json!({"job_name": "one"})), "k")
        .await
        .expect(201);
    let other = send(&ada, "/jobs", Some(json!({"job_name": "two"})), "k").await;
    other.problem(422, "idempotency_mismatch");
    assert_eq!(jobs(&ada).await, 1);
    // Of another user, and at another address, it is another request.
    let bob = server.sign_up().await;
    send(&bob, "/jobs", Some(json!({"job_name": "two"})), "k")
        .await
        .expect(201);
    let preview = json!({"schedule": {"type": "interval", "every_seconds": 60}});
    send(&ada, "/api/v1/schedules/preview", Some(preview), "k")
        .await
        .expect(200);
    // So it is under another condition.
    let webhook = json!({"url": "https://example.com/hook"});
    let webhook = ada.post("/api/v1/webhooks", webhook, 201).await;
    let path = format!("/api/v1/webhooks/{}/rotate-secret", text(&webhook, "webhook_id"));
    let rotate = async |version: &str| {
        let headers = [("idempotency-key", "k"), ("if-match", version)];
        ada.send(Method::POST, &path, None, &headers).await
    };
    rotate("\"1\"").await.expect(200);
    assert_eq!(rotate("\"1\"").await.header("idempotent-replayed"), Some("true"));
    rotate("\"2\"").await.problem(422, "idempotency_mismatch");
}

async fn what_was_refused_is_judged_anew(server: TestServer) {
    let ada = server.sign_up().await;
    send(&ada, "/jobs", Some(json!({"nme": "x"})), "k")
        .await
        .problem(422, "validation_failed");
    send(&ada, "/jobs", Some(json!({"job_name": "x"})), "k")
        .await
        .expect(201);
    // A run is under way; when it has ended, the same request is carried out.
    let job = ada.quick_job(600_000, "Completed").await;
    let path = format!("/api/v1/jobs/{}/runs", text(&job, "job_id"));
    let run = ada.act(&path, 202).await;
    send(&ada, &path, None, "r").await.problem(409, "overlap_skipped");
    ada.act(&format!("/api/v1/runs/{}/cancel", text(&run, "run_id")), 202)
        .await;
    let second = send(&ada, &path, None, "r").await;
    assert_ne!(second.expect(202)["run_id"], run["run_id"]);
    assert_same(&second, &send(&ada, &path, None, "r").await);
    // Nobody in particular, and nothing in particular.
    send(&ada.anonymous(), "/jobs", Some(json!({})), "k")
        .await
        .problem(401, "unauthenticated");
    send(&ada, "/api/v1/nothing", Some(json!({})), "k")
        .await
        .problem(404, "not_found");
    let body = json!({"email": ada.email, "password": scheduler_tests::client::PASSWORD});
    for _ in 0..2 {
        let answer = send(&ada.anonymous(), "/login", Some(body.clone()), "k").await;
        answer.expect(200);
        assert_eq!(answer.header("idempotent-replayed"), None);
    }
}

async fn every_kind_of_act_is_repeated(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.quick_job(600_000, "Completed").await;
    let at = |what: &str| format!("/api/v1/jobs/{}/{what}", text(&job, "job_id"));
    for what in ["pause", "resume", "duplicate", "runs"] {
        let first = send(&ada, &at(what), None, what).await;
        assert!(first.status < 300, "{}", first.text());
        assert_same(&first, &send(&ada, &at(what), None, what).await);
    }
    let run = ada.get(&at("runs"), 200).await["data"][0].clone();
    let cancel = format!("/api/v1/runs/{}/cancel", text(&run, "run_id"));
    let first = send(&ada, &cancel, None, "c").await;
    first.expect(202);
    assert_same(&first, &send(&ada, &cancel, None, "c").await);
    send(&ada, &cancel, None, "d").await.problem(409, "invalid_transition");
    // What a worker says is repeated, what it claims is not.
    ada.job(json!({"executor": {"type": "worker", "queue": "q"}, "run": true}))
        .await;
    let claim = json!({"queues": ["q"], "worker_name": "w"});
    let claimed = send(&ada, "/api/v1/worker/claim", Some(claim.clone()), "w")
        .await
        .expect(200);
    let none = send(&ada, "/api/v1/worker/claim", Some(claim), "w").await;
    assert_eq!(none.expect(200)["data"], json!([]));
    let claimed = &claimed["data"][0];
    let path = format!("/api/v1/worker/runs/{}/complete", text(&claimed["run"], "run_id"));
    let body = json!({"lease_token": claimed["lease_token"]});
    let first = send(&ada, &path, Some(body.clone()), "done").await;
    first.expect(200);
    assert_same(&first, &send(&ada, &path, Some(body.clone()), "done").await);
    send(&ada, &path, Some(body), "again").await.problem(409, "lease_lost");
}

async fn secrets_are_told_once(server: TestServer) {
    let ada = server.sign_up().await;
    let told_once = async |path: &str, body: Option<Value>, secret: &str| {
        let first = send(&ada, path, body.clone(), secret).await;
        let mut expected = first.json();
        let value = expected.as_object_mut().unwrap().remove(secret).unwrap();
        let again = send(&ada, path, body, secret).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!((again.status, again.json()), (first.status, expected.clone()));
        let stored = server.database().query("SELECT body FROM idempotency_keys").await;
        assert!(stored.iter().all(|row| !row[0].contains(value.as_str().unwrap())));
        expected
    };
    let key = json!({"name": "x", "scopes": ["worker"]});
    told_once("/api/v1/api-keys", Some(key), "key").await;
    let webhook = json!({"url": "https://example.com/hook"});
    let webhook = told_once("/api/v1/webhooks", Some(webhook), "secret").await;
    let path = format!("/api/v1/webhooks/{}/rotate-secret", text(&webhook, "webhook_id"));
    told_once(&path, None, "secret").await;
    // In a list of answers as well, and nothing else of it is touched.
    let schedule = json!({"type": "interval", "every_seconds": 3600});
    let heartbeat = json!({"job_name": "watched", "executor": {"type": "heartbeat"}, "schedule": schedule});
    let body = r#"{"jobs": [{"job_name": "paid", "payload": {"z": 1.50, "a": 12345678901234567890.10}}, HEARTBEAT]}"#;
    let body = body.replace("HEARTBEAT", &heartbeat.to_string()).into_bytes();
    let headers = [("content-type", "application/json"), ("idempotency-key", "batch")];
    let batch = async || {
        ada.send_raw(Method::POST, "/api/v1/jobs/batch", Some(body.clone()), &headers)
            .await
    };
    let (first, again) = (batch().await, batch().await);
    let url = first.expect(200)["data"][1]["job"]["ping_url"].clone();
    assert!(url.is_string(), "{}", first.text());
    let secret = format!(",\"ping_url\":{url}");
    assert_eq!(again.text(), first.text().replace(&secret, ""));
    assert!(again.text().contains(r#"{"z": 1.50, "a": 12345678901234567890.10}"#));
}

async fn a_key_of_one_credential_is_not_that_of_another(server: TestServer) {
    let ada = server.sign_up().await;
    let body = || Some(json!({"job_name": "x"}));
    let by_hand = send(&ada, "/jobs", body(), "k").await.expect(201);
    let (one, _) = ada.api_key(&["jobs:write"]).await;
    let (two, _) = ada.api_key(&["jobs:write"]).await;
    let first = send(&one, "/jobs", body(), "k").await;
    assert_ne!(first.expect(201)["job_id"], by_hand["job_id"]);
    // A program whose key was replaced meanwhile goes on; one that may not make jobs is not told of them.
    assert_same(&first, &send(&two, "/jobs", body(), "k").await);
    let (three, _) = ada.api_key(&["worker"]).await;
    send(&three, "/jobs", body(), "k")
        .await
        .problem(403, "insufficient_scope");
    // Another log-in of the same person is the same person.
    let phone = ada.another_log_in().await;
    let again = send(&phone, "/jobs", body(), "k").await;
    assert_eq!(again.expect(201)["job_id"], by_hand["job_id"]);
}

async fn many_at_once_make_one_job(server: TestServer) {
    let ada = server.sign_up().await;
    let tries = (0..20).map(|_| send(&ada, "/jobs", Some(json!({"job_name": "x"})), "k"));
    for answer in futures_util::future::join_all(tries).await {
        if answer.status == 409 {
            answer.problem(409, "idempotency_in_progress");
            assert_eq!(answer.header("retry-after"), Some("1"));
        } else {
            answer.expect(201);
        }
    }
    assert_eq!(jobs(&ada).await, 1);
    send(&ada, "/jobs", Some(json!({"job_name": "x"})), "k")
        .await
        .expect(201);
}

async fn a_client_that_went_away_gets_its_answer_the_next_time(server: TestServer) {
    let ada = server.sign_up().await;
    let body = json!({"job_name": "x"}).to_string();
    for round in 0..5 {
        let key = format!("gone-{round}");
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        let request = format!(
            "POST /jobs HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            server.address,
            ada.access(),
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        // A little later each time: before, while and after it is carried out.
        tokio::time::sleep(Duration::from_millis(round * 2)).await;
        drop(stream);
        let answer = until("an answer", async || {
            let answer = send(&ada, "/jobs", Some(json!({"job_name": "x"})), &key).await;
            (answer.status != 409).then_some(answer)
        })
        .await;
        answer.expect(201);
    }
    // Whether the server had heard of it or not: one job each.
    assert_eq!(jobs(&ada).await, 5);
}

async fn a_hook_that_is_called_again_starts_no_second_run(server: TestServer) {
    let ada = server.sign_up().await;
    let job = ada.job(json!({"overlap": "allow"})).await;
    let at = format!("/api/v1/jobs/{}/inbound", text(&job, "job_id"));
    let path = |link: &Value| text(link, "url").strip_prefix(&server.base).unwrap().to_owned();
    let hook = path(&ada.act(&at, 201).await);
    let nobody = server.client();
    let body = || Some(json!({"branch": "main"}));
    let first = send(&nobody, &hook, body(), "push-1").await;
    first.expect(202);
    // Under /api/v1 it is the same address, and a new secret goes on with what the old one began.
    assert_same(
        &first,
        &send(&nobody, &format!("/api/v1{hook}"), body(), "push-1").await,
    );
    let hook = path(&ada.act(&at, 201).await);
    assert_same(&first, &send(&nobody, &hook, body(), "push-1").await);
    let other = send(&nobody, &hook, Some(json!({"branch": "next"})), "push-1").await;
    other.problem(422, "idempotency_mismatch");
    let second = send(&nobody, &hook, body(), "push-2").await;
    assert_ne!(second.expect(202)["run_id"], first.json()["run_id"]);
    // The hook of another job, and its owner, have keys of their own.
    let other = ada.job(json!({})).await;
    let other = ada
        .act(&format!("/api/v1/jobs/{}/inbound", text(&other, "job_id")), 201)
        .await;
    let third = send(&nobody, &path(&other), body(), "push-1").await;
    assert_eq!(third.header("idempotent-replayed"), None);
    third.expect(202);
    let by_hand = send(
        &ada,
        &format!("/api/v1/jobs/{}/runs", text(&job, "job_id")),
        None,
        "push-1",
    )
    .await;
    by_hand.expect(202);
    let runs = format!("/api/v1/jobs/{}/runs", text(&job, "job_id"));
    assert_eq!(ada.get(&runs, 200).await["data"].as_array().unwrap().len(), 3);
    // Who does not know the secret learns nothing of what was answered.
    send(&nobody, "/hooks/nonsense", body(), "push-1")
        .await
        .problem(404, "not_found");
    ada.delete(&at, 204).await;
    send(&nobody, &hook, body(), "push-1").await.problem(404, "not_found");
    // Many at once start one run.
    let hook = path(&ada.act(&at, 201).await);
    let tries = (0..10).map(|_| send(&nobody, &hook, body(), "push-3"));
    for answer in futures_util::future::join_all(tries).await {
        match answer.status {
            409 => drop(answer.problem(409, "idempotency_in_progress")),
            _ => drop(answer.expect(202)),
        }
    }
    assert_eq!(ada.get(&runs, 200).await["data"].as_array().unwrap().len(), 4);
    // A ping likewise.
    let watch = json!({"executor": {"type": "heartbeat"}, "schedule": {"type": "interval", "every_seconds": 3600}});
    let watched = ada.job(watch).await;
    let ping = text(&watched, "ping_url")
        .strip_prefix(&server.base)
        .unwrap()
        .to_owned();
    let first = send(&nobody, &ping, None, "alive-1").await;
    assert_eq!(first.expect(200)["outcome"], "counted");
    assert_same(&first, &send(&nobody, &ping, None, "alive-1").await);
    assert_eq!(
        send(&nobody, &ping, None, "alive-2").await.expect(200)["outcome"],
        "again"
    );
}

#[tokio::test]
async fn every_post_says_whether_it_may_be_repeated() {
    let document = scheduler_server::http::openapi::document();
    let mut without = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("post") else { continue };
        let named = operation["parameters"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["name"] == "Idempotency-Key"));
        if !named {
            without.push(path.strip_prefix("/api/v1").unwrap().to_owned());
        }
    }
    without.sort();
    let expected = [
        "/login",
        "/reset-password",
        "/send-otp",
        "/setup",
        "/signup",
        "/token/refresh",
        "/verify-otp",
        "/worker/claim",
    ];
    assert_eq!(without, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_carry_a_request_out_once() {
    let Some(one) = TestServer::start(Backend::Mysql).await else {
        return;
    };
    let two = one.beside(&[]);
    let ada = one.sign_up().await;
    let there = ada.towards(&two.base);
    for round in 0..10 {
        let key = format!("k-{round}");
        let (first, second) = futures_util::join!(
            send(&ada, "/jobs", Some(json!({"job_name": "x"})), &key),
            send(&there, "/jobs", Some(json!({"job_name": "x"})), &key)
        );
        assert!(first.status == 201 || second.status == 201);
        for answer in [first, second] {
            assert!(matches!(answer.status, 201 | 409), "{}", answer.text());
        }
    }
    assert_eq!(jobs(&ada).await, 10);
}
