//! Every operation against every scope. What an operation needs is read from the document, so a new operation is held to
//! what it says without anybody thinking of it.

use reqwest::Method;
use scheduler_domain::{api_key::Scope, user::Word};
use scheduler_tests::{
    client::{Answer, Client, text},
    databases::Backend,
    server::TestServer,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

/// An operation for those who are known, and what a key needs: all the scopes of one of the sets; none: log-ins only.
struct Operation {
    name: String,
    method: Method,
    path: String,
    any_of: Vec<BTreeSet<String>>,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation.get("security").unwrap_or(&document["security"]);
            let security = security.as_array().unwrap();
            if security.contains(&json!({})) {
                continue;
            }
            let name = text(operation, "operationId").to_owned();
            assert!(
                security.contains(&json!({"bearer": []})),
                "{name}: a log-in may do everything"
            );
            let scopes = security.iter().filter_map(|one| one.get("api_key"));
            let any_of = scopes.map(|scopes| {
                let scopes = scopes.as_array().unwrap().iter();
                scopes.map(|scope| scope.as_str().unwrap().to_owned()).collect()
            });
            operations.push(Operation {
                any_of: any_of.collect(),
                name,
                method: method.to_uppercase().parse().unwrap(),
                path: path
                    .split('/')
                    .map(|part| if part.starts_with('{') { UNKNOWN } else { part })
                    .collect::<Vec<_>>()
                    .join("/"),
            });
        }
    }
    operations
}

async fn ask(client: &Client, operation: &Operation) -> Answer {
    client.send(operation.method.clone(), &operation.path, None, &[]).await
}

fn words() -> Vec<&'static str> {
    Scope::words()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_takes_the_keys_that_its_description_names_and_no_others() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let document = ada.get("/openapi.json", 200).await;
    let operations = operations(&document);
    let mut keys = BTreeMap::new();
    for word in words() {
        keys.insert(word, ada.api_key(&[word]).await.0);
    }
    let (mut with_scope, mut closed, mut together) = (0, 0, 0);
    for operation in &operations {
        for (word, key) in &keys {
            let answer = ask(key, operation).await;
            let is_refused = answer.status == 403;
            let is_named = operation.any_of.contains(&BTreeSet::from([(*word).to_owned()]));
            assert_eq!(
                is_refused,
                !is_named,
                "{} with {word}: {}",
                operation.name,
                answer.text()
            );
            assert_ne!(answer.status, 401, "{} with {word}", operation.name);
            if is_refused && operation.any_of.is_empty() {
                answer.problem(403, "forbidden");
                closed += 1;
            } else if is_refused {
                answer.problem(403, "insufficient_scope");
                let challenge = answer.header("www-authenticate").unwrap();
                // Of those that must come together the first one that is missing is named.
                let needed = |scopes: &BTreeSet<String>| scopes.iter().any(|scope| challenge.contains(scope.as_str()));
                assert!(
                    operation.any_of.iter().all(needed) && challenge.contains("insufficient_scope"),
                    "{challenge}"
                );
                with_scope += 1;
            }
        }
        for word in operation.any_of.iter().flatten() {
            assert!(keys.contains_key(word.as_str()), "{}: no scope {word}", operation.name);
        }
        for scopes in operation.any_of.iter().filter(|scopes| scopes.len() > 1) {
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            let answer = ask(&ada.api_key(&scopes).await.0, operation).await;
            assert_ne!(answer.status, 403, "{} with {scopes:?}", operation.name);
            together += 1;
        }
    }
    assert!(
        with_scope > 200 && closed > 50 && together > 0,
        "{with_scope}, {closed}, {together}"
    );
}

#[test]
fn the_document_says_which_scopes_there_are() {
    let document = scheduler_server::http::openapi::document();
    assert_eq!(document["components"]["schemas"]["Scope"]["enum"], json!(words()));
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["api_key"]["scheme"], "bearer");
    assert_eq!(schemes["bearer"]["bearerFormat"], "JWT");
    let used: BTreeSet<String> = operations(&document)
        .into_iter()
        .flat_map(|operation| operation.any_of)
        .flatten()
        .collect();
    assert_eq!(
        used,
        words().into_iter().map(str::to_owned).collect(),
        "each is good for something"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_told_by_scope() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let ada = server.sign_up().await;
    let job = ada.quick_job(0, "Completed").await;
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
        .await;
    ada.run_becomes(&run, "Completed").await;
    let types = async |scopes: &[&str]| {
        let list = ada.api_key(scopes).await.0.get("/api/v1/events", 200).await;
        let types: BTreeSet<String> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| text(event, "type").to_owned())
            .collect();
        types.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(types(&["jobs:read"]).await, "job.created");
    assert_eq!(types(&["runs:read"]).await, "run.completed run.queued run.started");
    assert_eq!(
        types(&["runs:read", "jobs:read"]).await,
        "job.created run.completed run.queued run.started"
    );
    let (program, _) = ada.api_key(&["runs:read"]).await;
    let path = "/api/v1/events?types=run.completed";
    assert_eq!(program.get(path, 200).await["data"].as_array().unwrap().len(), 1);
    let asked = program
        .send(Method::GET, &format!("{path},job.created"), None, &[])
        .await;
    asked.problem(403, "insufficient_scope");
}
