use super::*;
use crate::clock::SeededRandom;
use chrono::TimeDelta;
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn facts(seconds: i64) -> Facts {
    Facts {
        job_name: "Nightly".to_owned(),
        at: at(seconds),
        run_id: None,
        attempt: 1,
        max_attempts: 1,
        error: None,
        retry_at: None,
        planned_at: None,
        last_planned_at: None,
        instants: 0,
        reason: None,
    }
}

fn signals() -> impl Strategy<Value = Vec<Signal>> {
    let one = prop_oneof![
        Just(Signal::Good),
        Just(Signal::Trouble(Trouble::Late)),
        Just(Signal::Trouble(Trouble::Failure)),
        Just(Signal::Trouble(Trouble::Missed)),
        Just(Signal::Trouble(Trouble::FinalFailure)),
    ];
    proptest::collection::vec(one, 0..40)
}

fn policies() -> impl Strategy<Value = NoticePolicy> {
    (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(failure, final_failure, missed, late, recovery)| NoticePolicy {
            failure,
            final_failure,
            missed,
            late,
            recovery,
            remind_hours: None,
        })
}

/// Everything that the outbox gets of these signals.
fn outbox(signals: &[Signal]) -> Vec<Notice> {
    let (owner, job_id) = (
        UserId::new(at(0), &SeededRandom::new(1)),
        JobId::new(at(0), &SeededRandom::new(2)),
    );
    let (mut incident, mut notices) = (None, Vec::new());
    for (second, signal) in (0..).zip(signals) {
        let (now, turn) = Incident::step(incident, *signal, || facts(second));
        let told = match turn {
            Some(Turn::Trouble { trouble, before }) => now.clone().map(|incident| (trouble.into(), incident, before)),
            Some(Turn::Over(was)) => Some((NoticeKind::Recovery, was, Vec::new())),
            None => None,
        };
        notices.extend(told.map(|(kind, incident, before)| Notice {
            notice_id: NoticeId::new(at(second), &SeededRandom::new(3)),
            owner,
            job_id,
            kind,
            facts: facts(second),
            incident,
            before,
            created_at: at(second),
        }));
        incident = now;
    }
    notices
}

proptest! {
    #[test]
    fn whatever_happens_openings_and_endings_take_turns(signals in signals()) {
        let mut is_open = false;
        let mut incident = None;
        for (second, signal) in (0..).zip(signals) {
            let (now, turn) = Incident::step(incident, signal, || facts(second));
            match turn.as_ref().and_then(|turn| turn.note(now.as_ref())).map(|note| note.change) {
                Some(Change::Opened) => {
                    prop_assert!(!is_open);
                    is_open = true;
                }
                Some(Change::Closed) => {
                    prop_assert!(is_open);
                    is_open = false;
                }
                Some(Change::Worsened) => prop_assert!(is_open),
                None => {}
            }
            prop_assert_eq!(is_open, now.is_some());
            incident = now;
        }
    }

    #[test]
    fn with_the_defaults_one_mail_opens_an_incident_and_one_ends_it(signals in signals()) {
        let policy = NoticePolicy::default();
        let told: Vec<NoticeKind> = outbox(&signals)
            .iter()
            .filter(|notice| policy.wants(notice))
            .map(|notice| notice.kind)
            .collect();
        for (index, kind) in told.iter().enumerate() {
            prop_assert_eq!(*kind == NoticeKind::Recovery, index % 2 == 1, "{:?}", told);
        }
    }

    #[test]
    fn whatever_somebody_wants_within_an_incident_news_only_get_worse(signals in signals(), policy in policies()) {
        let mut worst = None;
        for notice in outbox(&signals).iter().filter(|notice| policy.wants(notice)) {
            let trouble = [Trouble::Late, Trouble::Failure, Trouble::Missed, Trouble::FinalFailure]
                .into_iter()
                .find(|trouble| NoticeKind::from(*trouble) == notice.kind);
            match trouble {
                None => worst = None,
                Some(trouble) => {
                    prop_assert!(policy.tells(trouble));
                    let before = worst.filter(|(opened_at, _)| *opened_at == notice.incident.opened_at);
                    prop_assert!(before.is_none_or(|(_, gravity)| gravity < trouble.gravity()));
                    worst = Some((notice.incident.opened_at, trouble.gravity()));
                }
            }
        }
    }

    #[test]
    fn nothing_is_told_to_who_wants_nothing(signals in signals()) {
        prop_assert!(!outbox(&signals).iter().any(|notice| NoticePolicy::SILENT.wants(notice)));
    }
}

#[test]
fn failures_are_counted_and_attempts_are_not() {
    let signals = [
        Trouble::Failure,
        Trouble::FinalFailure,
        Trouble::Failure,
        Trouble::FinalFailure,
    ];
    let incident = signals.into_iter().fold(None, |incident, trouble| {
        Incident::step(incident, Signal::Trouble(trouble), || facts(1)).0
    });
    let incident = incident.unwrap();
    assert_eq!(incident.failures, 2);
    assert_eq!(incident.troubles, [Trouble::Failure, Trouble::FinalFailure]);
}

#[test]
fn what_was_missed_is_counted_by_the_instant() {
    let missed = || Facts {
        instants: 12,
        ..facts(1)
    };
    let (incident, _) = Incident::step(None, Signal::Trouble(Trouble::Missed), missed);
    assert_eq!(incident.unwrap().failures, 12);
}

#[test]
fn a_job_that_is_deleted_ends_its_incident_without_a_word() {
    let (incident, _) = Incident::step(None, Signal::Trouble(Trouble::FinalFailure), || facts(1));
    assert_eq!(Incident::step(incident, Signal::Gone, || facts(2)), (None, None));
}

#[test]
fn that_a_late_run_went_well_is_no_news() {
    let policy = NoticePolicy {
        late: true,
        ..NoticePolicy::default()
    };
    let told: Vec<NoticeKind> = outbox(&[Signal::Trouble(Trouble::Late), Signal::Good])
        .iter()
        .filter(|notice| policy.wants(notice))
        .map(|notice| notice.kind)
        .collect();
    assert_eq!(told, [NoticeKind::Late]);
}

#[test]
fn reminders_are_bounded() {
    for (hours, ok) in [(0, false), (1, true), (720, true), (721, false)] {
        let policy = NoticePolicy {
            remind_hours: Some(hours),
            ..NoticePolicy::default()
        };
        assert_eq!(policy.validate("/notices").is_ok(), ok, "{hours}");
    }
}

#[test]
fn it_is_tried_again_for_most_of_a_day() {
    let waits: Vec<TimeDelta> = (1..).map_while(retry_in).collect();
    assert_eq!(waits.len(), BACK_OFF.len());
    assert!(waits.is_sorted());
    assert!((20..=24).contains(&waits.iter().sum::<TimeDelta>().num_hours()));
}
