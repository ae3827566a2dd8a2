//! Versions on the wire: `ETag`, `If-Match`, `If-None-Match` (RFC 9110, section 13).

use actix_web::{HttpRequest, http::header};
use scheduler_domain::{error::StoreError, validate::FieldError};

use super::problem::Problem;

/// The strong tag of a version.
pub fn of(version: i64) -> String {
    format!("\"{version}\"")
}

/// What the caller believes to change: `Some(version)`, or `None` for "whatever it is" (no header, or `*`).
///
/// `current` is the version stored now: a tag that is none of ours matches nothing, so it is a conflict with it.
pub fn expected(request: &HttpRequest, current: i64) -> Result<Option<i64>, Problem> {
    let Some(value) = request.headers().get(header::IF_MATCH) else {
        return Ok(None);
    };
    let Ok(text) = value.to_str() else {
        return Err(malformed());
    };
    if text.trim() == "*" {
        return Ok(None);
    }
    let tags: Vec<&str> = text.split(',').map(str::trim).collect();
    let well_formed = |tag: &&str| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"')
    };
    if !tags.iter().all(|tag| well_formed(tag)) {
        return Err(malformed());
    }
    // A weak tag never matches (RFC 9110, section 13.1.1).
    if tags.contains(&of(current).as_str()) {
        Ok(Some(current))
    } else {
        Err(StoreError::VersionConflict { current }.into())
    }
}

/// Whether the caller has this version already.
pub fn is_known(request: &HttpRequest, version: i64) -> bool {
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    known.is_some_and(|text| {
        let mine = of(version);
        text.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == mine)
    })
}

fn malformed() -> Problem {
    let message = "must be * or an ETag in double quotes, such as \"3\"";
    Problem::parameter(FieldError::new("If-Match", "invalid_header", message))
}
