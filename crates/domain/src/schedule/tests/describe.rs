//! The words for schedules, to be read as a user reads them.

use super::*;

const EXPRESSIONS: [&str; 60] = [
    "* * * * *",
    "*/5 * * * *",
    "*/7 * * * *",
    "0 * * * *",
    "15 * * * *",
    "5,35 * * * *",
    "0-10 * * * *",
    "0 */2 * * *",
    "30 */6 * * *",
    "0 */5 * * *",
    "0 9 * * *",
    "0 9,17 * * *",
    "0,30 9 * * *",
    "0,15,30,45 8-18 * * *",
    "*/15 9-17 * * MON-FRI",
    "0 9-17 * * MON-FRI",
    "30 9-17/2 * * *",
    "10 1,5,7,9,13,17,21 * * *",
    "*/10 3 * * *",
    "* 3 * * *",
    "* */2 * * *",
    "5-20 8,12 * * *",
    "0 22-2 * * *",
    "30 2 * * MON",
    "30 2 * * 1,3,5",
    "0 0 * * FRI-SUN",
    "0 0 1 * *",
    "0 0 1,15 * *",
    "0 0 1-7 * *",
    "0 0 */2 * *",
    "0 0 L * *",
    "0 0 LW * *",
    "0 0 15W * *",
    "0 0 1,L * *",
    "0 9 * * 5L",
    "0 9 * * TUE#2",
    "0 9 * * MON#1,MON#3",
    "0 0 13 * FRI",
    "0 0 */2 * FRI",
    "0 0 29 2 *",
    "0 0 1 1,7 *",
    "0 12 * 6-8 *",
    "0 12 24 12 SUN",
    "30 6 1 */3 *",
    "@weekly",
    "*/10 * * * * *",
    "30 0 9 * * *",
    "0,30 */5 9 * * MON",
    "*/10 0 * * * *",
    "*/10 * 9-17 * * *",
    "15 */5 * * * *",
    "*/20 0,30 9 * * *",
    "*/15 22-2 * * *",
    "0 0-23 * * *",
    "0,30 * * * *",
    "*/30 * * * *",
    "0 0,12 * * 1-5,0",
    "0 8 * 3 MON#1,5L",
    "0 8 25 12 *",
    "0 6 1-7 * */2",
];

#[test]
fn expressions_in_words() {
    let table: String = EXPRESSIONS
        .iter()
        .map(|expression| format!("{expression:26} {}\n", cron(expression, "UTC").describe()))
        .collect();
    insta::assert_snapshot!(table);
}

#[test]
fn other_kinds_bounds_and_jitter_in_words() {
    let said = |schedule: &Schedule| schedule.compile().unwrap().describe();
    assert_eq!(
        said(&Schedule::once(at("2026-05-01 12:30"))),
        "Once at 2026-05-01 12:30 UTC"
    );
    assert_eq!(
        said(&Schedule::once(at("2026-05-01 12:30:05"))),
        "Once at 2026-05-01 12:30:05 UTC"
    );
    for (seconds, words) in [
        (1, "Every second"),
        (90, "Every 90 seconds"),
        (60, "Every minute"),
        (900, "Every 15 minutes"),
        (3_600, "Every hour"),
        (5_400, "Every 90 minutes"),
        (86_400, "Every day"),
        (604_800, "Every 7 days"),
    ] {
        assert_eq!(said(&Schedule::every(seconds)), words);
    }
    let mut bound = Schedule::cron("0 9 * * *", "Europe/Berlin");
    bound.start_at = Some(at("2026-05-01 00:00"));
    bound.end_at = Some(at("2026-06-01 00:00"));
    bound.jitter_seconds = 30;
    assert_eq!(
        said(&bound),
        "At 09:00 every day, from 2026-05-01 00:00 UTC, until 2026-06-01 00:00 UTC, up to 30 seconds later"
    );
}
