//! `GET /webhooks/{id}/statistics`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::webhook::{DeliveryNumbers, EndpointStatistics};
use serde::Serialize;
use utoipa::ToSchema;

use super::save;
use crate::{
    http::{auth::Allowed, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// How long attempts took: half of them, and 95 of 100, took no longer. At most an eighth too high; null without attempts.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryDurations {
    #[schema(required)]
    p50: Option<u64>,
    #[schema(required)]
    p95: Option<u64>,
}

/// What deliveries came to in a window.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryNumbers)]
pub struct NumbersOut {
    /// Deliveries that ended: `delivered` and `failed` together.
    deliveries: u64,
    /// Those that were taken.
    delivered: u64,
    /// Those that failed for good.
    failed: u64,
    attempts: u64,
    failed_attempts: u64,
    /// The part of the attempts that succeeded, 0 to 1; null without attempts.
    #[schema(required)]
    success_rate: Option<f64>,
    duration_ms: DeliveryDurations,
}

impl From<DeliveryNumbers> for NumbersOut {
    fn from(numbers: DeliveryNumbers) -> Self {
        Self {
            deliveries: numbers.delivered + numbers.given_up,
            delivered: numbers.delivered,
            failed: numbers.given_up,
            attempts: numbers.attempts,
            failed_attempts: numbers.failed_attempts,
            success_rate: numbers.success_rate(),
            duration_ms: DeliveryDurations {
                p50: numbers.durations.percentile(50),
                p95: numbers.durations.percentile(95),
            },
        }
    }
}

/// How an endpoint is doing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookStatistics)]
pub struct StatisticsOut {
    /// Deliveries on their way, counted up to 10,000.
    pending: u32,
    /// Whether there are more than that.
    pending_capped: bool,
    /// The latest success of the last seven days.
    #[schema(required)]
    last_success_at: Option<DateTime<Utc>>,
    /// The latest failure of the last seven days.
    #[schema(required)]
    last_failure_at: Option<DateTime<Utc>>,
    last_24h: NumbersOut,
    last_7d: NumbersOut,
}

/// See how an endpoint is doing
///
/// Windows go by whole hours. The numbers are kept while deliveries are made, so they cost the same however many there
/// were.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{webhook_id}/statistics", operation_id = "getWebhookStatistics", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("webhook_id" = Uuid, Path)),
    responses((status = 200, description = "Numbers of the last day and week", body = StatisticsOut))
)]
pub async fn handle(request: HttpRequest, principal: Allowed<Webhooks>) -> Result<HttpResponse, Problem> {
    let endpoint = save::find(&request, &principal).await?;
    Query::of(&request).finish()?;
    let state = State::of(&request);
    let now = state.clock.now();
    let known = state
        .endpoints
        .statistics(principal.user_id, endpoint.webhook_id, now)
        .await?;
    let most = EndpointStatistics::MAX_COUNTED;
    Ok(HttpResponse::Ok().json(StatisticsOut {
        pending: known.pending.min(most),
        pending_capped: known.pending > most,
        last_success_at: known.week.last_success_at,
        last_failure_at: known.week.last_failure_at,
        last_24h: known.day.into(),
        last_7d: known.week.into(),
    }))
}
