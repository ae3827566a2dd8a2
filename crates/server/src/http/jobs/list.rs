//! `GET /jobs`

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::{
    ports::{JobFilter, JobSort},
    user::Word,
};

use super::dto::{JobList, JobOut};
use crate::{
    http::{auth::Allowed, page, problem::Problem, query::Query, scopes::JobsRead},
    state::State,
};

/// List jobs
///
/// A page at a time; `next_cursor` goes on. Words of one parameter are joined by OR (repeat it, or separate by commas),
/// parameters by AND.
#[utoipa::path(
    get, path = "/api/v1/jobs", operation_id = "listJobs", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 when left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before, with the same filters"),
        ("status" = Option<Vec<super::dto::JobStatusWord>>, Query),
        ("priority" = Option<Vec<super::dto::PriorityWord>>, Query),
        ("tag" = Option<String>, Query),
        ("q" = Option<String>, Query, description = "A part of name or description, or the start of id or external id"),
        ("created_after" = Option<String>, Query, description = "RFC 3339"),
        ("created_before" = Option<String>, Query, description = "RFC 3339"),
        ("sort" = Option<String>, Query, description = "`-created_at` (default), `created_at`, `-updated_at`, `updated_at`, `job_name`, `-job_name`")
    ),
    responses((status = 200, description = "A page", body = JobList))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let filter = JobFilter {
        status: query.words("status")?,
        priority: query.words("priority")?,
        tag: query.one("tag")?.filter(|text| !text.is_empty()),
        q: query.one("q")?.filter(|text| !text.trim().is_empty()),
        created_after: query.instant("created_after")?,
        created_before: query.instant("created_before")?,
    };
    let sort = query.word("sort")?.unwrap_or(JobSort::CreatedDesc);
    let scope = format!("jobs {} {filter:?}", sort.word());
    let (limit, after) = (query.limit()?, query.cursor(&scope)?);
    query.finish()?;
    let page = State::of(&request)
        .job_store
        .list(principal.user_id, &filter, sort, after.as_ref(), limit)
        .await?;
    Ok(page::answer(page, &scope, JobOut::from))
}

#[expect(unused_imports, reason = "the macro above names the schema")]
use JobList as _;
