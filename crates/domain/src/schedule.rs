//! When a job runs: once, at intervals, or by a cron expression in a time zone.
//!
//! Where to look:
//! - [`Schedule`] is what people write and what is stored; [`Schedule::validated`] names every mistake.
//! - [`CompiledSchedule`] is the same, parsed once; it yields instants and plain words.
//! - [`due`]: what the engine must do when an instant has come, late or not; also backfills.
//! - [`crontab`]: a whole crontab text, line by line.
//!
//! # Cron
//!
//! Five fields, or six with leading seconds, with the meaning of Debian's cron. The matcher is our own: `croner` gives
//! no position of a mistake, ANDs the day fields only on request, knows no `@midnight` and no wrapping `22-2`, and takes
//! long to find out that an expression never matches. The tests use `croner` as a second, independent opinion.
//!
//! A pattern is matched against civil time (what a clock on the wall shows); instants are made of that by this rule
//! for the nights on which clocks change:
//!
//! - A time is *fixed* when neither its minute nor its hour field starts with `*`. Under `unix`, fixed times inside a
//!   gap run once, at the first whole minute after it, and those inside a repeat run at the first pass only; all
//!   others follow the clock on the wall: nothing in the gap, both passes of a repeat.
//! - Debian does so for changes of less than three hours, and so do we, *exactly three hours included* (so that a
//!   daily job at Casey, Antarctica, misses no day). A longer change is a new clock: what lies in the gap is skipped,
//!   what lies in a repeat runs in both passes.
//! - The other words of [`OnGap`] and [`OnRepeat`] hold for all times, fixed or not, and for changes of any size.
//!
//! Instants lie from 1970 up to, not including, 2200; the zone rules known to `chrono-tz` end in 2100, after which a
//! zone keeps its last offset. Nothing before eight years ahead is called never.

mod check;
mod clocks;
mod compiled;
mod cron;
pub mod crontab;
mod describe;
pub mod due;
mod wire;
pub(crate) mod zone;

#[cfg(test)]
mod tests;

pub use compiled::{CompiledSchedule, Note, Upcoming};

use crate::{clock::Timestamp, words};
use serde::{Deserialize, Serialize};
use wire::Wire;

/// The last second of the year 2199: no instant lies after it.
const LAST_SECOND: i64 = 7_258_118_399;

/// The longest cron expression, in characters.
const MAX_EXPRESSION: usize = 200;

/// The longest interval: one year of 365 days, in seconds.
const MAX_EVERY_SECONDS: u32 = 31_536_000;

/// The longest jitter, in seconds.
const MAX_JITTER_SECONDS: u32 = 3_600;

/// What happens to times that a clock change leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnGap {
    /// As Debian's cron: fixed times run once right after the gap, others not at all.
    #[default]
    Unix,
    /// All of them run once, at the first whole minute after the gap.
    NextValid,
    /// None of them runs.
    Skip,
    /// Each runs later by the size of the gap.
    Shift,
}

words!(OnGap { Unix = "unix", NextValid = "next_valid", Skip = "skip", Shift = "shift" });

/// What happens to times that a clock change brings twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnRepeat {
    /// As Debian's cron: fixed times run at the first pass, others at both.
    #[default]
    Unix,
    /// At the first pass only.
    First,
    /// At the second pass only.
    Second,
    /// At both passes.
    Both,
}

words!(OnRepeat { Unix = "unix", First = "first", Second = "second", Both = "both" });

/// The kind of a schedule, with what only that kind knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum When {
    /// At one instant.
    Once {
        /// The instant; when accepted, in the future and before the year 2200.
        at: Timestamp,
    },
    /// On the grid `start_at + k × every_seconds`, where `start_at` is by default the anchor plus one step.
    Interval {
        /// 1 to 31,536,000 s.
        every_seconds: u32,
    },
    /// By a cron expression.
    Cron {
        /// 5 fields, or 6 with leading seconds, or a nickname; at most 200 characters.
        expression: String,
        /// The IANA name of the zone whose clocks count, such as `Europe/Berlin`.
        time_zone: String,
        /// What happens when clocks go forward.
        on_gap: OnGap,
        /// What happens when clocks go back.
        on_repeat: OnRepeat,
    },
}

/// When a job runs, as people write it, as JSON carries it and as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Schedule {
    /// Its kind.
    pub when: When,
    /// No instant lies before this one; for intervals also the first instant of the grid. Not for `once`.
    pub start_at: Option<Timestamp>,
    /// No instant lies after this one. Not for `once`.
    pub end_at: Option<Timestamp>,
    /// Each instant comes due up to so many seconds later, 0 to 3,600 and less than the step (see
    /// [`CompiledSchedule::due_at`]).
    pub jitter_seconds: u32,
}

impl Schedule {
    /// A schedule of this kind without start, end and jitter.
    pub const fn new(when: When) -> Self {
        Self {
            when,
            start_at: None,
            end_at: None,
            jitter_seconds: 0,
        }
    }

    /// At one instant.
    pub const fn once(at: Timestamp) -> Self {
        Self::new(When::Once { at })
    }

    /// Every so many seconds.
    pub const fn every(every_seconds: u32) -> Self {
        Self::new(When::Interval { every_seconds })
    }

    /// By a cron expression, with Debian's rule for clock changes.
    pub fn cron(expression: impl Into<String>, time_zone: impl Into<String>) -> Self {
        Self::new(When::Cron {
            expression: expression.into(),
            time_zone: time_zone.into(),
            on_gap: OnGap::Unix,
            on_repeat: OnRepeat::Unix,
        })
    }

    /// The name of the zone whose clocks count; `UTC` for `once` and `interval`, which know no clocks.
    pub fn time_zone(&self) -> &str {
        match &self.when {
            When::Cron { time_zone, .. } => time_zone,
            When::Once { .. } | When::Interval { .. } => "UTC",
        }
    }

    /// The word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self.when {
            When::Once { .. } => "once",
            When::Interval { .. } => "interval",
            When::Cron { .. } => "cron",
        }
    }
}
