//! Ports for the audit log.

use crate::{
    audit::{Action, Deed, Entry, NewEntry},
    clock::Timestamp,
    error::StoreError,
    ids::UserId,
    page::{Limit, Page, PageKey},
};
use async_trait::async_trait;
use uuid::Uuid;

/// Which entries a list shows. Conditions are joined by AND; what is empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Any of these.
    pub actions: Vec<Action>,
    /// By this log-in or API key.
    pub actor_id: Option<Uuid>,
    /// Done to this.
    pub target_id: Option<Uuid>,
    /// After (exclusive).
    pub after: Option<Timestamp>,
    /// Before (exclusive).
    pub before: Option<Timestamp>,
}

/// The audit log. Most entries are written by the other stores, in the transaction that does what they tell of.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait AuditLog: Send + Sync + 'static {
    /// Writes entries about what changed nothing in the database, such as failed log-ins.
    async fn append(&self, entries: &[NewEntry]) -> Result<(), StoreError>;

    /// A page of the log of a user, newest first.
    async fn list<'a>(
        &self,
        owner: UserId,
        filter: &'a AuditFilter,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Entry>, StoreError>;

    /// Deletes up to `batch` entries older than `before`; answers how many.
    async fn delete_old(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;
}

/// Takes note of deeds that happen outside of transactions.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait AuditTrail: Send + Sync + 'static {
    /// Returns at once and never fails: whoever tries passwords must not learn from the time it takes.
    fn note(&self, deed: Deed);
}
