//! `POST /jobs/batch`

use actix_web::{HttpRequest, HttpResponse, ResponseError};
use scheduler_domain::{
    job::{JobSpec, Payload},
    validate::{FieldError, range},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    create::{JobCreate, ping_urls},
    dto::JobOut,
};
use crate::{
    http::{
        auth::Allowed,
        body::{RawBody, explain},
        idempotency::ToldOnce,
        problem::Problem,
        query::Query,
        scopes::{JobsWrite, RunsWrite},
    },
    state::State,
};

/// The most jobs of one request.
const MOST: i64 = 1_000;

/// Jobs to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobBatch {
    /// 1 to 1,000, each as `POST /jobs` takes it.
    #[schema(value_type = Vec<JobCreate>, min_items = 1, max_items = 1000)]
    jobs: Vec<Payload>,
}

/// What became of one of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobBatchItem)]
pub struct ItemOut {
    /// Its place in the request, from 0.
    index: usize,
    /// The status that a request of its own would have been answered with: 201, 409, 422, 503.
    #[schema(example = 201)]
    status: u16,
    /// The job, for 201.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    job: Option<JobOut>,
    /// What was wrong, otherwise. Pointers are those of a request of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<Problem>,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobBatchResult {
    /// In the order of the request.
    data: Vec<ItemOut>,
}

fn read(sent: &Payload) -> Result<(JobSpec, bool), Problem> {
    // serde would read a list as an object without names.
    if !sent.as_str().trim_start().starts_with('{') {
        let message = "has the wrong type: an object is expected";
        return Err(Problem::invalid(vec![FieldError::new("", "wrong_type", message)]));
    }
    let mut reader = serde_json::Deserializer::from_str(sent.as_str());
    let item: JobCreate = serde_path_to_error::deserialize(&mut reader).map_err(|error| explain(&error))?;
    item.read().map_err(Problem::invalid)
}

/// Create many jobs
///
/// Each has a result of its own: one that is refused keeps none of the others from being made. The whole body must
/// not be larger than that of any other request. Jobs with the executor `heartbeat` have their `ping_url`, as in the answer
/// to a request of their own. With an API key, `run: true` needs the scope `runs:write` as well.
#[utoipa::path(
    post, path = "/api/v1/jobs/batch", operation_id = "createJobs", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    request_body = JobBatch,
    responses((status = 200, description = "What became of each", body = JobBatchResult))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<JobsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: JobBatch = body.json()?;
    let count = i64::try_from(body.jobs.len()).unwrap_or(i64::MAX);
    range("/jobs", count, 1, MOST, "jobs").map_err(|error| Problem::invalid(vec![error]))?;
    let mut specs = Vec::with_capacity(body.jobs.len());
    let read: Vec<Option<Problem>> = body
        .jobs
        .iter()
        .map(|sent| read(sent).map(|spec| specs.push(spec)).err())
        .collect();
    if specs.iter().any(|(_, run)| *run) {
        principal.must_have::<RunsWrite>()?;
    }
    let made = state.jobs.create_many(principal.asker(), specs).await;
    let jobs = made.iter().filter_map(|made| made.as_ref().ok());
    let mut ping_urls = ping_urls(state, principal.user_id, jobs).await;
    let is_told_once = !ping_urls.is_empty();
    let mut made = made.into_iter();
    let item = |(index, refused): (usize, Option<Problem>)| {
        let made = match refused {
            Some(problem) => Err(problem),
            None => match made.next() {
                Some(made) => made.map_err(Problem::from),
                None => Err(Problem::internal(&"a job was not answered for")),
            },
        };
        match made {
            Ok(job) => ItemOut {
                index,
                status: 201,
                job: Some(JobOut {
                    ping_url: ping_urls.remove(&job.job_id),
                    ..job.into()
                }),
                problem: None,
            },
            Err(problem) => ItemOut {
                index,
                status: problem.status_code().as_u16(),
                job: None,
                problem: Some(problem),
            },
        }
    };
    let data = read.into_iter().enumerate().map(item).collect();
    let mut answer = HttpResponse::Ok().json(JobBatchResult { data });
    if is_told_once {
        answer.extensions_mut().insert(ToldOnce(&["data/job/ping_url"]));
    }
    Ok(answer)
}
