//! The interface document: kept beside the code, complete, and consistent in itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "openapi/examples.rs"]
mod examples;

use reqwest::Method;
use scheduler_server::http::openapi;
use scheduler_tests::{databases::Backend, server::TestServer};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

fn snapshot() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json")
}

#[test]
fn the_document_beside_the_code_is_the_present_one() {
    #[expect(clippy::disallowed_methods, reason = "this is how people say that a change is meant")]
    let update = std::env::var("UPDATE_SNAPSHOTS").is_ok_and(|value| value == "1");
    if update {
        std::fs::write(snapshot(), openapi::text()).unwrap();
    }
    let kept = std::fs::read_to_string(snapshot()).unwrap();
    assert!(
        kept == openapi::text(),
        "openapi.json is not what the code says; if the change is meant: UPDATE_SNAPSHOTS=1 cargo nextest run -p scheduler-tests --test openapi"
    );
}

#[test]
fn it_says_3_1_and_describes_every_operation() {
    let document = openapi::document();
    assert!(
        document["openapi"].as_str().unwrap().starts_with("3.1."),
        "{}",
        document["openapi"]
    );
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            let name = operation["operationId"]
                .as_str()
                .unwrap_or_else(|| panic!("{what} has no operationId"));
            assert!(names.insert(name.to_owned()), "{name} twice");
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{what} has no summary"
            );
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{what}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.keys().any(|status| status.starts_with('2')),
                "{what}: {:?}",
                responses.keys()
            );
            let problem = &responses["default"]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(problem, "#/components/schemas/Problem", "{what}");
            // Which refusals it has, every answer that any test gets is held against: see `contract.rs`.
            let refuses = ["400", "429", "503"]
                .iter()
                .all(|status| responses.contains_key(*status));
            assert!(
                refuses || !path.starts_with("/api/v1/"),
                "{what}: {:?}",
                responses.keys()
            );
            let declared: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let used: BTreeSet<&str> = path
                .split('/')
                .filter_map(|part| Some(part.strip_prefix('{')?.split_once('}')?.0))
                .collect();
            assert_eq!(declared, used, "{what}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = openapi::document();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(!references.is_empty());
    for reference in &references {
        let pointer = reference
            .strip_prefix('#')
            .unwrap_or_else(|| panic!("{reference} leads out of the document"));
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(
            references.contains(&format!("#/components/schemas/{name}")),
            "nothing uses the schema {name}"
        );
    }
}

fn collect_references(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(reference) if key == "$ref" => drop(references.insert(reference.to_owned())),
                    _ => collect_references(value, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        _ => {}
    }
}

/// The methods by path (with `{}` for what stands in it), as routes.rs declares them under /api/v1.
fn routes() -> BTreeMap<String, BTreeSet<String>> {
    let source =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/server/src/http/routes.rs"))
            .unwrap();
    let documented = source
        .split("fn documented()")
        .nth(1)
        .unwrap()
        .split("fn canonical()")
        .next()
        .unwrap();
    let canonical = source
        .split("fn canonical()")
        .nth(1)
        .unwrap()
        .split("/// Every route")
        .next()
        .unwrap();
    let mut routes = BTreeMap::new();
    for declaration in [documented, canonical].concat().split("at(\"").skip(1) {
        let (path, rest) = declaration.split_once('"').unwrap();
        let rest: String = rest.split(".done()").next().unwrap().split_whitespace().collect();
        let methods = ["get", "post", "put", "patch", "delete"]
            .into_iter()
            .filter(|method| rest.contains(&format!(".{method}(")));
        routes.insert(unnamed(&format!("/api/v1{path}")), methods.map(str::to_owned).collect());
    }
    routes.remove("/api/v1/ws");
    routes
}

fn unnamed(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_route_is_in_the_document_and_the_other_way_round() {
    let mut described: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, item) in openapi::document()["paths"].as_object().unwrap() {
        if path.starts_with("/api/v1") {
            described
                .entry(unnamed(path))
                .or_default()
                .extend(item.as_object().unwrap().keys().cloned());
        }
    }
    let routes = routes();
    assert!(routes.len() > 20, "{routes:?}");
    assert_eq!(described, routes);
}

#[tokio::test]
async fn the_running_server_has_a_route_for_every_operation() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let client = server.client();
    assert_eq!(client.get("/openapi.json", 200).await, openapi::document());
    for (path, item) in openapi::document()["paths"].as_object().unwrap() {
        // An unknown secret is 404, like a route that is not there.
        if path.contains("{secret}") {
            continue;
        }
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = path.replace(['{', '}'], "");
            let answer = client.send(method.clone(), &path, None, &[]).await;
            assert!(
                !matches!(answer.status, 404 | 405),
                "{method} {path}: {}",
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn a_body_is_required_where_the_document_says_so_and_nowhere_else() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let admin = server.sign_up_admin().await;
    let job = admin.job(serde_json::json!({})).await;
    let mut optional = BTreeSet::new();
    for (path, item) in openapi::document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let body = &operation["requestBody"];
            if body.is_null() {
                continue;
            }
            let (id, method) = (operation["operationId"].as_str().unwrap(), method.to_uppercase());
            let path = path.replace("{job_id}", job["job_id"].as_str().unwrap());
            let answer = admin.send(method.parse().unwrap(), &path, None, &[]).await;
            let misses_a_body = matches!(answer.status, 400 | 415 | 422);
            if body["required"] == true {
                // Where nothing can have the made-up id, that is told first.
                let unknown = path.contains('{') && answer.status == 404;
                assert!(misses_a_body || unknown, "{id}: {}", answer.status);
            } else {
                assert!(!misses_a_body, "{id}: {}", answer.text());
                optional.insert(id.to_owned());
            }
        }
    }
    assert!(
        optional.contains("pauseJob") && optional.contains("startRun"),
        "{optional:?}"
    );
}

#[tokio::test]
async fn the_reference_has_every_operation_and_says_who_may_call_what() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let page = server
        .client()
        .send(Method::GET, "/docs/reference", None, &[])
        .await
        .text();
    for item in openapi::document()["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(
                page.contains(&format!("id=\"{id}\"")),
                "{id} has no place in the reference"
            );
        }
    }
    let operation = |id: &str| {
        let rest = page.split(&format!("id=\"{id}\"")).nth(1).unwrap();
        rest.split("</section>").next().unwrap()
    };
    assert!(operation("createJob").contains("API keys with <code>jobs:write</code>."));
    assert!(operation("listEvents").contains("<code>jobs:read</code> or <code>runs:read</code>"));
    assert!(operation("createApiKey").contains("no API key can do it"));
    assert!(operation("logIn").contains("Open to everybody."));
}
