//! `GET /jobs/{id}`, and the documented `GET /job/{id}`

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::dto::JobOut;
use crate::{
    http::{auth::Allowed, etag, path, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

/// One job
#[utoipa::path(
    get, path = "/api/v1/jobs/{job_id}", operation_id = "getJob", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    responses(
        (status = 200, description = "The job", body = JobOut, headers(("ETag" = String))),
        (status = 304, description = "It has the version of If-None-Match still")
    )
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let job = State::of(&request)
        .job_store
        .find(principal.user_id, path::job(&request, principal.user_id).await?)
        .await?;
    let answer = JobOut::answer(job, HttpResponse::Ok())?;
    let tag = answer.headers().get(header::ETAG).cloned();
    match tag {
        Some(tag) if tag.to_str().is_ok_and(|tag| etag::is_known(&request, tag)) => {
            Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish())
        }
        _ => Ok(answer),
    }
}

/// One job (documented path)
#[utoipa::path(
    get, path = "/api/v1/job/{job_id}", operation_id = "getJobDocumented", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    responses((status = 200, description = "The job", body = JobOut, headers(("ETag" = String))))
)]
pub fn documented() {}
