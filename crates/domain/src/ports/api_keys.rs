//! Ports for API keys.

use crate::{
    api_key::{ApiKey, KeyHash},
    clock::Timestamp,
    error::StoreError,
    ids::{ApiKeyId, UserId},
    page::{Limit, Page, PageKey},
    user::Role,
};
use async_trait::async_trait;

/// A key that works, with as much of its user as a request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveKey {
    /// The key.
    pub key: ApiKey,
    /// The role of its user now.
    pub role: Role,
}

/// API keys.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait ApiKeyStore: Send + Sync + 'static {
    /// Writes a new key. `Taken("api_keys")` when the owner has
    /// [`MAX_API_KEYS`](crate::api_key::MAX_API_KEYS) already, also when two are made at once.
    async fn insert(&self, key: &ApiKey) -> Result<(), StoreError>;

    /// The keys of a user, newest first, those that have expired too.
    async fn list(&self, owner: UserId, after: Option<PageKey>, limit: Limit) -> Result<Page<ApiKey>, StoreError>;

    /// Deletes a key for good: it works no more.
    async fn delete(&self, owner: UserId, api_key_id: ApiKeyId, now: Timestamp) -> Result<(), StoreError>;

    /// The key with this hash, if it has not expired and its user is active.
    async fn find_live(&self, hash: KeyHash, now: Timestamp) -> Result<Option<LiveKey>, StoreError>;

    /// Those of these keys (at most 500) that work no more: revoked, expired, or of a user who is not active.
    async fn over(&self, api_key_ids: &[ApiKeyId], now: Timestamp) -> Result<Vec<ApiKeyId>, StoreError>;

    /// Notes that a key was used, unless a later use is noted already. A key that is gone is no error.
    async fn note_use(&self, api_key_id: ApiKeyId, at: Timestamp) -> Result<(), StoreError>;
}
