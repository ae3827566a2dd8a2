//! Runs.

pub mod dto;
pub mod log;

use actix_web::{HttpRequest, HttpResponse, http::header};
use scheduler_domain::{ids::JobId, ports::RunFilter, validate::FieldError};

use crate::{
    http::{
        auth::Allowed,
        page, path,
        problem::Problem,
        query::Query,
        scopes::{RunsRead, RunsWrite},
    },
    state::State,
};
use dto::{RunDetail, RunList, RunOut};

/// What a list of runs may be narrowed to. One reader for both lists, so that they know the same words.
pub(super) fn filter(query: &mut Query, job_id: Option<JobId>) -> Result<RunFilter, Problem> {
    Ok(RunFilter {
        job_id,
        status: query.words("status")?,
        reason: query.words("reason")?,
        trigger: query.words("trigger")?,
        error: query.one("error")?.filter(|text| !text.trim().is_empty()),
        created_after: query.instant("created_after")?,
        created_before: query.instant("created_before")?,
        started_after: query.instant("started_after")?,
        started_before: query.instant("started_before")?,
    })
}

/// List runs
///
/// Words of one parameter are joined by OR (repeat it, or separate by commas), parameters by AND. `reason`, `trigger`,
/// `error`, `started_…` and more than one `status` are looked for among 5,000 runs a page: such a page may be short,
/// even empty, while `has_more` says that older runs have not been looked at; `next_cursor` goes on there.
#[utoipa::path(
    get, path = "/api/v1/runs", operation_id = "listRuns", tag = "Runs",
    security(("bearer" = []), ("api_key" = ["runs:read"])),
    params(
        ("job_id" = Option<Uuid>, Query), ("status" = Option<Vec<dto::RunStatusWord>>, Query),
        ("reason" = Option<Vec<dto::ReasonWord>>, Query), ("trigger" = Option<Vec<dto::TriggerWord>>, Query),
        ("error" = Option<String>, Query, description = "A part of the code or the message of the error"),
        ("created_after" = Option<String>, Query, description = "RFC 3339"),
        ("created_before" = Option<String>, Query, description = "RFC 3339"),
        ("started_after" = Option<String>, Query, description = "RFC 3339"),
        ("started_before" = Option<String>, Query, description = "RFC 3339"),
        ("limit" = Option<u32>, Query, description = "1 to 200"), ("cursor" = Option<String>, Query)
    ),
    responses((status = 200, description = "Newest first", body = RunList))
)]
pub async fn list(request: HttpRequest, principal: Allowed<RunsRead>) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let job_id = match query.one("job_id")? {
        None => None,
        Some(text) => Some(
            text.parse::<JobId>()
                .map_err(|_| Problem::parameter(FieldError::new("job_id", "invalid_id", "is not an id of a job")))?,
        ),
    };
    let filter = filter(&mut query, job_id)?;
    let scope = format!("runs {filter:?}");
    let (limit, after) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let page = State::of(&request)
        .history
        .list_runs(principal.user_id, &filter, after.as_ref(), limit)
        .await?;
    Ok(page::answer(page, &scope, |run| RunOut::from(run.summary())))
}

/// One run, with payload and attempts
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}", operation_id = "getRun", tag = "Runs",
    security(("bearer" = []), ("api_key" = ["runs:read"])),
    params(("run_id" = Uuid, Path)),
    responses((status = 200, description = "The run", body = RunDetail))
)]
pub async fn get(request: HttpRequest, principal: Allowed<RunsRead>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let run = State::of(&request)
        .history
        .find_run(principal.user_id, path::id(&request)?)
        .await?;
    Ok(HttpResponse::Ok().json(RunDetail::from(run)))
}

/// Cancel a run
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/cancel", operation_id = "cancelRun", tag = "Runs",
    security(("bearer" = []), ("api_key" = ["runs:write"])),
    params(("run_id" = Uuid, Path)),
    responses((status = 202, description = "The run", body = RunOut))
)]
pub async fn cancel(request: HttpRequest, principal: Allowed<RunsWrite>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let run = State::of(&request)
        .jobs
        .cancel_run(principal.user_id, path::id(&request)?)
        .await?;
    Ok(HttpResponse::Accepted().json(RunOut::from(run.summary())))
}

/// Run again
///
/// A run that has ended is never reopened: this is a new run with the same payload, whose `trigger` names the old one.
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/retry", operation_id = "retryRun", tag = "Runs",
    security(("bearer" = []), ("api_key" = ["runs:write"])),
    params(("run_id" = Uuid, Path)),
    responses((status = 202, description = "The new run", body = RunOut, headers(("Location" = String))))
)]
pub async fn retry(request: HttpRequest, principal: Allowed<RunsWrite>) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let run = State::of(&request)
        .jobs
        .retry(principal.asker(), path::id(&request)?)
        .await?;
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/api/v1/runs/{}", run.run_id)))
        .json(RunOut::from(run.summary())))
}
