//! `GET /jobs/{id}/notices`

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::dto::{IncidentOut, PolicyOut};
use crate::{
    http::{auth::Allowed, path, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

/// What is told about a job, and whether something is wrong with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobNotices)]
pub struct JobNoticesOut {
    /// The switches of the job; null: those of your account hold.
    #[schema(required)]
    own: Option<PolicyOut>,
    /// The switches that hold.
    effective: PolicyOut,
    /// From the first trouble to the first success; null: all is well.
    #[schema(required)]
    incident: Option<IncidentOut>,
}

/// What is told about a job
#[utoipa::path(
    get, path = "/api/v1/jobs/{job_id}/notices", operation_id = "getNoticesOfJob", tag = "Notices",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    responses((status = 200, description = "The switches and the incident", body = JobNoticesOut))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    let job_id = path::job(&request, principal.user_id).await?;
    let state = State::of(&request);
    let job = state.job_store.find(principal.user_id, job_id).await?;
    Query::of(&request).finish()?;
    let effective = match job.spec.notices {
        Some(own) => own,
        None => state.notices.defaults(principal.user_id).await?,
    };
    let incident = state.notices.incident(principal.user_id, job_id).await?;
    Ok(HttpResponse::Ok().json(JobNoticesOut {
        own: job.spec.notices.map(Into::into),
        effective: effective.into(),
        incident: incident.map(Into::into),
    }))
}
