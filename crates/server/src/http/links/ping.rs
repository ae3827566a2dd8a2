//! `POST|GET|HEAD /heartbeats/{secret}`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{link::LinkKind, ports::Pinged};
use serde::Serialize;
use utoipa::ToSchema;

use super::link;
use crate::{
    http::{path, problem::Problem},
    state::State,
};

/// What a ping counted for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PingOutcome {
    /// It answers for a planned instant.
    Counted,
    /// It answers for a planned instant that had passed, within the grace.
    Late,
    /// The present instant had been answered for.
    Again,
    /// Nothing is expected: the job is paused, or its schedule is over.
    NotExpected,
}

/// The answer to a ping.
#[derive(Debug, Serialize, ToSchema)]
pub struct PingAnswer {
    outcome: PingOutcome,
    /// The planned instant that it answers for.
    #[schema(required)]
    planned_at: Option<DateTime<Utc>>,
    /// The next one that a ping is expected for.
    #[schema(required)]
    next_at: Option<DateTime<Utc>>,
}

impl From<Pinged> for PingAnswer {
    fn from(pinged: Pinged) -> Self {
        let (outcome, planned_at, next_at) = match pinged {
            Pinged::Counted {
                planned,
                late_seconds,
                next,
            } => {
                let outcome = if late_seconds > 0 {
                    PingOutcome::Late
                } else {
                    PingOutcome::Counted
                };
                (outcome, Some(planned), next)
            }
            Pinged::Again { next } => (PingOutcome::Again, None, Some(next)),
            Pinged::NotExpected | Pinged::Overdue => (PingOutcome::NotExpected, None, None),
        };
        Self {
            outcome,
            planned_at,
            next_at,
        }
    }
}

/// Ping
///
/// Says that what the job watches is alive; `GET` and `HEAD` do the same. The body, if any, is ignored.
#[utoipa::path(
    post, path = "/api/v1/heartbeats/{secret}", operation_id = "ping", tag = "Links", security(()),
    params(("secret" = String, Path)),
    responses((status = 200, description = "What it counted for", body = PingAnswer))
)]
pub async fn handle(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let link = link(&request, LinkKind::Heartbeat).await?;
    let pinged = State::of(&request).links.ping(&link, path::secret(&request)?).await?;
    Ok(HttpResponse::Ok().json(PingAnswer::from(pinged)))
}

/// Ping with GET
///
/// The same, for what can do no better.
#[utoipa::path(
    get, path = "/api/v1/heartbeats/{secret}", operation_id = "pingByGet", tag = "Links", security(()),
    params(("secret" = String, Path)),
    responses((status = 200, description = "What it counted for", body = PingAnswer))
)]
pub async fn get(request: HttpRequest) -> Result<HttpResponse, Problem> {
    handle(request).await
}
