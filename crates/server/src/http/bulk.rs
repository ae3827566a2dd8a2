//! Operations on many jobs.

pub mod abort;
pub mod create;
pub mod dto;
pub mod get;
pub mod list;
