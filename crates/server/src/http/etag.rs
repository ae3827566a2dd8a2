//! Versions on the wire: `ETag`, `If-Match`, `If-None-Match` (RFC 9110, section 13).

use actix_web::{HttpRequest, http::header};
use scheduler_domain::{error::StoreError, validate::FieldError};
use sha2::{Digest, Sha256};

use super::problem::Problem;

/// The strong tag of a version.
pub fn of(version: i64) -> String {
    format!("\"{version}\"")
}

/// The strong tag of a representation that changes also without a new version, as a job does by its runs: the version,
/// and a mark of the rest. As a condition of a change only the version counts, so a run is no conflict.
pub fn of_representation(version: i64, body: &str) -> String {
    let mark = Sha256::digest(body.as_bytes());
    let mark = mark
        .iter()
        .take(8)
        .fold(String::new(), |mark, byte| mark + &format!("{byte:02x}"));
    format!("\"{version}-{mark}\"")
}

/// The version that a strong tag of ours names.
fn version_of(tag: &str) -> Option<i64> {
    let inner = tag.strip_prefix('"')?.strip_suffix('"')?;
    inner.split_once('-').map_or(inner, |(version, _)| version).parse().ok()
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
    if !tags.iter().all(well_formed) {
        return Err(malformed());
    }
    // A weak tag never matches (RFC 9110, section 13.1.1).
    if tags.iter().any(|tag| version_of(tag) == Some(current)) {
        Ok(Some(current))
    } else {
        Err(StoreError::VersionConflict { current }.into())
    }
}

/// Whether the caller has what this tag stands for already.
pub fn is_known(request: &HttpRequest, mine: &str) -> bool {
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    known.is_some_and(|text| {
        text.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == mine)
    })
}

fn malformed() -> Problem {
    let message = "must be * or an ETag in double quotes, such as \"3\"";
    Problem::parameter(FieldError::new("If-Match", "invalid_header", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_back_from_every_tag_of_ours() {
        assert_eq!(version_of(&of(7)), Some(7));
        let tag = of_representation(7, "{}");
        assert_eq!(version_of(&tag), Some(7));
        assert_ne!(tag, of_representation(7, "{ }"));
        for other in ["7", "\"\"", "\"x\"", "W/\"7\"", "\"-7\"", "*"] {
            assert_eq!(version_of(other), None, "{other}");
        }
    }
}
