//! Runs of late instants, computed for intervals and enumerated for cron.

use super::{DuePlan, MAX_STEPS, Outcome};
use crate::{clock::Timestamp, schedule::CompiledSchedule};
use chrono::TimeDelta;

/// The instants from `planned` up to, not including, some instant.
#[derive(Debug)]
pub(super) struct Backlog {
    instants: Instants,
    /// The first instant after it.
    pub(super) next: Option<Timestamp>,
    whole: bool,
}

#[derive(Debug)]
enum Instants {
    Grid {
        first: Timestamp,
        step: TimeDelta,
        count: u64,
    },
    List(Vec<Timestamp>),
}

impl Backlog {
    /// The instants of the schedule from `planned` (itself one, or an instant planned by an older form of the
    /// schedule) and before `until`; for cron at most [`MAX_STEPS`] of them.
    pub(super) fn gather(compiled: &CompiledSchedule, anchor: Timestamp, planned: Timestamp, until: Timestamp) -> Self {
        let listed = |found: Vec<Timestamp>, next: Option<Timestamp>, whole: bool| Self {
            instants: Instants::List(found),
            next,
            whole,
        };
        if planned >= until {
            return listed(Vec::new(), Some(planned), true);
        }
        let last = until - TimeDelta::microseconds(1);
        if let Some(step) = compiled.step()
            && compiled.next_after(anchor, planned - TimeDelta::microseconds(1)) == Some(planned)
        {
            let end = last.min(compiled.end());
            let count = u64::try_from((end - planned).num_microseconds().unwrap_or(0) / micros(step) + 1).unwrap_or(1);
            return Self {
                instants: Instants::Grid {
                    first: planned,
                    step,
                    count,
                },
                next: compiled.next_after(anchor, last),
                whole: true,
            };
        }
        let mut found = vec![planned];
        let mut after = compiled.instants_after(anchor, planned);
        loop {
            match after.next() {
                Some(at) if at < until && found.len() < MAX_STEPS => found.push(at),
                next => return listed(found, next, next.is_none_or(|at| at >= until)),
            }
        }
    }

    /// Whether it reaches up to where it was asked for, and was not cut off.
    pub(super) const fn is_whole(&self) -> bool {
        self.whole
    }

    pub(super) fn count(&self) -> u64 {
        match &self.instants {
            Instants::Grid { count, .. } => *count,
            Instants::List(list) => list.len() as u64,
        }
    }

    /// How many of its instants lie before `limit`.
    pub(super) fn count_before(&self, limit: Timestamp) -> u64 {
        match &self.instants {
            Instants::Grid { first, step, count } => {
                let span = (limit - *first).num_microseconds().unwrap_or(i64::MAX);
                let step = micros(*step);
                // Rounded up: an instant at the limit itself does not count.
                let before = span.max(0) / step + i64::from(span.max(0) % step > 0);
                u64::try_from(before).unwrap_or(0).min(*count)
            }
            Instants::List(list) => list.partition_point(|at| *at < limit) as u64,
        }
    }

    /// The instant of an index.
    pub(super) fn at(&self, index: u64) -> Option<Timestamp> {
        match &self.instants {
            Instants::Grid { first, step, count } => {
                let steps = i64::try_from(index).ok().filter(|_| index < *count)?;
                Some(*first + TimeDelta::microseconds(micros(*step).checked_mul(steps)?))
            }
            Instants::List(list) => list.get(usize::try_from(index).ok()?).copied(),
        }
    }

    /// Notes an outcome for the instants `from..to`: one decision per run, one for all that do not run.
    pub(super) fn give(&self, from: u64, to: u64, outcome: Outcome, plan: &mut DuePlan) {
        if matches!(outcome, Outcome::Run { .. }) {
            for at in (from..to).filter_map(|index| self.at(index)) {
                plan.push(outcome, at, at, 1);
            }
            return;
        }
        // A count is 32 bits wide: 136 years of seconds.
        let count = u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX);
        if count > 0
            && let (Some(first), Some(last)) = (self.at(from), self.at(to - 1))
        {
            plan.push(outcome, first, last, count);
        }
    }

    /// Notes one outcome without a run for all of its instants.
    pub(super) fn give_all(&self, outcome: Outcome, plan: &mut DuePlan) {
        self.give(0, self.count(), outcome, plan);
    }
}

fn micros(step: TimeDelta) -> i64 {
    step.num_microseconds().unwrap_or(i64::MAX).max(1)
}

/// The instants of a past stretch that are to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// How many instants lie in the stretch; at most [`MAX_STEPS`] are counted.
    pub planned: usize,
    /// Whether there are more than were counted.
    pub truncated: bool,
    /// The first of them.
    pub first: Option<Timestamp>,
    /// The last of those counted.
    pub last: Option<Timestamp>,
    /// The oldest of them, at most as many as asked for.
    pub instants: Vec<Timestamp>,
}

/// The instants from `from` to `to`, both included; counts at most [`MAX_STEPS`] and lists the `max` oldest.
///
/// The grid of an interval without `start_at` starts after the anchor, and so has no instants before it.
pub fn backfill(
    compiled: &CompiledSchedule,
    anchor: Timestamp,
    from: Timestamp,
    to: Timestamp,
    max: usize,
) -> Backfill {
    let mut instants: Vec<Timestamp> = compiled
        .instants_after(anchor, from - TimeDelta::nanoseconds(1))
        .take_while(|at| *at <= to)
        .take(MAX_STEPS + 1)
        .collect();
    let truncated = instants.len() > MAX_STEPS;
    instants.truncate(MAX_STEPS);
    let (planned, first, last) = (instants.len(), instants.first().copied(), instants.last().copied());
    instants.truncate(max);
    Backfill {
        planned,
        truncated,
        first,
        last,
        instants,
    }
}
