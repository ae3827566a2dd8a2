//! [`EndpointStore`]: where events are sent.

use super::Db;
use async_trait::async_trait;
use scheduler_domain::{
    error::StoreError,
    ids::{UserId, WebhookId},
    page::{Limit, Page, PageKey},
    ports::EndpointStore,
    webhook::Endpoint,
};

#[async_trait]
impl EndpointStore for Db {
    async fn insert(&self, _endpoint: &Endpoint) -> Result<(), StoreError> {
        Err(unwritten())
    }
    async fn find(&self, _owner: UserId, _webhook_id: WebhookId) -> Result<Endpoint, StoreError> {
        Err(unwritten())
    }
    async fn list<'a>(
        &self,
        _owner: UserId,
        _after: Option<&'a PageKey>,
        _limit: Limit,
    ) -> Result<Page<Endpoint>, StoreError> {
        Err(unwritten())
    }
    async fn replace(&self, _endpoint: &Endpoint, _expected: i64) -> Result<(), StoreError> {
        Err(unwritten())
    }
    async fn delete(&self, _owner: UserId, _webhook_id: WebhookId, _expected: Option<i64>) -> Result<(), StoreError> {
        Err(unwritten())
    }
}

fn unwritten() -> StoreError {
    StoreError::Driver("not written yet".to_owned())
}
