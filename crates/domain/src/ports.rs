//! What the rules need from the outside, as traits. The outer crates implement them; tests use the doubles that
//! mockall makes behind the `mock` feature.
//!
//! Every method of a store is one transaction: it happens as a whole, with its events and webhook deliveries, or not
//! at all. The owner is a parameter of every method that touches what a user owns; a foreign id is
//! [`StoreError::NotFound`](crate::error::StoreError::NotFound), like an id that does not exist.
#![cfg_attr(
    any(test, feature = "mock"),
    allow(
        clippy::ref_option_ref,
        reason = "mockall writes it for arguments that are Option<&T>"
    )
)]

mod accounts;
mod api_keys;
mod audit;
mod bulk;
mod deliveries;
mod idempotency;
mod jobs;
mod links;
mod messages;
mod nodes;
mod notices;
mod runs;
mod schedules;
mod workers;

pub use accounts::*;
pub use api_keys::*;
pub use audit::*;
pub use bulk::*;
pub use deliveries::*;
pub use idempotency::*;
pub use jobs::*;
pub use links::*;
pub use messages::*;
pub use nodes::*;
pub use notices::*;
pub use runs::*;
pub use schedules::*;
pub use workers::*;
