//! `POST /jobs/{id}/backfill`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::usecase::schedules::BackfillRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{auth::Allowed, body::RawBody, path, problem::Problem, query::Query, scopes::RunsWrite},
    state::State,
};

/// A past window whose planned instants are to run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Backfill {
    /// From here on, inclusive.
    from: DateTime<Utc>,
    /// Up to here, inclusive; not in the future.
    to: DateTime<Utc>,
    /// At most so many runs, 1 to 1,000 (1,000); the oldest come first.
    #[serde(default)]
    max_runs: Option<i64>,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
}

/// What was, or would be, made up for.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackfillResult {
    /// Planned instants that run.
    planned: usize,
    #[schema(required)]
    first_at: Option<DateTime<Utc>>,
    #[schema(required)]
    last_at: Option<DateTime<Utc>>,
    /// Runs that were made: fewer where the overlap policy refused some, or where instants had run already.
    started: u32,
}

/// Make up for a past window
///
/// Rehearse with `dry_run` first.
#[utoipa::path(
    post, path = "/api/v1/jobs/{job_id}/backfill", operation_id = "backfillJob", tag = "Schedules",
    security(("bearer" = []), ("api_key" = ["runs:write"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    request_body = Backfill,
    responses((status = 202, description = "What was, or would be, started", body = BackfillResult))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<RunsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job_id = path::job(&request, principal.user_id).await?;
    state.job_store.find(principal.user_id, job_id).await?;
    let body: Backfill = body.json()?;
    let asked = BackfillRequest {
        from: body.from,
        to: body.to,
        max_runs: body.max_runs,
        dry_run: body.dry_run,
    };
    let done = state.schedules.backfill(principal.asker(), job_id, asked).await?;
    Ok(HttpResponse::Accepted().json(BackfillResult {
        planned: done.planned,
        first_at: done.first_at,
        last_at: done.last_at,
        started: done.started,
    }))
}
