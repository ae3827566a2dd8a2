//! The one place where time and chance come from.

use rand::{TryRng, rngs::SysRng};
use scheduler_domain::clock::{Clock, Random, Timestamp, to_micros};

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the implementation of the port")]
    fn now(&self) -> Timestamp {
        to_micros(chrono::Utc::now())
    }
}

/// The random number generator of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::panic,
        reason = "without randomness every secret would be guessable; better to stop"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = SysRng.try_fill_bytes(buffer) {
            panic!("the operating system gives no randomness: {error}");
        }
    }
}
