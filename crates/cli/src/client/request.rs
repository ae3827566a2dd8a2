//! One request.

use crate::{
    config::Url,
    error::{Error, Result},
    numbers, randomness,
};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

/// A request to be made.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) method: Method,
    path: Vec<String>,
    query: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) if_match: Option<i64>,
    pub(super) idempotency_key: Option<String>,
    pub(super) anonymous: bool,
    pub(super) timeout: Duration,
}

impl Request {
    /// Any method; the path is what follows `/api/v1`, segment by segment, as plain text.
    pub fn new(method: Method, path: &[&str]) -> Self {
        Self {
            method,
            path: path.iter().map(|segment| (*segment).to_owned()).collect(),
            query: Vec::new(),
            body: None,
            if_match: None,
            idempotency_key: None,
            anonymous: false,
            timeout: Duration::from_secs(60),
        }
    }

    /// `GET`
    pub fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path)
    }

    /// `POST` with a fresh `Idempotency-Key`.
    pub fn post(path: &[&str]) -> Self {
        Self {
            idempotency_key: Some(randomness::word()),
            ..Self::new(Method::POST, path)
        }
    }

    /// A query parameter.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts are given as they are")]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// A query parameter, where there is a value.
    #[must_use]
    pub fn maybe(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.text(numbers::write(body))
    }

    /// A body that is JSON already.
    #[must_use]
    pub fn text(mut self, body: String) -> Self {
        self.body = Some(body.into_bytes());
        self
    }

    /// Only if the resource has this version still.
    #[must_use]
    pub fn if_match(mut self, version: i64) -> Self {
        self.if_match = Some(version);
        self
    }

    /// Not to be repeated when the connection breaks: the server knows no key for it.
    #[must_use]
    pub fn without_key(mut self) -> Self {
        self.idempotency_key = None;
        self
    }

    /// Without credential: for logging in.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// How long the whole answer may take; 60 s unless said.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Whether it does no harm twice.
    pub(super) fn is_safe(&self) -> bool {
        self.method == Method::GET || self.idempotency_key.is_some()
    }

    /// The address, with every segment encoded.
    pub(super) fn url(&self, base: &Url) -> Result<Url> {
        let mut url = base.clone();
        for segment in &self.path {
            // Dots alone would be taken for a way up the path.
            if segment.is_empty() || segment == "." || segment == ".." {
                return Err(Error::usage_with(
                    format!("{segment:?} is no id"),
                    "the id in the first column of the list, or ext: and an external id",
                ));
            }
        }
        url.path_segments_mut()
            .map_err(|()| Error::usage(format!("{base} is no address of a server")))?
            .pop_if_empty()
            .extend(["api", "v1"])
            .extend(&self.path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}
