//! What happens when somebody asks too often.

use reqwest::Method;
use scheduler_tests::{
    client::PASSWORD,
    databases::Backend,
    server::{TestServer, fresh_email},
};
use serde_json::json;

async fn limited() -> TestServer {
    TestServer::with(Backend::Sqlite, &[("rate_limits", "on")])
        .await
        .unwrap()
}

#[tokio::test]
async fn log_ins_are_limited_and_nobody_waits_longer_than_a_minute() {
    let server = limited().await;
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let (mut let_in, mut refused) = (0, None);
    // The bucket fills up by one every six seconds, and a slow machine takes a while for each.
    while let_in < 40 && refused.is_none() {
        let answer = server
            .client()
            .send(Method::POST, "/login", Some(body.clone()), &[])
            .await;
        match answer.status {
            401 => let_in += 1,
            _ => refused = Some(answer),
        }
    }
    assert!(let_in >= 10, "{let_in}");
    let refused = refused.expect("a limit");
    let problem = refused.problem(429, "rate_limited");
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{problem}");
}

#[tokio::test]
async fn codes_are_limited_by_address_and_client() {
    let server = limited().await;
    let email = fresh_email();
    let reset = json!({"email": email, "purpose": "password_reset"});
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(
            server
                .client()
                .send(Method::POST, "/send-otp", Some(reset.clone()), &[])
                .await
                .status,
        );
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
}

#[tokio::test]
async fn a_code_is_not_sent_again_at_once() {
    let server = limited().await;
    let body = json!({"full_name": "Ada", "email": fresh_email(), "password": PASSWORD});
    let challenge = server.client().post("/signup", body, 201).await;
    assert!(challenge["resend_after"].as_str().unwrap() < challenge["expires_at"].as_str().unwrap());
    let again = json!({"challenge_id": challenge["challenge_id"]});
    server
        .client()
        .send(Method::POST, "/send-otp", Some(again), &[])
        .await
        .problem(429, "rate_limited");
}

#[tokio::test]
async fn requests_are_counted_by_user_and_told_in_headers() {
    let server = limited().await;
    let ada = server.sign_up().await;
    let answer = ada.send(Method::GET, "/me", None, &[]).await;
    assert_eq!(answer.status, 200);
    let policy = answer.header("ratelimit-policy").unwrap();
    assert!(policy.contains("q=600") && policy.contains("w=60"), "{policy}");
    let left = |text: &str| {
        text.split("r=")
            .nth(1)
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    let before = left(answer.header("ratelimit").unwrap());
    let after = left(
        ada.send(Method::GET, "/me", None, &[])
            .await
            .header("ratelimit")
            .unwrap(),
    );
    assert!(before < 600 && after <= before, "{before} {after}");
    let wave = (0..800).map(|_| {
        let ada = ada.clone();
        async move { ada.send(Method::GET, "/me", None, &[]).await }
    });
    let mut refused = 0;
    let mut wave = futures_util::stream::StreamExt::buffer_unordered(futures_util::stream::iter(wave), 20);
    while let Some(answer) = futures_util::StreamExt::next(&mut wave).await {
        match answer.status {
            200 => {}
            _ => {
                answer.problem(429, "rate_limited");
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    // Others are not touched.
    server.sign_up().await.get("/me", 200).await;
}

#[tokio::test]
async fn off_lifts_all_limits_but_the_tries_and_the_mails_to_one_address() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let email = fresh_email();
    for _ in 0..30 {
        server
            .client()
            .post("/login", json!({"email": email, "password": PASSWORD}), 401)
            .await;
    }
    let reset = json!({"email": email, "purpose": "password_reset"});
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(
            server
                .client()
                .send(Method::POST, "/send-otp", Some(reset.clone()), &[])
                .await
                .status,
        );
    }
    assert_eq!(statuses[..10], [200; 10], "ten mails in a burst");
    assert_eq!(statuses[10..], [429; 2]);
    let ada = server.sign_up().await;
    assert_eq!(ada.send(Method::GET, "/me", None, &[]).await.header("ratelimit"), None);
}

#[tokio::test]
async fn only_trusted_proxies_say_who_the_client_is() {
    for (trusted, expected) in [("", 429), ("127.0.0.1/32", 401)] {
        let settings = [("rate_limits", "on"), ("trusted_proxies", trusted)];
        let server = TestServer::with(Backend::Sqlite, &settings).await.unwrap();
        let mut last = 0;
        for n in 0..7 {
            let body = json!({"challenge_id": format!("AAAAAAAAAAAAAAAAAAAAA{n}"), "otp": "00000000"});
            let address = format!("198.51.100.{n}");
            last = server
                .client()
                .send(
                    Method::POST,
                    "/verify-otp",
                    Some(body),
                    &[("x-forwarded-for", &address)],
                )
                .await
                .status;
        }
        assert_eq!(last, expected, "trusted: {trusted:?}");
    }
}

#[tokio::test]
async fn workers_and_their_owner_do_not_shut_each_other_out() {
    let server = limited().await;
    let ada = server.sign_up().await;
    let claim = async || {
        let body = json!({"queues": ["default"], "worker_name": "w"});
        ada.send(Method::POST, "/api/v1/worker/claim", Some(body), &[]).await
    };
    let answer = claim().await;
    assert_eq!(answer.status, 200);
    let policy = answer.header("ratelimit-policy").unwrap();
    assert!(policy.starts_with("\"workers\";q=12000"), "{policy}");
    // The owner uses up what is theirs; the workers go on.
    let mut last = 0;
    for _ in 0..2_000 {
        last = ada.send(Method::GET, "/api/v1/meta", None, &[]).await.status;
        last = last.max(ada.send(Method::GET, "/api/v1/jobs/counts", None, &[]).await.status);
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    assert_eq!(claim().await.status, 200);
}
