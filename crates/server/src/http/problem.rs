//! Failures on the wire: RFC 9457 problem documents with a stable `code`, for every failure there is.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use scheduler_domain::{
    api_key::{Scope, Scopes},
    error::{Refusal, StoreError},
    user::Word,
    validate::FieldError,
};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

use super::request_id;

mod code;

pub use code::Code;

/// One broken rule of a request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemField {
    /// JSON pointer to the field, or the name of the query parameter.
    #[schema(example = "/job_name")]
    pointer: String,
    /// Stable word for programs.
    #[schema(example = "too_long")]
    code: String,
    /// A sentence for people.
    message: String,
    /// The words that would be accepted, where the set is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<String>>,
}

/// A failure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Address of a page about this kind of failure.
    #[serde(rename = "type")]
    #[schema(example = "/docs/errors#not_found")]
    kind: String,
    /// Short words for the status.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Stable word for programs.
    #[schema(value_type = String, example = "not_found")]
    code: Code,
    /// What went wrong, for people.
    detail: String,
    /// The id of the request, to find it in the log by.
    request_id: String,
    /// Every broken rule, for `validation_failed`, `invalid_parameter` and `malformed_json`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemField>,
    /// What would be possible now, for `invalid_transition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<Vec<String>>,
    /// The version stored now, for `version_conflict`.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// Seconds to wait, for `rate_limited`, `unavailable` and `idempotency_in_progress`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    /// For the header `Allow`.
    #[serde(skip)]
    methods: Option<String>,
    /// For the header `WWW-Authenticate`: the scopes of which one is needed.
    #[serde(skip)]
    scopes: Option<String>,
}

impl Problem {
    /// A failure with a code and a sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let status = code.status();
        Self {
            kind: format!("/docs/errors#{}", code.word()),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            request_id: request_id::current(),
            errors: Vec::new(),
            allowed: None,
            version: None,
            retry_after: None,
            methods: None,
            scopes: None,
        }
    }

    /// No such thing, or not the caller's: one and the same answer.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is nothing here, or it is not yours")
    }

    /// No token, or none that is valid.
    pub fn unauthenticated() -> Self {
        Self::new(
            Code::Unauthenticated,
            "log in, and send the access token, or an API key, as \"Authorization: Bearer …\"",
        )
    }

    /// The API key lacks the scope that the operation needs.
    pub fn insufficient_scope(needed: &[Scope], has: Scopes) -> Self {
        let words: Vec<&str> = needed.iter().map(|scope| scope.word()).collect();
        let detail = format!(
            "this needs the scope {}; the API key has: {}",
            words.join(" or "),
            has.words().collect::<Vec<_>>().join(", ")
        );
        Self {
            scopes: Some(words.join(" ")),
            ..Self::new(Code::InsufficientScope, detail)
        }
    }

    /// API keys cannot do this, whatever their scopes.
    pub fn log_in_needed() -> Self {
        let detail = "this needs a log-in; no API key can do it";
        Self::new(Code::Forbidden, detail)
    }

    /// The role does not allow it.
    pub fn forbidden() -> Self {
        Self::new(Code::Forbidden, "your role does not allow this")
    }

    /// The input breaks rules.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::new(Code::ValidationFailed, summary(&errors, "the input is not valid")).with_errors(errors)
    }

    /// A query parameter is unknown or wrong.
    pub fn parameter(error: FieldError) -> Self {
        let errors = vec![error];
        Self::new(Code::InvalidParameter, summary(&errors, "a parameter is not valid")).with_errors(errors)
    }

    /// What the present state admits.
    #[must_use]
    pub fn allowing(self, words: Vec<String>) -> Self {
        Self {
            allowed: Some(words),
            ..self
        }
    }

    /// The route exists, the method does not.
    pub fn method_not_allowed(methods: &str) -> Self {
        let detail = format!("this address answers {methods} only");
        let problem = Self::new(Code::MethodNotAllowed, detail);
        Self {
            methods: Some(methods.to_owned()),
            ..problem
        }
    }

    /// Something that is needed is away or overloaded.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self {
            retry_after: Some(2),
            ..Self::new(Code::Unavailable, detail)
        }
    }

    /// The same request is being carried out.
    pub fn in_progress() -> Self {
        let detail = "a request with this Idempotency-Key is under way; ask again shortly for its answer";
        Self {
            retry_after: Some(1),
            ..Self::new(Code::IdempotencyInProgress, detail)
        }
    }

    /// A mistake of ours; the cause goes to the log and not to the client.
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(
            Code::Internal,
            "this is a mistake of the server; the log has it under the request id",
        )
    }

    /// With broken rules.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors
            .into_iter()
            .map(|error| ProblemField {
                pointer: error.pointer,
                code: error.code,
                message: error.message,
                allowed: error.allowed,
            })
            .collect();
        self
    }
}

fn summary(errors: &[FieldError], otherwise: &str) -> String {
    match errors {
        [] => otherwise.to_owned(),
        [one] => format!(
            "{}: {}",
            if one.pointer.is_empty() { "input" } else { &one.pointer },
            one.message
        ),
        [first, rest @ ..] => format!("{}: {} (and {} more)", first.pointer, first.message, rest.len()),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.word(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(methods) = &self.methods {
            response.insert_header((header::ALLOW, methods.as_str()));
        }
        if self.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        } else if let Some(scopes) = &self.scopes {
            // RFC 6750, section 3.1
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.body(serde_json::to_string(self).unwrap_or_default())
    }
}

/// The one place where refusals become statuses; what needs the log is logged here, once.
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Invalid(errors) => Self::invalid(errors),
            Refusal::InvalidCredentials => Self::new(Code::InvalidCredentials, text),
            Refusal::OtpInvalid => Self::new(Code::OtpInvalid, text),
            Refusal::Unauthenticated => Self::unauthenticated(),
            Refusal::Forbidden => Self::forbidden(),
            Refusal::InvalidTransition { from, wanted, allowed } => {
                let detail = match allowed.as_slice() {
                    [] => format!("it is {from} and stays so; {wanted} is not possible"),
                    allowed => format!(
                        "it is {from} and cannot become {wanted} now; possible: {}",
                        allowed.join(", ")
                    ),
                };
                Self::new(Code::InvalidTransition, detail).allowing(allowed)
            }
            Refusal::OverlapSkipped => {
                let detail = "a run of this job is under way, and its overlap policy does not allow another; cancel it, wait, or change the policy";
                Self::new(Code::OverlapSkipped, detail).allowing(vec!["Cancelled".to_owned()])
            }
            Refusal::RateLimited { retry_after_seconds } => Self {
                retry_after: Some(retry_after_seconds),
                ..Self::new(Code::RateLimited, text)
            },
            Refusal::Overloaded => Self::unavailable(text),
            Refusal::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::not_found(),
            StoreError::VersionConflict { current } => {
                let detail = format!(
                    "it has version {current} now; read it again, apply your change and send If-Match: \"{current}\""
                );
                Self {
                    version: Some(current),
                    ..Self::new(Code::VersionConflict, detail)
                }
            }
            StoreError::Taken("external_id") => {
                Self::new(Code::ExternalIdTaken, "another job of yours has this external_id")
            }
            StoreError::Taken("webhooks") => {
                let message = format!(
                    "at most {} endpoints are allowed; delete one first",
                    scheduler_domain::webhook::MAX_ENDPOINTS
                );
                Self::invalid(vec![FieldError::new("", "too_many", message)])
            }
            StoreError::Taken("bulk_operations") => {
                let message = format!(
                    "at most {} operations may be under way; wait for one, or abort it",
                    scheduler_domain::bulk::MAX_OPEN
                );
                Self::invalid(vec![FieldError::new("", "too_many", message)])
            }
            StoreError::Taken("api_keys") => {
                let message = format!(
                    "at most {} API keys are allowed; revoke one first",
                    scheduler_domain::api_key::MAX_API_KEYS
                );
                Self::invalid(vec![FieldError::new("", "too_many", message)])
            }
            StoreError::Taken("queues") => {
                let message = format!(
                    "at most {} queues may have a limit; lift another one first",
                    scheduler_domain::ports::Queue::MAX_LIMITED
                );
                Self::invalid(vec![FieldError::new("/queue", "too_many", message)])
            }
            StoreError::Taken(what) => {
                Self::invalid(vec![FieldError::new(format!("/{what}"), "taken", "is taken already")])
            }
            StoreError::LeaseLost => Self::new(Code::LeaseLost, "the lease was lost; nothing was changed"),
            StoreError::Unavailable(cause) => {
                tracing::warn!(%cause, "the database is unavailable");
                Self::unavailable("the database is away or too busy; nothing was changed, try again shortly")
            }
            error @ (StoreError::Inconsistent { .. } | StoreError::Driver(_)) => Self::internal(&error),
        }
    }
}
