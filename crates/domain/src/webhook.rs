//! Webhooks: endpoints, deliveries, and the rules of Standard Webhooks 1.0.0.

mod delivery;
mod endpoint;
mod sign;

pub use delivery::*;
pub use endpoint::*;
pub use sign::*;
