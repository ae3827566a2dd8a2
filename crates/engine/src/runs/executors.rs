//! What executors need from outside.

use scheduler_domain::{
    clock::{Clock, Random, random_bytes},
    ports::{HttpCaller, Vault},
};
use std::sync::Arc;

/// What carrying out runs needs besides the run.
#[expect(missing_docs, reason = "each port is that of its type")]
pub struct Executors {
    pub caller: Arc<dyn HttpCaller>,
    pub vault: Arc<dyn Vault>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    /// The version in `User-Agent`.
    pub version: String,
}

impl Executors {
    /// Chance in 0..1.
    pub(super) fn roll(&self) -> f64 {
        f64::from(u32::from_le_bytes(random_bytes(&*self.random))) / (f64::from(u32::MAX) + 1.0)
    }
}
