//! Port for requests that may be sent again.

use crate::{
    clock::Timestamp,
    error::StoreError,
    idempotency::{Fingerprint, KeptAnswer, RequestName, Verdict},
};
use async_trait::async_trait;

/// The right to answer a request: random, so that who took over from the dead is not undone by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkClaim(pub [u8; 16]);

/// Requests that were made with an `Idempotency-Key`, and their answers.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait IdempotencyStore: Send + Sync + 'static {
    /// Takes note of a request and says what is to be done about it. With [`Verdict::Proceed`] it is locked by `claim`
    /// until it is answered or given up, or its worker counts as dead. MUST let one proceed of any number at once.
    async fn begin(
        &self,
        name: RequestName,
        fingerprint: Fingerprint,
        claim: WorkClaim,
        now: Timestamp,
    ) -> Result<Verdict, StoreError>;

    /// Keeps the answer; changes nothing when `claim` no longer holds.
    async fn answer<'a>(&self, name: RequestName, claim: WorkClaim, answer: &'a KeptAnswer) -> Result<(), StoreError>;

    /// Forgets the request, so that it can be made again at once; changes nothing when `claim` no longer holds.
    async fn give_up(&self, name: RequestName, claim: WorkClaim) -> Result<(), StoreError>;

    /// Deletes up to `batch` requests that expired before `before`; answers how many.
    async fn delete_expired(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;
}
