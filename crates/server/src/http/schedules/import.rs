//! `POST /schedules/import`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::usecase::schedules::{ImportOutcome, Imported};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    http::{auth::Allowed, body::RawBody, jobs::dto::JobOut, problem::Problem, query::Query, scopes::JobsWrite},
    state::State,
};

/// A crontab.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CrontabImport {
    /// The whole text, as `crontab -l` prints it; at most 1,000 lines.
    #[schema(example = "# nightly\n30 2 * * * /usr/local/bin/backup")]
    crontab: String,
    /// The zone of its times, until a `CRON_TZ=` line says otherwise.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// Only say what would be made.
    #[serde(default)]
    dry_run: bool,
}

/// What became of a line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportStatus {
    Ok,
    Ignored,
    Error,
}

/// A line.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportLine {
    /// Its number, from 1.
    line: usize,
    text: String,
    status: ImportStatus,
    #[schema(required)]
    message: Option<String>,
    /// The job that was made; absent in a rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<JobOut>,
    /// The next instants.
    next: Vec<DateTime<Utc>>,
}

/// Every line of the crontab.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportOut {
    data: Vec<ImportLine>,
}

fn line(imported: Imported) -> ImportLine {
    let (status, message, job, next) = match imported.outcome {
        ImportOutcome::Ok { job, name, next } => {
            (ImportStatus::Ok, Some(name), job.map(|job| JobOut::from(*job)), next)
        }
        ImportOutcome::Ignored(why) => (ImportStatus::Ignored, Some(why), None, Vec::new()),
        ImportOutcome::Error(why) => (ImportStatus::Error, Some(why), None, Vec::new()),
    };
    ImportLine {
        line: imported.line,
        text: imported.text,
        status,
        message,
        job,
        next,
    }
}

/// Make jobs of a crontab
///
/// Each command becomes a `worker` job of the queue `default` with the command in its payload: a worker carries it out
/// where you want it. Rehearse with `dry_run` first. The external id of a job is made of its line, so the same line makes
/// no second job: imported again, it is `ignored`.
#[utoipa::path(
    post, path = "/api/v1/schedules/import", operation_id = "importCrontab", tag = "Schedules",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    request_body = CrontabImport,
    responses((status = 200, description = "What became of each line", body = ImportOut))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<JobsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: CrontabImport = body.json()?;
    let lines = state
        .schedules
        .import(principal.user_id, &body.crontab, &body.time_zone, body.dry_run)
        .await?;
    Ok(HttpResponse::Ok().json(ImportOut {
        data: lines.into_iter().map(line).collect(),
    }))
}
