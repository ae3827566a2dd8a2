//! `POST /worker/runs/{id}/fail`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::usecase::workers::{ErrorIn, FailIn};
use serde::Deserialize;
use utoipa::ToSchema;

use super::About;
use crate::{
    http::{problem::Problem, runs::dto::RunOut},
    state::State,
};

/// What went wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerError {
    /// 1 to 8,000 characters. Blanks around it are cut off and do not count.
    #[schema(min_length = 1)]
    message: String,
    /// A word for programs, 1 to 64 visible ASCII characters; `worker_error` when left out.
    #[serde(default)]
    code: Option<String>,
}

/// A failure.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerFail {
    lease_token: String,
    error: WorkerError,
    /// Whether another attempt could do better.
    #[serde(default)]
    #[schema(default = true)]
    retryable: Option<bool>,
    /// How long to wait for the next attempt, instead of what the retry policy says.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 86400)]
    retry_after_seconds: Option<i64>,
}

/// End an attempt badly
///
/// With attempts left the run is Retrying, otherwise Failed; Cancelled, when it was asked to be.
#[utoipa::path(
    post, path = "/api/v1/worker/runs/{run_id}/fail", operation_id = "failRun", tag = "Workers",
    security(("bearer" = []), ("api_key" = ["worker"])),
    params(("run_id" = Uuid, Path)),
    request_body(content = WorkerFail, example = json!({
        "lease_token": "q83vEjRWeJCrze8SNFZ4kA", "error": {"message": "the printer is on fire", "code": "no_printer"},
        "retryable": true, "retry_after_seconds": 60
    })),
    responses(
        (status = 200, description = "The run", body = RunOut),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`lease_lost`: nothing was changed", body = Problem,
         content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(request: HttpRequest, about: About<WorkerFail>) -> Result<HttpResponse, Problem> {
    let About { owner, run_id, said } = about;
    let failure = FailIn {
        error: ErrorIn {
            message: said.error.message,
            code: said.error.code,
        },
        retryable: said.retryable,
        retry_after_seconds: said.retry_after_seconds,
    };
    let run = State::of(&request)
        .workers
        .fail(owner, run_id, &said.lease_token, failure)
        .await?;
    Ok(HttpResponse::Ok().json(RunOut::from(run.summary())))
}
