//! What the tests across the layers share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

pub mod client;
mod contract;
pub mod databases;
pub mod process;
pub mod server;
pub mod sockets;
