//! HTTP itself: methods, types, headers. (Every test's client looks at the headers of every answer.)

use reqwest::Method;
use scheduler_tests::{client::text, databases::Backend, server::TestServer};
use serde_json::json;

async fn server() -> TestServer {
    TestServer::start(Backend::Sqlite).await.unwrap()
}

#[tokio::test]
async fn unknown_addresses_are_404_and_unknown_methods_405() {
    let server = server().await;
    let ada = server.sign_up().await;
    for path in [
        "/nothing",
        "/api/v1/nothing",
        "/api",
        "/api/v2/jobs",
        "/jobs/",
        "//jobs",
        "/jobs/x/y/z",
        "/..%2f..%2fetc/passwd",
        "/app/../jobs/x",
        "/%00",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            ada.send(method, path, None, &[]).await.problem(404, "not_found");
        }
    }
    // What is not documented answers under /api/v1 only.
    for path in [
        "/runs",
        "/users",
        "/sessions",
        "/events",
        "/webhooks",
        "/jobs/counts",
        "/token/refresh",
        "/setup",
        "/meta",
    ] {
        ada.send(Method::GET, path, None, &[]).await.problem(404, "not_found");
    }
    let cases = [
        (Method::GET, "/login", "POST"),
        (Method::DELETE, "/jobs", "GET, HEAD, POST"),
        (Method::PUT, "/api/v1/jobs", "GET, HEAD, POST"),
        (Method::PATCH, "/me", "GET, HEAD"),
        (Method::POST, "/api/v1/me", "GET, HEAD, PATCH"),
        (Method::POST, "/logout", "PATCH"),
        (Method::OPTIONS, "/run-job/x", "POST"),
        (Method::POST, "/healthz", "GET, HEAD"),
        (Method::POST, "/api/v1/jobs/counts", "GET, HEAD"),
    ];
    for (method, path, allow) in cases {
        let answer = ada.send(method.clone(), path, None, &[]).await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
}

#[tokio::test]
async fn what_takes_no_json_is_told_that_there_is_nothing_else() {
    let server = server().await;
    let ada = server.sign_up().await;
    for path in ["/jobs", "/api/v1/jobs", "/me", "/api/v1/nothing"] {
        for accept in [
            "text/html",
            "image/*, text/plain;q=0.5",
            "application/xml",
            "application/json;q=0",
        ] {
            ada.send(Method::GET, path, None, &[("accept", accept)])
                .await
                .problem(406, "not_acceptable");
        }
    }
    for accept in [
        "*/*",
        "application/json",
        "application/*;q=0.1",
        "text/html, application/json;q=0.9",
        "APPLICATION/JSON",
        "",
    ] {
        ada.send(Method::GET, "/jobs", None, &[("accept", accept)])
            .await
            .expect(200);
    }
    let nothing_left = [("accept-encoding", "identity;q=0, x-unknown")];
    ada.send(Method::GET, "/jobs", None, &nothing_left)
        .await
        .problem(406, "not_acceptable");
}

#[tokio::test]
async fn bodies_must_be_json() {
    let server = server().await;
    let ada = server.sign_up().await;
    let body = || Some(br#"{"job_name":"x"}"#.to_vec());
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "nonsense",
        "application/jsonx",
    ] {
        ada.send_raw(Method::POST, "/jobs", body(), &[("content-type", kind)])
            .await
            .problem(415, "unsupported_media_type");
    }
    ada.send_raw(Method::POST, "/jobs", body(), &[])
        .await
        .problem(415, "unsupported_media_type");
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/merge-patch+json",
    ] {
        ada.send_raw(Method::POST, "/jobs", body(), &[("content-type", kind)])
            .await
            .expect(201);
    }
    // Without a body there is nothing to have a type.
    ada.send_raw(Method::POST, "/jobs", None, &[])
        .await
        .problem(400, "malformed_json");
}

#[tokio::test]
async fn bodies_that_are_too_large_are_refused() {
    let server = TestServer::with(Backend::Sqlite, &[("max_body_bytes", "2000")])
        .await
        .unwrap();
    let ada = server.sign_up().await;
    let fits = json!({"job_name": "x", "payload": "p".repeat(1_900)});
    ada.post("/jobs", fits, 201).await;
    let json = [("content-type", "application/json")];
    for size in [2_001, 20_000, 200_000] {
        let body = vec![b' '; size];
        ada.send_raw(Method::POST, "/jobs", Some(body), &json)
            .await
            .problem(413, "body_too_large");
    }
    let defaults = self::server().await;
    let ada = defaults.sign_up().await;
    ada.send_raw(Method::POST, "/jobs", Some(vec![b' '; 1_048_577]), &json)
        .await
        .problem(413, "body_too_large");
    ada.send_raw(Method::POST, "/login", Some(vec![b'{'; 3_000_000]), &json)
        .await
        .problem(413, "body_too_large");
    ada.get("/me", 200).await;
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let server = server().await;
    let ada = server.sign_up().await;
    let job = ada.job(json!({})).await;
    for path in [
        "/jobs",
        "/me",
        "/healthz",
        "/openapi.json",
        "/app/",
        &format!("/job/{}", text(&job, "job_id")),
    ] {
        let (head, get) = (
            ada.send(Method::HEAD, path, None, &[]).await,
            ada.send(Method::GET, path, None, &[]).await,
        );
        assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.header("etag"), get.header("etag"), "{path}");
    }
    assert_eq!(ada.send(Method::HEAD, "/nothing", None, &[]).await.status, 404);
}

#[tokio::test]
async fn the_request_id_is_echoed_when_it_is_plain() {
    let server = server().await;
    let echoed = async |id: &str| {
        let answer = server
            .client()
            .send(Method::GET, "/nothing", None, &[("x-request-id", id)])
            .await;
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(echoed("trace-42.a_B").await, "trace-42.a_B");
    for odd in ["", "with blank", "<script>", &"x".repeat(65)] {
        assert_ne!(echoed(odd).await, odd);
    }
    assert_ne!(echoed("").await, echoed("").await);
}

#[tokio::test]
async fn the_dashboard_is_served_with_its_own_caching() {
    let server = server().await;
    let nobody = server.client();
    for path in ["/", "/app"] {
        let answer = nobody.send(Method::GET, path, None, &[]).await;
        assert_eq!(answer.header("location"), Some("/app/"), "{path}");
    }
    let page = nobody.send(Method::GET, "/app/", None, &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let again = nobody
        .send(
            Method::GET,
            "/app/",
            None,
            &[("if-none-match", page.header("etag").unwrap())],
        )
        .await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    let deep = nobody
        .send(Method::GET, "/app/jobs/some-id", None, &[("accept", "text/html")])
        .await;
    assert_eq!(deep.bytes, page.bytes, "the page finds its way by itself");
    nobody
        .send(Method::GET, "/app/assets/nothing.js", None, &[])
        .await
        .problem(404, "not_found");
    nobody
        .send(
            Method::GET,
            "/app/..%2f..%2fCargo.toml",
            None,
            &[("accept", "application/json")],
        )
        .await
        .problem(404, "not_found");
    assert!(
        !page.text().contains("<script>"),
        "no code in the page: the policy would not run it"
    );
}

#[tokio::test]
async fn answers_are_compressed_for_who_wants_it() {
    let server = server().await;
    let answer = server
        .client()
        .send(Method::GET, "/openapi.json", None, &[("accept-encoding", "gzip")])
        .await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert_eq!(answer.bytes[..2], [0x1f, 0x8b]);
}
