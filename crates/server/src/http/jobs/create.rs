//! `POST /jobs`

use actix_web::{HttpRequest, HttpResponse, http::header};
use scheduler_domain::{
    ids::{JobId, UserId},
    job::{Executor, Job, JobSpec, Payload},
    link::LinkKind,
    validate::FieldError,
};
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::ToSchema;

use super::{
    dto::{self, JobOut},
    spec::{CatchUpIn, ExecutorIn, ExecutorRequest, JobPatch, RetryIn},
};
use crate::{
    http::{
        auth::Allowed,
        body::RawBody,
        idempotency::ToldOnce,
        links,
        notices::dto::PolicyIn,
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
    /// 1 to 200 characters, one line. Blanks around it are cut off and do not count.
    #[schema(example = "Nightly report", pattern = r"^\s*\S(?:.{0,198}\S)?\s*$")]
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
    /// What you are told about it; left out: what you are told about any job.
    #[serde(default)]
    notices: Option<PolicyIn>,
    /// Starts it at once; `last_run` is then the new run.
    #[serde(default)]
    run: Option<bool>,
}

impl JobCreate {
    /// The spec, and whether it is to run at once; or every mistake.
    pub(super) fn read(self) -> Result<(JobSpec, bool), Vec<FieldError>> {
        let run = self.run.unwrap_or(false);
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
            notices: Some(self.notices),
        };
        Ok((patch.apply(JobSpec::named(""))?, run))
    }
}

/// Where jobs that were just made are pinged, if they are heartbeats. The jobs are there whatever happens to their
/// addresses: where one is missing, its owner makes another.
pub(super) async fn ping_urls<'a>(
    state: &State,
    owner: UserId,
    jobs: impl IntoIterator<Item = &'a Job>,
) -> HashMap<JobId, String> {
    let pinged = jobs
        .into_iter()
        .filter(|job| matches!(job.spec.executor, Executor::Heartbeat { .. }));
    let pinged: Vec<JobId> = pinged.map(|job| job.job_id).collect();
    if pinged.is_empty() {
        return HashMap::new();
    }
    match state.links.issue_pings(owner, &pinged).await {
        Ok(secrets) => {
            let urls = secrets
                .iter()
                .map(|secret| links::dto::url(state, LinkKind::Heartbeat, secret));
            pinged.into_iter().zip(urls).collect()
        }
        Err(error) => {
            tracing::warn!(%error, jobs = pinged.len(), "heartbeats were made without their addresses");
            HashMap::new()
        }
    }
}

/// Create a job
///
/// With an API key, `run: true` needs the scope `runs:write` as well. The answer for a job with the executor `heartbeat`
/// has its `ping_url`, which nobody learns again.
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
    let (spec, run) = body.read().map_err(Problem::invalid)?;
    if run {
        principal.must_have::<RunsWrite>()?;
    }
    let job = state.jobs.create(principal.asker(), spec, run).await?;
    let ping_url = ping_urls(state, principal.user_id, [&job]).await.remove(&job.job_id);
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/jobs/{}", job.job_id)));
    let is_told_once = ping_url.is_some();
    let mut answer = JobOut::answer_with(job, ping_url, response)?;
    if is_told_once {
        answer.extensions_mut().insert(ToldOnce(&["ping_url"]));
    }
    Ok(answer)
}
