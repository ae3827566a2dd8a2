//! What belongs to somebody else does not exist. The operations come from the document, so that a new one is held to this
//! without anybody thinking of it.

use reqwest::Method;
use scheduler_tests::{
    client::{Answer, Client, text},
    on_both_databases,
    server::{TestServer, fresh_word, until},
};
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

on_both_databases! {
    a_foreign_id_is_like_one_that_does_not_exist_in_every_operation
    lists_hold_only_the_own
    without_a_token_every_operation_is_401
}

const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

/// An operation of the document.
struct Operation {
    name: String,
    method: Method,
    path: String,
    parameters: Vec<String>,
    is_open: bool,
    is_administration: bool,
}

async fn operations(client: &Client) -> Vec<Operation> {
    let document = client.get("/openapi.json", 200).await;
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else {
                continue;
            };
            if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
                continue;
            }
            let parts = path
                .split('/')
                .filter_map(|part| Some(part.strip_prefix('{')?.split_once('}')?.0));
            operations.push(Operation {
                name: text(operation, "operationId").to_owned(),
                method,
                path: path.clone(),
                parameters: parts.map(str::to_owned).collect(),
                is_open: operation["security"]
                    .as_array()
                    .is_some_and(|security| security.contains(&json!({}))),
                is_administration: operation["tags"][0] == "Administration",
            });
        }
    }
    assert!(operations.len() > 30, "{}", operations.len());
    operations
}

impl Operation {
    fn at(&self, ids: impl Fn(&str) -> String) -> String {
        let mut path = self.path.clone();
        for name in &self.parameters {
            path = path.replace(&format!("{{{name}}}"), &ids(name));
        }
        path
    }
}

/// A program that answers 200 to everything; where it listens.
async fn receiver() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 65_536]).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .await;
            });
        }
    });
    url
}

/// Everything that a customer can own, by the names that the document gives to ids.
async fn belongings(ada: &Client) -> HashMap<String, String> {
    let job = ada.quick_job(0, "Completed").await;
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
        .await;
    ada.run_becomes(&run, "Completed").await;
    let webhook = ada
        .post(
            "/api/v1/webhooks",
            json!({"url": receiver().await, "types": ["job.deleted"]}),
            201,
        )
        .await;
    let delivery = ada
        .act(&format!("/api/v1/webhooks/{}/test", text(&webhook, "webhook_id")), 202)
        .await;
    let path = format!("/api/v1/deliveries/{}", text(&delivery, "delivery_id"));
    until("delivered", async || {
        Some(ada.get(&path, 200).await).filter(|delivery| delivery["status"] == "Delivered")
    })
    .await;
    for kind in ["inbound", "badge"] {
        ada.act(&format!("/api/v1/jobs/{}/{kind}", text(&job, "job_id")), 201)
            .await;
    }
    let sessions = ada.get("/api/v1/sessions", 200).await;
    let key = json!({"name": "deploy", "scopes": ["jobs:read"]});
    let key = ada.post("/api/v1/api-keys", key, 201).await;
    let queue = fresh_word();
    let limit = json!({"max_running": 1});
    ada.send(Method::PUT, &format!("/api/v1/queues/{queue}"), Some(limit), &[])
        .await
        .expect(200);
    // Of a job that is gone again, so that the others stay as they are.
    let victim = ada.quick_job(0, "Completed").await;
    let bulk = json!({"action": "delete", "ids": [victim["job_id"]]});
    let bulk = ada.post("/api/v1/bulk-operations", bulk, 202).await;
    let path = format!("/api/v1/bulk-operations/{}", text(&bulk, "bulk_operation_id"));
    until("deleted", async || {
        Some(ada.get(&path, 200).await).filter(|bulk| bulk["status"] == "Completed")
    })
    .await;
    // Somebody has been told of one that failed.
    let unlucky = ada.quick_job(0, "Failed").await;
    let failed = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(&unlucky, "job_id")), 202)
        .await;
    ada.run_becomes(&failed, "Failed").await;
    until("told", async || {
        let notices = ada.get("/api/v1/notices", 200).await["data"].take();
        notices[0]["status"].as_str().is_some_and(|status| status != "Pending").then_some(())
    })
    .await;
    let ids = [
        ("bulk_operation_id", text(&bulk, "bulk_operation_id")),
        ("queue", queue.as_str()),
        ("job_id", text(&job, "job_id")),
        ("run_id", text(&run, "run_id")),
        ("webhook_id", text(&webhook, "webhook_id")),
        ("delivery_id", text(&delivery, "delivery_id")),
        ("api_key_id", text(&key, "api_key_id")),
        ("session_id", text(&sessions["data"][0], "session_id")),
        ("user_id", ada.user_id()),
    ];
    ids.into_iter()
        .map(|(name, id)| (name.to_owned(), id.to_owned()))
        .collect()
}

/// All that a user sees of what is theirs.
async fn view(operations: &[Operation], ada: &Client, ids: &HashMap<String, String>) -> Value {
    let mut seen = serde_json::Map::new();
    for operation in operations
        .iter()
        .filter(|operation| operation.method == Method::GET && !operation.is_administration)
        // A job that is no heartbeat has no pings, and secrets are nobody's.
        .filter(|operation| operation.name != "getHeartbeatOfJob" && operation.parameters != ["secret"])
    {
        let path = operation.at(|name| ids[name].clone());
        if path.starts_with("/api/v1") {
            seen.insert(operation.name.clone(), ada.get(&path, 200).await);
        }
    }
    // The chart moves with the clock.
    seen.remove("getCustomerDashboard");
    Value::Object(seen)
}

/// Status, headers without what is random, and body without the request's id. Whether the connection goes on depends on
/// how much of the request has arrived when it is answered.
fn shape(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let random = ["x-request-id", "date", "connection"];
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !random.contains(&name.as_str()));
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let request_id = answer.header("x-request-id").unwrap();
    (answer.status, headers, answer.text().replace(request_id, ""))
}

async fn a_foreign_id_is_like_one_that_does_not_exist_in_every_operation(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let operations = operations(&ada).await;
    let ids = belongings(&ada).await;
    let before = view(&operations, &ada, &ids).await;
    let bodies: [(Option<&str>, &[u8]); 4] = [
        (None, b""),
        (Some("application/json"), b"{}"),
        (Some("application/json"), br#"{"nonsense": 1}"#),
        (Some("text/plain"), b"nonsense"),
    ];
    let mut asked = 0;
    // Names of queues are everybody's own: one that somebody else has is free.
    // A secret is whoever's who knows it.
    let by_id = |operation: &&Operation| {
        !operation.parameters.is_empty() && operation.parameters != ["queue"] && operation.parameters != ["secret"]
    };
    for operation in operations.iter().filter(by_id) {
        for name in &operation.parameters {
            assert!(
                ids.contains_key(name),
                "this test does not know how to make a {name}, for {}",
                operation.name
            );
        }
        let expected = if operation.is_administration { 403 } else { 404 };
        for (kind, body) in bodies {
            let mut headers = vec![("if-match", "\"99\""), ("if-none-match", "*")];
            headers.extend(kind.map(|kind| ("content-type", kind)));
            let ask = async |id: &dyn Fn(&str) -> String| {
                let body = (!body.is_empty() && operation.method != Method::GET).then(|| body.to_vec());
                bob.send_raw(operation.method.clone(), &operation.at(id), body, &headers)
                    .await
            };
            let unknown = ask(&|_| UNKNOWN.to_owned()).await;
            assert_eq!(unknown.status, expected, "{}: {}", operation.name, unknown.text());
            let foreign = ask(&|name| ids[name].clone()).await;
            assert_eq!(shape(&foreign), shape(&unknown), "{}", operation.name);
            let nonsense = ask(&|_| "nonsense".to_owned()).await;
            assert_eq!(shape(&nonsense), shape(&unknown), "{}", operation.name);
            asked += 1;
        }
    }
    assert!(asked >= 60, "{asked}");
    let limit = json!({"max_running": 7});
    bob.send(
        Method::PUT,
        &format!("/api/v1/queues/{}", ids["queue"]),
        Some(limit),
        &[],
    )
    .await
    .expect(200);
    assert_eq!(view(&operations, &ada, &ids).await, before, "nothing was changed");
    // Ids in queries, too.
    for path in ["/api/v1/runs?job_id=", "/api/v1/events?job_id="] {
        let ask = async |id: &str| shape(&bob.send(Method::GET, &format!("{path}{id}"), None, &[]).await);
        assert_eq!(ask(&ids["job_id"]).await, ask(UNKNOWN).await, "{path}");
    }
    // The owner can do all of it.
    ada.delete(&format!("/api/v1/jobs/{}", ids["job_id"]), 204).await;
    ada.delete(&format!("/api/v1/webhooks/{}", ids["webhook_id"]), 204)
        .await;
}

async fn lists_hold_only_the_own(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let ids = belongings(&ada).await;
    let operations = operations(&ada).await;
    let lists = operations.iter().filter(|operation| {
        operation.method == Method::GET && operation.parameters.is_empty() && operation.path.starts_with("/api/v1")
    });
    for operation in lists.filter(|operation| !operation.is_administration) {
        let (of_ada, of_bob) = (ada.get(&operation.path, 200).await, bob.get(&operation.path, 200).await);
        for id in ids.values() {
            assert!(
                !of_bob.to_string().contains(id.as_str()),
                "{}: {of_bob}",
                operation.name
            );
        }
        if of_ada.get("data").is_some() {
            assert_ne!(of_ada["data"], json!([]), "{}", operation.name);
        }
    }
    // A cursor of another user is of no use.
    for _ in 0..3 {
        ada.job(json!({})).await;
    }
    let page = ada.get("/jobs?limit=1", 200).await;
    let stolen = bob
        .send(
            Method::GET,
            &format!("/jobs?cursor={}", text(&page, "next_cursor")),
            None,
            &[],
        )
        .await;
    assert!(
        stolen.status == 400 || stolen.json()["data"] == json!([]),
        "{}",
        stolen.text()
    );
}

async fn without_a_token_every_operation_is_401(server: TestServer) {
    let nobody = server.client();
    let operations = operations(&nobody).await;
    for operation in operations.iter().filter(|operation| !operation.is_open) {
        let path = operation.at(|_| UNKNOWN.to_owned());
        for client in [nobody.clone(), nobody.with_token("nonsense")] {
            client
                .send(operation.method.clone(), &path, None, &[])
                .await
                .problem(401, "unauthenticated");
        }
    }
    let open: Vec<&str> = operations
        .iter()
        .filter(|operation| operation.is_open)
        .map(|operation| operation.name.as_str())
        .collect();
    let expected = [
        "signUp",
        "logIn",
        "sendOtp",
        "verifyOtp",
        "resetPassword",
        "refreshTokens",
        "setUp",
        "getHealth",
        "getReadiness",
        "getMetrics",
        "getMeta",
        "callHook",
        "ping",
        "pingByGet",
        "getBadge",
        "getBadgePicture",
    ];
    for name in &open {
        assert!(expected.contains(name), "{name} is open to everybody: is that meant?");
    }
}
