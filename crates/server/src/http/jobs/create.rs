//! `POST /jobs`

use actix_web::{HttpRequest, HttpResponse, http::header};
use scheduler_domain::{
    job::{JobSpec, Payload},
    validate::FieldError,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    dto::{self, JobOut},
    spec::{CatchUpIn, ExecutorIn, ExecutorRequest, JobPatch, RetryIn},
};
use crate::{
    http::{
        auth::Allowed,
        body::RawBody,
        problem::Problem,
        query::Query,
        scopes::{JobsWrite, RunsWrite},
    },
    state::State,
};

/// A new job. Only `job_name` is needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobCreate {
    /// 1 to 200 characters, one line.
    #[schema(example = "Nightly report", min_length = 1, max_length = 200)]
    job_name: String,
    #[serde(default)]
    #[schema(value_type = Option<dto::PriorityWord>)]
    priority: Option<String>,
    /// At most 4,000 characters.
    #[serde(default)]
    description: Option<String>,
    /// Any JSON of at most 256 KiB and 64 levels.
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    payload: Option<Payload>,
    #[serde(default)]
    #[schema(value_type = Option<ExecutorRequest>)]
    executor: Option<ExecutorIn>,
    /// When it runs by itself; left out: by hand and by API only.
    #[serde(default)]
    #[schema(value_type = Option<dto::ScheduleSchema>)]
    schedule: Option<Payload>,
    #[serde(default)]
    retry: Option<RetryIn>,
    /// How long one attempt may take, 1 to 86,400.
    #[serde(default)]
    timeout_seconds: Option<i64>,
    /// How long all attempts of a run may take together, waits included, 1 to 2,592,000.
    #[serde(default)]
    run_timeout_seconds: Option<i64>,
    /// How many runs are carried out at once under overlap `allow`, 1 to 10,000.
    #[serde(default)]
    max_running: Option<i64>,
    #[serde(default)]
    #[schema(value_type = Option<dto::OverlapWord>)]
    overlap: Option<String>,
    #[serde(default)]
    catch_up: Option<CatchUpIn>,
    /// At most 20 of at most 50 characters.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// 1 to 200 visible ASCII characters, unique among your jobs.
    #[serde(default)]
    external_id: Option<String>,
    /// Starts it at once; `last_run` is then the new run.
    #[serde(default)]
    run: Option<bool>,
}

impl JobCreate {
    fn read(self) -> Result<JobSpec, Vec<FieldError>> {
        let patch = JobPatch {
            job_name: Some(self.job_name),
            priority: self.priority,
            description: Some(self.description),
            payload: Some(self.payload),
            executor: self.executor,
            schedule: Some(self.schedule),
            retry: self.retry,
            timeout_seconds: Some(self.timeout_seconds),
            run_timeout_seconds: Some(self.run_timeout_seconds),
            max_running: Some(self.max_running),
            overlap: self.overlap,
            catch_up: self.catch_up,
            tags: self.tags,
            external_id: Some(self.external_id),
        };
        patch.apply(JobSpec::named(""))
    }
}

/// Create a job
///
/// With an API key, `run: true` needs the scope `runs:write` as well.
#[utoipa::path(
    post, path = "/api/v1/jobs", operation_id = "createJob", tag = "Jobs",
    security(("bearer" = []), ("api_key" = ["jobs:write"])),
    request_body = JobCreate,
    responses((status = 201, description = "The job", body = JobOut, headers(("Location" = String), ("ETag" = String))))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<JobsWrite>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let body: JobCreate = body.json()?;
    let run = body.run.unwrap_or(false);
    if run {
        principal.must_have::<RunsWrite>()?;
    }
    let spec = body.read().map_err(Problem::invalid)?;
    let job = state.jobs.create(principal.asker(), spec, run).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/jobs/{}", job.job_id)));
    JobOut::answer(job, response)
}
