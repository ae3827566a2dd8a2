//! A second implementation: a daemon after Debian's cron that wakes every minute of real time, looks at the clock on
//! the wall and decides by how far it jumped. It shares no code with the first.

use super::*;
use chrono::{Datelike, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;
use std::collections::BTreeSet;

struct Table {
    fields: Vec<BTreeSet<u32>>,
    wild: bool,
    both_days: bool,
}

/// Understands `*`, `*/n`, `a`, `a-b`, `a-b/n` and lists of them.
fn table(expression: &str) -> Table {
    let texts: Vec<&str> = expression.split(' ').collect();
    let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
    let fields = texts
        .iter()
        .zip(bounds)
        .map(|(text, (low, high))| {
            let mut set = BTreeSet::new();
            for part in text.split(',') {
                let (body, step) = part.split_once('/').unwrap_or((part, "1"));
                let (from, to) = match body.split_once('-') {
                    _ if body == "*" => (low, high),
                    Some((from, to)) => (from.parse().unwrap(), to.parse().unwrap()),
                    None => (body.parse().unwrap(), body.parse().unwrap()),
                };
                set.extend((from..=to).step_by(step.parse().unwrap()));
            }
            set
        })
        .collect();
    Table {
        fields,
        wild: texts[0].starts_with('*') || texts[1].starts_with('*'),
        both_days: texts[2].starts_with('*') || texts[4].starts_with('*'),
    }
}

impl Table {
    fn matches(&self, minutes: i64) -> bool {
        let wall = DateTime::from_timestamp(minutes * 60, 0).unwrap();
        let dow = wall.weekday().num_days_from_sunday();
        let day = self.fields[2].contains(&wall.day());
        let weekday = self.fields[4].contains(&dow) || (dow == 0 && self.fields[4].contains(&7));
        self.fields[0].contains(&wall.minute())
            && self.fields[1].contains(&wall.hour())
            && self.fields[3].contains(&wall.month())
            && if self.both_days { day && weekday } else { day || weekday }
    }
}

/// The instants after `from` up to `until`, whole minutes both.
fn daemon(expression: &str, zone: Tz, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let table = table(expression);
    let wall = |instant: Timestamp| {
        let offset = zone
            .offset_from_utc_datetime(&instant.naive_utc())
            .fix()
            .local_minus_utc();
        (instant.timestamp() + i64::from(offset)).div_euclid(60)
    };
    let mut done = wall(from);
    let mut fired = Vec::new();
    let mut now = from;
    while now < until {
        now += TimeDelta::minutes(1);
        let clock = wall(now);
        let run =
            |minutes: i64, wild: bool, fixed: bool| (if table.wild { wild } else { fixed }) && table.matches(minutes);
        let hit = match clock - done {
            // The ordinary minute, and small jumps, of which none was made since 1970.
            1..=5 => {
                let hit = (done + 1..=clock).any(|minutes| run(minutes, true, true));
                done = clock;
                hit
            }
            // Debian ends at 180, so that a change of exactly three hours is a new clock; ours ends at 181.
            6..=181 => {
                let hit = run(clock, true, false) || (done + 1..=clock).any(|minutes| run(minutes, false, true));
                done = clock;
                hit
            }
            -179..=0 => run(clock, true, false),
            _ => {
                done = clock;
                run(clock, true, true)
            }
        };
        if hit {
            fired.push(now);
        }
    }
    fired
}

/// Places and instants a day before clocks changed.
const CHANGES: [(&str, &str); 20] = [
    ("Europe/Berlin", "2024-03-30 01:00"),
    ("Europe/Berlin", "2024-10-26 01:00"),
    ("America/New_York", "2024-03-09 07:00"),
    ("America/New_York", "2024-11-02 06:00"),
    ("Australia/Lord_Howe", "2024-04-05 15:00"),
    ("Australia/Lord_Howe", "2024-10-04 15:30"),
    ("America/Sao_Paulo", "2018-11-03 03:00"),
    ("America/Sao_Paulo", "2018-02-17 02:00"),
    ("Africa/Cairo", "2024-04-24 22:00"),
    ("Africa/Cairo", "2024-10-30 21:00"),
    ("Asia/Beirut", "2024-03-29 22:00"),
    ("Asia/Beirut", "2024-10-25 21:00"),
    ("America/Havana", "2024-11-02 05:00"),
    ("Atlantic/Azores", "2024-03-30 01:00"),
    ("Antarctica/Troll", "2024-03-30 01:00"),
    ("Antarctica/Troll", "2024-10-26 01:00"),
    ("Antarctica/Casey", "2020-10-02 16:00"),
    ("Antarctica/Casey", "2010-03-04 15:00"),
    ("Pacific/Apia", "2011-12-29 10:00"),
    ("Asia/Kathmandu", "1985-12-30 18:30"),
];

fn field(low: u32, high: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("*".to_owned()),
        2 => (2_u32..30).prop_map(|step| format!("*/{step}")),
        4 => (low..=high).prop_map(|value| value.to_string()),
        2 => (low..=high, low..=high).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (low..=high, low..=high, 1_u32..9).prop_map(|(a, b, step)| format!("{}-{}/{step}", a.min(b), a.max(b))),
        2 => proptest::collection::vec(low..=high, 2..4)
            .prop_map(|values| values.iter().map(u32::to_string).collect::<Vec<_>>().join(",")),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    let day = prop_oneof![3 => Just("*".to_owned()), 1 => field(1, 31)];
    let weekday = prop_oneof![3 => Just("*".to_owned()), 1 => field(0, 7)];
    // Hours of the night come up often: that is when clocks change.
    let hour = prop_oneof![2 => field(0, 3), 1 => field(0, 23)];
    (field(0, 59), hour, day, weekday)
        .prop_map(|(minute, hour, day, weekday)| format!("{minute} {hour} {day} * {weekday}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn the_walker_and_the_schedule_agree(expression in expression(), place in 0..CHANGES.len(), shift in 0_i64..1_500) {
        let (zone, start) = CHANGES[place];
        let from = at(start) + TimeDelta::minutes(shift);
        let until = from + TimeDelta::hours(40);
        let expected = daemon(&expression, zone.parse().unwrap(), from, until);
        let schedule = cron(&expression, zone);
        let found: Vec<_> = schedule.instants_after(from, from).take_while(|at| *at <= until).collect();
        // Asked within a second pass, the walker does not know what ran in the first: see `from_within_a_repeat`.
        prop_assume!(!within_second_pass(zone.parse().unwrap(), from));
        prop_assert_eq!(found, expected, "{} in {} from {}", expression, zone, from);
    }

    #[test]
    fn counted_by_the_hour_is_the_same_as_one_by_one(
        expression in expression(),
        place in 0..CHANGES.len(),
        shift in 0_i64..90_000,
        length in 0_i64..150_000,
        on_gap in prop::sample::select(vec![OnGap::Unix, OnGap::NextValid, OnGap::Skip, OnGap::Shift]),
        on_repeat in prop::sample::select(vec![OnRepeat::Unix, OnRepeat::First, OnRepeat::Second, OnRepeat::Both]),
    ) {
        let (zone, start) = CHANGES[place];
        let from = at(start) + TimeDelta::seconds(shift);
        let until = from + TimeDelta::seconds(length);
        let schedule = ruled(&expression, zone, on_gap, on_repeat);
        let all: Vec<_> = schedule.instants_after(from, from).take_while(|at| *at < until).collect();
        let mut rest = schedule.instants(from, from);
        let (count, last) = rest.pass(until, usize::MAX);
        prop_assert_eq!((count as usize, last), (all.len(), all.last().copied()));
        prop_assert_eq!(rest.next(), schedule.next_after(from, last.unwrap_or(from)));
    }

    #[test]
    fn one_by_one_is_the_same_as_in_a_row(expression in expression(), place in 0..CHANGES.len()) {
        let (zone, start) = CHANGES[place];
        let (schedule, from) = (cron(&expression, zone), at(start) + TimeDelta::hours(20));
        let mut last = from;
        for found in schedule.instants_after(from, from).take(20) {
            prop_assert!(found > last);
            prop_assert_eq!(schedule.next_after(from, last), Some(found));
            prop_assert_eq!(schedule.next_after(from, found - TimeDelta::microseconds(1)), Some(found));
            last = found;
        }
    }
}

fn within_second_pass(zone: Tz, instant: Timestamp) -> bool {
    let wall = instant.with_timezone(&zone).naive_local();
    zone.from_local_datetime(&wall).latest().map(|late| late.to_utc()) == Some(instant)
        && zone.from_local_datetime(&wall).earliest().map(|early| early.to_utc()) != Some(instant)
}

#[test]
fn from_within_a_repeat() {
    let daily = cron("45 2 * * *", "Europe/Berlin");
    assert_eq!(shown(&daily, "2024-10-27 01:10", 1), ["10-28 02:45+01:00"]);
}
