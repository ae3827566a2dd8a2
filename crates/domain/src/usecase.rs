//! Orchestration over ports: what happens, in which order, when somebody asks for it.

pub mod accounts;
pub mod api_keys;
pub mod bulk;
pub mod jobs;
pub mod links;
pub mod notices;
pub mod schedules;
pub mod workers;
