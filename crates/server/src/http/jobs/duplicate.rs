//! `POST /jobs/{id}/duplicate`

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::dto::JobOut;
use crate::{
    http::{auth::Allowed, path, problem::Problem, query::Query, scopes::JobsWrite},
    state::State,
};

/// Duplicate a job
///
/// The copy has no runs and no external id. Where the original has a schedule, the copy is paused.
#[utoipa::path(
    post, path = "/api/v1/jobs/{job_id}/duplicate", operation_id = "duplicateJob", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    responses((status = 201, description = "The copy", body = JobOut, headers(("Location" = String), ("ETag" = String))))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job = state
        .schedules
        .duplicate(principal.user_id, path::job(&request, principal.user_id).await?)
        .await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/jobs/{}", job.job_id)));
    JobOut::answer(job, response)
}
