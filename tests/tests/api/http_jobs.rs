//! Jobs that send requests, from the user's hand to the wire and back.

use scheduler_tests::{
    client::{broken, text},
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

on_both_databases! {
    a_request_is_sent_and_its_answer_is_the_result
    secrets_are_masked_everywhere_and_kept_by_the_mask
    mistakes_are_named
}

/// A server that answers every request with what it was sent.
async fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut seen = Vec::new();
                let mut buffer = [0; 8_192];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    seen.extend_from_slice(&buffer[..read]);
                    let text = String::from_utf8_lossy(&seen).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else {
                        continue;
                    };
                    let length = head.to_lowercase().lines().find_map(|line| {
                        line.strip_prefix("content-length: ")
                            .map(|n| n.parse::<usize>().unwrap())
                    });
                    if body.len() < length.unwrap_or(0) {
                        continue;
                    }
                    let answer = format!("HTTP/1.1 201 Created\r\nContent-Length: {}\r\n\r\n{text}", text.len());
                    let _ = stream.write_all(answer.as_bytes()).await;
                    seen.clear();
                }
            });
        }
    });
    format!("http://{address}")
}

fn secretive(url: &str) -> Value {
    json!({"type": "http", "method": "POST", "url": format!("{url}/{{{{payload.id}}}}"), "body": {"id": "{{payload.id}}"},
        "headers": {"Authorization": "Bearer s3cret-one", "X-Api-Key": "s3cret-two", "X-Team": "blue"},
        "secret_headers": ["X-Api-Key"]})
}

async fn a_request_is_sent_and_its_answer_is_the_result(server: TestServer) {
    let ada = server.sign_up().await;
    let url = echo().await;
    let job = ada
        .job(json!({"executor": secretive(&url), "payload": {"id": "a/b"}, "run": true}))
        .await;
    assert_eq!(job["timeout_seconds"], 30);
    let run = ada.run_becomes(&job["last_run"], "Completed").await;
    assert_eq!(
        (&run["result"]["status"], &run["result"]["truncated"]),
        (&json!(201), &json!(false))
    );
    let sent = text(&run["result"], "body");
    for part in [
        "POST /a%2Fb HTTP/1.1",
        "x-team: blue",
        "authorization: ***",
        text(&run, "run_id"),
        r#"{"id":"a/b"}"#,
    ] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    let failing = json!({"type": "http", "method": "GET", "url": url, "expect": "200"});
    let job = ada.job(json!({"executor": failing, "run": true})).await;
    let run = ada.run_becomes(&job["last_run"], "Failed").await;
    assert_eq!(
        (&run["error"]["code"], &run["result"]["status"]),
        (&json!("http_201"), &json!(201))
    );
}

async fn secrets_are_masked_everywhere_and_kept_by_the_mask(server: TestServer) {
    let ada = server.sign_up().await;
    let url = echo().await;
    let made = ada
        .job(json!({"executor": secretive(&url), "payload": {"id": 1}}))
        .await;
    let path = format!("/api/v1/jobs/{}", text(&made, "job_id"));
    let change = json!({"executor": made["executor"], "description": "changed"});
    let changed = ada.patch(&path, change, 200).await;
    let shown = json!({"Authorization": "***", "X-Api-Key": "***", "X-Team": "blue"});
    for job in [
        &made,
        &changed,
        &ada.get(&path, 200).await,
        &ada.get("/api/v1/jobs", 200).await["data"][0],
    ] {
        assert_eq!(job["executor"]["headers"], shown);
        assert!(!job.to_string().contains("s3cret"), "{job}");
    }
    let run = ada.act(&format!("{path}/runs"), 202).await;
    ada.run_becomes(&run, "Completed").await;
    assert!(!ada.get("/api/v1/events", 200).await.to_string().contains("s3cret"));
    for (table, column) in [("jobs", "executor"), ("runs", "result"), ("events", "data")] {
        let rows = server.database().query(&format!("SELECT {column} FROM {table}")).await;
        assert!(!format!("{rows:?}").contains("s3cret"), "{table}: {rows:?}");
    }
    let mut unknown = made["executor"].clone();
    unknown["headers"]["X-New"] = json!("***");
    let problem = ada.patch(&path, json!({"executor": unknown}), 422).await;
    assert_eq!(
        broken(&problem),
        [("/executor/headers/X-New".to_owned(), "nothing_masked".to_owned())]
    );
}

async fn mistakes_are_named(server: TestServer) {
    let ada = server.sign_up().await;
    for (executor, pointer, code) in [
        (json!({"type": "http", "method": "GET"}), "/executor/url", "required"),
        (
            json!({"type": "http", "url": "http://example.com"}),
            "/executor/method",
            "required",
        ),
        (
            json!({"type": "http", "method": "get", "url": "http://example.com"}),
            "/executor/method",
            "unknown_word",
        ),
        (
            json!({"type": "http", "method": "GET", "url": "http://example.com", "queue": "q"}),
            "/executor/queue",
            "not_applicable",
        ),
        (
            json!({"type": "simulated", "url": "http://example.com"}),
            "/executor/url",
            "not_applicable",
        ),
        (
            json!({"type": "http", "method": "GET", "url": "http://example.com", "expect": "9xx"}),
            "/executor/expect",
            "invalid_expect",
        ),
        (
            json!({"type": "http", "method": "GET", "url": "http://example.com", "headers": {"Host": "x"}}),
            "/executor/headers/Host",
            "header_not_allowed",
        ),
        (
            json!({"type": "http", "method": "GET", "url": "http://example.com", "headers": {"Cookie": "***"}}),
            "/executor/headers/Cookie",
            "nothing_masked",
        ),
    ] {
        let problem = ada
            .post("/jobs", json!({"job_name": "x", "executor": executor}), 422)
            .await;
        assert!(
            broken(&problem).contains(&(pointer.to_owned(), code.to_owned())),
            "{problem}"
        );
    }
}
