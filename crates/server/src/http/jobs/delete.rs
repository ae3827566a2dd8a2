//! `DELETE /jobs/{id}`

use actix_web::{HttpRequest, HttpResponse};

use crate::{
    http::{auth::Allowed, etag, path, problem::Problem, query::Query, scopes::JobsWrite},
    state::State,
};

/// Delete a job
///
/// Runs that have not ended are cancelled; the job and its runs are not found from now on.
#[utoipa::path(
    delete, path = "/api/v1/jobs/{job_id}", operation_id = "deleteJob", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    responses((status = 204, description = "It is gone"))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsWrite>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job = state
        .job_store
        .find(principal.user_id, path::job(&request, principal.user_id).await?)
        .await?;
    let expected = etag::expected(&request, job.version)?;
    state
        .job_store
        .delete(principal.user_id, job.job_id, expected, state.clock.now())
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
