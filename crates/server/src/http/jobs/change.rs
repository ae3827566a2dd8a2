//! `PATCH /jobs/{id}`

use actix_web::{HttpRequest, HttpResponse};

use super::{dto::JobOut, spec::JobPatch};
use crate::{
    http::{auth::Allowed, body::RawBody, etag, path, problem::Problem, query::Query, scopes::JobsWrite},
    state::State,
};

/// Change a job
///
/// Absent fields stay as they are. With `If-Match` the change is made only to the version that it names.
#[utoipa::path(
    patch, path = "/api/v1/jobs/{job_id}", operation_id = "changeJob", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id"), ("If-Match" = Option<String>, Header, description = "The ETag that was read")),
    request_body = JobPatch,
    responses((status = 200, description = "The job as it is now", body = JobOut, headers(("ETag" = String))))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<JobsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job = state
        .job_store
        .find(principal.user_id, path::job(&request, principal.user_id).await?)
        .await?;
    let expected = etag::expected(&request, job.version)?;
    let patch: JobPatch = body.json()?;
    let change = move |spec| patch.clone().apply(spec);
    let job = state
        .jobs
        .change(principal.user_id, job.job_id, expected, &change)
        .await?;
    JobOut::answer(job, HttpResponse::Ok())
}
