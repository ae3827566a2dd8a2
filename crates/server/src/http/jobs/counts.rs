//! `GET /jobs/counts`

use actix_web::{HttpRequest, HttpResponse};

use super::dto::CountsOut;
use crate::{
    http::{auth::Allowed, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

/// Count jobs by status
///
/// From counters that are kept while things happen: as fast with a million jobs as with ten.
#[utoipa::path(
    get, path = "/api/v1/jobs/counts", operation_id = "countJobs", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    responses((status = 200, description = "Jobs in each status", body = CountsOut))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let counts = State::of(&request).job_store.counts(principal.user_id).await?;
    Ok(HttpResponse::Ok().json(CountsOut::from(counts)))
}
