//! A run that is a request to somebody's server.

mod check;
mod expect;
mod render;
mod request;
mod secret;
mod template;

#[cfg(test)]
mod tests;

pub use expect::Expect;
pub use render::RenderError;
pub use request::HttpRequest;
pub use secret::Sealed;
pub use template::TEMPLATE_NAMES;

use crate::{job::Payload, words};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

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

impl HttpMethod {
    /// Whether a request without a body of its own carries the payload.
    pub const fn carries_payload(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

/// A request to send. URL, header values and body are templates: `{{run.id}}`, `{{payload.items.0}}` and the like
/// ([`TEMPLATE_NAMES`]); `{{{{` stands for two braces as such.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpCall {
    /// The method.
    pub method: HttpMethod,
    /// Where to, http or https. Placeholders stand in path and query only.
    pub url: String,
    /// Headers by name. From the hand of the user it holds all of them, in the store those that are no secret.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The secret headers, encrypted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sealed_headers: BTreeMap<String, Sealed>,
    /// The body; without one the payload as JSON for POST, PUT and PATCH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<HttpBody>,
    /// Which answers are a success.
    #[serde(default)]
    pub expect: Expect,
    /// Names of headers whose values are encrypted at rest and never shown; some are without being named.
    #[serde(default)]
    pub secret_headers: Vec<String>,
}

impl fmt::Debug for HttpCall {
    /// Without the values of secret headers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        f.debug_struct("HttpCall")
            .field("method", &shown.method)
            .field("url", &shown.url)
            .field("headers", &shown.headers)
            .field("body", &shown.body)
            .field("expect", &shown.expect)
            .field("secret_headers", &shown.secret_headers)
            .finish_non_exhaustive()
    }
}

/// The body of a request: any JSON, sent as such; when it is a string, what it says is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
// The JSON text within a string: a raw value does not survive the way through an enum that is told apart by a tag.
pub struct HttpBody(String);

impl HttpBody {
    /// The body that somebody sent as JSON.
    pub fn of(json: &Payload) -> Self {
        Self(json.as_str().trim().to_owned())
    }

    /// A body of text.
    pub fn text(text: &str) -> Self {
        Self(serde_json::Value::from(text).to_string())
    }

    /// The JSON text.
    pub fn json(&self) -> &str {
        &self.0
    }

    /// What it says, when it is a string.
    fn as_text(&self) -> Option<String> {
        serde_json::from_str(&self.0).ok()
    }
}

/// The media type in the value of `Content-Type`, in lower case.
fn media_type(content_type: &str) -> String {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

/// How the body is written: by its `Content-Type`, or by what it is.
fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}
