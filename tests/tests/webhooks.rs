//! Webhooks end to end: a real server, real receivers on this machine, and an independent library that verifies.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod webhooks {
    pub mod receiver;

    mod api;
    mod delivery;
    mod guard;
}
