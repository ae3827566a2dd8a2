//! Every mistake is named: where, by which word, and so that one can mend it. Also JSON, jitter and zone names.

use super::*;
use crate::{clock::to_micros, validate::FieldError};
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};

fn now() -> Timestamp {
    at("2026-05-01 12:00")
}

fn mistakes(schedule: Schedule) -> Vec<FieldError> {
    schedule.validated("/schedule", now()).expect_err("a mistake")
}

/// The only mistake: pointer, code and message.
fn mistake(schedule: Schedule) -> (String, String, String) {
    let [error] = <[FieldError; 1]>::try_from(mistakes(schedule)).expect("one mistake");
    (error.pointer, error.code, error.message)
}

fn told(pointer: &str, code: &str, message: &str) -> (String, String, String) {
    (pointer.to_owned(), code.to_owned(), message.to_owned())
}

/// What is said of an expression that cannot be read.
fn said(expression: &str) -> String {
    let (pointer, _, message) = mistake(Schedule::cron(expression, "UTC"));
    assert_eq!(pointer, "/schedule/expression", "{message}");
    message
}

#[test]
fn a_mistake_in_an_expression_names_field_text_place_and_what_is_allowed() {
    assert_eq!(
        mistake(Schedule::cron("0 25 * * *", "UTC")),
        told(
            "/schedule/expression",
            "invalid_cron",
            "hour field \"25\": 25 is not between 0 and 23 (character 3); allowed are 0 to 23, with lists (1,2), \
             ranges and steps (*/5)"
        )
    );
    // Text, the field that is named, the place, and a part of the message.
    for (expression, field, place, part) in [
        ("60 * * * *", "minute", 1, "60 is not between 0 and 59"),
        ("61 0 0 * * *", "second", 1, "61 is not between 0 and 59"),
        ("0 0 32 * *", "day of month", 5, "32 is not between 1 and 31"),
        ("0 0 0 * *", "day of month", 5, "0 is not between 1 and 31"),
        ("0 0 1 13 *", "month", 7, "13 is not between 1 and 12"),
        ("0 0 * * 8", "day of week", 9, "8 is not between 0 and 7"),
        ("0 0 * * MON-FOO", "day of week", 13, "\"FOO\" is not understood"),
        ("0 0 * JANUARY *", "month", 7, "\"JANUARY\" is not understood"),
        ("0 1,2,x * * *", "hour", 7, "\"x\" is not understood"),
        ("0 1,,2 * * *", "hour", 5, "a value is missing"),
        ("0 1-  * * *", "hour", 5, "a value is missing"),
        ("*/0 * * * *", "minute", 3, "a step must be 1 or more"),
        ("*/ * * * *", "minute", 3, "the step is missing"),
        ("*/x * * * *", "minute", 3, "\"x\" is not understood"),
        ("5/15 * * * *", "minute", 2, "a step needs a range: write 5-59/15"),
        ("0 0 L/2 * *", "day of month", 6, "\"L\" takes no step"),
        ("0 0 32W * *", "day of month", 5, "32 is not between 1 and 31"),
        ("0 0 * * L", "day of week", 9, "needs a day before it"),
        ("0 0 * * 5#6", "day of week", 11, "\"6\" after # must be 1 to 5"),
        ("0 0 * * 5#", "day of week", 11, "after # must be 1 to 5"),
        ("-1 * * * *", "minute", 1, "a value is missing"),
        ("1.5 * * * *", "minute", 2, "\"1.5\" is not understood"),
        ("? * * * *", "minute", 1, "\"?\" is not understood"),
        ("99999999999 * * * *", "minute", 1, "99999999999 is too large"),
        // Places count the blanks before, too.
        ("  0   25 * * *", "hour", 7, "25 is not between 0 and 23"),
        ("0 ä * * *", "hour", 3, "\"ä\" is not understood"),
        ("0 0 * * ü,9", "day of week", 9, "\"ü\" is not understood"),
    ] {
        let message = said(expression);
        assert!(
            message.starts_with(&format!("{field} field \"")),
            "{expression}: {message}"
        );
        assert!(
            message.contains(&format!("(character {place})")),
            "{expression}: {message}"
        );
        assert!(message.contains(part), "{expression}: {message}");
    }
}

#[test]
fn each_bad_field_is_named_and_the_zone_too() {
    let errors = mistakes(Schedule::cron("60 24 * 13 *", "Europe/Berln"));
    let shown: Vec<(&str, &str)> = errors
        .iter()
        .map(|error| (error.pointer.as_str(), error.code.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("/schedule/expression", "invalid_cron"),
            ("/schedule/expression", "invalid_cron"),
            ("/schedule/expression", "invalid_cron"),
            ("/schedule/time_zone", "unknown_time_zone"),
        ]
    );
    for (error, place) in errors.iter().zip([1, 4, 9]) {
        assert!(error.message.contains(&format!("(character {place})")), "{error:?}");
    }
    // Places count characters, also behind letters of two bytes.
    let errors = mistakes(Schedule::cron("ää 25 * * *", "UTC"));
    assert_eq!(errors.len(), 2);
    assert!(errors[1].message.contains("(character 4)"), "{errors:?}");
}

#[test]
fn expressions_of_another_shape_are_refused_with_a_hint() {
    for (expression, code, part) in [
        ("", "too_short", "must not be empty"),
        (" \t", "too_short", "must not be empty"),
        ("* * * *", "wrong_field_count", "has 4 fields; write 5"),
        ("*", "wrong_field_count", "has 1 field; write 5"),
        ("0 0 0 1 1 * 2027", "wrong_field_count", "has 7 fields"),
        (
            "@fortnightly",
            "unknown_nickname",
            "\"@fortnightly\" is not known; the nicknames are @hourly",
        ),
        ("@reboot", "unknown_nickname", "names no time"),
        ("@daily 5", "wrong_field_count", "has 2 fields"),
        (
            &format!("{} * * * *", ["1"; 100].join(",")),
            "too_long",
            "has 207 characters; at most 200",
        ),
    ] {
        let (pointer, found, message) = mistake(Schedule::cron(expression, "UTC"));
        assert_eq!(
            (pointer.as_str(), found.as_str()),
            ("/schedule/expression", code),
            "{message}"
        );
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn an_expression_that_never_matches_is_refused_at_once() {
    let started = std::time::Instant::now();
    for expression in ["0 0 31 4 *", "0 0 30 FEB *", "0 0 31 2,4,6,9,11 *"] {
        let (pointer, code, message) = mistake(Schedule::cron(expression, "Europe/Berlin"));
        assert_eq!(
            (pointer.as_str(), code.as_str()),
            ("/schedule/expression", "never_runs")
        );
        assert!(message.contains("never matches within eight years"), "{message}");
    }
    let each = started.elapsed() / 3;
    assert!(each.as_millis() < 50, "took {each:?}");
}

#[test]
fn an_instant_must_lie_ahead_and_in_range() {
    let once = |at| mistake(Schedule::once(at));
    let past = "/schedule/at";
    assert_eq!(
        once(at("2026-05-01 11:59:30")),
        told(
            past,
            "in_the_past",
            "2026-05-01 11:59:30 UTC is in the past; now is 2026-05-01 12:00 UTC"
        )
    );
    assert_eq!(once(now()).1, "in_the_past");
    for wild in [at("1969-12-31 23:59"), at("2200-01-01 00:00")] {
        let (pointer, code, message) = once(wild);
        assert_eq!((pointer.as_str(), code.as_str()), (past, "out_of_range"));
        assert!(message.ends_with("must lie from 1970 to 2199"), "{message}");
    }
    assert!(Schedule::once(at("2199-12-31 23:59:59")).validated("", now()).is_ok());
}

#[test]
fn bounds_must_fit_the_kind_the_present_and_one_another() {
    let once = Schedule {
        start_at: Some(now()),
        end_at: Some(now()),
        ..Schedule::once(at("2026-05-02 00:00"))
    };
    let shown: Vec<_> = mistakes(once)
        .into_iter()
        .map(|error| (error.pointer, error.code))
        .collect();
    let not_allowed = |field: &str| (format!("/schedule/{field}"), "not_allowed".to_owned());
    assert_eq!(shown, [not_allowed("start_at"), not_allowed("end_at")]);

    let bounded = |schedule: Schedule, start: Option<&str>, end: Option<&str>| {
        let (pointer, code, _) = mistake(Schedule {
            start_at: start.map(at),
            end_at: end.map(at),
            ..schedule
        });
        format!("{pointer} {code}")
    };
    for schedule in [Schedule::every(60), Schedule::cron("* * * * *", "UTC")] {
        let bounded = |start, end| bounded(schedule.clone(), start, end);
        assert_eq!(
            bounded(Some("2026-06-02 00:00"), Some("2026-06-01 00:00")),
            "/schedule/end_at end_before_start"
        );
        assert_eq!(bounded(None, Some("2026-05-01 12:00")), "/schedule/end_at in_the_past");
        assert_eq!(bounded(None, Some("2201-01-01 00:00")), "/schedule/end_at out_of_range");
        assert_eq!(
            bounded(Some("1960-01-01 00:00"), None),
            "/schedule/start_at out_of_range"
        );
        assert_eq!(
            bounded(None, Some("2026-05-01 12:00:30")),
            "/schedule/end_at never_runs"
        );
    }
    // A start that has passed is no mistake: it sets the grid.
    let gone = Schedule {
        start_at: Some(at("2020-01-01 00:00")),
        ..Schedule::every(60)
    };
    assert!(gone.validated("", now()).is_ok());
}

#[test]
fn steps_and_jitter_have_bounds() {
    for seconds in [0, 31_536_001] {
        let (pointer, code, message) = mistake(Schedule::every(seconds));
        assert_eq!(
            (pointer.as_str(), code.as_str()),
            ("/schedule/every_seconds", "out_of_range")
        );
        assert_eq!(message, format!("is {seconds}; must be 1 to 31536000 seconds"));
    }
    let jitter = |schedule: Schedule, jitter_seconds| Schedule {
        jitter_seconds,
        ..schedule
    };
    let field = "/schedule/jitter_seconds";
    assert_eq!(
        mistake(jitter(Schedule::every(86_400), 3_601)),
        told(field, "out_of_range", "is 3601; must be 0 to 3600 seconds")
    );
    let long = "must be less than the shortest time between two instants";
    for (schedule, step) in [
        (Schedule::every(60), 60),
        (Schedule::cron("*/5 * * * *", "UTC"), 300),
        (Schedule::cron("0,10 9 * * *", "UTC"), 600),
        (Schedule::cron("*/20 * * * * *", "UTC"), 20),
    ] {
        assert_eq!(
            mistake(jitter(schedule.clone(), step)),
            told(field, "jitter_too_long", &format!("is {step}; {long}, {step} seconds"))
        );
        assert!(jitter(schedule, step - 1).validated("", now()).is_ok());
    }
    assert!(
        jitter(Schedule::once(at("2026-06-01 00:00")), 3_600)
            .validated("", now())
            .is_ok()
    );
}

#[test]
fn what_is_right_comes_back_with_single_blanks() {
    let fine = Schedule::cron("  0\t9   * *  MON-FRI ", "Europe/Berlin").validated("", now());
    assert_eq!(fine, Ok(Schedule::cron("0 9 * * MON-FRI", "Europe/Berlin")));
    for schedule in [
        Schedule::every(1),
        Schedule::every(31_536_000),
        Schedule::once(at("2026-05-01 12:00:01")),
        Schedule::cron("@daily", "UTC"),
        Schedule::cron("0 0 29 2 *", "UTC"),
        Schedule::cron("*/20 30 2 * * 5L", "America/New_York"),
    ] {
        assert_eq!(schedule.clone().validated("/schedule", now()), Ok(schedule));
    }
}

#[test]
fn an_unknown_zone_brings_near_names() {
    let message = |zone: &str| {
        let (pointer, code, message) = mistake(Schedule::cron("0 9 * * *", zone));
        assert_eq!(
            (pointer.as_str(), code.as_str()),
            ("/schedule/time_zone", "unknown_time_zone")
        );
        message
    };
    for (zone, meant) in [
        ("Europe/Berln", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("NewYork", "America/New_York"),
        ("Asia/Calcuta", "Asia/Calcutta"),
        ("Tokio", "Asia/Tokyo"),
    ] {
        let message = message(zone);
        assert!(
            message.starts_with(&format!("\"{zone}\" is not a known time zone; ")),
            "{message}"
        );
        assert!(
            message.contains("did you mean ") && message.contains(meant),
            "{message}"
        );
        assert!(message.matches('/').count() <= 4, "at most three names: {message}");
    }
    for zone in ["", "X", "Middle-earth/Mordor", "+02:00"] {
        let message = message(zone);
        assert!(
            message.contains("write an IANA name, such as Europe/Berlin or UTC"),
            "{message}"
        );
    }
}

fn read(value: Value) -> Result<Schedule, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[test]
fn json_is_flat_and_comes_back_the_same() {
    let ruled = Schedule {
        when: When::Cron {
            expression: "0 9 * * *".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            on_gap: OnGap::NextValid,
            on_repeat: OnRepeat::Both,
        },
        start_at: Some(at("2026-06-01 00:00")),
        end_at: Some(at("2027-06-01 00:00")),
        jitter_seconds: 30,
    };
    let full = json!({
        "type": "cron", "expression": "0 9 * * *", "time_zone": "Europe/Berlin", "on_gap": "next_valid",
        "on_repeat": "both", "start_at": "2026-06-01T00:00:00Z", "end_at": "2027-06-01T00:00:00Z",
        "jitter_seconds": 30,
    });
    for (schedule, value) in [
        (
            Schedule::once(now()),
            json!({"type": "once", "at": "2026-05-01T12:00:00Z"}),
        ),
        (Schedule::every(90), json!({"type": "interval", "every_seconds": 90})),
        (
            Schedule::cron("@daily", "UTC"),
            json!({
                "type": "cron", "expression": "@daily", "time_zone": "UTC", "on_gap": "unix", "on_repeat": "unix",
            }),
        ),
        (ruled, full),
    ] {
        assert_eq!(serde_json::to_value(&schedule).unwrap(), value);
        assert_eq!(read(value), Ok(schedule));
    }
    // Left out: the rules of Debian's cron; finer than a microsecond: cut; other offsets: the same instant.
    let short = json!({"type": "cron", "expression": "@daily", "time_zone": "UTC"});
    assert_eq!(read(short), Ok(Schedule::cron("@daily", "UTC")));
    let fine = json!({"type": "once", "at": "2026-05-01T14:00:00.1234567+02:00"});
    let instant = to_micros(now() + TimeDelta::nanoseconds(123_456_700));
    assert_eq!(read(fine), Ok(Schedule::once(instant)));
}

#[test]
fn json_of_another_shape_is_refused_by_name() {
    for (value, part) in [
        (
            json!({"type": "weekly"}),
            "unknown type \"weekly\", expected one of \"once\", \"interval\", \"cron\"",
        ),
        (json!({"at": "2026-05-01T12:00:00Z"}), "missing field `type`"),
        (json!({"type": "once"}), "missing field `at`"),
        (json!({"type": "interval"}), "missing field `every_seconds`"),
        (
            json!({"type": "cron", "time_zone": "UTC"}),
            "missing field `expression`",
        ),
        (
            json!({"type": "cron", "expression": "@daily"}),
            "missing field `time_zone`",
        ),
        (
            json!({"type": "interval", "every_seconds": 60, "time_zone": "UTC"}),
            "`time_zone` belongs to the type \"cron\", not to \"interval\"",
        ),
        (
            json!({"type": "cron", "expression": "@daily", "time_zone": "UTC", "at": "2026-05-01T12:00:00Z"}),
            "`at` belongs to the type \"once\"",
        ),
        (
            json!({"type": "interval", "every_seconds": 60, "every": 1}),
            "unknown field `every`",
        ),
        (json!({"type": "interval", "every_seconds": -1}), "invalid value"),
        (json!({"type": "interval", "every_seconds": 1.5}), "invalid type"),
        (json!({"type": "once", "at": "tomorrow"}), "invalid characters"),
        (
            json!({"type": "cron", "expression": "@daily", "time_zone": "UTC", "on_gap": "jump"}),
            "unknown variant `jump`",
        ),
    ] {
        let shown = value.to_string();
        let message = read(value).expect_err(&shown);
        assert!(message.contains(part), "{shown}: {message}");
    }
}

proptest! {
    #[test]
    fn jitter_stays_within_its_bounds_and_is_always_the_same(
        seed in any::<[u8; 16]>(),
        jitter in 0_u32..3_600,
        seconds in 0_i64..4_000_000_000,
    ) {
        let schedule = Schedule { jitter_seconds: jitter, ..Schedule::every(3_600) };
        let planned = DateTime::from_timestamp(seconds, 0).unwrap();
        let due = schedule.compile().unwrap().due_at(seed, planned);
        prop_assert!(due >= planned && due <= planned + TimeDelta::seconds(i64::from(jitter)));
        prop_assert_eq!(to_micros(due), due);
        prop_assert_eq!(schedule.compile().unwrap().due_at(seed, planned), due);
    }

    /// Nothing that anybody sends makes the parser stumble.
    #[test]
    fn any_text_is_read_or_refused(text in "[-*/,#?LW0-9A-Za-zä@ ]{0,30}", zone in "[A-Za-z/_ ]{0,12}") {
        match Schedule::cron(text, zone).validated("", now()) {
            Ok(fine) => prop_assert!(!fine.compile().unwrap().describe().is_empty()),
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }
}

#[test]
fn jitter_differs_from_job_to_job_and_from_instant_to_instant() {
    let schedule = Schedule {
        jitter_seconds: 600,
        ..Schedule::every(3_600)
    };
    let schedule = schedule.compile().unwrap();
    let delays: std::collections::BTreeSet<TimeDelta> = (0..100_u8)
        .map(|index| {
            let planned = now() + TimeDelta::hours(i64::from(index % 10));
            schedule.due_at([index / 10; 16], planned) - planned
        })
        .collect();
    assert!(delays.len() > 95, "only {} delays", delays.len());
    assert!(
        delays.first().unwrap() < &TimeDelta::seconds(60),
        "spread over the whole"
    );
    assert!(
        delays.last().unwrap() > &TimeDelta::seconds(540),
        "spread over the whole"
    );
    // The same on every machine and in every release: stored nowhere, computed again on each node.
    let due = schedule.due_at([7; 16], now()) - now();
    assert_eq!(due, TimeDelta::microseconds(52_818_340));
}
