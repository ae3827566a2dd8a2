//! Ports for webhooks: endpoints, deliveries, the outgoing call and the vault for secrets.

use crate::{
    clock::Timestamp,
    error::StoreError,
    event::StoredEvent,
    ids::{DeliveryId, UserId, WebhookId},
    page::{Limit, Page, PageKey},
    webhook::{
        AfterAttempt, Delivery, DeliveryAttempt, DeliveryStatus, DueDelivery, Endpoint, EndpointEffect,
        EndpointStatistics,
    },
};
use async_trait::async_trait;
use std::time::Duration;

/// Webhook endpoints.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait EndpointStore: Send + Sync + 'static {
    /// Writes a new endpoint. `Taken("webhooks")` when the owner has [`MAX_ENDPOINTS`](crate::webhook::MAX_ENDPOINTS)
    /// already.
    async fn insert(&self, endpoint: &Endpoint) -> Result<(), StoreError>;

    /// The endpoint.
    async fn find(&self, owner: UserId, webhook_id: WebhookId) -> Result<Endpoint, StoreError>;

    /// The owner's endpoints, newest first.
    async fn list<'a>(
        &self,
        owner: UserId,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Endpoint>, StoreError>;

    /// How deliveries to the endpoint went in the last seven days; costs the same however many there were.
    async fn statistics(
        &self,
        owner: UserId,
        webhook_id: WebhookId,
        now: Timestamp,
    ) -> Result<EndpointStatistics, StoreError>;

    /// Replaces the endpoint; its `version` is the new one, `expected` the one that was read (`VersionConflict`).
    async fn replace(&self, endpoint: &Endpoint, expected: i64) -> Result<(), StoreError>;

    /// Deletes the endpoint and its deliveries.
    async fn delete(
        &self,
        owner: UserId,
        webhook_id: WebhookId,
        expected: Option<i64>,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}

/// A request for deliveries to make.
#[derive(Debug, Clone)]
pub struct ClaimDeliveries {
    /// Now.
    pub now: Timestamp,
    /// If nothing is written until then, the delivery is due again.
    pub lease_until: Timestamp,
    /// At most so many in all, 1 to 200.
    pub max: u32,
    /// At most so many to one endpoint, those in `busy` included.
    pub per_endpoint: u32,
    /// How many are under way on this node, by endpoint.
    pub busy: Vec<(WebhookId, u32)>,
    /// How many at once these endpoints may have, instead of `per_endpoint`.
    pub places: Vec<(WebhookId, u32)>,
    /// Endpoints behind this one come first, then those from the beginning: given the last one that got something, all
    /// have their turn.
    pub after: Option<WebhookId>,
}

/// The result of an attempt.
#[derive(Debug, Clone)]
pub struct DeliveryResult {
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// The claim under which the attempt was made.
    pub lease: [u8; 16],
    /// The attempt.
    pub attempt: DeliveryAttempt,
    /// What it means for the delivery.
    pub after: AfterAttempt,
    /// What it means for the endpoint.
    pub effect: EndpointEffect,
}

/// Which deliveries of an endpoint are to be repeated next.
#[derive(Debug, Clone)]
pub struct ReplayStep {
    /// Made at this instant or later.
    pub from: Timestamp,
    /// Made before this instant.
    pub to: Timestamp,
    /// Only those that ended like this.
    pub status: Option<DeliveryStatus>,
    /// Behind this one: the last that the step before looked at.
    pub after: Option<DeliveryId>,
    /// At most so many.
    pub batch: u32,
}

/// What a step of a range came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// How many are on their way again.
    pub count: u32,
    /// The last one that was looked at; `None` when the range is through.
    pub last: Option<DeliveryId>,
}

/// The outbox.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait DeliveryStore: Send + Sync + 'static {
    /// Takes deliveries that are due, oldest first within an endpoint, fairly between endpoints: an endpoint with a
    /// long backlog takes no place from another. Endpoints that are switched off get nothing.
    async fn claim_due(&self, claim: &ClaimDeliveries) -> Result<Vec<DueDelivery>, StoreError>;

    /// Writes the results of attempts in one transaction, each guarded by its lease; answers, in their order, whether it
    /// held. Disabling writes `enabled`, `disabled_reason` and the end of the pending deliveries in the same transaction.
    async fn record(&self, results: &[DeliveryResult], now: Timestamp) -> Result<Vec<bool>, StoreError>;

    /// When the next delivery of any endpoint is due, at the latest one hour from `now`.
    async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// One delivery.
    async fn find(&self, owner: UserId, delivery_id: DeliveryId) -> Result<Delivery, StoreError>;

    /// The event that a delivery carries, `None` when retention has deleted it.
    async fn event_of(&self, owner: UserId, delivery_id: DeliveryId) -> Result<Option<StoredEvent>, StoreError>;

    /// The deliveries of an endpoint, newest first. `NotFound` when the endpoint is not the owner's.
    async fn list<'a>(
        &self,
        owner: UserId,
        webhook_id: WebhookId,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Delivery>, StoreError>;

    /// Writes a `webhook.test` event and its delivery to this endpoint alone. The event is not part of the stream: it
    /// takes a number, and only the endpoint gets it.
    async fn send_test(&self, owner: UserId, webhook_id: WebhookId, now: Timestamp) -> Result<Delivery, StoreError>;

    /// Makes a delivery that has ended due again now, with the whole schedule before it. `Err(NotFound)` for a foreign
    /// one, and for one whose event is gone (retention); a Pending one is due now, unless an attempt is under way.
    async fn replay(&self, owner: UserId, delivery_id: DeliveryId, now: Timestamp) -> Result<Delivery, StoreError>;

    /// Makes the next ended deliveries of a range due again, as [`replay`](Self::replay) does for one, oldest first. Those
    /// that are on their way already, or whose event is gone, are passed over. The first step is written into the audit
    /// log.
    async fn replay_range(
        &self,
        owner: UserId,
        webhook_id: WebhookId,
        step: &ReplayStep,
        now: Timestamp,
    ) -> Result<Replayed, StoreError>;

    /// Deletes up to `batch` ended deliveries older than `before`; answers how many.
    async fn delete_ended(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;
}

/// An HTTP call to an address that a user chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingRequest {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long the whole call may take.
    pub timeout: Duration,
    /// How much of the answer is read.
    pub max_response_bytes: usize,
}

/// What the other side answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingResponse {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, at most `max_response_bytes`.
    pub body: Vec<u8>,
    /// Whether there was more.
    pub truncated: bool,
}

/// Why a call brought no answer. The texts are shown to the user; they never tell what an inner name resolves to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The guard refused the target.
    #[error("refused: {0}")]
    Refused(String),
    /// The call took too long.
    #[error("no answer within {0} s")]
    TimedOut(u64),
    /// The host name leads nowhere.
    #[error("{0}")]
    Dns(String),
    /// The other side could not prove who it is, or does not speak TLS.
    #[error("{0}")]
    Tls(String),
    /// No connection, or it broke.
    #[error("{0}")]
    Failed(String),
}

/// Makes outgoing calls past the guard: vetted and pinned addresses, no redirects, no environment proxy.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait HttpCaller: Send + Sync + 'static {
    /// Makes one call.
    async fn call(&self, request: OutgoingRequest) -> Result<OutgoingResponse, CallError>;

    /// Says whether the guard would refuse this URL for what can be seen without resolving names (scheme, literal
    /// address, user info), to refuse it when it is entered.
    fn vet(&self, url: &str) -> Result<(), CallError>;
}

/// The vault could not open what it was given: another key, or somebody moved the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret cannot be decrypted")]
pub struct VaultError;

/// Encrypts secrets at rest.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait Vault: Send + Sync + 'static {
    /// Encrypts. `place` (such as `webhook_endpoints.secrets.<id>`) is bound to the text: in another row it does not
    /// open.
    fn seal(&self, place: &str, plain: &[u8]) -> String;

    /// Decrypts what was sealed for the same place, also under the previous key while the secret is rotated.
    fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>, VaultError>;
}
