use super::*;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn answered(status: u16) -> AttemptOutcome {
    AttemptOutcome::Answered {
        status,
        retry_after: None,
    }
}

fn wait_after(attempt: u32, outcome: &AttemptOutcome, roll: f64) -> Option<TimeDelta> {
    match judge(attempt, outcome, None, NOW, roll).0 {
        AfterAttempt::RetryAt(at) => Some(at - NOW),
        AfterAttempt::Delivered | AfterAttempt::GiveUp => None,
    }
}

#[test]
fn the_schedule_is_the_documented_one() {
    let waits: Vec<i64> = (1..MAX_ATTEMPTS)
        .filter_map(|n| wait_after(n, &answered(500), 0.0))
        .map(|wait| wait.num_seconds())
        .collect();
    assert_eq!(waits, [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    assert_eq!(waits.iter().sum::<i64>(), (75 * 60 + 35) * 60 + 5);
    assert_eq!(judge(10, &answered(500), None, NOW, 0.5).0, AfterAttempt::GiveUp);
    assert_eq!(judge(11, &answered(500), None, NOW, 0.5).0, AfterAttempt::GiveUp);
}

#[test]
fn only_2xx_is_success() {
    for status in 100..=599 {
        let (after, effect) = judge(1, &answered(status), None, NOW, 0.0);
        let good = (200..300).contains(&status);
        assert_eq!(after == AfterAttempt::Delivered, good, "{status}");
        assert_eq!(effect == EndpointEffect::Healthy, good, "{status}");
        assert_eq!(answered(status).failure().is_none(), good, "{status}");
    }
    assert!(answered(302).failure().unwrap().contains("redirects are not followed"));
}

#[test]
fn gone_switches_off_at_once() {
    let (after, effect) = judge(1, &answered(410), None, NOW, 0.0);
    assert_eq!(after, AfterAttempt::GiveUp);
    assert!(matches!(effect, EndpointEffect::Disable(reason) if reason.contains("410")));
}

#[test]
fn five_days_of_failure_switch_off_and_not_a_moment_less() {
    let since = |age: TimeDelta| Some(NOW - age);
    for outcome in [answered(500), AttemptOutcome::NoAnswer] {
        let early = judge(2, &outcome, since(DISABLE_AFTER - TimeDelta::seconds(1)), NOW, 0.0);
        assert_eq!(early.1, EndpointEffect::Failing);
        let late = judge(2, &outcome, since(DISABLE_AFTER), NOW, 0.0);
        assert!(matches!(late, (AfterAttempt::GiveUp, EndpointEffect::Disable(_))));
    }
    let healed = judge(2, &answered(204), since(TimeDelta::days(9)), NOW, 0.0);
    assert_eq!(healed, (AfterAttempt::Delivered, EndpointEffect::Healthy));
}

#[test]
fn what_is_our_fault_is_not_held_against_the_endpoint() {
    let (after, effect) = judge(1, &AttemptOutcome::NotSent, Some(NOW - TimeDelta::days(9)), NOW, 0.0);
    assert_eq!(effect, EndpointEffect::Unchanged);
    assert!(matches!(after, AfterAttempt::RetryAt(_)));
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    for (text, seconds) in [
        ("120", Some(120)),
        (" 7 ", Some(7)),
        ("0", Some(0)),
        ("99999999999999999999999", Some(86_400)),
        ("Thu, 01 Jan 1970 00:01:00 GMT", Some(60)),
        ("Wed, 31 Dec 1969 23:00:00 GMT", Some(0)),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("1.5", None),
    ] {
        assert_eq!(
            parse_retry_after(text, NOW).map(|wait| wait.num_seconds()),
            seconds,
            "{text}"
        );
    }
}

proptest! {
    #[test]
    fn a_wait_is_never_shorter_than_planned_or_asked_nor_out_of_bounds(
        attempt in 0u32..20, asked in proptest::option::of(0i64..1_000_000), roll in 0.0f64..1.0,
    ) {
        let outcome = AttemptOutcome::Answered { status: 503, retry_after: asked.map(TimeDelta::seconds) };
        let plain = wait_after(attempt, &answered(503), 0.0);
        let wait = wait_after(attempt, &outcome, roll);
        prop_assert_eq!(wait.is_some(), attempt < MAX_ATTEMPTS);
        if let (Some(wait), Some(plain)) = (wait, plain) {
            prop_assert!(wait >= plain);
            prop_assert!(wait >= TimeDelta::seconds(asked.unwrap_or(0)).min(MAX_RETRY_AFTER));
            prop_assert!(wait <= (plain + plain / 10).max(MAX_RETRY_AFTER.min(TimeDelta::seconds(asked.unwrap_or(0)))));
        }
    }

    #[test]
    fn any_retry_after_is_read_or_ignored(text in ".{0,40}") {
        if let Some(wait) = parse_retry_after(&text, NOW) {
            prop_assert!(wait >= TimeDelta::zero() && wait <= MAX_RETRY_AFTER);
        }
    }

    #[test]
    fn whatever_chance_says_there_is_an_answer(attempt: u32, roll: f64) {
        judge(attempt, &AttemptOutcome::NoAnswer, None, NOW, roll);
    }
}
