//! What an operation may refuse, and by which codes: mostly by what it is (it has a body, a path, a scope), so that nobody has
//! to write it down a hundred times. The tests hold every answer that they get against it.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use crate::http::{idempotency, problem::Code};

/// What operations refuse beyond that.
const MORE: &[(&str, &[Code])] = &[
    ("abortBulkOperation", &[Code::InvalidTransition]),
    ("callHook", &[Code::OverlapSkipped, Code::InvalidTransition]),
    ("cancelRun", &[Code::InvalidTransition]),
    ("changeJob", &[Code::ExternalIdTaken]),
    ("createJob", &[Code::ExternalIdTaken]),
    ("logIn", &[Code::InvalidCredentials]),
    ("listRuns", &[Code::NotFound]),
    ("makeHeartbeatOfJob", &[Code::ValidationFailed]),
    ("makeInboundOfJob", &[Code::ValidationFailed]),
    ("refreshTokens", &[Code::Unauthenticated, Code::Forbidden]),
    ("replayDeliveries", &[Code::InvalidTransition]),
    ("replayDelivery", &[Code::InvalidTransition]),
    ("resetPassword", &[Code::OtpInvalid]),
    ("retryRun", &[Code::InvalidTransition, Code::OverlapSkipped]),
    ("runJob", &[Code::InvalidTransition, Code::OverlapSkipped]),
    ("sendOtp", &[Code::OtpInvalid]),
    ("setUp", &[Code::Forbidden]),
    ("startRun", &[Code::InvalidTransition, Code::OverlapSkipped]),
    ("testWebhook", &[Code::InvalidTransition]),
    ("verifyOtp", &[Code::OtpInvalid]),
];

/// Describes every refusal of every operation of the API. What many have in common is described once.
pub(super) fn describe(document: &mut Value) {
    let mut shared = Map::new();
    let by_default = document["security"].clone();
    for (path, methods) in document["paths"].as_object_mut().into_iter().flatten() {
        // What operators ask for, at the root, has no rules in common with the rest.
        if !path.starts_with("/api/v1/") {
            continue;
        }
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            let security = operation.get("security").unwrap_or(&by_default);
            let codes = codes(path, method, operation, security);
            let Some(responses) = operation["responses"].as_object_mut() else {
                continue;
            };
            for (status, codes) in codes {
                let own = responses
                    .get(&status)
                    .and_then(|response| response["description"].as_str());
                let response = match own {
                    Some(own) => response(&also(own, &codes)),
                    None => {
                        let names: Vec<_> = codes.iter().map(|code| format!("{code:?}")).collect();
                        let name = names.join("Or");
                        let reference = json!({"$ref": format!("#/components/responses/{name}")});
                        shared.insert(name, response(&words(&codes)));
                        reference
                    }
                };
                responses.insert(status, response);
            }
        }
    }
    document["components"]["responses"] = Value::Object(shared);
}

/// The codes of an operation, by status.
fn codes(path: &str, method: &str, operation: &Value, security: &Value) -> BTreeMap<String, Vec<Code>> {
    let has_parameter = |name: &str| {
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        parameters.any(|parameter| parameter["name"] == name)
    };
    let alternatives = || security.as_array().into_iter().flatten().filter_map(Value::as_object);
    let has_body = !operation["requestBody"].is_null();
    let is_open = alternatives().any(Map::is_empty);
    let takes_keys = alternatives().any(|one| one.contains_key("api_key"));
    let has_key = method == "post" && idempotency::applies_to(path);
    let more = MORE.iter().find(|(id, _)| operation["operationId"] == *id);
    let all = [
        (has_body, Code::MalformedJson),
        (true, Code::InvalidParameter),
        (has_parameter("cursor") || has_parameter("since"), Code::InvalidCursor),
        (!is_open, Code::Unauthenticated),
        (!is_open && !takes_keys, Code::Forbidden),
        (takes_keys, Code::InsufficientScope),
        (path.contains('{'), Code::NotFound),
        (true, Code::NotAcceptable),
        (has_body, Code::RequestTimeout),
        (has_key, Code::IdempotencyInProgress),
        (has_parameter("If-Match"), Code::VersionConflict),
        (has_body, Code::BodyTooLarge),
        (has_body, Code::UnsupportedMediaType),
        (has_body, Code::ValidationFailed),
        (has_key, Code::IdempotencyMismatch),
        (true, Code::RateLimited),
        (true, Code::Unavailable),
    ];
    let all = all.iter().filter(|(applies, _)| *applies).map(|(_, code)| *code);
    let mut by_status: BTreeMap<String, Vec<Code>> = BTreeMap::new();
    for code in all.chain(more.into_iter().flat_map(|(_, codes)| codes.iter().copied())) {
        let codes = by_status.entry(code.status().as_str().to_owned()).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    // The same codes make the same name, wherever they came from.
    for codes in by_status.values_mut() {
        codes.sort_by_key(|code| Code::ALL.iter().position(|one| one == code));
    }
    by_status
}

fn words(codes: &[Code]) -> String {
    let words: Vec<_> = codes.iter().map(|code| format!("`{}`", code.word())).collect();
    words.join(", ")
}

/// What a handler says itself, and the codes that it leaves out.
fn also(own: &str, codes: &[Code]) -> String {
    let missing: Vec<_> = codes
        .iter()
        .copied()
        .filter(|code| !own.contains(code.word()))
        .collect();
    if missing.is_empty() {
        return own.to_owned();
    }
    format!("{own}; or {}", words(&missing))
}

fn response(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    })
}
