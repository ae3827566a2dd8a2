//! The documented `POST /run-job/{id}`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{
    job::{JobStatus, Payload},
    user::Word,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dto::{JobOut, JobStatusWord};
use crate::{
    http::{auth::Allowed, body::RawBody, path, problem::Problem, query::Query, runs::dto::RunOut, scopes::RunsWrite},
    state::State,
};

/// What the job should become.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RunJobRequest)]
pub struct RunJobIn {
    /// `Running` starts a run, `Cancelled` cancels the one under way.
    #[serde(default)]
    #[schema(value_type = Option<JobStatusWord>, example = "Running")]
    status: Option<String>,
    /// A payload for this run alone.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    payload: Option<Payload>,
}

/// The job and the run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobAndRun)]
pub struct JobAndRun {
    job: JobOut,
    run: RunOut,
}

/// Start or cancel a run
///
/// What the state machine or the overlap policy forbids is 409 with the words that are `allowed`.
#[utoipa::path(
    post, path = "/api/v1/run-job/{job_id}", operation_id = "runJob", tag = "Runs",
    security(("bearer" = []), ("api_key" = ["runs:write"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    request_body(content = RunJobIn, description = "Nothing means Running"),
    responses((status = 202, description = "The job and its run", body = JobAndRun))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<RunsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job_id = path::job(&request, principal.user_id).await?;
    let asked = body.json_or_default().and_then(|body: RunJobIn| {
        let wanted = match body.status.as_deref() {
            None => JobStatus::Running,
            Some(word) => JobStatus::parse("/status", word).map_err(|error| Problem::invalid(vec![error]))?,
        };
        Ok((wanted, body.payload))
    });
    let (wanted, payload) = path::or_missing(state, principal.user_id, job_id, asked).await?;
    let (job, run) = state
        .jobs
        .become_status(principal.asker(), job_id, wanted, payload)
        .await?;
    Ok(HttpResponse::Accepted().json(JobAndRun {
        job: job.into(),
        run: RunOut::from(run.summary()),
    }))
}
