//! One answer.

use crate::{
    error::{Error, Problem, Result},
    numbers,
};
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    /// `GET http://…`
    pub request: String,
}

impl Answer {
    /// The body; null when there is none.
    pub fn json(&self) -> Result<Value> {
        if self.bytes.is_empty() {
            return Ok(Value::Null);
        }
        std::str::from_utf8(&self.bytes)
            .map_err(|error| self.unexpected(&error))
            .and_then(|text| numbers::read(text).map_err(|error| self.unexpected(&error)))
    }

    /// The body as a type, to the last digit where the type keeps it.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.bytes).map_err(|error| self.unexpected(&error))
    }

    fn unexpected(&self, error: &dyn std::error::Error) -> Error {
        Error::Unreachable {
            what: format!("{}: the answer is not what was expected: {error}", self.request),
            hint: Some("is this a Job Scheduler, and as new as this program?".into()),
        }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The failure that it tells of.
    pub(super) fn problem(&self) -> Problem {
        let parsed: Option<Problem> = serde_json::from_slice(&self.bytes).ok();
        let mut problem = parsed
            .filter(|problem| !problem.code.is_empty())
            .unwrap_or_else(|| super::foreign(self));
        problem.status = self.status;
        problem.request.clone_from(&self.request);
        problem.missing_scope = self
            .header("www-authenticate")
            .and_then(|text| Some(text.split_once("scope=\"")?.1.split_once('"')?.0.to_owned()));
        problem
    }
}
