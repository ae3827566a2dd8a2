//! Jobs.

pub mod cadence;
pub mod change;
pub mod counts;
pub mod create;
pub mod delete;
pub mod dto;
pub mod events;
pub mod get;
pub mod list;
pub mod run_job;
pub mod runs;

mod spec;
