//! Holds answers against the OpenAPI document: no test gets one that is not described.

use reqwest::Method;
use scheduler_server::http::openapi;
use serde_json::Value;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);

/// What is no answer of an operation but of the way to it, and may come from every address.
const FROM_THE_WAY: &[&str] = &[
    // A page of another origin, or a key where only a log-in will do.
    "forbidden",
    "internal",
    "method_not_allowed",
    "request_timeout",
];

/// The operation that a request is of, by the address that has the most fixed parts.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    // The documented addresses at the root are the same operations.
    let candidates = [path.to_owned(), format!("/api/v1{path}")];
    let paths = DOCUMENT["paths"].as_object()?;
    let mut found: Vec<_> = paths
        .iter()
        .filter(|(template, _)| candidates.iter().any(|path| fits(template, path)))
        .collect();
    found.sort_by_key(|(template, _)| template.matches('{').count());
    let methods = found.first()?.1;
    methods.get(method.as_str().to_lowercase())
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(part, given)| match part.split_once('{') {
                None => part == given,
                Some((before, rest)) => {
                    let after = rest.split_once('}').map_or("", |(_, after)| after);
                    given.starts_with(before) && given.ends_with(after) && given.len() > before.len() + after.len()
                }
            })
}

/// Panics unless the document has this answer: its status, and in its description the code of a problem.
pub(crate) fn check(method: &Method, path: &str, status: u16, code: Option<&str>) {
    let Some(operation) = operation(method, path) else {
        return;
    };
    // What operators ask for, at the root, is described by the handlers alone.
    let is_of_the_api = operation["responses"]["400"].is_object();
    // At the root, only the documented addresses answer.
    let is_no_route = status == 404 && !path.starts_with("/api/v1/");
    if !is_of_the_api || is_no_route || code.is_some_and(|code| FROM_THE_WAY.contains(&code)) {
        return;
    }
    let id = &operation["operationId"];
    let mut response = &operation["responses"][status.to_string()];
    if let Some(reference) = response["$ref"].as_str() {
        response = DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap();
    }
    let what = format!("{method} {path}: {status} {}", code.unwrap_or_default());
    let description = response["description"].as_str();
    let description = description.unwrap_or_else(|| panic!("{what}: {id} has no answer {status} in openapi.json"));
    if let Some(code) = code {
        assert!(
            description.contains(&format!("`{code}`")),
            "{what}: {id} does not tell of the code in openapi.json: {description}"
        );
    }
}
