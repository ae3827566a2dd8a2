//! Webhook endpoints and their deliveries.

pub mod change;
pub mod create;
pub mod delete;
pub mod deliveries;
pub mod dto;
pub mod get;
pub mod get_delivery;
pub mod list;
pub mod replay;
pub mod replay_range;
pub mod rotate_secret;
pub mod statistics;
pub mod test;

mod save;
mod spec;
