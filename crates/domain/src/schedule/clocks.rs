//! A cron pattern on the clocks of a zone: from civil time to instants.
//!
//! The time line of a zone falls into segments of one offset each. Within a segment civil time and instants move in
//! step, so the next instant is one question to the matcher; gap and repeat are the places where two segments meet.
//! Hence instants come in order, none lies in the past, and nothing loops.

use super::{
    LAST_SECOND, OnGap, OnRepeat,
    compiled::Note,
    cron::{Cron, Unit},
};
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Eight leap years' worth of days and one: how far ahead "never" reaches, in seconds.
pub(super) const HORIZON: i64 = (8 * 365 + 3) * DAY;

/// The largest change of the clocks to which the `unix` rule for fixed times applies, in seconds.
const UNIX_LIMIT: i64 = 3 * HOUR;

/// No change of the clocks since 1970 is larger (a whole day), in seconds, with some room.
const REACH: i64 = 27 * HOUR;

/// How far apart the offset is looked up when a change is sought; no zone changes twice within it.
const STRIDE: i64 = 12 * HOUR;

/// An instant, in seconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) at: i64,
    /// Seconds east of UTC.
    pub(super) offset: i64,
    pub(super) note: Option<Note>,
}

/// A stretch of time with one offset, from `start` up to, not including, `end` (seconds since 1970 UTC).
///
/// A stretch may end without a change of the clocks (then `after == offset`), but only at least [`REACH`] before one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    start: i64,
    end: i64,
    before: i64,
    offset: i64,
    after: i64,
}

/// A pattern, a zone, and what happens where clocks change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clocks {
    pub(super) cron: Cron,
    pub(super) zone: Tz,
    pub(super) on_gap: OnGap,
    pub(super) on_repeat: OnRepeat,
}

impl Clocks {
    /// The first instant at or after `from` and at or before `until`, but not beyond [`HORIZON`].
    ///
    /// `segment` remembers the stretch of the last hit, which makes a sequence of calls cheap.
    pub(super) fn next(&self, from: i64, until: i64, segment: &mut Option<Segment>) -> Option<Hit> {
        let from = from.max(0);
        let until = until.min(LAST_SECOND).min(from.saturating_add(HORIZON));
        if from > until {
            return None;
        }
        let mut ahead = 2 * DAY;
        let mut now = match *segment {
            Some(known) if known.start <= from && from < known.end => known,
            _ => self.segment_around(from, ahead),
        };
        let mut skipped = false;
        loop {
            *segment = Some(now);
            skipped |= now.start >= from && self.skips(&now);
            if let Some(mut hit) = self.within(&now, from) {
                if skipped && hit.note.is_none() {
                    hit.note = Some(Note::GapSkipped);
                }
                return (hit.at <= until).then_some(hit);
            }
            if now.end > until {
                return None;
            }
            ahead = (2 * ahead).min(256 * DAY);
            now = self.segment_from(now.end, now.offset, ahead);
        }
    }

    /// When `at` is the first instant of an hour on the clock that no change touches and that ends by `until`: how many
    /// instants the hour holds, and the last of them.
    pub(super) fn whole_hour(&self, at: i64, until: i64, segment: &Segment) -> Option<(u32, i64)> {
        let offset = segment.offset;
        let hour = (at + offset).div_euclid(HOUR) * HOUR;
        // Times that were moved, and second passes, lie within the size of the change after it.
        let low = segment.start + offset + (offset - segment.before).abs();
        let high = segment.end + offset.min(segment.after);
        let (minute, second) = (self.cron.field(Unit::Minute).mask, self.cron.field(Unit::Second).mask);
        let time = |minute: u32, second: u32| hour + i64::from(60 * minute + second) - offset;
        let is_first = at == time(minute.trailing_zeros(), second.trailing_zeros());
        (is_first && hour >= low && hour + HOUR <= high && hour + HOUR - offset <= until).then(|| {
            let last = time(minute.ilog2(), second.ilog2());
            (minute.count_ones() * second.count_ones(), last)
        })
    }

    /// The first instant in the segment at or after `from`.
    fn within(&self, segment: &Segment, from: i64) -> Option<Hit> {
        let Segment {
            start,
            end,
            before,
            offset,
            after,
        } = *segment;
        let (mut low, mut high) = (from.max(start) + offset, end + offset);
        if self.leaves_out_second_pass(before - offset) {
            low = low.max(start + before);
        }
        if self.leaves_out_first_pass(offset - after) {
            high = end + after;
        }
        let on_the_clock = self.cron.next(low, high).map(|civil| civil - offset);
        let moved = self.moved(segment, from);
        let at = match (on_the_clock, moved) {
            (Some(a), Some(b)) => a.min(b),
            (a, b) => a.or(b)?,
        };
        let note = if moved == Some(at) {
            Some(Note::GapMoved)
        } else if at + offset < start + before {
            Some(Note::RepeatSecond)
        } else if at + offset >= end + after {
            Some(Note::RepeatFirst)
        } else {
            None
        };
        Some(Hit { at, offset, note })
    }

    /// The first instant at or after `from` that a time of the gap before the segment was moved to.
    fn moved(&self, segment: &Segment, from: i64) -> Option<i64> {
        let (opens, closes) = segment.gap()?;
        match self.gap_rule(closes - opens) {
            OnGap::Shift => {
                let civil = self.cron.next(opens.max(from + segment.before), closes)?;
                Some(civil - segment.before)
            }
            OnGap::NextValid => {
                // Changes fall on whole minutes, but for Liberia's in 1972.
                let minute = closes + (-closes).rem_euclid(60);
                let at = minute - segment.offset;
                (at >= from && self.cron.next(opens, closes).is_some()).then_some(at)
            }
            OnGap::Skip | OnGap::Unix => None,
        }
    }

    /// Whether the gap before the segment swallows a time.
    fn skips(&self, segment: &Segment) -> bool {
        segment.gap().is_some_and(|(opens, closes)| {
            self.gap_rule(closes - opens) == OnGap::Skip && self.cron.next(opens, closes).is_some()
        })
    }

    /// The rule for a gap of `size` seconds, with `unix` resolved.
    fn gap_rule(&self, size: i64) -> OnGap {
        match self.on_gap {
            OnGap::Unix if self.cron.is_fixed() && size <= UNIX_LIMIT => OnGap::NextValid,
            OnGap::Unix => OnGap::Skip,
            other => other,
        }
    }

    fn leaves_out_second_pass(&self, size: i64) -> bool {
        size > 0
            && match self.on_repeat {
                OnRepeat::Unix => self.cron.is_fixed() && size <= UNIX_LIMIT,
                OnRepeat::First => true,
                OnRepeat::Second | OnRepeat::Both => false,
            }
    }

    fn leaves_out_first_pass(&self, size: i64) -> bool {
        size > 0 && self.on_repeat == OnRepeat::Second
    }

    /// Seconds east of UTC at an instant.
    pub(super) fn offset_at(&self, at: i64) -> i64 {
        let utc = DateTime::from_timestamp(at, 0).unwrap_or_default().naive_utc();
        let offset = self.zone.offset_from_utc_datetime(&utc);
        i64::from(offset.fix().local_minus_utc())
    }

    /// The segment that holds `at`; its end lies at most about `ahead` seconds later.
    fn segment_around(&self, at: i64, ahead: i64) -> Segment {
        let offset = self.offset_at(at);
        let (mut known, mut start, mut before) = (at, at - REACH, offset);
        while known > at - REACH {
            let probe = known - STRIDE;
            if self.offset_at(probe) != offset {
                start = self.change_between(probe, known);
                before = self.offset_at(start - 1);
                break;
            }
            known = probe;
        }
        Segment {
            start,
            ..self.segment_from(at, before, ahead)
        }
    }

    /// The segment that starts at `start`, after one with the offset `before`.
    fn segment_from(&self, start: i64, before: i64, ahead: i64) -> Segment {
        let offset = self.offset_at(start);
        // Ends on a whole hour of the clock, which can then be counted as one.
        let mut end = start + ahead - (start + ahead + offset).rem_euclid(HOUR);
        let (mut after, mut known) = (offset, start);
        while known < start + ahead + REACH {
            let probe = known + STRIDE;
            if self.offset_at(probe) != offset {
                end = self.change_between(known, probe);
                after = self.offset_at(end);
                break;
            }
            known = probe;
        }
        Segment {
            start,
            end,
            before,
            offset,
            after,
        }
    }

    /// The first instant after `low`, at most `high`, at which the offset is no longer that of `low`.
    fn change_between(&self, mut low: i64, mut high: i64) -> i64 {
        let offset = self.offset_at(low);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.offset_at(middle) == offset {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

impl Segment {
    /// The civil times that the change at its start leaves out, if any: from, and up to but not including.
    fn gap(&self) -> Option<(i64, i64)> {
        (self.offset > self.before).then_some((self.start + self.before, self.start + self.offset))
    }
}
