//! The browser's way: the refresh token in a cookie that no script reads.

use reqwest::Method;
use scheduler_tests::{
    client::{Answer, Client, PASSWORD},
    databases::Backend,
    server::{TestServer, fresh_email},
};
use serde_json::{Value, json};

async fn browser(server: &TestServer, headers: &[(&str, &str)]) -> Answer {
    let (email, client) = (fresh_email(), server.client());
    let body = json!({"full_name": "Ada", "email": email, "password": PASSWORD});
    let challenge = client.post("/signup", body, 201).await;
    let code = client.code_after(&email, 0).await;
    let body = json!({"challenge_id": challenge["challenge_id"], "otp": code, "client": "browser"});
    client.send(Method::POST, "/verify-otp", Some(body), headers).await
}

/// `name=value` of the cookie that an answer sets, and its attributes.
fn cookie(answer: &Answer) -> (String, Vec<String>) {
    let header = answer.header("set-cookie").expect("a cookie");
    let mut parts = header.split("; ").map(str::to_owned);
    (parts.next().unwrap(), parts.collect())
}

async fn refresh(client: &Client, cookie: &str, more: &[(&str, &str)]) -> Answer {
    let headers: Vec<_> = [("cookie", cookie)].into_iter().chain(more.iter().copied()).collect();
    client.send(Method::POST, "/api/v1/token/refresh", None, &headers).await
}

#[tokio::test]
async fn a_browser_gets_the_refresh_token_only_as_a_cookie() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let answer = browser(&server, &[]).await;
    let tokens = answer.expect(200);
    assert!(tokens.get("refresh_token").is_none(), "{tokens}");
    let (first, attributes) = cookie(&answer);
    for wanted in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(
            attributes.iter().any(|attribute| attribute == wanted),
            "{wanted}: {attributes:?}"
        );
    }
    assert!(
        attributes.iter().any(|attribute| attribute.starts_with("Max-Age=")),
        "{attributes:?}"
    );
    assert!(
        !attributes.iter().any(|attribute| attribute.starts_with("Domain")),
        "{attributes:?}"
    );

    let renewed = refresh(&server.client(), &first, &[]).await;
    let body = renewed.expect(200);
    assert!(
        body["access_token"].is_string() && body.get("refresh_token").is_none(),
        "{body}"
    );
    let (second, _) = cookie(&renewed);
    assert_ne!(first, second);

    let client = server.client().with_token(body["access_token"].as_str().unwrap());
    let gone = client
        .send(Method::PATCH, "/api/v1/logout", None, &[("cookie", &second)])
        .await;
    gone.expect(204);
    let (cleared, attributes) = cookie(&gone);
    assert!(cleared.ends_with('='), "{cleared}");
    assert!(
        attributes.iter().any(|attribute| attribute == "Max-Age=0"),
        "{attributes:?}"
    );
    refresh(&server.client(), &second, &[])
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_use_the_cookie() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    browser(&server, &[("origin", "https://evil.example")])
        .await
        .problem(403, "forbidden");
    let ours = server.base.clone();
    let (cookie, _) = cookie(&browser(&server, &[("origin", &ours)]).await);
    for headers in [
        [("origin", "https://evil.example")],
        [("origin", "null")],
        [("origin", "http://127.0.0.1")],
        [("sec-fetch-site", "cross-site")],
    ] {
        refresh(&server.client(), &cookie, &headers)
            .await
            .problem(403, "forbidden");
    }
    refresh(
        &server.client(),
        &cookie,
        &[("origin", &ours), ("sec-fetch-site", "same-origin")],
    )
    .await
    .expect(200);
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host_and_browsers_are_told_to_stay() {
    let public = [("public_url", "https://jobs.example.com")];
    let server = TestServer::with(Backend::Sqlite, &public).await.unwrap();
    let answer = browser(&server, &[("origin", "https://jobs.example.com")]).await;
    let (value, attributes) = cookie(&answer);
    assert!(value.starts_with("__Host-"), "{value}");
    assert!(
        attributes.iter().any(|attribute| attribute == "Secure"),
        "{attributes:?}"
    );
    let transport = answer.header("strict-transport-security").unwrap();
    assert!(
        transport.contains("max-age=31536000") && transport.contains("includeSubDomains"),
        "{transport}"
    );
    browser(&server, &[("origin", &server.base.clone())])
        .await
        .problem(403, "forbidden");
}

#[tokio::test]
async fn without_a_public_address_every_name_of_this_machine_is_ours() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let port = server.address.rsplit_once(':').unwrap().1.to_owned();
    browser(&server, &[("origin", &format!("http://localhost:{port}"))])
        .await
        .expect(200);
    browser(&server, &[("origin", "http://localhost:1")])
        .await
        .problem(403, "forbidden");
    browser(&server, &[("origin", &format!("https://localhost:{port}"))])
        .await
        .problem(403, "forbidden");
    browser(&server, &[("origin", &format!("http://localhost.evil.example:{port}"))])
        .await
        .problem(403, "forbidden");
}

#[tokio::test]
async fn an_unknown_kind_of_client_is_named() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let body = json!({"challenge_id": "x", "otp": "y", "client": "toaster"});
    let problem = server.client().post("/verify-otp", body, 422).await;
    assert_eq!(problem["errors"][0]["allowed"], json!(["browser"]));
    let nothing: Value = server.client().act("/api/v1/token/refresh", 401).await;
    assert_eq!(nothing["code"], "unauthenticated");
}
