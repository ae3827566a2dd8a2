//! What people are told about their jobs, by e-mail.

pub mod defaults;
pub mod dto;
pub mod list;
pub mod of_job;
