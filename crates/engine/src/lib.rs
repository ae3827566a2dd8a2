//! The scheduler at work: claim, execute, complete, recover, deliver.
//!
//! Everything here is written over the ports of the domain; which database answers them is not known.
#![warn(missing_docs)]

pub mod deliver;
pub mod health;
pub mod outbound;
pub mod runs;
