//! What cronsim says around clock changes; `scripts/schedule-fixture.py` writes the file.

use super::*;

/// cronsim drops the rule for fixed times when there are six fields, and runs them at both passes of a repeat. Ours is
/// one rule for both forms.
const SIX_FIELDS: &str = "six fields";

/// For a minute or hour that is not at hand, cronsim goes on by whole hours of real time. Over a change of half an hour
/// that lands it behind the time that it seeks: it leaves out a time that the clock does show (both Debian's cron and
/// ours run it).
const HALF_HOUR: &str = "half an hour";

/// Every line on which we differ: expression, zone, start, why, the first instant that only we name, the first that
/// only cronsim names (on the clock of the zone).
const DIFFERING: [[&str; 6]; 8] = [
    [
        "*/20 30 1 * * *",
        "America/New_York",
        "2024-11-03 03:50",
        SIX_FIELDS,
        "11-04 01:30-05:00",
        "11-03 01:30-05:00",
    ],
    [
        "*/20 30 1 * * *",
        "America/New_York",
        "2024-11-03 05:10",
        SIX_FIELDS,
        "11-04 01:30-05:00",
        "11-03 01:30-05:00",
    ],
    [
        "30 * * * *",
        "Australia/Lord_Howe",
        "2024-04-06 12:50",
        HALF_HOUR,
        "04-07 01:30+10:30",
        "04-07 04:30+10:30",
    ],
    [
        "15 */2 * * *",
        "Australia/Lord_Howe",
        "2024-04-06 12:50",
        HALF_HOUR,
        "04-07 02:15+10:30",
        "04-07 10:15+10:30",
    ],
    [
        "30 * * * *",
        "Australia/Lord_Howe",
        "2024-04-06 14:20",
        HALF_HOUR,
        "04-07 01:30+10:30",
        "04-07 05:30+10:30",
    ],
    [
        "15 */2 * * *",
        "Australia/Lord_Howe",
        "2024-04-06 14:20",
        HALF_HOUR,
        "04-07 02:15+10:30",
        "04-07 12:15+10:30",
    ],
    [
        "30 * * * *",
        "Australia/Lord_Howe",
        "2024-10-05 14:20",
        HALF_HOUR,
        "10-06 02:30+11:00",
        "10-06 06:30+11:00",
    ],
    [
        "30 * * * *",
        "Australia/Lord_Howe",
        "2024-10-05 15:20",
        HALF_HOUR,
        "10-06 02:30+11:00",
        "10-06 07:30+11:00",
    ],
];

#[test]
fn cronsim_agrees_but_for_the_listed_reasons() {
    let mut differing: Vec<[String; 5]> = Vec::new();
    let mut lines = 0;
    for line in include_str!("cronsim.tsv").lines() {
        let mut parts = line.split('\t');
        let (expression, zone) = (parts.next().unwrap(), parts.next().unwrap());
        let numbers: Vec<i64> = parts.map(|number| number.parse().unwrap()).collect();
        let (from, theirs) = (numbers[0], &numbers[1..]);
        let start = DateTime::from_timestamp(from, 0).unwrap();
        let ours: Vec<i64> = cron(expression, zone)
            .instants_after(start, start)
            .take(theirs.len())
            .map(|at| at.timestamp())
            .collect();
        lines += 1;
        if ours == theirs {
            continue;
        }
        let zoned: chrono_tz::Tz = zone.parse().unwrap();
        let only = |here: &[i64], there: &[i64]| {
            let at = here.iter().find(|at| !there.contains(at)).copied().unwrap_or_default();
            let at = DateTime::from_timestamp(at, 0).unwrap().with_timezone(&zoned);
            at.format("%m-%d %H:%M%:z").to_string()
        };
        differing.push([
            expression.to_owned(),
            zone.to_owned(),
            start.format("%Y-%m-%d %H:%M").to_string(),
            only(&ours, theirs),
            only(theirs, &ours),
        ]);
    }
    assert_eq!(lines, 816);
    let listed = DIFFERING.map(|[expression, zone, start, _, ours, theirs]| [expression, zone, start, ours, theirs]);
    assert_eq!(differing, listed);
}
