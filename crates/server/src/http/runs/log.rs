//! `GET /runs/{id}/log`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{
    ids::RunId,
    run::{LogLevel, LogLine},
    user::Word,
    validate::{FieldError, excerpt},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{
        auth::Allowed,
        page, path,
        problem::Problem,
        query::{Query, invalid_cursor},
        scopes::RunsRead,
    },
    list_schema,
    state::State,
};

/// How much a line matters.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogLevel)]
#[serde(rename_all = "lowercase")]
pub enum LogLevelWord {
    Debug,
    Info,
    Warn,
    Error,
}

/// A line of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogLine)]
pub struct LogLineOut {
    /// Its number, from 1 and without gaps.
    line: u32,
    at: DateTime<Utc>,
    #[schema(value_type = LogLevelWord)]
    level: &'static str,
    text: String,
}

impl From<LogLine> for LogLineOut {
    fn from(line: LogLine) -> Self {
        Self {
            line: line.line,
            at: line.at,
            level: line.level.word(),
            text: line.text,
        }
    }
}

list_schema!(
    /// A page of the log.
    LogLineList,
    LogLineOut
);

/// What a run said
///
/// Oldest first, over all attempts. To follow a run under way, ask for what comes `after` the last line you have, or listen
/// to `run.log`.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}/log", operation_id = "readRunLog", tag = "Runs",
    security(("bearer" = []), ("api_key" = ["runs:read"])),
    params(
        ("run_id" = Uuid, Path),
        ("after" = Option<u32>, Query, description = "Only lines with greater numbers"),
        ("level" = Option<LogLevelWord>, Query, description = "Only this level and what matters more"),
        ("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, description = "The lines", body = LogLineList))
)]
pub async fn read(request: HttpRequest, principal: Allowed<RunsRead>) -> Result<HttpResponse, Problem> {
    let run_id: RunId = path::id(&request)?;
    let state = State::of(&request);
    state.workers.knows(principal.user_id, run_id).await?;
    let mut query = Query::of(&request);
    let level: Option<LogLevel> = query.word("level")?;
    let after = match query.one("after")? {
        None => 0,
        Some(text) => text.parse().map_err(|_| {
            let message = format!("\"{}\" is not the number of a line", excerpt(&text));
            Problem::parameter(FieldError::new("after", "out_of_range", message))
        })?,
    };
    let scope = format!("log {run_id} {level:?}");
    let (limit, cursor) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let from: u32 = match cursor {
        None => 0,
        Some(key) => key.id.parse().map_err(|_| invalid_cursor())?,
    };
    let levels = level.map(LogLevel::and_above).unwrap_or_default();
    let page = state
        .workers
        .log
        .read(principal.user_id, run_id, &levels, after.max(from), limit)
        .await?;
    Ok(page::answer(page, &scope, LogLineOut::from))
}
