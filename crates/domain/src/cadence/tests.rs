use super::*;
use crate::{
    ids::{JobId, RunId, UserId},
    run::{RunStatus, RunTrigger},
};
use uuid::Uuid;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
}

/// A run that was scheduled, started and took so long.
fn run(started: i64, takes: i64) -> Run {
    let user_id = UserId::from_uuid(Uuid::from_u128(1));
    Run {
        run_id: RunId::from_uuid(Uuid::from_u128(u128::try_from(started).unwrap())),
        job_id: JobId::from_uuid(Uuid::from_u128(2)),
        job_name: "Nightly".into(),
        user_id,
        status: RunStatus::Completed,
        reason: None,
        trigger: RunTrigger {
            kind: TriggerKind::Schedule,
            planned_at: Some(at(started)),
            ..RunTrigger::manual(user_id)
        },
        attempt: 1,
        max_attempts: 1,
        crashes: 0,
        payload: None,
        progress: None,
        progress_message: None,
        result: None,
        error: None,
        created_at: at(started),
        started_at: Some(at(started)),
        finished_at: Some(at(started + takes)),
        retry_at: None,
        cancel_requested_at: None,
        deadline_at: None,
        queue: None,
        worker_name: None,
        attempts: Vec::new(),
    }
}

fn runs(every: i64, takes: i64) -> Vec<Run> {
    (0..60).map(|k| run(k * every, takes)).collect()
}

#[test]
fn a_slow_job_under_skip_says_why_it_is_seldom() {
    let told = cadence(Some(20.0), Overlap::Skip, &runs(60, 50));
    assert_eq!(
        (told.real_seconds, told.run_p50_seconds, told.run_p95_seconds),
        (Some(60.0), Some(50.0), Some(50.0))
    );
    assert_eq!(
        told.explanation,
        "every 20 s asked, 60 s real, because runs take 50 s and overlap is skip: instants that come while one runs are left out"
    );
    let queued = cadence(Some(20.0), Overlap::Queue, &runs(50, 50)).explanation;
    assert!(queued.contains("overlap is queue"), "{queued}");
    let allowed = cadence(Some(20.0), Overlap::Allow, &runs(60, 50)).explanation;
    assert!(allowed.contains("the occurrences say which"), "{allowed}");
}

#[test]
fn what_is_kept_is_not_explained_away() {
    assert_eq!(
        cadence(Some(20.0), Overlap::Skip, &runs(20, 1)).explanation,
        "every 20 s asked, 20 s real: as asked"
    );
    let fast = cadence(Some(3_600.0), Overlap::Skip, &runs(1, 0)).explanation;
    assert!(
        fast.starts_with("every 60 min asked, 1 s real: runs of missed instants"),
        "{fast}"
    );
    let gaps = cadence(Some(20.0), Overlap::Skip, &runs(40, 1)).explanation;
    assert!(gaps.contains("instants were left out"), "{gaps}");
}

#[test]
fn few_runs_and_no_schedule_say_so() {
    let none = cadence(None, Overlap::Skip, &runs(20, 1));
    assert_eq!(
        (none.asked_seconds, none.explanation.as_str()),
        (None, "this job has no schedule that repeats")
    );
    let one = cadence(Some(86_400.0), Overlap::Skip, &[run(0, 3)]);
    assert_eq!((one.real_seconds, one.run_p50_seconds), (None, Some(3.0)));
    assert_eq!(
        one.explanation,
        "every 24 h asked; too few scheduled runs yet to say what is real"
    );
}

#[test]
fn only_scheduled_starts_count_and_only_the_latest() {
    let mut all = runs(60, 50);
    for run in all.iter_mut().filter(|run| run.created_at > at(30 * 60)) {
        run.trigger.kind = TriggerKind::Manual;
    }
    let told = cadence(Some(60.0), Overlap::Skip, &all);
    assert_eq!(told.real_seconds, Some(60.0));
    for run in &mut all {
        run.trigger.kind = TriggerKind::Manual;
    }
    assert_eq!(cadence(Some(60.0), Overlap::Skip, &all).real_seconds, None);
}

#[test]
fn what_was_asked_is_the_usual_step() {
    let asked = |schedule: Schedule| asked_seconds(&schedule, at(0), at(5));
    assert_eq!(asked(Schedule::once(at(60))), None);
    assert_eq!(asked(Schedule::new(When::Interval { every_seconds: 20 })), Some(20.0));
    let cron = |expression: &str| {
        Schedule::new(When::Cron {
            expression: expression.to_owned(),
            time_zone: "Europe/Vienna".to_owned(),
            on_gap: crate::schedule::OnGap::Unix,
            on_repeat: crate::schedule::OnRepeat::Unix,
        })
    };
    assert_eq!(asked(cron("0 9 * * 1-5")), Some(86_400.0));
    assert_eq!(asked(cron("*/15 * * * *")), Some(900.0));
    let ends = Schedule {
        end_at: Some(at(30)),
        ..Schedule::new(When::Interval { every_seconds: 20 })
    };
    assert_eq!(asked(ends), None, "one instant is no pace");
}
