//! The rules of Job Scheduler, and nothing else.
//!
//! No clock, no randomness, no network, no database: instants and random bytes come in as arguments or through
//! the [`ports`], which the outer crates implement. The tests of this crate run alone, in seconds.
//!
//! Where to look:
//! - [`run`]: the life of a run; every arrow is one line of [`run::RunState::step`].
//! - [`otp`], [`password`], [`session`]: the rules of the two-factor log-in; [`api_key`]: what programs use instead.
//! - [`schedule`]: when a job runs; clock changes, late instants, crontabs.
//! - [`job`], [`event`], [`webhook`]: what people own, what happens to it, and how others are told.
//! - [`notice`]: who is told when jobs fail, and when they work again.
//! - [`audit`], [`idempotency`]: who did what; requests that are sent again.
//! - [`health`], [`cadence`]: what nodes measure of themselves, and how often jobs really run.
//! - [`ports`]: the traits that storage, notify, engine and server implement.
//! - [`usecase`]: orchestration over ports, tested with mocks.
#![warn(missing_docs)]

pub mod api_key;
pub mod audit;
pub mod bulk;
pub mod cadence;
pub mod clock;
pub mod error;
pub mod event;
pub mod health;
pub mod idempotency;
pub mod ids;
pub mod job;
pub mod link;
pub mod mail;
pub mod net_guard;
pub mod notice;
pub mod occurrence;
pub mod otp;
pub mod page;
pub mod password;
pub mod ports;
pub mod run;
pub mod schedule;
pub mod session;
pub mod stats;
pub mod usecase;
pub mod user;
pub mod validate;
pub mod webhook;
