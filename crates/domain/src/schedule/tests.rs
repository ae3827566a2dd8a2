//! The rules one by one, and three other opinions: a walker after Debian's cron, cronsim, and croner.

mod changes;
mod check;
mod cronsim;
mod crontab;
mod describe;
mod due;
mod matching;
mod walker;
mod zones;

use super::{CompiledSchedule, OnGap, OnRepeat, Schedule, When};
use crate::clock::Timestamp;
use chrono::{DateTime, NaiveDateTime};

/// An instant from `2026-01-31 12:00` or `2026-01-31 12:00:30`, in UTC.
fn at(text: &str) -> Timestamp {
    let padded = if text.len() == 16 {
        format!("{text}:00")
    } else {
        text.to_owned()
    };
    NaiveDateTime::parse_from_str(&padded, "%Y-%m-%d %H:%M:%S")
        .unwrap()
        .and_utc()
}

fn cron(expression: &str, zone: &str) -> CompiledSchedule {
    Schedule::cron(expression, zone).compile().unwrap()
}

fn ruled(expression: &str, zone: &str, on_gap: OnGap, on_repeat: OnRepeat) -> CompiledSchedule {
    let when = When::Cron {
        expression: expression.to_owned(),
        time_zone: zone.to_owned(),
        on_gap,
        on_repeat,
    };
    Schedule::new(when).compile().unwrap()
}

/// The next instants as the clock of the zone shows them, such as `03-31 03:00+02:00`, each with its note.
fn shown(schedule: &CompiledSchedule, from: &str, count: usize) -> Vec<String> {
    let upcoming = schedule.upcoming(DateTime::UNIX_EPOCH, at(from), count);
    let show = |item: &super::Upcoming| {
        let note = item.note.map(|note| format!(" {note:?}")).unwrap_or_default();
        format!("{}{note}", item.local.format("%m-%d %H:%M%:z"))
    };
    upcoming.iter().map(show).collect()
}
