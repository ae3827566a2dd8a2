//! Wire types of jobs.

mod executor;

pub use executor::{ExecutorOut, HttpMethodWord, SimulatedOutcomeWord};

use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use chrono::{DateTime, Utc};
use scheduler_domain::{
    job::{CatchUp, Job, JobSpec, Payload},
    run::RetryPolicy,
    schedule::Schedule,
    stats::JobCounts,
    user::Word,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{etag, notices::dto::PolicyOut, problem::Problem, runs::dto::RunOut};

/// Where a job stands: the status of its latest run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobStatus)]
pub enum JobStatusWord {
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
}

/// How urgent a job is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Priority)]
pub enum PriorityWord {
    Low,
    Medium,
    High,
    Critical,
}

/// What happens when a run is asked for while another is under way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Overlap)]
#[serde(rename_all = "snake_case")]
pub enum OverlapWord {
    Allow,
    Skip,
    Queue,
    CancelRunning,
}

/// When a failed attempt is followed by another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Retry)]
pub struct RetrySchema {
    /// Attempts in all.
    #[schema(minimum = 1, maximum = 100)]
    max_attempts: u32,
    backoff: BackoffWord,
    #[schema(minimum = 1, maximum = 86_400)]
    initial_seconds: u32,
    #[schema(minimum = 1, maximum = 604_800)]
    max_seconds: u32,
    /// The part of the wait that chance decides.
    #[schema(minimum = 0.0, maximum = 1.0)]
    jitter: f64,
    /// Own waits in seconds, one for each failed attempt.
    #[schema(nullable = false)]
    delays: Option<Vec<u32>>,
    /// Only failures with one of these codes are tried again.
    #[schema(nullable = false)]
    on: Option<Vec<String>>,
}

/// How the wait grows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Backoff)]
#[serde(rename_all = "lowercase")]
pub enum BackoffWord {
    Fixed,
    Linear,
    Exponential,
}

/// What happens to planned instants that passed while no server ran.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatchUp)]
pub struct CatchUpSchema {
    policy: CatchUpPolicyWord,
    #[schema(maximum = 2_592_000)]
    window_seconds: u32,
    #[schema(minimum = 1, maximum = 1_000)]
    max_runs: u32,
}

/// Which of them run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatchUpPolicy)]
#[serde(rename_all = "lowercase")]
pub enum CatchUpPolicyWord {
    None,
    Last,
    All,
}

/// What happens to times that a clock change leaves out: as Debian's cron does, once at the next valid minute, not at
/// all, or later by the size of the gap.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OnGap)]
#[serde(rename_all = "snake_case")]
pub enum OnGapWord {
    Unix,
    NextValid,
    Skip,
    Shift,
}

/// What happens to times that a clock change brings twice: as Debian's cron does, at the first pass, at the second, or at
/// both.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OnRepeat)]
#[serde(rename_all = "snake_case")]
pub enum OnRepeatWord {
    Unix,
    First,
    Second,
    Both,
}

/// When a job runs by itself. `start_at` and `end_at` are the bounds within which its instants lie.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Schedule)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ScheduleSchema {
    /// At one instant.
    Once {
        /// In the future, before the year 2200.
        at: DateTime<Utc>,
        /// The start is late by up to so many seconds, 0 to 3,600.
        #[schema(nullable = false)]
        jitter_seconds: Option<u32>,
    },
    /// Again and again after so many seconds.
    Interval {
        /// 1 to 31,536,000.
        #[schema(example = 300)]
        every_seconds: u32,
        /// The first instant; one step after the job was made when left out.
        #[schema(nullable = false)]
        start_at: Option<DateTime<Utc>>,
        #[schema(nullable = false)]
        end_at: Option<DateTime<Utc>>,
        /// Each start is late by up to so many seconds, 0 to 3,600.
        #[schema(nullable = false)]
        jitter_seconds: Option<u32>,
    },
    /// By the clock on the wall of a time zone.
    Cron {
        /// Five fields, or six with leading seconds; names, `L W #`, nicknames.
        #[schema(example = "30 2 * * MON-FRI")]
        expression: String,
        /// IANA name.
        #[schema(example = "Europe/Berlin")]
        time_zone: String,
        #[schema(nullable = false)]
        on_gap: Option<OnGapWord>,
        #[schema(nullable = false)]
        on_repeat: Option<OnRepeatWord>,
        #[schema(nullable = false)]
        start_at: Option<DateTime<Utc>>,
        #[schema(nullable = false)]
        end_at: Option<DateTime<Utc>>,
        #[schema(nullable = false)]
        jitter_seconds: Option<u32>,
    },
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobOut {
    pub job_id: Uuid,
    #[schema(example = "Nightly report")]
    pub job_name: String,
    #[schema(value_type = PriorityWord)]
    pub priority: &'static str,
    #[schema(required)]
    pub description: Option<String>,
    /// Any JSON, kept to the last digit.
    #[schema(value_type = Option<serde_json::Value>, required)]
    pub payload: Option<Payload>,
    #[schema(value_type = JobStatusWord)]
    pub status: &'static str,
    /// When its latest completed run ended.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub executor: ExecutorOut,
    /// Null: runs are started by hand or by API.
    #[schema(value_type = Option<ScheduleSchema>, required)]
    pub schedule: Option<Schedule>,
    #[schema(value_type = RetrySchema)]
    pub retry: RetryPolicy,
    /// How long one attempt may take, 30 for http and 3,600 for worker unless chosen; null: as long as it wants.
    #[schema(required)]
    pub timeout_seconds: Option<u32>,
    /// How long all attempts of a run may take together; null: as long as they want.
    #[schema(required)]
    pub run_timeout_seconds: Option<u32>,
    /// How many runs are carried out at once under overlap `allow`; null: as many as there are.
    #[schema(required)]
    pub max_running: Option<u32>,
    #[schema(value_type = OverlapWord)]
    pub overlap: &'static str,
    #[schema(value_type = CatchUpSchema)]
    pub catch_up: CatchUp,
    #[schema(required)]
    pub next_run_at: Option<DateTime<Utc>>,
    /// The latest run, without payload and attempts.
    #[schema(required)]
    pub last_run: Option<RunOut>,
    pub paused: bool,
    #[schema(required)]
    pub paused_at: Option<DateTime<Utc>>,
    #[schema(required)]
    pub pause_reason: Option<String>,
    #[schema(required)]
    pub paused_by: Option<Uuid>,
    pub tags: Vec<String>,
    /// The id that another system knows the job by.
    #[schema(required)]
    pub external_id: Option<String>,
    /// What you are told about it; null: what you are told about any job.
    #[schema(required)]
    pub notices: Option<PolicyOut>,
    /// Grows with every change; the `ETag`.
    pub version: i64,
    /// Where a job with the executor `heartbeat` is pinged: only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://jobs.example.com/heartbeats/jsp_…")]
    pub ping_url: Option<String>,
}

impl JobOut {
    /// The answer with a job: its body and its `ETag`.
    pub(super) fn answer(job: Job, response: HttpResponseBuilder) -> Result<HttpResponse, Problem> {
        Self::answer_with(job, None, response)
    }

    /// The same with the address of its pings, which is shown once.
    pub(super) fn answer_with(
        job: Job,
        ping_url: Option<String>,
        mut response: HttpResponseBuilder,
    ) -> Result<HttpResponse, Problem> {
        let (version, ran) = (job.version, job.last_run.is_some());
        let body = Self {
            ping_url,
            ..Self::from(job)
        };
        let body = serde_json::to_string(&body).map_err(|error| Problem::internal(&error))?;
        // Before its first run a job changes with its version only.
        let tag = if ran {
            etag::of_representation(version, &body)
        } else {
            etag::of(version)
        };
        Ok(response
            .insert_header((header::ETAG, tag))
            .content_type("application/json")
            .body(body))
    }
}

impl From<Job> for JobOut {
    fn from(job: Job) -> Self {
        let JobSpec {
            job_name,
            priority,
            description,
            payload,
            executor,
            schedule,
            retry,
            timeout_seconds,
            run_timeout_seconds,
            max_running,
            overlap,
            catch_up,
            tags,
            external_id,
            notices,
        } = job.spec;
        Self {
            job_id: job.job_id.as_uuid(),
            job_name,
            priority: priority.word(),
            description,
            payload,
            status: job.status.word(),
            completed_at: job.completed_at,
            created_by: job.created_by.as_uuid(),
            created_at: job.created_at,
            updated_at: job.updated_at,
            timeout_seconds: timeout_seconds.or(executor.default_timeout_seconds()),
            executor: executor.into(),
            schedule,
            retry,
            run_timeout_seconds,
            max_running,
            overlap: overlap.word(),
            catch_up,
            // While it is paused nothing runs.
            next_run_at: job.next_run_at.filter(|_| job.paused_at.is_none()),
            last_run: job.last_run.map(|run| RunOut::from(run.summary())),
            paused: job.paused_at.is_some(),
            paused_at: job.paused_at,
            pause_reason: job.pause_reason,
            paused_by: job.paused_by.map(|user| user.as_uuid()),
            tags,
            external_id,
            notices: notices.map(Into::into),
            version: job.version,
            ping_url: None,
        }
    }
}

crate::list_schema!(
    /// Jobs.
    JobList,
    JobOut
);

/// How many jobs there are in each status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Counts)]
#[serde(rename_all = "PascalCase")]
pub struct CountsOut {
    pending: i64,
    running: i64,
    completed: i64,
    failed: i64,
    cancelled: i64,
    #[serde(rename = "total")]
    total: i64,
}

impl From<JobCounts> for CountsOut {
    fn from(counts: JobCounts) -> Self {
        let JobCounts {
            pending,
            running,
            completed,
            failed,
            cancelled,
        } = counts;
        Self {
            pending,
            running,
            completed,
            failed,
            cancelled,
            total: counts.total(),
        }
    }
}
