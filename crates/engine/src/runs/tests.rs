//! The engine over a queue in memory, in paused time: hours pass in milliseconds.

mod claims;
mod counting;
mod keeping;
mod results;
mod shutdown;
mod world;
