//! What holds for every request: its id, the security headers, the log line.

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use scheduler_domain::audit::Acting;
use scheduler_storage::acting;
use std::{sync::Arc, time::Instant};

use super::{
    client,
    problem::{Code, Problem},
    request_id,
};
use crate::{
    rate_limit::{Left, WORKERS},
    state::State,
};

/// No inline code, nothing from another host, no frames around us (OWASP ASVS 3.4.3).
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Gives the request its id, and the answer its headers.
pub async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let state = State::of(request.request());
    let id = request_id::of(request.request(), &*state.clock, &*state.random);
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let acting = Arc::new(Acting::from(client::origin(request.request(), &id)));
    // No clone of the request may live here: the router must be its only owner while it matches the path.
    let served = acting::within(Some(acting), next.call(request));
    let mut response = request_id::within(id.clone(), served).await?.map_into_boxed_body();
    if response.status() == StatusCode::NOT_ACCEPTABLE && !is_problem(&response) {
        // From the compression: not even the plain form is acceptable.
        let problem = request_id::within(id.clone(), async {
            let detail = "no encoding of the answer is acceptable; identity and gzip are available";
            Problem::new(Code::NotAcceptable, detail)
        });
        let problem = problem.await.error_response();
        response = response.into_response(problem);
    }
    let state = State::of(response.request());
    let https = state.is_https();
    let left = response.request().extensions().get::<Left>().copied();
    add_headers(response.headers_mut(), &id, &path, https, left);
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    if !matches!(path.as_str(), "/healthz" | "/readyz") {
        tracing::info!(request_id = %id, %method, path = %shown(&path), status, milliseconds, "request");
    }
    Ok(response)
}

fn is_problem(response: &ServiceResponse) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

/// A path for the log: no line breaks, not endless, and no secrets (hooks have them in the path).
fn shown(path: &str) -> String {
    let secret = ["/hooks/", "/heartbeats/", "/badges/"]
        .iter()
        .find_map(|kind| path.find(kind).map(|at| at + kind.len()));
    let path = secret.and_then(|end| path.get(..end)).unwrap_or(path);
    let ending = if secret.is_some() { "***" } else { "" };
    let shown = path.chars().filter(|c| !c.is_control()).take(200);
    shown.chain(ending.chars()).collect()
}

fn add_headers(headers: &mut header::HeaderMap, id: &str, path: &str, https: bool, left: Option<Left>) {
    let mut default = |name: HeaderName, value: &str| {
        if !headers.contains_key(&name)
            && let Ok(value) = HeaderValue::from_str(value)
        {
            headers.insert(name, value);
        }
    };
    default(HeaderName::from_static(request_id::HEADER), id);
    default(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::REFERRER_POLICY, "no-referrer");
    default(header::CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    if https {
        default(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if !path.starts_with("/app") {
        default(header::CACHE_CONTROL, "no-store");
    }
    if let Some(left) = left {
        // draft-ietf-httpapi-ratelimit-headers
        let name = if left.quota == WORKERS { "workers" } else { "default" };
        let policy = format!("\"{name}\";q={};w={}", left.quota.burst, left.quota.window_seconds);
        default(HeaderName::from_static("ratelimit-policy"), &policy);
        default(
            HeaderName::from_static("ratelimit"),
            &format!("\"{name}\";r={};t={}", left.remaining, left.reset_seconds),
        );
    }
}

/// What the exports of the audit log are, besides JSON.
fn is_export(path: &str, kind: &str) -> bool {
    path.ends_with("/audit-log") && matches!(kind, "text/csv" | "text/*" | "application/x-ndjson")
}

/// Refuses a client that takes no JSON, nor what else the address has (RFC 9110, section 15.5.7).
pub async fn accept_json(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let acceptable = accept.is_none_or(|accept| {
        accept.split(',').any(|range| {
            let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
            let kind = parts.next().unwrap_or_default();
            // A weight of nought means "not this" (RFC 9110, section 12.4.2).
            let refused = parts.any(|part| {
                part.strip_prefix("q=")
                    .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
            });
            let is_json = matches!(
                kind.as_str(),
                "" | "*/*" | "application/*" | "application/json" | "application/problem+json"
            );
            !refused && (is_json || is_export(request.path(), &kind))
        })
    });
    if acceptable {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let problem = Problem::new(Code::NotAcceptable, "the API answers application/json only");
    Ok(request.error_response(problem))
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn the_log_shows_no_secret_address() {
        assert_eq!(shown("/hooks/jsh_abc"), "/hooks/***");
        assert_eq!(shown("/api/v1/heartbeats/jsp_abc"), "/api/v1/heartbeats/***");
        assert_eq!(shown("/badges/jsb_abc.svg"), "/badges/***");
        assert_eq!(shown("/api/v1/jobs\n"), "/api/v1/jobs");
    }
}
