//! The port for secret addresses of jobs.

use crate::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, UserId},
    link::{Link, LinkHash, LinkKind},
};
use async_trait::async_trait;

/// Secret addresses of jobs. A job that is deleted has none.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait LinkStore: Send + Sync + 'static {
    /// Writes addresses, all of them or none; those of the same kind which the jobs had stop working. `NotFound` when a
    /// job is not the owner's.
    async fn put(&self, links: &[(Link, LinkHash)]) -> Result<(), StoreError>;

    /// The address of that kind which the job has.
    async fn find(&self, owner: UserId, job_id: JobId, kind: LinkKind) -> Result<Link, StoreError>;

    /// Takes it away. `NotFound` when there is none.
    async fn revoke(&self, owner: UserId, job_id: JobId, kind: LinkKind, now: Timestamp) -> Result<(), StoreError>;

    /// Whose it is: for requests of strangers.
    async fn resolve(&self, hash: LinkHash, kind: LinkKind) -> Result<Link, StoreError>;

    /// Notes that it was used.
    async fn used(&self, hash: LinkHash, now: Timestamp) -> Result<(), StoreError>;
}
