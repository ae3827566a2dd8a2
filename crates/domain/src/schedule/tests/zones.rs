//! Every zone, every change of its clocks from 2020 to 2030.

use super::*;
use crate::schedule::{Note, Upcoming};
use chrono::{NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use std::collections::{BTreeMap, BTreeSet};

fn offset(zone: Tz, instant: Timestamp) -> i32 {
    zone.offset_from_utc_datetime(&instant.naive_utc())
        .fix()
        .local_minus_utc()
}

/// The first instants after which clocks show another offset. Alike changes of other zones at the same instant are left
/// out.
fn changes() -> Vec<(Tz, Timestamp)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for zone in TZ_VARIANTS {
        let mut day = at("2020-01-01 00:00");
        let mut before = offset(zone, day);
        while day < at("2031-01-01 00:00") {
            // No zone changed its clocks twice within ten days.
            let next = day + TimeDelta::days(10);
            let after = offset(zone, next);
            if after != before {
                let minutes = |minutes: i64| day + TimeDelta::minutes(minutes);
                let (mut low, mut high) = (0, 14_400);
                while high - low > 1 {
                    let middle = i64::midpoint(low, high);
                    if offset(zone, minutes(middle)) == before {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                if seen.insert((minutes(high), before, after)) {
                    found.push((zone, minutes(high)));
                }
            }
            (day, before) = (next, after);
        }
    }
    found
}

/// The day of a daily job that an instant stands for. Where a gap ends at midnight (Greenland from 2024 on goes from
/// 23:00 to 00:00), a time of the late evening runs at the first minute of the following day.
fn day_meant(found: &Upcoming) -> NaiveDate {
    let local = found.local.naive_local();
    let is_carried = found.note == Some(Note::GapMoved) && local.time() == NaiveTime::MIN;
    local.date() - TimeDelta::days(i64::from(is_carried))
}

#[test]
fn daily_jobs_run_once_for_every_day() {
    let changes = changes();
    assert!(changes.len() > 200, "only {} changes", changes.len());
    let mut carried = 0;
    for (zone, change) in changes {
        let (from, until) = (change - TimeDelta::days(2), change + TimeDelta::days(2));
        let date = |instant: Timestamp| instant.with_timezone(&zone).date_naive();
        for time in ["0 0", "30 0", "15 1", "30 2", "0 3", "0 23", "59 23"] {
            let schedule = cron(&format!("{time} * * *"), zone.name());
            let mut days: BTreeMap<NaiveDate, u32> = BTreeMap::new();
            let mut last = from;
            for found in schedule.upcoming(from, from, 6) {
                assert!(found.at > last, "{time} in {zone}: {} is not after {last}", found.at);
                last = found.at;
                let day = day_meant(&found);
                carried += u32::from(day != found.local.date_naive());
                *days.entry(day).or_default() += 1;
            }
            let mut day = date(from).succ_opt().unwrap();
            while day < date(until) {
                assert_eq!(days.get(&day), Some(&1), "{time} in {zone} on {day}");
                day = day.succ_opt().unwrap();
            }
        }
    }
    assert!(carried > 0, "no gap that ends at midnight was met");
}

#[test]
fn wildcards_ascend_and_never_stop() {
    for (zone, change) in changes() {
        let (from, until) = (change - TimeDelta::days(1), change + TimeDelta::days(1));
        for (expression, pause) in [("20 * * * *", 2), ("0 */3 * * *", 7), ("*/45 0-3 * * 0-6", 25)] {
            let schedule = cron(expression, zone.name());
            let mut last = from;
            for found in schedule.instants_after(from, from).take_while(|at| *at < until) {
                assert!(found > last, "{expression} in {zone}: {found} is not after {last}");
                assert!(
                    found - last <= TimeDelta::hours(pause),
                    "{expression} in {zone}: nothing from {last} to {found}"
                );
                last = found;
            }
            assert!(
                until - last <= TimeDelta::hours(pause),
                "{expression} in {zone} stopped at {last}"
            );
        }
    }
}

#[test]
fn every_zone_gives_a_next_instant_at_once_at_both_ends_of_time() {
    for zone in TZ_VARIANTS {
        let schedule = cron("0 12 * * *", zone.name());
        for from in [at("1970-01-01 00:00"), at("2199-12-29 00:00")] {
            let next = schedule.next_after(from, from).unwrap();
            assert!(next > from && next - from <= TimeDelta::days(2), "{zone}");
        }
        assert_eq!(
            schedule.next_after(at("2200-01-01 00:00"), at("2200-01-01 00:00")),
            None
        );
        let before = at("1969-06-01 00:00");
        assert!(schedule.next_after(before, before).unwrap() >= at("1970-01-01 00:00"));
    }
}
