//! Time and chance as ports, so that the rules never reach for either by themselves.

use chrono::{DateTime, SubsecRound, Utc};

/// An instant in UTC with microsecond precision, the finest that every supported database keeps.
pub type Timestamp = DateTime<Utc>;

/// Cuts an instant to whole microseconds.
///
/// A value that was cut before it is stored compares equal to the same value read back.
pub fn to_micros(instant: Timestamp) -> Timestamp {
    instant.trunc_subsecs(6)
}

/// Where "now" comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, cut to whole microseconds (see [`to_micros`]).
    fn now(&self) -> Timestamp;
}

/// Where randomness comes from; in production a cryptographically secure generator.
pub trait Random: Send + Sync + 'static {
    /// Fills the whole buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

#[cfg(any(test, feature = "mock"))]
pub use doubles::{ManualClock, SeededRandom};

#[cfg(any(test, feature = "mock"))]
mod doubles {
    use super::{Clock, Random, Timestamp};
    use chrono::{DateTime, TimeDelta};
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    /// A clock that moves only when told to.
    #[derive(Debug)]
    pub struct ManualClock(AtomicI64);

    impl ManualClock {
        /// A clock that stands at the given instant.
        pub fn at(instant: Timestamp) -> Self {
            Self(AtomicI64::new(instant.timestamp_micros()))
        }

        /// Moves the clock forward (or back, for a negative step).
        pub fn advance(&self, step: TimeDelta) {
            self.0.fetch_add(step.num_microseconds().unwrap_or(0), Ordering::SeqCst);
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> Timestamp {
            DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
        }
    }

    /// A repeatable stream of bytes (SplitMix64) for tests; never for secrets.
    #[derive(Debug, Default)]
    pub struct SeededRandom(AtomicU64);

    impl SeededRandom {
        /// A stream that is the same for the same seed.
        pub fn new(seed: u64) -> Self {
            Self(AtomicU64::new(seed))
        }
    }

    impl Random for SeededRandom {
        fn fill(&self, buffer: &mut [u8]) {
            for chunk in buffer.chunks_mut(8) {
                let mut z = self
                    .0
                    .fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst)
                    .wrapping_add(0x9E37_79B9_7F4A_7C15);
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^= z >> 31;
                for (byte, value) in chunk.iter_mut().zip(z.to_le_bytes()) {
                    *byte = value;
                }
            }
        }
    }
}
