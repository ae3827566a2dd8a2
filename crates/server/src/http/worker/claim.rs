//! `POST /worker/claim`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{job::Payload, ports::WorkerRun, usecase::workers::ClaimIn, user::Word};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{
        auth::WorkerPrincipal, body::RawBody, jobs::dto::PriorityWord, problem::Problem, query::Query,
        runs::dto::RunOut,
    },
    polls::Unserved,
    state::State,
};

/// A request for work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerClaim {
    /// 1 to 20 names of queues; the most urgent run of all of them comes first.
    #[schema(min_items = 1, max_items = 20)]
    queues: Vec<String>,
    /// At most so many runs.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100, default = 1)]
    max: Option<i64>,
    /// How long to wait when there is none.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 30, default = 0)]
    wait_seconds: Option<i64>,
    /// How long a run is the worker's after the claim and after each heartbeat.
    #[serde(default)]
    #[schema(minimum = 5, maximum = 300, default = 30)]
    lease_seconds: Option<i64>,
    /// How the worker calls itself, 1 to 200 characters; people see it beside the run.
    #[schema(pattern = r"^\s*\S(?:.{0,198}\S)?\s*$")]
    worker_name: String,
}

/// The job of a claimed run.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkerJobOut {
    job_id: Uuid,
    job_name: String,
    #[schema(required)]
    description: Option<String>,
    #[schema(value_type = PriorityWord)]
    priority: &'static str,
    tags: Vec<String>,
    #[schema(required)]
    external_id: Option<String>,
    version: i64,
}

/// A run that is the worker's now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimedRun {
    run: RunOut,
    job: WorkerJobOut,
    /// The payload that the run works with: its own, or the job's.
    #[schema(value_type = Option<serde_json::Value>, required)]
    payload: Option<Payload>,
    /// Goes into every later call about this attempt. Opaque.
    lease_token: String,
    /// When the run is given to another worker unless a heartbeat comes before.
    lease_expires_at: DateTime<Utc>,
    /// The number of this attempt, from 1.
    attempt: u32,
}

impl From<WorkerRun> for ClaimedRun {
    fn from(claimed: WorkerRun) -> Self {
        let (run, job) = (claimed.run, claimed.job);
        Self {
            attempt: run.attempt,
            run: run.summary().into(),
            job: WorkerJobOut {
                job_id: job.job_id.as_uuid(),
                job_name: job.job_name,
                description: job.description,
                priority: job.priority.word(),
                tags: job.tags,
                external_id: job.external_id,
                version: job.version,
            },
            payload: run.payload,
            lease_token: claimed.lease.encode(),
            lease_expires_at: claimed.lease_until,
        }
    }
}

/// What a claim brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimedRuns {
    /// The most urgent first; empty when nothing came in the time given.
    data: Vec<ClaimedRun>,
}

/// Claim runs
///
/// The most urgent runs that wait in the queues become Running and belong to the worker until `lease_expires_at`. Heartbeats
/// extend that; a worker that falls silent loses the run to another one, and its later calls are 409 `lease_lost`.
#[utoipa::path(
    post, path = "/api/v1/worker/claim", operation_id = "claimRuns", tag = "Workers",
    security(("bearer" = []), ("api_key" = ["worker"])),
    request_body(content = WorkerClaim, example = json!({
        "queues": ["default", "reports"], "max": 5, "wait_seconds": 30, "lease_seconds": 30, "worker_name": "reporter-1"
    })),
    responses(
        (status = 200, description = "The runs, maybe none", body = ClaimedRuns),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many workers wait, or the server stops: try again after `Retry-After`",
         body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(
    request: HttpRequest,
    WorkerPrincipal(principal): WorkerPrincipal,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: WorkerClaim = body.json()?;
    let spec = ClaimIn {
        queues: body.queues,
        max: body.max,
        wait_seconds: body.wait_seconds,
        lease_seconds: body.lease_seconds,
        worker_name: body.worker_name,
    };
    let spec = spec.checked().map_err(Problem::invalid)?;
    let claimed = state.polls.claim(&state.workers, principal.user_id, spec).await;
    let claimed = claimed.map_err(|error| match error {
        Unserved::Busy(why) => Problem::unavailable(why),
        Unserved::Refused(refusal) => refusal.into(),
    })?;
    let data = claimed.into_iter().map(ClaimedRun::from).collect();
    Ok(HttpResponse::Ok().json(ClaimedRuns { data }))
}
