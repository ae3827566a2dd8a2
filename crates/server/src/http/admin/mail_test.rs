//! `POST /admin/mail-test`: whether mails of this installation arrive.

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{
    ports::{Limited, NotifyError, RateLimiter},
    user::Email,
};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::ToSchema;

use crate::{
    http::{auth::Admin, body::RawBody, problem::Problem, query::Query},
    state::State,
};

/// Whom to write to.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailTest {
    /// An e-mail address; yours when it is left out.
    #[serde(default)]
    #[schema(example = "ada@example.com")]
    to: Option<String>,
}

/// How a test mail fared.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailOutcome {
    /// Taken by the mail server, written to the folder, or kept in the developer mailbox.
    Accepted,
    /// Refused for good: the address, the sender or the log-in is not accepted.
    Refused,
    /// Not taken now: the mail server is away, does not answer, or asks for patience.
    Unavailable,
}

/// What happened to a test mail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailTestResult)]
pub struct MailTestOut {
    outcome: MailOutcome,
    /// `smtp`, `file` or `developer`.
    transport: &'static str,
    to: String,
    /// The words of the mail server or of the operating system, as they are.
    #[schema(example = "mail.example.com said: 250 2.0.0 queued as 4XyZ")]
    message: String,
    /// How long it took.
    duration_ms: u64,
}

/// Send a test mail
///
/// Once and at once, by the configured way; the answer says how it went, and is 200 also when the mail was not taken.
/// That a mail server took it does not mean that it is delivered. At most 5 a minute, and 10 a minute to one address.
#[utoipa::path(
    post, path = "/api/v1/admin/mail-test", operation_id = "testMail", tag = "Administration",
    request_body(content = MailTest, description = "May be left out"),
    responses(
        (status = 200, description = "What happened", body = MailTestOut),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(request: HttpRequest, admin: Admin, body: RawBody) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: MailTest = body.json_or_default()?;
    let me = state.users.find(admin.0.user_id).await?;
    let to = match body.to {
        Some(text) => Email::parse("/to", &text).map_err(|error| Problem::invalid(vec![error]))?,
        None => me.email,
    };
    let now = state.clock.now();
    state.buckets.take(Limited::MailTest(admin.0.user_id), now)?;
    state.buckets.take(Limited::MessagesTo(to.as_str().to_owned()), now)?;
    let started = Instant::now();
    let (outcome, message) = match state.notify.test(&to, &me.full_name).await {
        Ok(said) => (MailOutcome::Accepted, said),
        Err(NotifyError::Permanent(why)) => (MailOutcome::Refused, why),
        Err(NotifyError::Temporary(why)) => (MailOutcome::Unavailable, why),
    };
    Ok(HttpResponse::Ok().json(MailTestOut {
        outcome,
        transport: state.config.mail.word(),
        to: to.as_str().to_owned(),
        message,
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }))
}
