//! Jobs.

pub mod backfill;
pub mod batch;
pub mod cadence;
pub mod change;
pub mod counts;
pub mod create;
pub mod delete;
pub mod dto;
pub mod duplicate;
pub mod events;
pub mod get;
pub mod list;
pub mod occurrences;
pub mod pause;
pub mod run_job;
pub mod runs;

pub(super) mod spec;
