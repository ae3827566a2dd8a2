//! Which days of a month match.

use super::{Cron, Field, Item, Unit};
use chrono::{Datelike, NaiveDate};

/// Days from 0001-01-01 (day 1) to 1970-01-01.
const EPOCH: i64 = 719_163;

/// A month of a year.
#[derive(Debug, Clone, Copy)]
pub(super) struct Month {
    first: NaiveDate,
    length: u32,
}

impl Month {
    fn of(year: i32, month: u32) -> Option<Self> {
        let first = NaiveDate::from_ymd_opt(year, month, 1)?;
        Some(Self {
            first,
            length: u32::from(first.num_days_in_month()),
        })
    }

    /// The month of a civil second, and the day in it.
    pub(super) fn containing(civil: i64) -> Option<(Self, u32)> {
        let days = i32::try_from(civil.div_euclid(86_400) + EPOCH).ok()?;
        let date = NaiveDate::from_num_days_from_ce_opt(days)?;
        Some((Self::of(date.year(), date.month())?, date.day()))
    }

    /// Its first civil second.
    pub(super) fn start(self) -> i64 {
        (i64::from(self.first.num_days_from_ce()) - EPOCH) * 86_400
    }

    /// 1 to 12.
    pub(super) fn number(self) -> u32 {
        self.first.month()
    }

    /// The month after it.
    pub(super) fn next(self) -> Option<Self> {
        match self.first.month() {
            12 => Self::of(self.first.year() + 1, 1),
            month => Self::of(self.first.year(), month + 1),
        }
    }

    /// 0 is Sunday.
    fn weekday(self, day: u32) -> u32 {
        (self.first.weekday().num_days_from_sunday() + day - 1) % 7
    }

    /// The Monday to Friday nearest to `day`, without leaving the month.
    fn nearest_workday(self, day: u32) -> Option<u32> {
        if day > self.length {
            return None;
        }
        Some(match self.weekday(day) {
            6 if day == 1 => 3,
            6 => day - 1,
            0 if day == self.length => day - 2,
            0 => day + 1,
            _ => day,
        })
    }

    fn last_workday(self) -> u32 {
        match self.weekday(self.length) {
            6 => self.length - 1,
            0 => self.length - 2,
            _ => self.length,
        }
    }
}

impl Cron {
    /// Bit d is set when day d of the month matches both fields, or either, as the rule for stars says.
    pub(super) fn days_in(&self, month: Month) -> u32 {
        let by_date = days_of_month(self.field(Unit::Day), month);
        let by_weekday = days_of_week(self.field(Unit::Weekday), month);
        if self.days_are_anded() {
            by_date & by_weekday
        } else {
            by_date | by_weekday
        }
    }
}

fn days_of_month(field: &Field, month: Month) -> u32 {
    let plain = (1..=month.length)
        .filter(|day| field.mask >> day & 1 == 1)
        .fold(0, |days, day| days | 1 << day);
    field.items.iter().fold(plain, |days, item| match item {
        Item::LastDay => days | 1 << month.length,
        Item::LastWorkday => days | 1 << month.last_workday(),
        Item::Nearest(day) => days | month.nearest_workday(u32::from(*day)).map_or(0, |day| 1 << day),
        _ => days,
    })
}

fn days_of_week(field: &Field, month: Month) -> u32 {
    let matches = |day: u32| {
        let weekday = month.weekday(day);
        field.mask >> weekday & 1 == 1
            || field.items.iter().any(|item| match item {
                Item::LastWeekday(wanted) => u32::from(*wanted) == weekday && day + 7 > month.length,
                Item::Nth(wanted, nth) => u32::from(*wanted) == weekday && (day - 1) / 7 + 1 == u32::from(*nth),
                _ => false,
            })
    };
    (1..=month.length)
        .filter(|day| matches(*day))
        .fold(0, |days, day| days | 1 << day)
}
