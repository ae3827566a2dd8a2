//! `GET /dashboard/admin`: how the installation is, as far as its nodes tell.

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::health::{Distribution, together};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    http::{auth::Admin, nodes::NodeOut, problem::Problem, query::Query},
    state::State,
};

/// Times in milliseconds, at most an eighth too high; null when nothing happened within the window.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LagNumbers)]
pub struct LagOut {
    #[schema(required)]
    p50: Option<f64>,
    #[schema(required)]
    p99: Option<f64>,
    #[schema(required)]
    max: Option<f64>,
}

/// Sizes of batches; null when there were none within the window.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchNumbers)]
pub struct BatchOut {
    #[schema(required)]
    p50: Option<u64>,
    #[schema(required)]
    max: Option<u64>,
}

/// The engines of all nodes at work, together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EngineNumbers)]
pub struct EngineOut {
    /// How far back lags, batches and losses reach: five to six minutes, less after a start.
    window_seconds: u64,
    /// Planned instant to start, of scheduled runs.
    scheduler_lag_ms: LagOut,
    /// Creation to start, of all other runs.
    queue_wait_ms: LagOut,
    /// Runs that wait for a node, counted up to 10,000.
    queue_depth: u32,
    /// Whether there are more than that.
    queue_depth_capped: bool,
    /// How long the oldest of the runs that are next in turn has waited; null when none waits.
    #[schema(required)]
    oldest_queued_seconds: Option<i64>,
    /// Runs that nodes carry out.
    running: u64,
    /// Runs that nodes may carry out at once.
    concurrency: u64,
    claim_batch: BatchOut,
    completion_batch: BatchOut,
    /// Leases that were lost or ended without a word.
    lease_losses: u64,
    /// Event to delivery.
    webhook_lag_ms: LagOut,
}

/// How the installation is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdminDashboard)]
pub struct AdminOut {
    engine: EngineOut,
    nodes: Vec<NodeOut>,
}

/// Microseconds as milliseconds, to the tenth.
#[expect(clippy::cast_precision_loss, reason = "for people, not for reckoning")]
fn ms(micros: u64) -> f64 {
    (micros as f64 / 100.0).round() / 10.0
}

fn lag(of: &Distribution) -> LagOut {
    LagOut {
        p50: of.percentile(50).map(ms),
        p99: of.percentile(99).map(ms),
        max: of.max().map(ms),
    }
}

fn batch(of: &Distribution) -> BatchOut {
    BatchOut {
        p50: of.percentile(50),
        max: of.max(),
    }
}

/// The overview of the installation
///
/// Merged from what the nodes at work wrote with their latest sign of life, so up to 5 s old; the queue is counted now.
#[utoipa::path(
    get, path = "/api/v1/dashboard/admin", operation_id = "getAdminDashboard", tag = "Administration",
    responses((status = 200, description = "Engine and nodes", body = AdminOut))
)]
pub async fn admin(request: HttpRequest, _: Admin) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let (nodes, queue) = (state.view.nodes().await?, state.view.queue_depth().await?);
    let now = state.clock.now();
    let measured = together(&nodes, now);
    let alive = || nodes.iter().filter(|node| node.is_alive(now));
    Ok(HttpResponse::Ok().json(AdminOut {
        engine: EngineOut {
            window_seconds: measured.window_seconds,
            scheduler_lag_ms: lag(&measured.scheduler_lag),
            queue_wait_ms: lag(&measured.queue_wait),
            queue_depth: queue.waiting,
            queue_depth_capped: queue.capped,
            oldest_queued_seconds: queue.oldest_seconds(now),
            running: alive().map(|node| u64::from(node.running)).sum(),
            concurrency: alive().map(|node| u64::from(node.concurrency)).sum(),
            claim_batch: batch(&measured.claim_batch),
            completion_batch: batch(&measured.completion_batch),
            lease_losses: measured.lease_losses,
            webhook_lag_ms: lag(&measured.webhook_lag),
        },
        nodes: nodes.iter().map(|node| NodeOut::of(node, now)).collect(),
    }))
}
