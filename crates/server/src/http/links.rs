//! Secret addresses of jobs: hooks that start them, pings that they wait for, badges that show how they are.

pub mod badge;
pub mod dto;
pub mod hook;
pub mod manage;
pub mod ping;
