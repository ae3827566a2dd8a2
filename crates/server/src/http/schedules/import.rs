//! `POST /schedules/import`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::usecase::schedules::{ImportOutcome, Imported};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

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
    /// The id of the job of this line: made now, or there already, by an import before (the line is `ignored` then). Absent
    /// where there is none, so in a rehearsal where one would be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    job_id: Option<Uuid>,
    /// The job that was made; absent in a rehearsal, and where it was there already.
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
    let answer = |status, message| ImportLine {
        line: imported.line,
        text: imported.text,
        status,
        message: Some(message),
        job_id: None,
        job: None,
        next: Vec::new(),
    };
    match imported.outcome {
        ImportOutcome::Ok { job, name, next } => ImportLine {
            job_id: job.as_ref().map(|job| job.job_id.as_uuid()),
            job: job.map(|job| JobOut::from(*job)),
            next,
            ..answer(ImportStatus::Ok, name)
        },
        ImportOutcome::Known(job_id) => ImportLine {
            job_id: Some(job_id.as_uuid()),
            ..answer(
                ImportStatus::Ignored,
                format!("has been imported already, as job {job_id}"),
            )
        },
        ImportOutcome::Ignored(why) => answer(ImportStatus::Ignored, why),
        ImportOutcome::Error(why) => answer(ImportStatus::Error, why),
    }
}

/// Make jobs of a crontab
///
/// Each command becomes a `worker` job of the queue `default` with the command in its payload: a worker carries it out
/// where you want it. Rehearse with `dry_run` first. The `external_id` of each job is made of its line, so the same
/// crontab once more makes no job twice.
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
