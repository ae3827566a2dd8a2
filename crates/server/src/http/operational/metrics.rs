//! `GET /metrics`: what this node measures, in the text format 0.0.4 of Prometheus.
//!
//! Nothing here asks the database: the depth of the queue is what the latest heartbeat found. No metric has a label for
//! a user, a job or an address.

mod text;

use actix_web::{HttpRequest, HttpResponse};
use scheduler_domain::health::QueueDepth;

use crate::{http::problem::Problem, http::query::Query, state::State, worker::Swept};
use text::{Text, Unit};

/// What Prometheus wants to hear.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Metrics
///
/// For Prometheus. Like health and readiness it needs no token and holds no secret, no name and no address; keep it from
/// strangers at the proxy if they are not to know how busy the node is.
#[utoipa::path(
    get, path = "/metrics", operation_id = "getMetrics", tag = "Operation", security(()),
    responses((status = 200, description = "Text format 0.0.4", content_type = "text/plain", body = String))
)]
pub async fn metrics(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let text = render(State::of(&request));
    Ok(HttpResponse::Ok().content_type(CONTENT_TYPE).body(text))
}

fn render(state: &State) -> String {
    let mut text = Text::default();
    engine(&mut text, state);
    webhooks(&mut text, state);
    server(&mut text, state);
    process(&mut text, state);
    text.into_string()
}

fn engine(text: &mut Text, state: &State) {
    let health = &state.engine_health;
    text.histogram(
        "scheduler_lag_seconds",
        "Planned instant to start, of scheduled runs started here",
        &health.scheduler_lag,
        Unit::Micros,
    );
    text.histogram(
        "queue_wait_seconds",
        "Creation to start, of all other runs started here",
        &health.queue_wait,
        Unit::Micros,
    );
    text.histogram(
        "claim_batch_runs",
        "Runs in a claim that found any",
        &health.claim_batch,
        Unit::Count,
    );
    text.histogram(
        "claim_seconds",
        "How long claims took",
        &health.claim_time,
        Unit::Micros,
    );
    text.counter("claim_errors_total", "Claims that failed", health.claim_errors.get());
    text.histogram(
        "completion_batch_results",
        "Results in one commit",
        &health.completion_batch,
        Unit::Count,
    );
    text.histogram(
        "completion_seconds",
        "How long commits of results took",
        &health.completion_time,
        Unit::Micros,
    );
    text.counter(
        "completion_errors_total",
        "Commits of results that failed",
        health.completion_errors.get(),
    );
    let changes = [
        ("queued", health.runs_queued.get()),
        ("started", health.runs_started.get()),
        ("retrying", health.runs_retrying.get()),
        ("completed", health.runs_completed.get()),
        ("failed", health.runs_failed.get()),
        ("cancelled", health.runs_cancelled.get()),
    ];
    text.counters(
        "run_changes_total",
        "Changes of runs committed by this node",
        "to",
        changes,
    );
    let losses = [
        ("renewal", health.leases_lost.get()),
        ("reaped", health.leases_reaped.get()),
        ("restart", health.leases_freed.get()),
    ];
    text.counters(
        "lease_losses_total",
        "Leases lost here, taken back from silent nodes, freed after a restart",
        "kind",
        losses,
    );
    text.counter(
        "late_results_total",
        "Results dropped because their lease was lost",
        health.late_results.get(),
    );
    text.gauge(
        "attempts_running",
        "Attempts under way on this node",
        state.engine.under_way() as u64,
    );
    text.gauge(
        "places_free",
        "Further attempts that this node has room for",
        state.engine.free_places().into(),
    );
    let queue: QueueDepth = health.queue_depth();
    text.gauge(
        "queue_depth",
        "Runs that wait for a node, in the whole installation, counted up to 10000",
        queue.waiting.into(),
    );
    text.gauge("queue_depth_capped", "1 when more than that wait", queue.capped.into());
    let oldest = queue.oldest_seconds(state.clock.now()).unwrap_or(0);
    text.gauge(
        "queue_oldest_seconds",
        "How long the oldest of the runs next in turn has waited",
        u64::try_from(oldest).unwrap_or(0),
    );
}

fn webhooks(text: &mut Text, state: &State) {
    let health = &state.engine_health;
    text.histogram(
        "webhook_lag_seconds",
        "Event to delivery",
        &health.webhook_lag,
        Unit::Micros,
    );
    let results = [
        ("delivered", health.deliveries_delivered.get()),
        ("retried", health.deliveries_retried.get()),
        ("given_up", health.deliveries_given_up.get()),
    ];
    text.counters(
        "webhook_attempts_total",
        "Attempts at deliveries, by what followed",
        "result",
        results,
    );
}

fn server(text: &mut Text, state: &State) {
    let swept = Swept::ALL.map(|what| (what.word(), state.swept.of(what)));
    text.counters("cleaned_rows_total", "Rows that housekeeping deleted", "what", swept);
    text.gauge("sockets_open", "WebSockets at this node", state.hub.sockets() as u64);
    text.gauge(
        "sessions_remembered",
        "Sessions that this node has lately seen at work",
        state.sessions.remembered() as u64,
    );
    let waits = state.view.pool_waits();
    text.counter(
        "database_pool_waits_total",
        "How often all connections to the database were busy",
        waits.waits,
    );
    text.counter_seconds(
        "database_pool_wait_seconds_total",
        "How long that took together",
        waits.micros,
    );
    text.gauge(
        "ready",
        "1 while the node takes work",
        state.readiness.is_serving().into(),
    );
}

fn process(text: &mut Text, state: &State) {
    text.info("build_info", "The program", "version", env!("CARGO_PKG_VERSION"));
    if let Some(bytes) = resident_bytes() {
        text.gauge("process_resident_memory_bytes", "Memory in use", bytes);
    }
    let started = u64::try_from(state.started_at.timestamp()).unwrap_or(0);
    text.gauge(
        "process_start_time_seconds",
        "When the process started, since 1970",
        started,
    );
}

/// `VmRSS:     1234 kB`
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}
