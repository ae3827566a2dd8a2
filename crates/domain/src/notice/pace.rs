//! How often somebody is written to.

use chrono::TimeDelta;

/// So many notices at once are a mail each; more of them are told in one.
pub const ONE_BY_ONE: usize = 3;

/// So many mails go to one person within [`WINDOW`]; what comes after that waits, and is told in one.
pub const PER_WINDOW: usize = 10;

/// See [`PER_WINDOW`].
pub const WINDOW: TimeDelta = TimeDelta::minutes(30);

/// How long to wait after a mail could not be handed over, in seconds; after the last one it is given up, most of a day
/// after the first.
pub const BACK_OFF: [i64; 8] = [5, 30, 120, 600, 1_800, 7_200, 21_600, 43_200];

/// How long to wait after `tries` tries that were in vain; `None`: it is given up.
pub fn retry_in(tries: u32) -> Option<TimeDelta> {
    let index = usize::try_from(tries.saturating_sub(1)).ok()?;
    BACK_OFF.get(index).copied().map(TimeDelta::seconds)
}
