//! The examples of the document are true: they fit their schemas, and those of requests work.

use scheduler_server::http::openapi;
use scheduler_tests::{
    client::text,
    databases::Backend,
    server::{TestServer, fresh_email},
};
use serde_json::{Value, json};

/// Every operation, with its path and method.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

#[test]
fn every_body_has_an_example_that_fits_its_schema() {
    let document = openapi::document();
    let check = |what: &str, content: &Value| {
        let content = &content["application/json"];
        if content.is_null() {
            return;
        }
        assert!(!content["example"].is_null(), "{what} has no example");
        let whole = json!({"allOf": [content["schema"]], "components": document["components"]});
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&content["example"])
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{what}: {errors:?} in {}", content["example"]);
    };
    for (path, method, operation) in operations(&document) {
        check(
            &format!("the body of {method} {path}"),
            &operation["requestBody"]["content"],
        );
        for (status, response) in operation["responses"].as_object().unwrap() {
            check(&format!("the answer {status} of {method} {path}"), &response["content"]);
        }
    }
}

#[tokio::test]
async fn the_examples_of_requests_work() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let admin = server.sign_up_admin().await;
    let job = admin
        .job(json!({
            "executor": {"type": "worker", "queue": "reports"}, "overlap": "allow", "run": true,
            "schedule": {"type": "interval", "every_seconds": 3600, "start_at": "2026-01-01T00:00:00Z"},
        }))
        .await;
    let hook = admin
        .act(&format!("/api/v1/jobs/{}/inbound", text(&job, "job_id")), 201)
        .await;
    let webhook = admin
        .post("/api/v1/webhooks", json!({"url": "https://example.com/"}), 201)
        .await;
    let other = server.sign_up().await;
    let document = openapi::document();
    let mut tried = 0;
    for (path, method, operation) in operations(&document) {
        let example = &operation["requestBody"]["content"]["application/json"]["example"];
        let id = operation["operationId"].as_str().unwrap();
        if example.is_null() {
            continue;
        }
        let mut body = example.clone();
        // Worn out by the first sign-up; the others want a mail, a code, or a lease, which no example can have.
        if id == "signUp" {
            body["email"] = fresh_email().into();
        }
        let expected: &[u16] = match id {
            "logIn" | "verifyOtp" | "resetPassword" | "refreshTokens" => &[401],
            "setUp" => &[403],
            "heartbeat" | "logLines" | "completeRun" | "failRun" | "releaseRun" => &[409],
            _ => &[200, 201, 202],
        };
        let path = path
            .replace("{job_id}", text(&job, "job_id"))
            .replace("{run_id}", text(&job["last_run"], "run_id"))
            .replace("{webhook_id}", text(&webhook, "webhook_id"))
            .replace("{user_id}", other.user_id())
            .replace("{queue}", "reports")
            .replace("{secret}", text(&hook, "secret"));
        let answer = admin
            .send(method.to_uppercase().parse().unwrap(), &path, Some(body), &[])
            .await;
        assert!(
            expected.contains(&answer.status),
            "{id}: {} {}",
            answer.status,
            answer.text()
        );
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
}
