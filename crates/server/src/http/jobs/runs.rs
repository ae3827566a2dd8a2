//! `GET /jobs/{id}/runs`, `POST /jobs/{id}/runs`

use actix_web::{HttpRequest, HttpResponse, http::header};
use scheduler_domain::job::Payload;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    http::{
        auth::Allowed,
        body::RawBody,
        page, path,
        problem::Problem,
        query::Query,
        runs::{
            dto::{self, RunList, RunOut},
            filter,
        },
        scopes::{RunsRead, RunsWrite},
    },
    state::State,
};

/// The runs of a job
///
/// Filters and their short pages are those of `GET /runs`.
#[utoipa::path(
    get, path = "/api/v1/jobs/{job_id}/runs", operation_id = "listRunsOfJob", tag = "Runs",
    security(("bearer" = []), ("api_key" = ["runs:read"])),
    params(
        ("job_id" = String, Path, description = "The id, or `ext:` and the external id"),
        ("status" = Option<Vec<dto::RunStatusWord>>, Query),
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
    let job_id = path::job(&request, principal.user_id).await?;
    let state = State::of(&request);
    state.job_store.find(principal.user_id, job_id).await?;
    let mut query = Query::of(&request);
    let filter = filter(&mut query, Some(job_id))?;
    let scope = format!("runs {filter:?}");
    let (limit, after) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let page = state
        .history
        .list_runs(principal.user_id, &filter, after.as_ref(), limit)
        .await?;
    Ok(page::answer(page, &scope, |run| RunOut::from(run.summary())))
}

/// A run to start.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunCreate {
    /// A payload for this run alone.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    payload: Option<Payload>,
}

/// Start a run
#[utoipa::path(
    post, path = "/api/v1/jobs/{job_id}/runs", operation_id = "startRun", tag = "Runs",
    security(("bearer" = []), ("api_key" = ["runs:write"])),
    params(("job_id" = String, Path, description = "The id, or `ext:` and the external id")),
    request_body(content = RunCreate, description = "May be left out"),
    responses((status = 202, description = "The run", body = RunOut, headers(("Location" = String))))
)]
pub async fn start(
    request: HttpRequest,
    principal: Allowed<RunsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let job_id = path::job(&request, principal.user_id).await?;
    let body: RunCreate = path::or_missing(state, principal.user_id, job_id, body.json_or_default()).await?;
    let (_, run) = state.jobs.start(principal.asker(), job_id, body.payload).await?;
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, format!("/api/v1/runs/{}", run.run_id)))
        .json(RunOut::from(run.summary())))
}
