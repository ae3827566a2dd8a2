//! Instants of the past that are asked for.

use super::*;

#[test]
fn a_backfill_holds_both_ends_and_the_oldest_up_to_max() {
    let hourly = cron("0 * * * *", "UTC");
    let found = backfill(&hourly, anchor(), at("2026-04-01 10:00"), at("2026-04-01 15:00"), 4);
    assert_eq!((found.planned, found.truncated), (6, false));
    assert_eq!(found.first, Some(at("2026-04-01 10:00")));
    assert_eq!(found.last, Some(at("2026-04-01 15:00")));
    let wanted: Vec<_> = (10..14).map(|hour| at(&format!("2026-04-01 {hour}:00"))).collect();
    assert_eq!(found.instants, wanted);
}

#[test]
fn a_backfill_over_nothing_is_empty() {
    let hourly = cron("0 * * * *", "UTC");
    let stretches = [
        ("2026-04-01 10:01", "2026-04-01 10:59"),
        ("2026-04-01 12:00", "2026-04-01 10:00"),
    ];
    for (from, to) in stretches {
        let found = backfill(&hourly, anchor(), at(from), at(to), 10);
        assert_eq!((found.planned, found.first, found.last), (0, None, None));
        assert!(found.instants.is_empty());
    }
    // An interval without a start has no grid before it was made.
    let found = backfill(&every(60), anchor(), at("2026-04-30 10:00"), at("2026-05-01 00:02"), 10);
    assert_eq!(found.instants, [at("2026-05-01 00:01"), at("2026-05-01 00:02")]);
}

#[test]
fn a_long_backfill_says_that_it_is_cut() {
    let (seconds, from) = (every(1), at("2026-05-01 00:00:01"));
    let step = |count: usize| from + TimeDelta::seconds(i64::try_from(count).unwrap() - 1);
    let whole = backfill(&seconds, anchor(), from, step(MAX_STEPS), 3);
    assert_eq!((whole.planned, whole.truncated), (MAX_STEPS, false));
    assert_eq!((whole.last, whole.instants.len()), (Some(step(MAX_STEPS)), 3));
    let cut = backfill(&seconds, anchor(), from, at("2026-06-01 00:00"), MAX_STEPS + 5);
    assert_eq!((cut.planned, cut.truncated), (MAX_STEPS, true));
    assert_eq!((cut.last, cut.instants.len()), (Some(step(MAX_STEPS)), MAX_STEPS));
}
