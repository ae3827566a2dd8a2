//! The installation itself, for administrators.

pub mod configuration;
pub mod mail_test;
