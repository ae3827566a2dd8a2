//! The pages that the binary makes of the guides.

use super::guides::names;
use reqwest::Method;
use scheduler_tests::{databases::Backend, server::TestServer};
use serde_json::json;

#[tokio::test]
async fn every_guide_is_a_page_and_every_type_of_a_problem_a_place() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let client = server.client();
    let page = async |path: &str| client.send(Method::GET, path, None, &[]).await;
    for name in names() {
        let path = if name == "README" {
            "/docs".to_owned()
        } else {
            format!("/docs/{name}")
        };
        let answer = page(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        let html = answer.text();
        for part in ["<script>", "style=\"", "src=\"http", "@import", "](", "\n|"] {
            assert!(!html.contains(part), "{path}: {part}");
        }
        assert!(
            html.contains("href=\"/docs/reference\"") && html.contains("aria-current=\"page\""),
            "{path}"
        );
    }
    for path in ["/docs/reference", "/docs/style.css", "/docs/docs.js", "/docs/tester.js"] {
        assert_eq!(page(path).await.status, 200, "{path}");
    }
    let problem = client.get("/api/v1/nothing", 404).await;
    let (path, place) = problem["type"].as_str().unwrap().split_once('#').unwrap();
    assert!(
        page(path).await.text().contains(&format!("id=\"{place}\"")),
        "{problem}"
    );
    for path in [
        "/docs/README",
        "/docs/nothing",
        "/docs/..%2FARCHITECTURE",
        "/docs/errors?x=1",
    ] {
        assert!(matches!(page(path).await.status, 400 | 404), "{path}");
    }
}

#[tokio::test]
async fn strangers_may_try_schedules_as_often_as_people_type() {
    let server = TestServer::with(Backend::Sqlite, &[("rate_limits", "on")])
        .await
        .unwrap();
    let client = server.client();
    let schedule = |expression: &str| json!({"schedule": {"type": "cron", "expression": expression, "time_zone": "Europe/Vienna"}, "count": 2});
    let preview = client.post("/docs/preview", schedule("30 2 * * MON-FRI"), 200).await;
    assert_eq!(preview["description"], "At 02:30 on Monday to Friday");
    assert_eq!(preview["data"].as_array().unwrap().len(), 2);
    let problem = client.post("/docs/preview", schedule("61 * * * *"), 422).await;
    assert_eq!(problem["errors"][0]["pointer"], "/schedule/expression", "{problem}");
    client
        .post("/api/v1/schedules/preview", schedule("* * * * *"), 401)
        .await;
    let mut refused = 0;
    for _ in 0..70 {
        let answer = client
            .send(Method::POST, "/docs/preview", Some(schedule("@daily")), &[])
            .await;
        refused += u32::from(answer.status == 429);
    }
    assert!(refused > 0, "a machine is told to wait");
}
