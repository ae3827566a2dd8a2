//! `POST /jobs/{id}/pause`, `POST /jobs/{id}/resume`

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::JobOut;
use crate::{
    http::{auth::Allowed, body::RawBody, path, problem::Problem, query::Query, scopes::JobsWrite},
    state::State,
};

/// Why a job is paused.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// At most 500 characters; shown in the ledger beside every instant that is left out.
    #[serde(default)]
    #[schema(
        example = "the warehouse is being moved",
        pattern = r"^\s*(?:\S(?:[\s\S]{0,498}\S)?)?\s*$"
    )]
    reason: Option<String>,
}

/// Pause a job
///
/// Its schedule starts nothing until it is resumed; each planned instant is recorded as Paused. Runs that are under way
/// go on, and runs by hand are still possible. Pausing what is paused changes nothing.
#[utoipa::path(
    post, path = "/api/v1/jobs/{job_id}/pause", operation_id = "pauseJob", tag = "Schedules",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    request_body(content = Pause, description = "May be left out"),
    responses((status = 200, description = "The job as it is now", body = JobOut))
)]
pub async fn pause(
    request: HttpRequest,
    principal: Allowed<JobsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job_id = path::job(&request, principal.user_id).await?;
    state.job_store.find(principal.user_id, job_id).await?;
    let body: Pause = body.json_or_default()?;
    let job = state.schedules.pause(principal.user_id, job_id, body.reason).await?;
    JobOut::answer(job, HttpResponse::Ok())
}

/// Resume a job
///
/// Its schedule goes on with the next instant of its grid; what was left out is not made up for.
#[utoipa::path(
    post, path = "/api/v1/jobs/{job_id}/resume", operation_id = "resumeJob", tag = "Schedules",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    responses((status = 200, description = "The job as it is now", body = JobOut))
)]
pub async fn resume(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job = state
        .schedules
        .resume(principal.user_id, path::job(&request, principal.user_id).await?)
        .await?;
    JobOut::answer(job, HttpResponse::Ok())
}
