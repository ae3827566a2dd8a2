//! `/docs`: the reference, rendered here from the OpenAPI document, without scripts and without another host.

use actix_web::{HttpResponse, http::header};
use serde_json::{Map, Value};
use std::{fmt::Write, sync::OnceLock};

use super::mailbox::escape;
use crate::http::openapi;

/// `GET /docs`
pub async fn reference() -> HttpResponse {
    static PAGE: OnceLock<String> = OnceLock::new();
    let body = PAGE.get_or_init(|| page("API reference", &render(&openapi::document())));
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(body.as_str())
}

/// `GET /docs/style.css`
pub async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(include_str!("docs.css"))
}

/// `GET /openapi.json`
pub async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(openapi::text())
}

/// A page of the server's own.
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{} · Job Scheduler</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>\
         <header><a href=\"/app/\">Job Scheduler</a><nav><a href=\"/docs\">API reference</a> <a href=\"/openapi.json\">openapi.json</a></nav></header>\
         <main>{body}</main></body></html>",
        escape(title)
    )
}

/// The codes of failures, and when they happen.
const ERRORS: &[(&str, &str, &str)] = &[
    ("400", "malformed_json", "The body is not JSON."),
    (
        "400",
        "invalid_parameter",
        "A query parameter or header is unknown or wrong; the answer names the known ones.",
    ),
    (
        "400",
        "invalid_cursor",
        "The cursor is not one of this list with these filters.",
    ),
    (
        "401",
        "unauthenticated",
        "No access token or API key, or one that is no longer valid.",
    ),
    ("401", "invalid_credentials", "Wrong e-mail and password pair."),
    (
        "401",
        "otp_invalid",
        "Wrong, used, expired or unknown code or challenge.",
    ),
    (
        "403",
        "forbidden",
        "Your role does not allow this, it needs a log-in and not an API key, or the call comes from another site.",
    ),
    (
        "403",
        "insufficient_scope",
        "The API key lacks the scope; the header WWW-Authenticate names it.",
    ),
    ("404", "not_found", "There is nothing here, or it is not yours."),
    (
        "405",
        "method_not_allowed",
        "The address exists, the method does not; see the header Allow.",
    ),
    ("406", "not_acceptable", "The API answers JSON only."),
    ("408", "request_timeout", "The body did not arrive within 30 s."),
    (
        "409",
        "invalid_transition",
        "The state machine forbids it; `allowed` has the words that are possible now.",
    ),
    (
        "409",
        "overlap_skipped",
        "A run is under way and the overlap policy is skip.",
    ),
    (
        "409",
        "idempotency_in_progress",
        "A request with this Idempotency-Key is under way; ask again after Retry-After.",
    ),
    ("409", "external_id_taken", "Another job of yours has this external_id."),
    ("409", "lease_lost", "The lease was lost; nothing was changed."),
    (
        "412",
        "version_conflict",
        "Somebody else changed it first; `version` is the one stored now.",
    ),
    (
        "413",
        "body_too_large",
        "The body is larger than 1 MiB (or what the operator set).",
    ),
    (
        "415",
        "unsupported_media_type",
        "The body needs Content-Type: application/json.",
    ),
    (
        "422",
        "idempotency_mismatch",
        "The Idempotency-Key stands for another request; a new request needs a new key.",
    ),
    (
        "422",
        "validation_failed",
        "Types, ranges, unknown fields or words; `errors` names each with its pointer.",
    ),
    (
        "429",
        "rate_limited",
        "Too many requests; wait as long as Retry-After says.",
    ),
    (
        "500",
        "internal",
        "A mistake of the server; its log has the cause under the request id.",
    ),
    (
        "503",
        "unavailable",
        "The database is away, or the server is overloaded or stopping; nothing was changed, try again after Retry-After.",
    ),
];

/// The reference as HTML.
fn render(document: &Value) -> String {
    let mut html = String::new();
    let description = document["info"]["description"].as_str().unwrap_or_default();
    let _ = write!(
        html,
        "<h1>{}</h1>{}",
        escape(document["info"]["title"].as_str().unwrap_or("API")),
        prose(description)
    );
    let mut operations: Vec<(&str, &str, &Value)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operations.push((path, method, operation));
        }
    }
    let tags: Vec<&str> = document["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    html.push_str("<nav class=\"toc\"><ul>");
    for tag in &tags {
        let _ = write!(html, "<li><a href=\"#{0}\">{0}</a></li>", escape(tag));
    }
    html.push_str("<li><a href=\"#errors\">Errors</a></li><li><a href=\"#schemas\">Schemas</a></li></ul></nav>");
    for tag in tags {
        let _ = write!(html, "<h2 id=\"{0}\">{0}</h2>", escape(tag));
        for (path, method, operation) in operations
            .iter()
            .filter(|(_, _, operation)| operation["tags"][0] == tag)
        {
            let security = operation.get("security").unwrap_or(&document["security"]);
            render_operation(&mut html, path, method, operation, &callers(security));
        }
    }
    html.push_str("<h2 id=\"errors\">Errors</h2><p>Every failure is <code>application/problem+json</code> with these codes.</p><table><thead><tr><th>Status</th><th>Code</th><th>When</th></tr></thead><tbody>");
    for (status, code, when) in ERRORS {
        let _ = write!(
            html,
            "<tr id=\"error-{code}\"><td>{status}</td><td><code>{code}</code></td><td>{}</td></tr>",
            inline(when)
        );
    }
    html.push_str("</tbody></table><h2 id=\"schemas\">Schemas</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = write!(
            html,
            "<section class=\"schema\" id=\"schema-{0}\"><h3>{0}</h3>{1}",
            escape(name),
            prose(schema["description"].as_str().unwrap_or_default())
        );
        render_fields(&mut html, schema);
        html.push_str("</section>");
    }
    html
}

/// Who may call an operation, in words.
fn callers(security: &Value) -> String {
    let alternatives = security.as_array().map_or(&[][..], Vec::as_slice);
    if alternatives
        .iter()
        .any(|one| one.as_object().is_some_and(Map::is_empty))
    {
        return "Open to everybody.".to_owned();
    }
    let scopes = alternatives.iter().filter_map(|one| one["api_key"][0].as_str());
    let scopes: Vec<String> = scopes.map(|scope| format!("<code>{}</code>", escape(scope))).collect();
    if scopes.is_empty() {
        "For log-ins; no API key can do it.".to_owned()
    } else {
        format!("For log-ins, and API keys with {}.", scopes.join(" or "))
    }
}

fn render_operation(html: &mut String, path: &str, method: &str, operation: &Value, callers: &str) {
    let text = |key: &str| operation[key].as_str().unwrap_or_default();
    let _ = write!(
        html,
        "<section class=\"operation\" id=\"{}\"><h3>{}</h3><p class=\"route\"><span class=\"method {method}\">{}</span> <code>{}</code></p>{}<p>{callers}</p>",
        escape(text("operationId")),
        escape(text("summary")),
        method.to_uppercase(),
        escape(path),
        prose(text("description")),
    );
    let parameters = operation["parameters"].as_array();
    if parameters.is_some_and(|parameters| !parameters.is_empty()) {
        html.push_str("<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr></thead><tbody>");
        for parameter in parameters.into_iter().flatten() {
            let _ = write!(
                html,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escape(parameter["name"].as_str().unwrap_or_default()),
                escape(parameter["in"].as_str().unwrap_or_default()),
                type_of(&parameter["schema"]),
                inline(parameter["description"].as_str().unwrap_or_default()),
            );
        }
        html.push_str("</tbody></table>");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        let _ = write!(html, "<p>Body: {}</p>", type_of(body));
    }
    html.push_str("<ul class=\"answers\">");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let content = response["content"]
            .as_object()
            .and_then(|content| content.values().next());
        let kind = content
            .map(|content| format!(" — {}", type_of(&content["schema"])))
            .unwrap_or_default();
        let _ = write!(
            html,
            "<li><b>{status}</b> {}{kind}</li>",
            inline(response["description"].as_str().unwrap_or_default())
        );
    }
    html.push_str("</ul></section>");
}

fn render_fields(html: &mut String, schema: &Value) {
    let parts = schema["allOf"].as_array().or(schema["oneOf"].as_array());
    if let Some(parts) = parts {
        for part in parts {
            if part["$ref"].is_string() {
                let _ = write!(html, "<p>all fields of {}</p>", type_of(part));
            } else {
                render_fields(html, part);
            }
        }
        return;
    }
    let Some(properties) = schema["properties"].as_object() else {
        let _ = write!(html, "<p>{}</p>", type_of(schema));
        return;
    };
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    html.push_str("<table><thead><tr><th>Field</th><th>Type</th><th></th></tr></thead><tbody>");
    for (name, field) in properties {
        let mark = if required.contains(&name.as_str()) {
            ""
        } else {
            " <small>optional</small>"
        };
        let about = inline(field["description"].as_str().unwrap_or_default());
        let _ = write!(
            html,
            "<tr><td><code>{}</code>{mark}</td><td>{}</td><td>{about}</td></tr>",
            escape(name),
            type_of(field)
        );
    }
    html.push_str("</tbody></table>");
}

/// The type of a schema in a few words.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escape(name));
    }
    if let Some(words) = schema["enum"].as_array() {
        return words
            .iter()
            .map(|word| format!("<code>{}</code>", escape(&word.to_string())))
            .collect::<Vec<_>>()
            .join(" | ");
    }
    if let Some(parts) = schema["oneOf"]
        .as_array()
        .or(schema["anyOf"].as_array())
        .or(schema["allOf"].as_array())
    {
        return parts.iter().map(type_of).collect::<Vec<_>>().join(" | ");
    }
    let format = schema["format"]
        .as_str()
        .map(|format| format!(" ({})", escape(format)))
        .unwrap_or_default();
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("array of {}", type_of(&schema["items"])),
        Value::String(kind) => format!("{}{format}", escape(kind)),
        Value::Array(kinds) if kinds.iter().any(|kind| kind == "array") => {
            format!("array of {} | null", type_of(&schema["items"]))
        }
        Value::Array(kinds) => {
            kinds
                .iter()
                .filter_map(Value::as_str)
                .map(escape)
                .collect::<Vec<_>>()
                .join(" | ")
                + &format
        }
        _ => "any JSON".to_owned(),
    }
}

/// Paragraphs.
fn prose(text: &str) -> String {
    text.split("\n\n")
        .filter(|part| !part.trim().is_empty())
        .map(|part| format!("<p>{}</p>", inline(part)))
        .collect()
}

/// Text with `code` in backticks.
fn inline(text: &str) -> String {
    let parts = escape(text);
    let mut html = String::new();
    for (index, part) in parts.split('`').enumerate() {
        if index % 2 == 1 {
            let _ = write!(html, "<code>{part}</code>");
        } else {
            html.push_str(part);
        }
    }
    html
}
