//! `POST /worker/runs/{id}/log`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::usecase::workers::{LogIn, LogLineIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::About;
use crate::{
    http::{problem::Problem, runs::log::LogLevelWord},
    state::State,
};

/// A line of the log.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerLogLine {
    /// Now, when left out.
    #[serde(default)]
    at: Option<DateTime<Utc>>,
    /// `info`, when left out.
    #[serde(default)]
    #[schema(value_type = Option<LogLevelWord>)]
    level: Option<String>,
    /// At most 8 KiB. Colours (`ESC [ … m`) stay; other escape sequences go, other control characters become blanks.
    text: String,
}

/// Lines of the log.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkerLog {
    lease_token: String,
    /// 1 to 500.
    #[schema(min_items = 1, max_items = 500)]
    lines: Vec<WorkerLogLine>,
}

/// What became of the lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkerLogged {
    accepted: u32,
    /// A run keeps 10,000 lines and 1 MiB; what follows is dropped, and the last line says so.
    dropped: u32,
}

/// Write to the log of a run
///
/// Whoever listens hears of it as `run.log`. The log is kept as long as the run.
#[utoipa::path(
    post, path = "/api/v1/worker/runs/{run_id}/log", operation_id = "logLines", tag = "Workers",
    security(("bearer" = []), ("api_key" = ["worker"])),
    params(("run_id" = Uuid, Path)),
    request_body(content = WorkerLog, example = json!({
        "lease_token": "q83vEjRWeJCrze8SNFZ4kA",
        "lines": [{"text": "reading page 2"}, {"level": "warn", "text": "page 2 is empty"}]
    })),
    responses(
        (status = 200, description = "How many were kept", body = WorkerLogged),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`lease_lost`: stop", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handle(request: HttpRequest, about: About<WorkerLog>) -> Result<HttpResponse, Problem> {
    let About { owner, run_id, said } = about;
    let line = |line: WorkerLogLine| LogLineIn {
        at: line.at,
        level: line.level,
        text: line.text,
    };
    let lines = LogIn {
        lines: said.lines.into_iter().map(line).collect(),
    };
    let logged = State::of(&request)
        .workers
        .log(owner, run_id, &said.lease_token, lines)
        .await?;
    Ok(HttpResponse::Ok().json(WorkerLogged {
        accepted: logged.accepted,
        dropped: logged.dropped,
    }))
}
