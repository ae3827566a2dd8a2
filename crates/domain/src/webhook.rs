//! Webhooks: endpoints, deliveries, and the rules of Standard Webhooks 1.0.0.

mod delivery;
mod endpoint;
mod headers;
mod retry;
mod sign;
mod statistics;

pub use delivery::*;
pub use endpoint::*;
pub use headers::*;
pub(crate) use headers::{HeaderRules, header_pointer};
pub use retry::*;
pub use sign::*;
pub use statistics::*;
