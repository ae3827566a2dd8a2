//! The WebSocket, with a real client.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod realtime {
    mod api_keys;
    mod authentication;
    mod endings;
    mod events;
    mod messages;
    mod resume;
    mod slow;
    mod two_servers;
}
