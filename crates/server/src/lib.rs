//! The binary `job-scheduler`: HTTP, WebSocket hub, cron worker, and the wiring of all crates.

pub mod app;
pub mod audit_trail;
pub mod bulk;
pub mod cli;
pub mod config;
pub mod data_dir;
pub mod heartbeat;
pub mod http;
pub mod keys;
pub mod notices;
pub mod passwords;
pub mod polls;
pub mod rate_limit;
pub mod readiness;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod state;
pub mod system;
pub mod telemetry;
pub mod tokens;
pub mod wiring;
pub mod worker;
pub mod ws;
