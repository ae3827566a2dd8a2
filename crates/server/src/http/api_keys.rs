//! Keys for programs.

pub mod create;
pub mod dto;
pub mod list;
pub mod revoke;
