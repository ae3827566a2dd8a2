//! A parsed cron expression, matched against civil time.
//!
//! Civil time is counted in seconds since 1970-01-01 00:00 on the wall, without any zone.

mod days;
mod parse;

pub(super) use parse::parse;

/// The six fields, in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
}

impl Unit {
    /// All of them, in order.
    pub(super) const ALL: [Self; 6] = [
        Self::Second,
        Self::Minute,
        Self::Hour,
        Self::Day,
        Self::Month,
        Self::Weekday,
    ];

    /// What people call the field.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day of month",
            Self::Month => "month",
            Self::Weekday => "day of week",
        }
    }

    /// Smallest and largest number that may be written.
    pub(super) const fn bounds(self) -> (u8, u8) {
        match self {
            Self::Second | Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 7),
        }
    }

    /// What may be written, in words.
    pub(super) const fn allowed(self) -> &'static str {
        match self {
            Self::Second | Self::Minute => "0 to 59",
            Self::Hour => "0 to 23",
            Self::Day => "1 to 31, L (last day), LW (last weekday) or 15W (weekday nearest day 15)",
            Self::Month => "1 to 12 or JAN to DEC",
            Self::Weekday => "0 to 7 (0 and 7 are Sunday), SUN to SAT, 5L (last Friday) or 5#2 (second Friday)",
        }
    }

    /// The names that stand for numbers, with the number of the first.
    pub(super) const fn names(self) -> (&'static [&'static str], u8) {
        match self {
            Self::Month => (
                &[
                    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
                ],
                1,
            ),
            Self::Weekday => (&["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 0),
            _ => (&[], 0),
        }
    }
}

/// One element of the comma-separated list in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// `*`, `?` (step 1) and `*/step`.
    All { step: u8 },
    /// `from-to/step`; a single value has `from == to`. Wraps around when `from > to`.
    Range { from: u8, to: u8, step: u8 },
    /// `L` as day of month.
    LastDay,
    /// `LW`: the last Monday to Friday of the month.
    LastWorkday,
    /// `15W`: the Monday to Friday nearest to this day within the month.
    Nearest(u8),
    /// `5L`: the last such day of the week in the month (0 is Sunday).
    LastWeekday(u8),
    /// `5#2`: the nth such day of the week in the month (day of week, n from 1 to 5).
    Nth(u8, u8),
}

impl Item {
    /// The plain values that it stands for, in the order in which they are met; none for the forms with `L W #`.
    pub(super) fn values(self, unit: Unit) -> Vec<u8> {
        let (low, high) = unit.bounds();
        let (from, to, step) = match self {
            Self::All { step } => (low, high, step),
            Self::Range { from, to, step } => (from, to, step),
            _ => return Vec::new(),
        };
        let met: Vec<u8> = if from <= to {
            (from..=to).collect()
        } else {
            // Sunday is met once on the way round, as 0.
            let high = if unit == Unit::Weekday { 6 } else { high };
            (from..=high).chain(low..=to).collect()
        };
        let mut values: Vec<u8> = met.into_iter().step_by(usize::from(step.max(1))).collect();
        if unit == Unit::Weekday {
            for value in &mut values {
                *value %= 7;
            }
        }
        values
    }
}

/// One field: what was written, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its elements as written.
    pub(super) items: Vec<Item>,
    /// Whether its text starts with `*` (or is `?`), which decides between AND and OR, and between fixed and not.
    pub(super) star: bool,
    /// Bit n is set when the plain value n matches.
    pub(super) mask: u64,
}

impl Field {
    fn new(unit: Unit, items: Vec<Item>, star: bool) -> Self {
        let mask = items
            .iter()
            .flat_map(|item| item.values(unit))
            .fold(0, |mask, value| mask | 1 << value);
        Self { items, star, mask }
    }

    /// Whether every value of the unit matches.
    pub(super) fn is_all(&self) -> bool {
        self.items.contains(&Item::All { step: 1 })
    }

    /// The matching plain values, ascending.
    pub(super) fn values(&self) -> Vec<u8> {
        (0..64).filter(|value| self.mask >> value & 1 == 1).collect()
    }
}

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cron {
    fields: [Field; 6],
}

/// The first set bit at or above `from`.
fn first_bit(mask: u64, from: u32) -> Option<u32> {
    let rest = mask.checked_shr(from)?.checked_shl(from)?;
    (rest != 0).then(|| rest.trailing_zeros())
}

impl Cron {
    /// The field of a unit.
    pub(super) const fn field(&self, unit: Unit) -> &Field {
        &self.fields[unit as usize]
    }

    /// Whether the time of day is fixed in Debian's sense: neither minute nor hour starts with `*`.
    pub(super) const fn is_fixed(&self) -> bool {
        !self.field(Unit::Minute).star && !self.field(Unit::Hour).star
    }

    /// Whether both day fields must match, as in Debian's cron when either starts with `*`.
    pub(super) const fn days_are_anded(&self) -> bool {
        self.field(Unit::Day).star || self.field(Unit::Weekday).star
    }

    /// The first match at or after `from` and before `until`, both civil seconds.
    ///
    /// Looks at each month in between once: a search over eight years takes microseconds.
    pub(super) fn next(&self, from: i64, until: i64) -> Option<i64> {
        let (mut month, mut day) = days::Month::containing(from)?;
        let mut second = u32::try_from(from.rem_euclid(86_400)).ok()?;
        loop {
            if month.start() >= until {
                return None;
            }
            if self.field(Unit::Month).mask >> month.number() & 1 == 1 {
                let matching = u64::from(self.days_in(month));
                while let Some(found) = first_bit(matching, day) {
                    if found != day {
                        second = 0;
                    }
                    if let Some(time) = self.time_from(second) {
                        let civil = month.start() + i64::from(found - 1) * 86_400 + i64::from(time);
                        return (civil < until).then_some(civil);
                    }
                    (day, second) = (found + 1, 0);
                }
            }
            month = month.next()?;
            (day, second) = (1, 0);
        }
    }

    /// The first matching second of the day at or after `second`.
    fn time_from(&self, second: u32) -> Option<u32> {
        let bits = |unit| self.field(unit).mask;
        let (hour, minute, sec) = (second / 3_600, second / 60 % 60, second % 60);
        let at_hour = first_bit(bits(Unit::Hour), hour)?;
        if at_hour == hour {
            let at_minute = first_bit(bits(Unit::Minute), minute);
            if at_minute == Some(minute)
                && let Some(at_second) = first_bit(bits(Unit::Second), sec)
            {
                return Some(hour * 3_600 + minute * 60 + at_second);
            }
            if let Some(later) = first_bit(bits(Unit::Minute), minute + 1) {
                return Some(hour * 3_600 + later * 60 + first_bit(bits(Unit::Second), 0)?);
            }
            let later = first_bit(bits(Unit::Hour), hour + 1)?;
            return self.first_of_hour(later);
        }
        self.first_of_hour(at_hour)
    }

    fn first_of_hour(&self, hour: u32) -> Option<u32> {
        let minute = first_bit(self.field(Unit::Minute).mask, 0)?;
        Some(hour * 3_600 + minute * 60 + first_bit(self.field(Unit::Second).mask, 0)?)
    }
}
