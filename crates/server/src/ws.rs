//! Real time: the hub that knows every socket, and the sessions behind them.

pub mod follower;
pub mod hub;
pub mod session;

mod message;
mod socket;
