//! `GET /dashboard/customer`: the numbers of the overview, each from an index or a counter.

pub mod admin;

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, TimeDelta, Utc};
use scheduler_domain::{
    clock::Timestamp,
    ids::{JobId, UserId},
    job::JobStatus,
    page::Limit,
    ports::{JobFilter, JobSort, RunFilter},
    run::RunStatus,
    stats::{Results, Window, percentile},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    http::{auth::Allowed, jobs::dto::CountsOut, problem::Problem, query::Query, runs::dto::RunOut, scopes::JobsRead},
    state::State,
};

/// How runs ended within the window.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = RunResults)]
pub struct ResultsOut {
    completed: i64,
    failed: i64,
    cancelled: i64,
}

/// Durations of the latest (at most 1,000) completed runs within the window.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunDurations)]
pub struct DurationsOut {
    #[schema(required)]
    p50: Option<i64>,
    #[schema(required)]
    p95: Option<i64>,
}

/// A point of the chart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ThroughputPoint)]
pub struct PointOut {
    /// Where it starts.
    at: DateTime<Utc>,
    completed: i64,
    failed: i64,
    cancelled: i64,
}

/// A run to come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UpcomingRun)]
pub struct UpcomingOut {
    job_id: Uuid,
    job_name: String,
    next_run_at: DateTime<Utc>,
}

impl From<(JobId, String, Timestamp)> for UpcomingOut {
    fn from((job_id, job_name, next_run_at): (JobId, String, Timestamp)) -> Self {
        Self {
            job_id: job_id.as_uuid(),
            job_name,
            next_run_at,
        }
    }
}

/// Something to look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attention)]
pub struct AttentionOut {
    #[schema(example = "job_failed")]
    kind: &'static str,
    job_id: Uuid,
    message: String,
}

/// The overview of a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerDashboard)]
pub struct DashboardOut {
    counts: CountsOut,
    runs: ResultsOut,
    /// Completed among completed and failed, 0 to 1; null before the first.
    #[schema(required)]
    success_rate: Option<f64>,
    duration_ms: DurationsOut,
    throughput: Vec<PointOut>,
    running: Vec<RunOut>,
    upcoming: Vec<UpcomingOut>,
    attention: Vec<AttentionOut>,
}

/// The overview
#[utoipa::path(
    get, path = "/api/v1/dashboard/customer", operation_id = "getCustomerDashboard", tag = "Dashboard",
    security(("bearer" = []), ("api_key" = ["jobs:read"])),
    params(("window" = Option<String>, Query, description = "`1h`, `24h` (default) or `7d`")),
    responses((status = 200, description = "Numbers of the window", body = DashboardOut))
)]
pub async fn customer(request: HttpRequest, principal: Allowed<JobsRead>) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let window: Window = query.word("window")?.unwrap_or(Window::Day);
    query.finish()?;
    let state = State::of(&request);
    let owner = principal.user_id;
    let starts = window.starts(state.clock.now());
    let since = starts.first().copied().unwrap_or_default();
    let counts = state.job_store.counts(owner).await?;
    let buckets = state.history.results(owner, window.grain(), since).await?;
    let durations = state.history.recent_durations(owner, since).await?;
    let running = RunFilter {
        status: vec![RunStatus::Running],
        ..RunFilter::default()
    };
    let running = state.history.list_runs(owner, &running, None, limit(20)?).await?;
    let until = state.clock.now() + TimeDelta::hours(24);
    let upcoming = state.schedules.store.upcoming(owner, until, 20).await?;
    let (throughput, total) = chart(&starts, window.step(), &buckets);
    Ok(HttpResponse::Ok().json(DashboardOut {
        counts: counts.into(),
        runs: ResultsOut {
            completed: total.completed,
            failed: total.failed,
            cancelled: total.cancelled,
        },
        success_rate: total.success_rate(),
        duration_ms: DurationsOut {
            p50: percentile(&durations, 50),
            p95: percentile(&durations, 95),
        },
        throughput,
        running: running
            .data
            .into_iter()
            .map(|run| RunOut::from(run.summary()))
            .collect(),
        upcoming: upcoming.into_iter().map(UpcomingOut::from).collect(),
        attention: attention(state, owner).await?,
    }))
}

fn limit(rows: u32) -> Result<Limit, Problem> {
    Limit::new(rows).map_err(Problem::parameter)
}

/// Puts buckets into the points of the chart.
fn chart(starts: &[Timestamp], step: TimeDelta, buckets: &[(Timestamp, Results)]) -> (Vec<PointOut>, Results) {
    let mut total = Results::default();
    let mut buckets = buckets.iter().peekable();
    let points = starts
        .iter()
        .map(|start| {
            let mut sum = Results::default();
            while let Some((_, results)) = buckets.next_if(|(at, _)| *at < *start + step) {
                sum.add(*results);
            }
            total.add(sum);
            PointOut {
                at: *start,
                completed: sum.completed,
                failed: sum.failed,
                cancelled: sum.cancelled,
            }
        })
        .collect();
    (points, total)
}

/// Jobs whose latest run failed, and runs that crash.
async fn attention(state: &State, owner: UserId) -> Result<Vec<AttentionOut>, Problem> {
    let failed = JobFilter {
        status: vec![JobStatus::Failed],
        ..JobFilter::default()
    };
    let failed = state
        .job_store
        .list(owner, &failed, JobSort::CreatedDesc, None, limit(10)?)
        .await?;
    let told = failed.data.into_iter().map(|job| {
        let why = job
            .last_run
            .as_ref()
            .and_then(|run| run.error.as_ref())
            .map(|error| error.message.as_str());
        let message = match why {
            Some(why) => format!("{} failed: {why}", job.spec.job_name),
            None => format!("{} failed", job.spec.job_name),
        };
        AttentionOut {
            kind: "job_failed",
            job_id: job.job_id.as_uuid(),
            message,
        }
    });
    Ok(told.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_lands_in_its_point() {
        let now = Timestamp::from_timestamp(1_700_000_000, 0).unwrap();
        let starts = Window::Week.starts(now);
        let one = Results {
            completed: 1,
            failed: 0,
            cancelled: 0,
        };
        let buckets: Vec<_> = (0..28 * 6)
            .map(|hour| (starts[0] + TimeDelta::hours(hour), one))
            .collect();
        let (points, total) = chart(&starts, Window::Week.step(), &buckets);
        assert!(points.iter().all(|point| point.completed == 6));
        assert_eq!(total.completed, 28 * 6);
    }
}
