//! The engine over a queue in memory, in paused time where no sockets are involved: hours pass in milliseconds.

mod claims;
mod counting;
mod http;
mod keeping;
mod results;
mod shutdown;
mod world;
