//! What happens where clocks change, word by word.

use super::*;

#[test]
fn a_fixed_time_in_a_gap_runs_once_right_after_it() {
    let daily = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        shown(&daily, "2024-03-29 12:00", 3),
        ["03-30 02:30+01:00", "03-31 03:00+02:00 GapMoved", "04-01 02:30+02:00"]
    );
    let several = cron("0,20,40 2 * * *", "Europe/Berlin");
    assert_eq!(
        shown(&several, "2024-03-30 12:00", 2),
        ["03-31 03:00+02:00 GapMoved", "04-01 02:00+02:00"]
    );
}

#[test]
fn a_fixed_time_in_a_repeat_runs_at_the_first_pass_only() {
    let daily = cron("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        shown(&daily, "2024-10-26 12:00", 2),
        ["10-27 02:30+02:00 RepeatFirst", "10-28 02:30+01:00"]
    );
    // Asked within the second pass.
    assert_eq!(shown(&daily, "2024-10-27 01:10", 1), ["10-28 02:30+01:00"]);
}

#[test]
fn other_times_follow_the_clock_on_the_wall() {
    let often = cron("*/30 * * * *", "Europe/Berlin");
    assert_eq!(
        shown(&often, "2024-03-31 00:29", 3),
        ["03-31 01:30+01:00", "03-31 03:00+02:00 GapSkipped", "03-31 03:30+02:00"]
    );
    assert_eq!(
        shown(&often, "2024-10-26 23:59", 5),
        [
            "10-27 02:00+02:00 RepeatFirst",
            "10-27 02:30+02:00 RepeatFirst",
            "10-27 02:00+01:00 RepeatSecond",
            "10-27 02:30+01:00 RepeatSecond",
            "10-27 03:00+01:00"
        ]
    );
    // The hour field starts with a star, so the time is not fixed.
    let hourly = cron("30 * * * *", "Europe/Berlin");
    assert_eq!(shown(&hourly, "2024-03-31 00:31", 1), ["03-31 03:30+02:00 GapSkipped"]);
}

#[test]
fn each_word_for_the_gap_does_what_it_says() {
    let next = |on_gap, expression| {
        let schedule = ruled(expression, "Europe/Berlin", on_gap, OnRepeat::Unix);
        shown(&schedule, "2024-03-30 12:00", 1).remove(0)
    };
    assert_eq!(next(OnGap::NextValid, "30 2 * * *"), "03-31 03:00+02:00 GapMoved");
    assert_eq!(next(OnGap::Shift, "30 2 * * *"), "03-31 03:30+02:00 GapMoved");
    assert_eq!(next(OnGap::Skip, "30 2 * * *"), "04-01 02:30+02:00 GapSkipped");
    assert_eq!(next(OnGap::NextValid, "*/30 2 * * *"), "03-31 03:00+02:00 GapMoved");
    let shifted = ruled("0,30 2 * * *", "Europe/Berlin", OnGap::Shift, OnRepeat::Unix);
    assert_eq!(
        shown(&shifted, "2024-03-31 01:15", 2),
        ["03-31 03:30+02:00 GapMoved", "04-01 02:00+02:00"]
    );
}

#[test]
fn each_word_for_the_repeat_does_what_it_says() {
    let next = |on_repeat| {
        let schedule = ruled("30 2 * * *", "Europe/Berlin", OnGap::Unix, on_repeat);
        shown(&schedule, "2024-10-26 12:00", 2)
    };
    let (first, second) = ("10-27 02:30+02:00 RepeatFirst", "10-27 02:30+01:00 RepeatSecond");
    assert_eq!(next(OnRepeat::First), [first, "10-28 02:30+01:00"]);
    assert_eq!(next(OnRepeat::Second), [second, "10-28 02:30+01:00"]);
    assert_eq!(next(OnRepeat::Both), [first, second]);
    let often = ruled("*/30 * * * *", "Europe/Berlin", OnGap::Unix, OnRepeat::First);
    assert_eq!(shown(&often, "2024-10-27 00:40", 1), ["10-27 03:00+01:00"]);
}

#[test]
fn half_hour_changes_and_gaps_at_midnight_are_right() {
    // 02:00 becomes 02:30, and 02:00 becomes 01:30.
    let lord_howe = cron("15 2 * * *", "Australia/Lord_Howe");
    assert_eq!(shown(&lord_howe, "2024-10-05 12:00", 1), ["10-06 02:30+11:00 GapMoved"]);
    let lord_howe = cron("45 1 * * *", "Australia/Lord_Howe");
    assert_eq!(
        shown(&lord_howe, "2024-04-06 10:00", 2),
        ["04-07 01:45+11:00 RepeatFirst", "04-08 01:45+10:30"]
    );
    let sao_paulo = cron("@daily", "America/Sao_Paulo");
    assert_eq!(
        shown(&sao_paulo, "2018-11-03 12:00", 2),
        ["11-04 01:00-02:00 GapMoved", "11-05 00:00-02:00"]
    );
    let sunday = cron("30 0 * * SUN", "America/Sao_Paulo");
    assert_eq!(shown(&sunday, "2018-11-03 12:00", 1), ["11-04 01:00-02:00 GapMoved"]);
}

#[test]
fn a_day_that_does_not_exist_is_left_out_and_the_next_one_is_not_doubled() {
    let daily = cron("0 10 * * *", "Pacific/Apia");
    assert_eq!(
        shown(&daily, "2011-12-29 12:00", 3),
        ["12-29 10:00-10:00", "12-31 10:00+14:00 GapSkipped", "01-01 10:00+14:00"]
    );
    let moved = ruled("0 10 * * *", "Pacific/Apia", OnGap::NextValid, OnRepeat::Unix);
    assert_eq!(
        shown(&moved, "2011-12-29 22:00", 2),
        ["12-31 00:00+14:00 GapMoved", "12-31 10:00+14:00"]
    );
    let shifted = ruled("0 10 * * *", "Pacific/Apia", OnGap::Shift, OnRepeat::Unix);
    assert_eq!(
        shown(&shifted, "2011-12-29 22:00", 2),
        ["12-31 10:00+14:00 GapMoved", "01-01 10:00+14:00"]
    );
}

#[test]
fn changes_of_three_hours_count_as_changes_and_not_as_a_new_clock() {
    // Casey went from 08 to 11 hours east at 00:01, and back at 03:00.
    let daily = cron("30 1 * * *", "Antarctica/Casey");
    assert_eq!(
        shown(&daily, "2020-10-02 20:00", 2),
        ["10-04 03:01+11:00 GapMoved", "10-05 01:30+11:00"]
    );
}

#[test]
fn a_change_off_the_minute_moves_to_the_next_whole_minute() {
    let daily = cron("10 0 * * *", "Africa/Monrovia");
    let next = daily
        .upcoming(DateTime::UNIX_EPOCH, at("1972-01-06 12:00"), 1)
        .remove(0);
    assert_eq!(next.at, at("1972-01-07 00:45"));
}

#[test]
fn six_fields_run_by_the_second_and_obey_the_same_rule() {
    let schedule = cron("*/20 59 1 * * *", "Europe/Berlin");
    let found = schedule.upcoming(DateTime::UNIX_EPOCH, at("2024-03-31 00:58"), 3);
    let seconds: Vec<_> = found.iter().map(|item| item.at.timestamp() % 60).collect();
    assert_eq!(seconds, [0, 20, 40]);
    let gap = cron("*/20 30 2 * * *", "Europe/Berlin");
    assert_eq!(
        shown(&gap, "2024-03-30 12:00", 2),
        ["03-31 03:00+02:00 GapMoved", "04-01 02:30+02:00"]
    );
}
