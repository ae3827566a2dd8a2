//! `GET /jobs/{id}/cadence`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{
    cadence::{self, cadence},
    clock::Timestamp,
    job::Job,
    page::Limit,
    ports::RunFilter,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{auth::Allowed, path, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

/// How long runs take; null before the first has ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CadenceDurations)]
pub struct RunsOut {
    #[schema(required)]
    p50: Option<f64>,
    #[schema(required)]
    p95: Option<f64>,
}

/// How often a job was asked to run, and how often it really does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cadence)]
pub struct CadenceOut {
    /// The usual (median) time between planned instants; null without a schedule that repeats.
    #[schema(required)]
    asked_seconds: Option<f64>,
    /// The usual (median) time between the starts of its latest scheduled runs, at most 50; null before the second.
    #[schema(required)]
    real_seconds: Option<f64>,
    runs_seconds: RunsOut,
    /// The same in words, with the reason where they differ.
    #[schema(
        example = "every 20 s asked, 60 s real, because runs take 50 s and overlap is skip: instants that come while one runs are left out"
    )]
    explanation: String,
}

/// What the schedule of the job asks for.
fn asked_by(job: &Job, now: Timestamp) -> Option<f64> {
    let schedule = job.spec.schedule.as_ref()?;
    cadence::asked_seconds(schedule, job.scheduled_from.unwrap_or(job.created_at), now)
}

/// The truth about the schedule of a job
#[utoipa::path(
    get, path = "/api/v1/jobs/{job_id}/cadence", operation_id = "getCadenceOfJob", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    responses((status = 200, description = "What was asked, what is real, and why", body = CadenceOut))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    let job_id = path::job(&request, principal.user_id).await?;
    let state = State::of(&request);
    let job = state.job_store.find(principal.user_id, job_id).await?;
    Query::of(&request).finish()?;
    let filter = RunFilter {
        job_id: Some(job_id),
        ..RunFilter::default()
    };
    let limit = Limit::new(u32::try_from(cadence::RUNS).unwrap_or(50)).map_err(Problem::parameter)?;
    let runs = state.history.list_runs(principal.user_id, &filter, None, limit).await?;
    let asked = asked_by(&job, state.clock.now());
    let told = cadence(asked, job.spec.overlap, &runs.data);
    Ok(HttpResponse::Ok().json(CadenceOut {
        asked_seconds: told.asked_seconds,
        real_seconds: told.real_seconds,
        runs_seconds: RunsOut {
            p50: told.run_p50_seconds,
            p95: told.run_p95_seconds,
        },
        explanation: told.explanation,
    }))
}
