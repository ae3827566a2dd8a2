//! One event on its way to one endpoint.

use crate::{
    clock::Timestamp,
    event::{EventType, StoredEvent},
    ids::{DeliveryId, EventId, UserId, WebhookId},
    webhook::Endpoint,
    words,
};
use serde::{Deserialize, Serialize};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryStatus {
    /// Another attempt will be made.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// No attempt is left.
    Failed,
}

words!(DeliveryStatus { Pending = "Pending", Delivered = "Delivered", Failed = "Failed" });

/// One attempt to deliver. Field names are the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryAttempt {
    /// Its number, from 1.
    pub attempt: u32,
    /// When it started.
    pub at: Timestamp,
    /// The status that the endpoint answered.
    pub status_code: Option<u16>,
    /// How long it took.
    pub duration_ms: i64,
    /// The headers that were sent, without values that are secret.
    pub request_headers: Vec<(String, String)>,
    /// The first 4 KiB of the answer.
    pub response_body: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub delivery_id: DeliveryId,
    /// The endpoint.
    pub webhook_id: WebhookId,
    /// The owner of the endpoint.
    pub user_id: UserId,
    /// The event; also the header `webhook-id`.
    pub event_id: EventId,
    /// Its type.
    pub kind: EventType,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// When the next attempt is due.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The attempts, oldest first.
    pub attempts: Vec<DeliveryAttempt>,
}

/// A delivery that was claimed, with all that is needed to make the attempt.
#[derive(Debug, Clone)]
pub struct DueDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// Names the claim in the write of the result.
    pub lease: [u8; 16],
    /// How many attempts were made since the beginning, or since the latest replay, which starts the schedule again.
    pub tries: u32,
    /// The endpoint as it is now.
    pub endpoint: Endpoint,
    /// The event; its envelope is the body.
    pub event: StoredEvent,
}

/// What an attempt means for its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterAttempt {
    /// Done.
    Delivered,
    /// Try again then.
    RetryAt(Timestamp),
    /// No attempt is left.
    GiveUp,
}

/// What an attempt means for its endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointEffect {
    /// It works: it is not failing any more.
    Healthy,
    /// It fails: `failing_since` is set unless it is set already.
    Failing,
    /// It is switched off for this reason; its pending deliveries fail.
    Disable(String),
    /// Nothing was learnt about it: the attempt failed on our side.
    Unchanged,
}
