//! Where to start looking for runs to claim.
//!
//! InnoDB reads index entries again that were deleted but not purged yet; a claim that starts after the last claimed key
//! is about twice as fast. Nothing may be left behind for it: the floor falls when a run with a smaller key becomes
//! claimable here, it does not hold for long (other nodes make runs claimable too), and it is only set while there is
//! more work than was asked for.

use chrono::TimeDelta;
use scheduler_domain::clock::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};

const HOLDS: TimeDelta = TimeDelta::milliseconds(200);

#[derive(Default)]
pub(crate) struct Floor(Mutex<State>);

#[derive(Default)]
struct State {
    key: Option<i64>,
    until: Timestamp,
    /// Grows whenever the floor falls, so that a claim that started before does not raise it again.
    falls: u64,
}

/// What a claim starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct From {
    pub(crate) key: Option<i64>,
    falls: u64,
}

impl Floor {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a claim at `now` starts.
    pub(crate) fn start(&self, now: Timestamp) -> From {
        let state = self.state();
        From {
            key: state.key.filter(|_| now < state.until),
            falls: state.falls,
        }
    }

    /// A claim that started at `from` got all that it asked for, the last one with `key`; `None` when there was no more.
    pub(crate) fn claimed(&self, from: From, key: Option<i64>, now: Timestamp) {
        let mut state = self.state();
        if state.falls == from.falls {
            if from.key.is_none() {
                state.until = now + HOLDS;
            }
            state.key = key;
        }
    }

    /// A run became claimable under `key`.
    pub(crate) fn fall_to(&self, key: i64) {
        let mut state = self.state();
        state.falls += 1;
        if state.key.is_some_and(|floor| key < floor) {
            state.key = Some(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_below_the_floor_for_long() {
        let floor = Floor::default();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(floor.start(now).key, None);
        floor.claimed(floor.start(now), Some(7), now);
        assert_eq!(floor.start(now).key, Some(7));
        floor.fall_to(9);
        assert_eq!(floor.start(now).key, Some(7));
        floor.fall_to(3);
        assert_eq!(floor.start(now).key, Some(3));
        assert_eq!(floor.start(now + HOLDS).key, None);
        // Full claims one after the other do not keep it up.
        floor.claimed(floor.start(now + HOLDS / 2), Some(8), now + HOLDS / 2);
        assert_eq!(floor.start(now + HOLDS).key, None);
    }

    #[test]
    fn a_claim_that_overlaps_a_fall_does_not_raise_it_again() {
        let floor = Floor::default();
        let now = Timestamp::UNIX_EPOCH;
        let from = floor.start(now);
        floor.fall_to(1);
        floor.claimed(from, Some(7), now);
        assert_eq!(floor.start(now).key, None);
    }
}
