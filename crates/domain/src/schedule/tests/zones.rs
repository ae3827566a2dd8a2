//! Every zone, every change of its clocks from 2020 to 2030.

use super::*;
use chrono::{NaiveDate, Offset, TimeDelta, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use std::collections::{BTreeMap, BTreeSet};

fn offset(zone: Tz, instant: Timestamp) -> i32 {
    zone.offset_from_utc_datetime(&instant.naive_utc())
        .fix()
        .local_minus_utc()
}

/// The days (UTC midnights) after which clocks change. Alike changes of other zones are left out.
fn changes() -> Vec<(Tz, Timestamp)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for zone in TZ_VARIANTS {
        let mut day = at("2020-01-01 00:00");
        let mut before = offset(zone, day);
        while day < at("2031-01-01 00:00") {
            let next = day + TimeDelta::days(1);
            let after = offset(zone, next);
            if after != before && seen.insert((day, before, after)) {
                found.push((zone, day));
            }
            (day, before) = (next, after);
        }
    }
    found
}

#[test]
fn instants_ascend_and_daily_jobs_run_once_a_day() {
    let changes = changes();
    assert!(changes.len() > 150, "only {} changes", changes.len());
    for (zone, day) in changes {
        let (from, until) = (day - TimeDelta::days(1), day + TimeDelta::days(3));
        for time in ["0 0", "30 0", "15 1", "30 2", "0 3", "59 23"] {
            let schedule = cron(&format!("{time} * * *"), zone.name());
            let mut days: BTreeMap<NaiveDate, u32> = BTreeMap::new();
            let mut last = from;
            for found in schedule.instants_after(from, from).take_while(|at| *at < until) {
                assert!(found > last, "{time} in {zone}: {found} is not after {last}");
                last = found;
                *days.entry(found.with_timezone(&zone).date_naive()).or_default() += 1;
            }
            let whole = |instant: Timestamp| instant.with_timezone(&zone).date_naive();
            let mut date = whole(from).succ_opt().unwrap();
            while date < whole(until) {
                assert_eq!(days.get(&date), Some(&1), "{time} in {zone} on {date}");
                date = date.succ_opt().unwrap();
            }
        }
        for expression in ["20 * * * *", "0 */3 * * *", "*/45 0-3 * * 0-6"] {
            let schedule = cron(expression, zone.name());
            let mut last = from;
            for found in schedule.instants_after(from, from).take_while(|at| *at < until) {
                assert!(found > last && found - last <= TimeDelta::days(1) + TimeDelta::hours(4));
                last = found;
            }
            assert!(
                until - last <= TimeDelta::days(1),
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
