//! Which civil times match; croner is the second opinion.

use super::*;
use crate::schedule::cron::parse;
use croner::parser::CronParser;
use proptest::prelude::*;

/// The next days that match at 00:00 UTC.
fn days(expression: &str, from: &str, count: usize) -> Vec<String> {
    let schedule = cron(&format!("0 0 {expression}"), "UTC");
    let from = at(from);
    schedule
        .instants_after(from, from)
        .take(count)
        .map(|at| at.format("%Y-%m-%d").to_string())
        .collect()
}

/// The hours (or, for a whole field list, the minutes of the day) that match.
fn times(expression: &str) -> Vec<String> {
    let schedule = cron(expression, "UTC");
    let from = at("2025-12-31 23:59:59");
    let day = at("2026-01-02 00:00");
    schedule
        .instants_after(from, from)
        .take_while(|at| *at < day)
        .take(6)
        .map(|at| at.format("%H:%M:%S").to_string())
        .collect()
}

#[test]
fn both_day_fields_are_either_or_unless_one_starts_with_a_star() {
    // Friday the 13th or any Friday or any 13th.
    assert_eq!(
        days("13 * FRI", "2026-03-10 00:00", 3),
        ["2026-03-13", "2026-03-20", "2026-03-27"]
    );
    assert_eq!(
        days("14 * FRI", "2026-03-10 00:00", 3),
        ["2026-03-13", "2026-03-14", "2026-03-20"]
    );
    // Odd days that are Fridays.
    assert_eq!(
        days("*/2 * FRI", "2026-03-10 00:00", 3),
        ["2026-03-13", "2026-03-27", "2026-04-03"]
    );
    assert_eq!(
        days("1-7 * */2", "2026-03-01 00:00", 3),
        ["2026-03-03", "2026-03-05", "2026-03-07"]
    );
    assert_eq!(days("? * FRI", "2026-03-10 00:00", 2), ["2026-03-13", "2026-03-20"]);
}

#[test]
fn ranges_wrap_and_sunday_has_two_numbers() {
    for weekend in ["FRI-SUN", "5-7", "5-0", "fri-sun", "5,6,0", "5,6,7"] {
        assert_eq!(
            days(&format!("* * {weekend}"), "2026-03-10 00:00", 4),
            ["2026-03-13", "2026-03-14", "2026-03-15", "2026-03-20"],
            "{weekend}"
        );
    }
    assert_eq!(
        times("0 22-2 * * *"),
        ["00:00:00", "01:00:00", "02:00:00", "22:00:00", "23:00:00"]
    );
    assert_eq!(times("0 22-3/2 * * *"), ["00:00:00", "02:00:00", "22:00:00"]);
    assert_eq!(
        days("1 NOV-FEB *", "2026-03-10 00:00", 4),
        ["2026-11-01", "2026-12-01", "2027-01-01", "2027-02-01"]
    );
    assert_eq!(
        days("* * SAT-MON/2", "2026-03-10 00:00", 3),
        ["2026-03-14", "2026-03-16", "2026-03-21"]
    );
}

#[test]
fn last_nearest_and_nth_days_are_found() {
    assert_eq!(days("L * *", "2028-01-31 00:00", 2), ["2028-02-29", "2028-03-31"]);
    assert_eq!(days("LW * *", "2026-01-01 00:00", 2), ["2026-01-30", "2026-02-27"]);
    // 15 February 2026 is a Sunday, 15 August a Saturday, 1 August a Saturday, 31 May a Sunday.
    assert_eq!(days("15W 2 *", "2026-01-01 00:00", 1), ["2026-02-16"]);
    assert_eq!(days("15W 8 *", "2026-01-01 00:00", 1), ["2026-08-14"]);
    assert_eq!(days("1W 8 *", "2026-01-01 00:00", 1), ["2026-08-03"]);
    assert_eq!(days("31W 5 *", "2026-01-01 00:00", 1), ["2026-05-29"]);
    assert_eq!(days("31W 2-5 *", "2026-02-01 00:00", 2), ["2026-03-31", "2026-05-29"]);
    assert_eq!(days("* * 5L", "2026-03-01 00:00", 2), ["2026-03-27", "2026-04-24"]);
    assert_eq!(days("* * TUE#2", "2026-03-01 00:00", 2), ["2026-03-10", "2026-04-14"]);
    assert_eq!(days("* * 0#5", "2026-03-01 00:00", 2), ["2026-03-29", "2026-05-31"]);
}

#[test]
fn steps_and_seconds_and_nicknames() {
    assert_eq!(times("*/25 0 * * *"), ["00:00:00", "00:25:00", "00:50:00"]);
    assert_eq!(times("10-30/10 3 * * *"), ["03:10:00", "03:20:00", "03:30:00"]);
    assert_eq!(times("*/90 4 * * *"), ["04:00:00"]);
    assert_eq!(times("5,55 59 23 * * *"), ["23:59:05", "23:59:55"]);
    for (nickname, fields) in [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@Midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@YEARLY", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
    ] {
        assert_eq!(parse(nickname), parse(fields), "{nickname}");
    }
}

#[test]
fn the_leap_day_over_the_turn_of_a_century_is_found_and_no_other_day_is_sought_for_long() {
    let leap = cron("0 0 29 2 *", "Europe/Berlin");
    let from = at("2096-03-01 00:00");
    assert_eq!(leap.next_after(from, from), Some(at("2104-02-28 23:00")));
    let started = std::time::Instant::now();
    for expression in ["0 0 31 4 *", "0 0 30 2 *", "59 59 23 31 2,4,6,9,11 *", "0 0 */31 2 2#5"] {
        for zone in ["UTC", "Europe/Berlin", "Africa/Casablanca"] {
            assert_eq!(cron(expression, zone).next_after(from, from), None, "{expression}");
        }
    }
    let each = started.elapsed() / 12;
    assert!(each.as_millis() < 50, "a search took {each:?}");
}

fn element(low: u32, high: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (low..=high).prop_map(|value| value.to_string()),
        2 => (low..=high, low..=high).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (low..=high, low..=high, 1..5_u32).prop_map(|(a, b, n)| format!("{}-{}/{n}", a.min(b), a.max(b))),
    ]
}

fn field(low: u32, high: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just("*".to_owned()),
        1 => (2_u32..high).prop_map(|step| format!("*/{step}")),
        3 => proptest::collection::vec(element(low, high), 1..4).prop_map(|parts| parts.join(",")),
    ]
}

fn any_expression() -> impl Strategy<Value = String> {
    let day = prop_oneof![
        4 => field(1, 31),
        1 => Just("L".to_owned()),
        1 => (1_u32..32).prop_map(|day| format!("{day}W")),
    ];
    let weekday = prop_oneof![
        4 => field(0, 6),
        1 => (0_u32..7).prop_map(|day| format!("{day}L")),
        1 => (0_u32..7, 1_u32..6).prop_map(|(day, nth)| format!("{day}#{nth}")),
        1 => Just("MON-FRI".to_owned()),
        1 => Just("FRI-SUN".to_owned()),
    ];
    let month = prop_oneof![2 => field(1, 12), 1 => Just("JAN,JUN-AUG".to_owned())];
    (field(0, 59), field(0, 59), field(0, 23), day, month, weekday)
        .prop_map(|(s, m, h, day, month, weekday)| format!("{s} {m} {h} {day} {month} {weekday}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn croner_agrees(expression in any_expression(), seconds in 0_i64..4_000_000_000) {
        let from = DateTime::from_timestamp(seconds, 0).unwrap();
        let fields: Vec<&str> = expression.split(' ').collect();
        let both = fields[3].starts_with('*') || fields[5].starts_with('*');
        let theirs = CronParser::builder().dom_and_dow(both).build().parse(&expression);
        prop_assert!(theirs.is_ok(), "{}: {:?}", expression, theirs);
        let theirs = theirs.unwrap();
        let ours = cron(&expression, "UTC");
        let mut after = from;
        for _ in 0..4 {
            let found = ours.next_after(from, after);
            let Ok(wanted) = theirs.find_next_occurrence(&after, false) else {
                prop_assert_eq!(found, None);
                break;
            };
            let Some(found) = found else {
                prop_assert!(wanted - after > chrono::TimeDelta::days(8 * 365), "{}: {}", expression, wanted);
                break;
            };
            prop_assert_eq!(found, wanted, "{} after {}", expression, after);
            after = found;
        }
    }
}
