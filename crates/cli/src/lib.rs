//! `jobs`, the command line of Job Scheduler: what integrators do with a server, from a terminal or a script.
//!
//! It speaks HTTP and WebSocket like any other client and shares no code with the server, so that everything it can do,
//! other programs can do too. One command is one file under `commands`; what they stand on:
//!
//! - [`config`]: where the server is and who is logged in, from flags, environment and the profile file;
//! - [`client`]: requests with authentication, repetition and errors;
//! - [`error`]: everything that can go wrong, with its exit code.

pub mod client;
mod clock;
mod commands;
pub mod config;
mod description;
mod difference;
pub mod error;
mod follow;
mod interrupts;
mod numbers;
mod pages;
mod prompt;
mod randomness;
mod start;
mod table;
mod terminal;
mod time;
mod vocabulary;
mod words;
mod worker;
mod yaml;

pub use start::main;
