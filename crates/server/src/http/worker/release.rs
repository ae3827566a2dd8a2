//! `POST /worker/runs/{id}/release`

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::About;
use crate::{
    http::{problem::Problem, runs::dto::RunOut},
    state::State,
};

/// A run that is given back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerRelease {
    lease_token: String,
}

/// Give a run back
///
/// For a worker that has to stop before it is done: the run is Queued again at once, with the reason `handed_back`, and the
/// attempt is not counted. Cancelled, when it was asked to be.
#[utoipa::path(
    post, path = "/api/v1/worker/runs/{run_id}/release", operation_id = "releaseRun", tag = "Workers",
    security(("bearer" = []), ("api_key" = ["worker"])),
    params(("run_id" = Uuid, Path)),
    request_body(content = WorkerRelease, example = json!({"lease_token": "q83vEjRWeJCrze8SNFZ4kA"})),
    responses(
        (status = 200, description = "The run", body = RunOut),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`lease_lost`: nothing was changed", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(request: HttpRequest, about: About<WorkerRelease>) -> Result<HttpResponse, Problem> {
    let About { owner, run_id, said } = about;
    let run = State::of(&request)
        .workers
        .release(owner, run_id, &said.lease_token)
        .await?;
    Ok(HttpResponse::Ok().json(RunOut::from(run.summary())))
}
