//! Wire types of webhooks.

use chrono::{DateTime, Utc};
use scheduler_domain::{
    event::StoredEvent,
    user::Word,
    webhook::{Delivery, DeliveryAttempt, Endpoint, shown_headers},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

use super::spec::own_headers;
use crate::state::State;

/// A type of event that can be chosen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookEventType)]
pub enum EventTypeWord {
    /// All but `run.log` and `run.progress`, which must be named.
    #[serde(rename = "*")]
    All,
    #[serde(rename = "job.created")]
    JobCreated,
    #[serde(rename = "job.updated")]
    JobUpdated,
    #[serde(rename = "job.deleted")]
    JobDeleted,
    #[serde(rename = "job.paused")]
    JobPaused,
    #[serde(rename = "job.resumed")]
    JobResumed,
    #[serde(rename = "run.queued")]
    RunQueued,
    #[serde(rename = "run.started")]
    RunStarted,
    #[serde(rename = "run.progress")]
    RunProgress,
    #[serde(rename = "run.log")]
    RunLog,
    #[serde(rename = "run.retrying")]
    RunRetrying,
    #[serde(rename = "run.completed")]
    RunCompleted,
    #[serde(rename = "run.failed")]
    RunFailed,
    #[serde(rename = "run.cancelled")]
    RunCancelled,
    #[serde(rename = "occurrence.missed")]
    OccurrenceMissed,
    #[serde(rename = "occurrence.skipped")]
    OccurrenceSkipped,
}

/// An endpoint that gets your events.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookOut {
    webhook_id: Uuid,
    #[schema(example = "https://example.com/hooks/jobs")]
    url: String,
    #[schema(value_type = Vec<EventTypeWord>)]
    types: Vec<&'static str>,
    #[schema(required)]
    description: Option<String>,
    /// Own headers. Values that are credentials are shown as `***`; sent back like that, they are kept.
    headers: BTreeMap<String, String>,
    enabled: bool,
    /// Why it was switched off.
    #[schema(required)]
    disabled_reason: Option<String>,
    /// Since when every attempt has failed; after five days it is switched off.
    #[schema(required)]
    failing_since: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Grows with every change; the `ETag`.
    version: i64,
    /// Signs the deliveries. Only in the answers to create and rotate-secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: Option<String>,
}

impl WebhookOut {
    /// The endpoint as its owner sees it.
    pub(super) fn new(state: &State, endpoint: Endpoint, secret: Option<String>) -> Self {
        // Headers that do not open (the secret of the installation was changed) must not keep the rest from being seen.
        let headers = own_headers(&*state.vault, &endpoint).unwrap_or_else(|| {
            tracing::warn!(webhook_id = %endpoint.webhook_id, "the headers of an endpoint cannot be opened");
            Vec::new()
        });
        Self {
            webhook_id: endpoint.webhook_id.as_uuid(),
            url: endpoint.url,
            types: endpoint.types.words(),
            description: endpoint.description,
            headers: shown_headers(&headers).into_iter().collect(),
            enabled: endpoint.enabled,
            disabled_reason: endpoint.disabled_reason,
            failing_since: endpoint.failing_since,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
            version: endpoint.version,
            secret,
        }
    }
}

crate::list_schema!(
    /// Endpoints.
    WebhookList,
    WebhookOut
);

/// Where a delivery stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryStatus)]
pub enum DeliveryStatusWord {
    Pending,
    Delivered,
    Failed,
}

/// One attempt to deliver.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub struct AttemptOut {
    /// Its number, from 1.
    attempt: u32,
    at: DateTime<Utc>,
    /// What the endpoint answered.
    #[schema(required)]
    status_code: Option<u16>,
    duration_ms: i64,
    /// What was sent, with `***` for credentials.
    request_headers: BTreeMap<String, String>,
    /// The first 4 KiB of the answer.
    #[schema(required)]
    response_body: Option<String>,
    /// Why it failed.
    #[schema(required)]
    error: Option<String>,
}

impl From<DeliveryAttempt> for AttemptOut {
    fn from(attempt: DeliveryAttempt) -> Self {
        Self {
            attempt: attempt.attempt,
            at: attempt.at,
            status_code: attempt.status_code,
            duration_ms: attempt.duration_ms,
            request_headers: attempt.request_headers.into_iter().collect(),
            response_body: attempt.response_body,
            error: attempt.error,
        }
    }
}

/// One event on its way to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryOut {
    delivery_id: Uuid,
    webhook_id: Uuid,
    /// The event; also the header `webhook-id`.
    event_id: Uuid,
    #[serde(rename = "type")]
    #[schema(example = "run.completed")]
    kind: &'static str,
    #[schema(value_type = DeliveryStatusWord)]
    status: &'static str,
    #[schema(required)]
    next_attempt_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// Oldest first; the latest thirty.
    attempts: Vec<AttemptOut>,
}

/// A delivery with what is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryDetail {
    #[serde(flatten)]
    delivery: DeliveryOut,
    /// The body of each attempt, byte for byte, for checking signatures; null once the event has been deleted.
    #[schema(required)]
    request_body: Option<String>,
}

impl DeliveryDetail {
    /// A delivery and the event that it carries.
    pub fn new(delivery: Delivery, event: Option<&StoredEvent>) -> Self {
        Self {
            delivery: delivery.into(),
            request_body: event.map(StoredEvent::envelope),
        }
    }
}

impl From<Delivery> for DeliveryOut {
    fn from(delivery: Delivery) -> Self {
        Self {
            delivery_id: delivery.delivery_id.as_uuid(),
            webhook_id: delivery.webhook_id.as_uuid(),
            event_id: delivery.event_id.as_uuid(),
            kind: delivery.kind.word(),
            status: delivery.status.word(),
            next_attempt_at: delivery.next_attempt_at,
            created_at: delivery.created_at,
            attempts: delivery.attempts.into_iter().map(AttemptOut::from).collect(),
        }
    }
}

crate::list_schema!(
    /// Deliveries.
    DeliveryList,
    DeliveryOut
);
