//! `POST /bulk-operations`

use actix_web::{HttpRequest, HttpResponse, http::header};
use chrono::{DateTime, Utc};
use scheduler_domain::{
    bulk::{BulkAction, BulkParams, BulkTarget, MAX_IDS},
    ids::JobId,
    job::{JobStatus, Payload, Priority},
    ports::JobFilter,
    usecase::bulk::BulkRequest,
    user::Word,
    validate::{FieldError, Problems},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto::{BulkActionWord, BulkOut};
use crate::{
    http::{
        auth::Allowed,
        body::RawBody,
        jobs::dto::{JobStatusWord, PriorityWord},
        problem::Problem,
        query::Query,
        scopes::{JobsWrite, RunsWrite},
    },
    state::State,
};

/// What an action needs to know besides the jobs.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkParams)]
pub struct ParamsIn {
    /// `run`: a payload for these runs alone.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    payload: Option<Payload>,
    /// `pause`: why, 1 to 500 characters.
    #[serde(default)]
    #[schema(pattern = r"^\s*\S(?:.{0,498}\S)?\s*$")]
    reason: Option<String>,
    /// `tag`: at most 20 tags that each job has afterwards.
    #[serde(default)]
    add: Option<Vec<String>>,
    /// `tag`: at most 20 tags that no job has afterwards.
    #[serde(default)]
    remove: Option<Vec<String>>,
}

/// Which jobs, as `GET /jobs` filters them. An empty filter finds all.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkFilter)]
pub struct FilterIn {
    /// Any of these.
    #[serde(default)]
    #[schema(value_type = Option<Vec<JobStatusWord>>)]
    status: Option<Vec<String>>,
    /// Any of these.
    #[serde(default)]
    #[schema(value_type = Option<Vec<PriorityWord>>)]
    priority: Option<Vec<String>>,
    #[serde(default)]
    tag: Option<String>,
    /// A part of name or description, or the start of id or external id.
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    created_after: Option<DateTime<Utc>>,
    /// Jobs that are made after the request are never among them.
    #[serde(default)]
    created_before: Option<DateTime<Utc>>,
}

/// An operation on many jobs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkCreate {
    #[schema(value_type = BulkActionWord)]
    action: String,
    /// Either a filter …
    #[serde(default)]
    filter: Option<FilterIn>,
    /// … or 1 to 1,000 ids.
    #[serde(default)]
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    ids: Option<Vec<String>>,
    #[serde(default)]
    params: Option<ParamsIn>,
    /// Only count the jobs.
    #[serde(default)]
    dry_run: bool,
}

fn words<W: Word>(pointer: &str, sent: Option<Vec<String>>, problems: &mut Problems) -> Vec<W> {
    let numbered = sent.unwrap_or_default().into_iter().enumerate();
    let read = numbered.filter_map(|(index, word)| problems.take(W::parse(&format!("{pointer}/{index}"), &word)));
    read.collect()
}

impl FilterIn {
    fn read(self, problems: &mut Problems) -> JobFilter {
        JobFilter {
            status: words::<JobStatus>("/filter/status", self.status, problems),
            priority: words::<Priority>("/filter/priority", self.priority, problems),
            tag: self.tag.filter(|text| !text.is_empty()),
            q: self.q.filter(|text| !text.trim().is_empty()),
            created_after: self.created_after,
            created_before: self.created_before,
        }
    }
}

fn ids(sent: Vec<String>, problems: &mut Problems) -> Vec<JobId> {
    // How many there may be is judged with the rest; only the mistakes of that many are named.
    let read = sent.into_iter().take(MAX_IDS + 1).enumerate();
    let read = read.filter_map(|(index, text)| {
        let id = text.parse::<JobId>();
        problems.take(id.map_err(|_| FieldError::new(format!("/ids/{index}"), "not_found", "is no job, or not yours")))
    });
    read.collect()
}

impl BulkCreate {
    fn read(self) -> Result<BulkRequest, Vec<FieldError>> {
        let mut problems = Problems::new();
        let action = problems.take(BulkAction::parse("/action", &self.action));
        let target = match (self.filter, self.ids) {
            (Some(filter), None) => Some(BulkTarget::Filter(filter.read(&mut problems))),
            (None, Some(sent)) => Some(BulkTarget::Ids(ids(sent, &mut problems))),
            (None, None) => {
                let message = "either a filter or ids are needed; an empty filter, {}, means all jobs";
                problems.push(FieldError::new("/filter", "required", message));
                None
            }
            (Some(_), Some(_)) => {
                let message = "cannot be given together with filter";
                problems.push(FieldError::new("/ids", "contradiction", message));
                None
            }
        };
        let params = self.params.unwrap_or_default();
        let params = BulkParams {
            payload: params.payload,
            reason: params.reason,
            add: params.add.unwrap_or_default(),
            remove: params.remove.unwrap_or_default(),
        };
        problems.finish()?;
        match (action, target) {
            (Some(action), Some(target)) => Ok(BulkRequest {
                action,
                params,
                target,
                dry_run: self.dry_run,
            }),
            _ => Err(Vec::new()),
        }
    }
}

/// Do the same thing to many jobs
///
/// The work is done in the background, oldest job first, and goes on after a restart. Rehearse with `dry_run` first: it
/// answers how many jobs there are, and leaves nothing behind. With an API key, `run` and `cancel` need the scope
/// `runs:write` as well.
#[utoipa::path(
    post, path = "/api/v1/bulk-operations", operation_id = "createBulkOperation", tag = "Bulk operations",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    request_body = BulkCreate,
    responses((status = 202, description = "The operation, or what it would be", body = BulkOut, headers(("Location" = String))))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<JobsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: BulkCreate = body.json()?;
    let asked = body.read().map_err(Problem::invalid)?;
    let dry_run = asked.dry_run;
    if matches!(asked.action, BulkAction::Run | BulkAction::Cancel) {
        principal.must_have::<RunsWrite>()?;
    }
    let operation = state.bulk.create(principal.user_id, asked).await?;
    if dry_run {
        return Ok(HttpResponse::Accepted().json(BulkOut::rehearsed(operation)));
    }
    state.new_bulk.notify_one();
    Ok(HttpResponse::Accepted()
        .insert_header((
            header::LOCATION,
            format!("/api/v1/bulk-operations/{}", operation.bulk_id),
        ))
        .json(BulkOut::from(operation)))
}
