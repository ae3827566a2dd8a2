//! The port for operations on many jobs.

use crate::{
    bulk::BulkOperation,
    clock::Timestamp,
    error::StoreError,
    ids::{BulkId, UserId},
    page::{Limit, Page, PageKey},
    run::LeaseToken,
};
use async_trait::async_trait;

/// Operations on many jobs. A node handles one batch under a lease; what it holds when it dies is taken up by another
/// when the lease has ended.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait BulkStore: Send + Sync + 'static {
    /// Writes a new operation. `Taken("bulk_operations")` when [`MAX_OPEN`](crate::bulk::MAX_OPEN) of the owner have not
    /// ended.
    async fn insert(&self, operation: &BulkOperation) -> Result<(), StoreError>;

    /// The operation.
    async fn find(&self, owner: UserId, bulk_id: BulkId) -> Result<BulkOperation, StoreError>;

    /// A page of the owner's operations, newest first.
    async fn list(
        &self,
        owner: UserId,
        after: Option<PageKey>,
        limit: Limit,
    ) -> Result<Page<BulkOperation>, StoreError>;

    /// Stops the operation, unless it has ended; answers whether this stopped it, and what it is then.
    async fn abort(&self, owner: UserId, bulk_id: BulkId, now: Timestamp) -> Result<(bool, BulkOperation), StoreError>;

    /// Takes the operation that has waited longest for its next batch; nobody else is given it until `until`.
    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        lease: LeaseToken,
    ) -> Result<Option<BulkOperation>, StoreError>;

    /// Writes what became of a batch, and gives the operation back. Of one that was aborted meanwhile only the counts are
    /// written. `LeaseLost` when somebody else has taken it.
    async fn progress(&self, operation: &BulkOperation, lease: LeaseToken, now: Timestamp) -> Result<(), StoreError>;

    /// Deletes up to `batch` operations that ended before `before`; answers how many.
    async fn delete_ended(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;
}
