//! `POST /webhooks/{id}/replay`

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use scheduler_domain::{
    ids::DeliveryId,
    ports::ReplayStep,
    user::Word,
    validate::{FieldError, Problems},
    webhook::DeliveryStatus,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{replay::must_be_on, save};
use crate::{
    http::{auth::Allowed, body::RawBody, problem::Problem, query::Query, scopes::Webhooks},
    state::State,
};

/// Deliveries in one transaction.
const BATCH: u32 = 500;
/// Deliveries that one request looks at.
const MOST: u32 = 10_000;

/// How a delivery must have ended.
#[derive(Debug, Serialize, ToSchema)]
pub enum EndedStatus {
    Delivered,
    Failed,
}

/// Deliveries that are to be made once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookReplay {
    /// Of events from here on, inclusive.
    from: DateTime<Utc>,
    /// Up to here, exclusive.
    to: DateTime<Utc>,
    /// Only those that ended like this; left out, all that have ended.
    #[serde(default)]
    #[schema(value_type = Option<EndedStatus>)]
    status: Option<String>,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookReplayed {
    /// Deliveries that are on their way again.
    count: u32,
    /// Whether more were in the range than one request takes: ask again, from `next_from`.
    has_more: bool,
    #[schema(required)]
    next_from: Option<DateTime<Utc>>,
}

impl WebhookReplay {
    fn status(&self, problems: &mut Problems) -> Option<DeliveryStatus> {
        let word = self.status.as_deref()?;
        let ended = DeliveryStatus::from_word(word).filter(|status| *status != DeliveryStatus::Pending);
        if ended.is_none() {
            problems.push(FieldError::unknown_word("/status", word, &["Delivered", "Failed"]));
        }
        ended
    }

    fn step(&self) -> Result<ReplayStep, Problem> {
        let mut problems = Problems::new();
        let status = self.status(&mut problems);
        if self.from >= self.to {
            problems.push(FieldError::new("/to", "out_of_range", "must be later than from"));
        }
        problems.finish().map_err(Problem::invalid)?;
        Ok(ReplayStep {
            from: self.from,
            to: self.to,
            status,
            after: None,
            batch: BATCH,
        })
    }
}

/// When a delivery was made, as its id says.
fn made_at(delivery_id: DeliveryId) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = delivery_id.as_uuid().get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

/// Deliver a range once more
///
/// Every delivery of the range that has ended is due again at once, oldest first, as `replayDelivery` does for one. Those that are
/// on their way, and those whose event is gone, are passed over. One request looks at 10,000 deliveries at most.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{webhook_id}/replay", operation_id = "replayDeliveries", tag = "Webhooks",
    security(("bearer" = []), ("api_key" = ["webhooks:manage"])),
    params(("webhook_id" = Uuid, Path)),
    request_body = WebhookReplay,
    responses((status = 202, description = "How many are on their way again", body = WebhookReplayed))
)]
pub async fn handle(
    request: HttpRequest,
    principal: Allowed<Webhooks>,
    body: RawBody,
) -> Result<HttpResponse, Problem> {
    Query::of(&request).finish()?;
    let endpoint = save::find(&request, &principal).await?;
    let mut step = body.json::<WebhookReplay>()?.step()?;
    must_be_on(&endpoint, "delivered to")?;
    let state = State::of(&request);
    let mut count = 0;
    for _ in 0..MOST / BATCH {
        let now = state.clock.now();
        let deliveries = &state.deliveries;
        let done = deliveries
            .replay_range(principal.user_id, endpoint.webhook_id, &step, now)
            .await?;
        count += done.count;
        step.after = done.last;
        if step.after.is_none() {
            break;
        }
    }
    Ok(HttpResponse::Accepted().json(WebhookReplayed {
        count,
        has_more: step.after.is_some(),
        // Of this millisecond some may be done already; done twice, receivers know them by their webhook-id.
        next_from: step.after.and_then(made_at),
    }))
}
