//! The reference: the OpenAPI document as a page.

use serde_json::{Map, Value};
use std::{fmt::Write, sync::OnceLock};

use super::layout::{Page, escape};
use crate::http::{openapi, problem::Code};

/// `GET /docs/reference`
pub(super) fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let document = openapi::document();
        let mut sections: Vec<(String, String)> = tags(&document)
            .into_iter()
            .map(|tag| (place(tag), tag.to_owned()))
            .collect();
        sections.push(("schemas".to_owned(), "Schemas".to_owned()));
        Page {
            title: "Every call",
            here: "/docs/reference",
            body: &render(&document),
            sections: &sections,
            scripts: &[],
        }
        .html()
    })
}

fn tags(document: &Value) -> Vec<&str> {
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.filter_map(|tag| tag["name"].as_str()).collect()
}

/// The place of a tag in the page.
fn place(tag: &str) -> String {
    tag.to_lowercase().replace(' ', "-")
}

/// The reference as HTML.
fn render(document: &Value) -> String {
    let mut html = String::new();
    let description = document["info"]["description"].as_str().unwrap_or_default();
    let _ = write!(
        html,
        "<h1>Every call</h1>{}<p>The same for programs: <a href=\"/openapi.json\">openapi.json</a> (OpenAPI 3.1). What goes over the \
         WebSocket: <a href=\"/asyncapi.yaml\">asyncapi.yaml</a> (AsyncAPI 3.0).</p>",
        prose(description)
    );
    let mut operations: Vec<(&str, &str, &Value)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            operations.push((path, method, operation));
        }
    }
    for tag in tags(document) {
        let _ = write!(html, "<h2 id=\"{}\">{}</h2>", place(tag), escape(tag));
        for (path, method, operation) in operations
            .iter()
            .filter(|(_, _, operation)| operation["tags"][0] == tag)
        {
            let security = operation.get("security").unwrap_or(&document["security"]);
            let shared = &document["components"]["responses"];
            render_operation(&mut html, path, method, operation, &callers(security), shared);
        }
    }
    html.push_str("<h2 id=\"schemas\">Schemas</h2>");
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

fn render_operation(
    html: &mut String,
    path: &str,
    method: &str,
    operation: &Value,
    callers: &str,
    shared_responses: &Value,
) {
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
    let body = &operation["requestBody"]["content"]["application/json"];
    if !body.is_null() {
        let may_lack = if operation["requestBody"]["required"] == true {
            ""
        } else {
            " (may be left out)"
        };
        let _ = write!(html, "<p>Body{may_lack}: {}</p>", type_of(&body["schema"]));
        if !body["example"].is_null() {
            let example = serde_json::to_string_pretty(&body["example"]).unwrap_or_default();
            let _ = write!(html, "<pre><code>{}</code></pre>", escape(&example));
        }
    }
    html.push_str("<ul class=\"answers\">");
    let answers = operation["responses"].as_object().into_iter().flatten();
    for (status, response) in answers.clone().filter(|(status, _)| !is_refusal(status)) {
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
    html.push_str("</ul>");
    let refusals: Vec<String> = answers
        .filter(|(status, _)| is_refusal(status))
        .map(|(status, response)| {
            let name = response["$ref"].as_str().and_then(|path| path.rsplit('/').next());
            let response = name.map_or(response, |name| &shared_responses[name]);
            let about = response["description"].as_str().unwrap_or_default();
            format!("<b>{status}</b> {}", with_links(&inline(about)))
        })
        .collect();
    if !refusals.is_empty() {
        let _ = write!(html, "<p>Refusals: {}</p>", refusals.join(" · "));
    }
    html.push_str("</section>");
}

/// Whether it is an answer that is a problem; `default` says no more than that there are some.
fn is_refusal(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

/// Codes lead to where they are explained.
fn with_links(html: &str) -> String {
    let link = |html: String, code: &Code| {
        let word = code.word();
        html.replace(
            &format!("<code>{word}</code>"),
            &format!("<a href=\"/docs/errors#{word}\"><code>{word}</code></a>"),
        )
    };
    Code::ALL.iter().fold(html.to_owned(), link)
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
