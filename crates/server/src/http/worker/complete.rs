//! `POST /worker/runs/{id}/complete`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::job::Payload;
use serde::Deserialize;
use utoipa::ToSchema;

use super::About;
use crate::{
    http::{problem::Problem, runs::dto::RunOut},
    state::State,
};

/// A success.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerComplete {
    lease_token: String,
    /// Any JSON of at most 256 KiB.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    result: Option<Payload>,
}

/// End a run well
///
/// Also after it was asked to be cancelled: what is done is done. A second call finds the lease over.
#[utoipa::path(
    post, path = "/api/v1/worker/runs/{run_id}/complete", operation_id = "completeRun", tag = "Workers",
    security(("bearer" = []), ("api_key" = ["worker"])),
    params(("run_id" = Uuid, Path)),
    request_body(content = WorkerComplete, example = json!({
        "lease_token": "q83vEjRWeJCrze8SNFZ4kA", "result": {"rows": 1200}
    })),
    responses(
        (status = 200, description = "The run, Completed", body = RunOut),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`lease_lost`: nothing was changed", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(request: HttpRequest, about: About<WorkerComplete>) -> Result<HttpResponse, Problem> {
    let About { owner, run_id, said } = about;
    let run = State::of(&request)
        .workers
        .complete(owner, run_id, &said.lease_token, said.result)
        .await?;
    Ok(HttpResponse::Ok().json(RunOut::from(run.summary())))
}
