//! Webhooks end to end: a real server, real receivers on this machine, and an independent library that verifies.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod webhooks {
    pub mod receiver;

    mod api;
    mod delivery;
    mod guard;
    mod libraries;
    mod programs;
    mod replays;
    mod snippets;
    /// The Rust of the guide, word for word: `snippets.rs` compares them.
    #[expect(clippy::disallowed_methods, reason = "a receiver has a clock of its own")]
    mod verify_in_rust;
}

#[allow(dead_code, reason = "the tests of the guides use more of it")]
#[path = "docs/guides.rs"]
mod guides;
