//! [`DeliveryStore`]: the outbox.

use super::Db;
use async_trait::async_trait;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{DeliveryId, UserId, WebhookId},
    page::{Limit, Page, PageKey},
    ports::{ClaimDeliveries, DeliveryResult, DeliveryStore},
    webhook::{Delivery, DueDelivery},
};

#[async_trait]
impl DeliveryStore for Db {
    async fn claim_due(&self, _claim: &ClaimDeliveries) -> Result<Vec<DueDelivery>, StoreError> {
        Err(unwritten())
    }
    async fn record(&self, _result: &DeliveryResult, _now: Timestamp) -> Result<bool, StoreError> {
        Err(unwritten())
    }
    async fn next_due(&self, _now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Err(unwritten())
    }
    async fn find(&self, _owner: UserId, _delivery_id: DeliveryId) -> Result<Delivery, StoreError> {
        Err(unwritten())
    }
    async fn list<'a>(
        &self,
        _owner: UserId,
        _webhook_id: WebhookId,
        _after: Option<&'a PageKey>,
        _limit: Limit,
    ) -> Result<Page<Delivery>, StoreError> {
        Err(unwritten())
    }
    async fn send_test(&self, _owner: UserId, _webhook_id: WebhookId, _now: Timestamp) -> Result<Delivery, StoreError> {
        Err(unwritten())
    }
    async fn replay(&self, _owner: UserId, _delivery_id: DeliveryId, _now: Timestamp) -> Result<Delivery, StoreError> {
        Err(unwritten())
    }
    async fn delete_ended(&self, _before: Timestamp, _batch: u32) -> Result<u32, StoreError> {
        Err(unwritten())
    }
}

fn unwritten() -> StoreError {
    StoreError::Driver("not written yet".to_owned())
}
