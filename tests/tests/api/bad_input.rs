//! Input that nobody should send. Whatever it is, the answer is a problem, and the server goes on.

use reqwest::Method;
use scheduler_tests::{
    client::{Client, broken},
    databases::Backend,
    on_both_databases,
    server::TestServer,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

on_both_databases! {
    strange_texts_are_kept_or_refused_and_never_break_anything
}

async fn raw(client: &Client, path: &str, body: impl Into<Vec<u8>>) -> scheduler_tests::client::Answer {
    client
        .send_raw(
            Method::POST,
            path,
            Some(body.into()),
            &[("content-type", "application/json")],
        )
        .await
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let cases: [&[u8]; 12] = [
        b"",
        b" ",
        b"{",
        b"{\"job_name\":",
        b"{'job_name':'x'}",
        b"{\"job_name\":\"x\",}",
        b"{\"job_name\":\"x\"} x",
        b"job_name=x",
        b"\xff\xfe",
        b"{\"job_name\":\"\xc3\x28\"}",
        b"{\"job_name\":\"\\ud800\"}",
        b"\xef\xbb\xbf{\"job_name\":\"x\"}",
    ];
    for body in cases {
        raw(&ada, "/jobs", body).await.problem(400, "malformed_json");
    }
    for path in [
        "/login",
        "/signup",
        "/verify-otp",
        "/send-otp",
        "/reset-password",
        "/api/v1/setup",
        "/api/v1/webhooks",
    ] {
        raw(&ada, path, "{").await.problem(400, "malformed_json");
        raw(&ada, path, "").await.problem(400, "malformed_json");
    }
    for body in ["[]", "null", "\"x\"", "1", "true"] {
        raw(&ada, "/jobs", body).await.problem(422, "validation_failed");
    }
    raw(&ada, "/jobs", r#"{"job_name":"x","job_name":"y"}"#)
        .await
        .problem(422, "validation_failed");
}

#[tokio::test]
async fn deep_nesting_is_refused_fast() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    for levels in [101, 1_000, 300_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            if open.len() * levels > 900_000 {
                continue;
            }
            let body = format!(
                r#"{{"job_name":"x","payload":{}1{}}}"#,
                open.repeat(levels),
                close.repeat(levels)
            );
            let started = Instant::now();
            let answer = raw(&ada, "/jobs", body).await;
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "{levels}: {:?}",
                started.elapsed()
            );
            let problem = answer.problem(422, "validation_failed");
            assert_eq!(broken(&problem)[0].1, "too_deep", "{levels}: {problem}");
        }
    }
    // 64 levels are a payload, 65 are not.
    for (levels, status) in [(64, 201), (65, 422)] {
        let body = format!(
            r#"{{"job_name":"x","payload":{}{}}}"#,
            "[".repeat(levels),
            "]".repeat(levels)
        );
        let problem = raw(&ada, "/jobs", body).await.expect(status);
        if status == 422 {
            assert_eq!(broken(&problem), [("/payload".to_owned(), "too_deep".to_owned())]);
        }
    }
    raw(&ada, "/jobs", "[".repeat(900_000))
        .await
        .problem(422, "validation_failed");
}

#[tokio::test]
async fn huge_numbers_are_named() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    for number in [
        "1e400",
        "-1e400",
        "99999999999999999999999999999999",
        "1.5",
        "-9223372036854775809",
        "1e2",
    ] {
        let body = format!(r#"{{"job_name":"x","timeout_seconds":{number}}}"#);
        let problem = raw(&ada, "/jobs", body).await.problem(422, "validation_failed");
        assert_eq!(broken(&problem)[0].0, "/timeout_seconds", "{number}: {problem}");
    }
    let body = r#"{"job_name":"x","retry":{"jitter":1e999}}"#;
    let problem = raw(&ada, "/jobs", body).await.problem(422, "validation_failed");
    assert_eq!(broken(&problem)[0].0, "/retry/jitter", "{problem}");
}

async fn strange_texts_are_kept_or_refused_and_never_break_anything(server: TestServer) {
    let ada = server.sign_up().await;
    let strange = [
        "'; DROP TABLE jobs; --",
        "\\'\"`%_",
        "<img src=x onerror=alert(1)>",
        "{{7*7}}",
        "\u{202e}evil",
        "\u{feff}bom",
        "𝕏𝕐𝕫 👨‍👩‍👧‍👦",
        "\u{fffd}",
        "ﷺ",
        "e\u{301}",
        "İ",
        "ß",
        "\u{10ffff}",
        "../../etc/passwd",
        "%00",
        "NULL",
        "0",
        "-1",
    ];
    for text in strange {
        let body = json!({"job_name": text, "description": text, "tags": [text], "payload": {text: text}});
        let answer = ada.send(Method::POST, "/jobs", Some(body), &[]).await;
        match answer.status {
            201 => {
                let job = answer.json();
                let again = ada.get(&format!("/job/{}", job["job_id"].as_str().unwrap()), 200).await;
                assert_eq!(
                    (&again["job_name"], &again["payload"]),
                    (&json!(text), &json!({text: text})),
                    "{text:?}"
                );
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                let found = ada
                    .get(&format!("/jobs?{}", query.append_pair("q", text).finish()), 200)
                    .await;
                assert!(found["data"].as_array().unwrap().contains(&again), "{text:?} is found");
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                let found = ada
                    .get(&format!("/jobs?{}", query.append_pair("tag", text).finish()), 200)
                    .await;
                assert!(found["data"].as_array().unwrap().contains(&again), "{text:?} is a tag");
            }
            _ => drop(answer.problem(422, "validation_failed")),
        }
    }
    for q in ["%", "%ff%fe", "%00", "+++", &"x".repeat(5_000)] {
        let answer = ada.send(Method::GET, &format!("/jobs?q={q}"), None, &[]).await;
        assert!(matches!(answer.status, 200 | 400), "{q}: {}", answer.status);
    }
    for id in [
        "x",
        "%00",
        "018f0000-0000-7000-8000-00000000000",
        "018F0000-0000-7000-8000-000000000000",
        "{}",
        &"9".repeat(3_000),
    ] {
        for path in [
            format!("/job/{id}"),
            format!("/api/v1/runs/{id}"),
            format!("/api/v1/jobs/{id}/events"),
        ] {
            ada.send(Method::GET, &path, None, &[]).await.problem(404, "not_found");
        }
    }
    ada.get("/me", 200).await;
}

/// Sends bytes and reads what comes back until the server closes or is silent.
async fn wire(server: &TestServer, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn broken_http_is_refused_and_the_server_goes_on() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let long_header = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000));
    let many_headers = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(500));
    let smuggled = "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n";
    let cases = [
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\0\0\0\0",
        "GET /\u{e9} HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\n\r\n",
        &long_header,
        &many_headers,
        smuggled,
        "POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{}",
    ];
    for case in cases {
        let answer = wire(&server, case.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        let head: String = case.chars().take(60).collect();
        assert!(
            status.is_empty() || status.starts_with('4') || status.starts_with("50"),
            "{head:?}: {answer}"
        );
    }
    server.client().get("/readyz", 200).await;
}

#[tokio::test]
async fn invalid_utf8_in_headers_and_queries_is_no_trouble() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let request = [
        &b"GET /jobs?q=\xff HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\nX-Request-Id: \xff\r\nAccept: \xff\r\n"[..],
        b"If-Match: \xff\r\nCookie: refresh_token=\xff\r\nUser-Agent: \xff\r\nOrigin: \xff\r\nConnection: close\r\n\r\n",
    ]
    .concat();
    let answer = wire(&server, &request).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let cookie = b"POST /api/v1/token/refresh HTTP/1.1\r\nHost: x\r\nOrigin: \xff\r\nCookie: refresh_token=\xff\r\nConnection: close\r\n\r\n";
    let answer = wire(&server, cookie).await;
    assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
    server.client().get("/readyz", 200).await;
}

#[tokio::test]
async fn a_database_that_goes_away_is_503_and_comes_back_by_itself() {
    let Some(server) = TestServer::start(Backend::Mysql).await else {
        return;
    };
    let ada = server.sign_up().await;
    let job = ada.job(json!({})).await;
    // Every connection of the server is cut, again and again.
    let name = server.database().url.rsplit('/').next().unwrap().to_owned();
    let kill = format!(
        "SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE db = '{name}' AND id <> CONNECTION_ID()"
    );
    for _ in 0..3 {
        for row in server.database().query(&kill).await {
            // A connection may have ended by itself.
            let url = server.database().url.clone();
            let _ = tokio::spawn(async move { scheduler_tests::databases::administer(&url, &row).await }).await;
        }
        let answer = ada.send(Method::GET, "/jobs", None, &[]).await;
        assert!(
            matches!(answer.status, 200 | 503),
            "{}: {}",
            answer.status,
            answer.text()
        );
    }
    scheduler_tests::server::until("the list answers again", async || {
        let answer = ada.send(Method::GET, "/jobs", None, &[]).await;
        (answer.status == 200).then(|| assert_eq!(answer.json()["data"], Value::from(vec![job.clone()])))
    })
    .await;
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", job["job_id"].as_str().unwrap()), 202)
        .await;
    ada.run_becomes(&run, "Running").await;
}
