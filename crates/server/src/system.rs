//! The one place where time and chance come from.

use rand::Rng;
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

/// A cryptographically secure generator for each thread (`ChaCha12`), seeded by the operating system and again after every
/// 64 KiB; it panics when that gives no randomness, because every secret would be guessable. Asking the operating system
/// for each id of a busy engine was a system call for every event.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the implementation of the port")]
    fn fill(&self, buffer: &mut [u8]) {
        rand::rng().fill_bytes(buffer);
    }
}
