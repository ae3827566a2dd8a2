//! A schedule, parsed once: its instants.

use super::{
    LAST_SECOND, Schedule, When,
    clocks::{Clocks, Segment},
    cron, zone,
};
use crate::{clock::Timestamp, validate::FieldError, words};
use chrono::{DateTime, FixedOffset, TimeDelta};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a change of the clocks has to do with an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// One or more times that the clocks left out were moved here.
    GapMoved,
    /// Before this instant, and after the one before it, one or more times were left out by the clocks and do not run.
    GapSkipped,
    /// The clock shows this time twice; this is the first pass.
    RepeatFirst,
    /// The clock shows this time twice; this is the second pass.
    RepeatSecond,
}

words!(Note {
    GapMoved = "gap_moved",
    GapSkipped = "gap_skipped",
    RepeatFirst = "repeat_first",
    RepeatSecond = "repeat_second",
});

/// An instant to come, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upcoming {
    /// The instant.
    pub at: Timestamp,
    /// The same on the clock of the schedule's zone.
    pub local: DateTime<FixedOffset>,
    /// What a change of the clocks has to do with it. Always a note *to* this instant: a time that was left out has
    /// no instant of its own.
    pub note: Option<Note>,
}

/// A schedule whose expression and zone were parsed; make it once per job and use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompiledSchedule {
    pub(super) schedule: Schedule,
    pub(super) clocks: Option<Box<Clocks>>,
}

impl Schedule {
    /// Parses expression and zone. Checks nothing else: see [`Schedule::validated`].
    ///
    /// # Errors
    ///
    /// Every mistake, with pointers relative to the schedule (`/expression`, `/time_zone`).
    pub fn compile(&self) -> Result<CompiledSchedule, Vec<FieldError>> {
        let clocks = match &self.when {
            When::Once { .. } | When::Interval { .. } => None,
            When::Cron {
                expression,
                time_zone,
                on_gap,
                on_repeat,
            } => {
                let cron = cron::parse(expression);
                let zone = zone::parse(time_zone);
                match (cron, zone) {
                    (Ok(cron), Ok(zone)) => Some(Box::new(Clocks {
                        cron,
                        zone,
                        on_gap: *on_gap,
                        on_repeat: *on_repeat,
                    })),
                    (cron, zone) => {
                        let faults = cron.err().unwrap_or_default().into_iter();
                        let mut errors: Vec<_> = faults
                            .map(|fault| FieldError::new("/expression", fault.code, fault.message))
                            .collect();
                        if let Err(message) = zone {
                            errors.push(FieldError::new("/time_zone", "unknown_time_zone", message));
                        }
                        return Err(errors);
                    }
                }
            }
        };
        Ok(CompiledSchedule {
            schedule: self.clone(),
            clocks,
        })
    }
}

impl CompiledSchedule {
    /// The schedule that it was made of.
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The first instant strictly after `after`, at or after `start_at` and at or before `end_at`.
    ///
    /// `anchor` is when the schedule was made (or last changed): the grid of an interval without `start_at` starts one
    /// step after it. `None` when there is none, or for cron none within eight years of `after` (or of `start_at`).
    pub fn next_after(&self, anchor: Timestamp, after: Timestamp) -> Option<Timestamp> {
        self.instants(anchor, after).next()
    }

    /// The instants strictly after `after`, ascending; the same as asking [`Self::next_after`] again and again, only
    /// quicker. Endless but for `end_at` and the year 2200: take no more than needed.
    pub fn instants_after(&self, anchor: Timestamp, after: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        self.instants(anchor, after)
    }

    pub(super) fn instants(&self, anchor: Timestamp, after: Timestamp) -> Instants<'_> {
        Instants {
            compiled: self,
            anchor,
            after,
            segment: None,
            last: None,
        }
    }

    /// The next `count` instants strictly after `from`, with what the clock shows, and marks where clocks change.
    pub fn upcoming(&self, anchor: Timestamp, from: Timestamp, count: usize) -> Vec<Upcoming> {
        let mut instants = self.instants(anchor, from);
        let mut found = Vec::new();
        while found.len() < count
            && let Some(at) = instants.next()
        {
            let (offset, note) = instants.last.unwrap_or((0, None));
            found.push(Upcoming {
                at,
                local: at.with_timezone(&fixed(offset)),
                note,
            });
        }
        found
    }

    /// When a planned instant comes due: 0 to `jitter_seconds` later, in whole microseconds.
    ///
    /// The same job and instant always give the same delay, on every node. `job_seed` is the job's id.
    pub fn due_at(&self, job_seed: [u8; 16], planned: Timestamp) -> Timestamp {
        let span = u64::from(self.schedule.jitter_seconds) * 1_000_000;
        if span == 0 {
            return planned;
        }
        let hash = Sha256::new()
            .chain_update(job_seed)
            .chain_update(planned.timestamp_micros().to_be_bytes())
            .finalize();
        let mut head = [0; 8];
        head.copy_from_slice(&hash[..8]);
        let delay = i64::try_from(u64::from_be_bytes(head) % (span + 1)).unwrap_or(0);
        planned + TimeDelta::microseconds(delay)
    }

    /// The step of an interval.
    pub(super) fn step(&self) -> Option<TimeDelta> {
        match self.schedule.when {
            When::Interval { every_seconds } => Some(TimeDelta::seconds(i64::from(every_seconds.max(1)))),
            _ => None,
        }
    }

    /// The first instant of the grid with this step.
    pub(super) fn grid_start(&self, anchor: Timestamp, step: TimeDelta) -> Timestamp {
        self.schedule.start_at.unwrap_or(anchor + step)
    }

    /// The last instant at which anything may happen.
    pub(super) fn end(&self) -> Timestamp {
        let last = DateTime::from_timestamp(LAST_SECOND, 0).unwrap_or_default();
        self.schedule.end_at.map_or(last, |end| end.min(last))
    }
}

/// An offset in seconds east of UTC.
fn fixed(seconds: i64) -> FixedOffset {
    i32::try_from(seconds)
        .ok()
        .and_then(FixedOffset::east_opt)
        .unwrap_or_else(|| chrono::Offset::fix(&chrono::Utc))
}

/// The smallest whole second at or after an instant.
fn ceil(instant: Timestamp) -> i64 {
    instant.timestamp() + i64::from(instant.timestamp_subsec_nanos() > 0)
}

/// The instants of a schedule, ascending.
#[derive(Debug)]
pub(super) struct Instants<'a> {
    compiled: &'a CompiledSchedule,
    anchor: Timestamp,
    after: Timestamp,
    segment: Option<Segment>,
    /// Offset and note of the instant found last.
    last: Option<(i64, Option<Note>)>,
}

impl Instants<'_> {
    /// Passes over the instants before `until`, whole hours of a cron expression at a time, in at most `steps` steps.
    /// Answers how many there were, and the last.
    pub(super) fn pass(&mut self, until: Timestamp, steps: usize) -> (u32, Option<Timestamp>) {
        let (mut count, mut last) = (0_u32, None);
        let limit = until.timestamp().min(self.compiled.end().timestamp().saturating_add(1));
        for _ in 0..steps {
            let Some(at) = self.find().filter(|at| *at < until) else {
                break;
            };
            let whole = match (&self.compiled.clocks, &self.segment) {
                (Some(clocks), Some(segment)) => clocks.whole_hour(at.timestamp(), limit, segment),
                _ => None,
            };
            let (more, end) = whole
                .and_then(|(more, end)| Some((more, DateTime::from_timestamp(end, 0)?)))
                .unwrap_or((1, at));
            let Some(sum) = count.checked_add(more) else {
                break;
            };
            (count, last, self.after) = (sum, Some(end), end);
        }
        (count, last)
    }

    fn find(&mut self) -> Option<Timestamp> {
        let schedule = &self.compiled.schedule;
        match (&schedule.when, &self.compiled.clocks) {
            (When::Once { at }, _) => (*at > self.after && *at <= self.compiled.end()).then_some(*at),
            (When::Interval { .. }, _) => {
                let step = self.compiled.step()?;
                let first = self.compiled.grid_start(self.anchor, step);
                let at = if self.after < first {
                    first
                } else {
                    let passed = (self.after - first).num_microseconds()?;
                    let micros = step.num_microseconds()?;
                    first + TimeDelta::microseconds((passed / micros + 1).checked_mul(micros)?)
                };
                (at <= self.compiled.end()).then_some(at)
            }
            (When::Cron { .. }, Some(clocks)) => {
                let after = self.after.timestamp() + 1;
                let from = schedule.start_at.map_or(after, |start| after.max(ceil(start)));
                let hit = clocks.next(from, self.compiled.end().timestamp(), &mut self.segment)?;
                self.last = Some((hit.offset, hit.note));
                DateTime::from_timestamp(hit.at, 0)
            }
            (When::Cron { .. }, None) => None,
        }
    }
}

impl Iterator for Instants<'_> {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        let at = self.find()?;
        self.after = at;
        Some(at)
    }
}
