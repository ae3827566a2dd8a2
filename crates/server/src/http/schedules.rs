//! Schedules, apart from jobs.

pub mod import;
pub mod preview;
