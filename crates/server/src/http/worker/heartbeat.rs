//! `POST /worker/runs/{id}/heartbeat`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::usecase::workers::HeartbeatIn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::About;
use crate::{http::problem::Problem, state::State};

/// A sign of life.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerHeartbeat {
    lease_token: String,
    /// How far the run is, in percent.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100)]
    progress: Option<i64>,
    /// What the worker is about, at most 1,000 characters; `""` takes back what it said before.
    #[serde(default)]
    #[schema(pattern = r"^[\s\S]{0,1000}[\r\n]*$")]
    message: Option<String>,
}

/// The run is still the worker's.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heartbeaten {
    lease_expires_at: DateTime<Utc>,
    /// Somebody asked that the run be stopped: stop, then call `fail`, and the run is Cancelled. `complete` still completes
    /// it.
    cancel_requested: bool,
}

/// Give a sign of life
///
/// Extends the lease by the `lease_seconds` of the claim, never beyond the timeout of the attempt. Progress shows at once;
/// as an event `run.progress` at most once a second.
#[utoipa::path(
    post, path = "/api/v1/worker/runs/{run_id}/heartbeat", operation_id = "heartbeat", tag = "Workers",
    security(("bearer" = []), ("api_key" = ["worker"])),
    params(("run_id" = Uuid, Path)),
    request_body(content = WorkerHeartbeat, example = json!({
        "lease_token": "q83vEjRWeJCrze8SNFZ4kA", "progress": 40, "message": "page 2 of 5"
    })),
    responses(
        (status = 200, description = "The lease", body = Heartbeaten),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`lease_lost`: stop", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(request: HttpRequest, about: About<WorkerHeartbeat>) -> Result<HttpResponse, Problem> {
    let About { owner, run_id, said } = about;
    let beat = HeartbeatIn {
        progress: said.progress,
        message: said.message,
    };
    let beaten = State::of(&request)
        .workers
        .heartbeat(owner, run_id, &said.lease_token, beat)
        .await?;
    Ok(HttpResponse::Ok().json(Heartbeaten {
        lease_expires_at: beaten.lease_until,
        cancel_requested: beaten.cancel_requested,
    }))
}
