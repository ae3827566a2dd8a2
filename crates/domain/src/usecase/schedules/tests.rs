use super::*;
use crate::{
    clock::{ManualClock, SeededRandom},
    job::{Executor, JobSpec, JobStatus, PayloadLimits},
    ports::{MockJobStore, MockRunHistory, MockScheduleStore, MockVault, NewJob, NoDispatcher},
};
use chrono::TimeDelta;
use std::{
    pin::pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

/// The result of a future over doubles, which never wait: no async runtime is needed.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a double waited"),
    }
}

fn owner() -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(1))
}

fn job_id() -> JobId {
    JobId::from_uuid(uuid::Uuid::from_u128(2))
}

/// 2027-01-15 08:00 UTC.
fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

fn hours(hours: i64) -> Timestamp {
    now() + TimeDelta::hours(hours)
}

fn schedules(store: MockScheduleStore, jobs: MockJobStore) -> Schedules {
    let jobs_store: Arc<dyn JobStore> = Arc::new(jobs);
    let clock = Arc::new(ManualClock::at(now()));
    let random = Arc::new(SeededRandom::new(1));
    Schedules {
        store: Arc::new(store),
        jobs_store: jobs_store.clone(),
        jobs: Jobs {
            store: jobs_store,
            history: Arc::new(MockRunHistory::new()),
            clock: clock.clone(),
            random: random.clone(),
            dispatcher: Arc::new(NoDispatcher),
            vault: Arc::new(MockVault::new()),
            payload_limits: PayloadLimits {
                max_bytes: 1_000,
                max_depth: 3,
            },
        },
        clock,
        random,
    }
}

/// Rules that ask nobody.
fn alone() -> Schedules {
    schedules(MockScheduleStore::new(), MockJobStore::new())
}

fn job(schedule: Option<Schedule>) -> Job {
    Job {
        job_id: job_id(),
        spec: JobSpec {
            schedule,
            ..JobSpec::named("Nightly")
        },
        status: JobStatus::Pending,
        completed_at: None,
        created_by: owner(),
        created_at: hours(-100),
        updated_at: hours(-100),
        next_run_at: None,
        scheduled_from: Some(hours(-100)),
        paused_at: None,
        pause_reason: None,
        paused_by: None,
        version: 1,
        active_runs: 0,
        last_run: None,
    }
}

/// A store in which this is the job.
fn holding(job: Job) -> MockJobStore {
    let mut store = MockJobStore::new();
    store.expect_find().returning(move |_, _| Ok(job.clone()));
    store
}

fn hourly() -> Schedule {
    Schedule::every(3_600)
}

fn codes<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Vec<String> {
    match result {
        Err(Refusal::Invalid(errors)) => errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect(),
        other => panic!("{other:?}"),
    }
}

fn window(from: i64, to: i64) -> BackfillRequest {
    BackfillRequest {
        from: hours(from),
        to: hours(to),
        max_runs: None,
        dry_run: false,
    }
}

#[test]
fn a_preview_counts_from_now_unless_it_is_told_from_when() {
    let rules = alone();
    let shown = rules.preview(&hourly(), 2, None).unwrap();
    let at: Vec<_> = shown.upcoming.iter().map(|next| next.at).collect();
    assert_eq!(at, [hours(1), hours(2)]);
    assert_eq!(shown.time_zone, "UTC");
    let daily = Schedule::cron("0 0 * * *", "Europe/Berlin");
    let from = Timestamp::from_timestamp(0, 0).unwrap();
    let shown = rules.preview(&daily, 1, Some(from)).unwrap();
    assert_eq!(shown.upcoming[0].at, from + TimeDelta::hours(23));
    assert_eq!(shown.time_zone, "Europe/Berlin");
}

#[test]
fn a_preview_has_bounds_and_names_all_that_is_broken() {
    let rules = alone();
    for count in [i64::MIN, -1, 0, 101, i64::MAX] {
        assert_eq!(codes(rules.preview(&hourly(), count, None)), ["/count out_of_range"]);
    }
    for count in [1, 100] {
        let shown = rules.preview(&hourly(), count, None).unwrap();
        assert_eq!(i64::try_from(shown.upcoming.len()).unwrap(), count);
    }
    for seconds in [-1, 7_258_118_400] {
        let from = Timestamp::from_timestamp(seconds, 0);
        assert_eq!(codes(rules.preview(&hourly(), 1, from)), ["/from out_of_range"]);
    }
    for seconds in [0, 7_258_118_399] {
        rules.preview(&hourly(), 1, Timestamp::from_timestamp(seconds, 0)).ok();
    }
    for from in [Timestamp::MIN_UTC, Timestamp::MAX_UTC] {
        let wrong = Schedule::cron("61 * * * *", "Mars/Base");
        let found = codes(rules.preview(&wrong, 0, Some(from)));
        assert_eq!(found[..2], ["/count out_of_range", "/from out_of_range"]);
        assert!(
            found.iter().any(|code| code.starts_with("/schedule/expression ")),
            "{found:?}"
        );
        assert!(
            found.contains(&"/schedule/time_zone unknown_time_zone".to_owned()),
            "{found:?}"
        );
    }
}

#[test]
fn the_reason_of_a_pause_is_bounded_and_trimmed() {
    assert_eq!(
        codes(ready(alone().pause(owner(), job_id(), Some("é".repeat(501))))),
        ["/reason too_long"]
    );
    for (sent, kept) in [
        (None, None),
        (Some("  ".to_owned()), None),
        (Some(" why ".to_owned()), Some("why".to_owned())),
        (Some("é".repeat(500)), Some("é".repeat(500))),
    ] {
        let mut store = MockScheduleStore::new();
        store
            .expect_pause()
            .withf(move |_, _, by, reason, at| *by == owner() && *reason == kept && *at == now())
            .returning(|_, _, _, _, _| Ok(job(None)));
        ready(schedules(store, MockJobStore::new()).pause(owner(), job_id(), sent)).unwrap();
    }
}

#[test]
fn a_backfill_has_bounds() {
    let over = |schedule| schedules(MockScheduleStore::new(), holding(job(schedule)));
    let none = ready(over(None).backfill(owner(), job_id(), window(-2, -1)));
    assert_eq!(codes(none), ["/from no_schedule"]);
    for (asked, expected) in [
        (window(-1, -2), vec!["/to out_of_range"]),
        (window(-2, 1), vec!["/to out_of_range"]),
        (
            BackfillRequest {
                max_runs: Some(0),
                ..window(-2, -1)
            },
            vec!["/max_runs out_of_range"],
        ),
        (
            BackfillRequest {
                max_runs: Some(1_001),
                ..window(2, 1)
            },
            vec!["/to out_of_range", "/to out_of_range", "/max_runs out_of_range"],
        ),
    ] {
        assert_eq!(
            codes(ready(over(Some(hourly())).backfill(owner(), job_id(), asked))),
            expected
        );
    }
    let mut unknown = MockJobStore::new();
    unknown.expect_find().returning(|_, _| Err(StoreError::NotFound));
    let refused = ready(schedules(MockScheduleStore::new(), unknown).backfill(owner(), job_id(), window(2, 1)));
    assert!(
        matches!(refused, Err(Refusal::Store(StoreError::NotFound))),
        "{refused:?}"
    );
}

#[test]
fn a_rehearsal_of_a_backfill_writes_nothing() {
    let rules = schedules(MockScheduleStore::new(), holding(job(Some(hourly()))));
    let asked = BackfillRequest {
        dry_run: true,
        ..window(-3, 0)
    };
    let done = ready(rules.backfill(owner(), job_id(), asked)).unwrap();
    let expected = Backfilled {
        planned: 4,
        first_at: Some(hours(-3)),
        last_at: Some(hours(0)),
        started: 0,
    };
    assert_eq!(done, expected);
    // Before the schedule there was nothing to make up for.
    let done = ready(rules.backfill(owner(), job_id(), window(-300, -200))).unwrap();
    assert_eq!((done.planned, done.first_at, done.started), (0, None, 0));
}

#[test]
fn a_backfill_makes_the_oldest_runs_in_their_order() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut store = MockScheduleStore::new();
    let memory = asked.clone();
    store.expect_backfill().times(1).returning(move |_, _, runs, _| {
        *memory.lock().unwrap() = runs;
        Ok(2)
    });
    let rules = schedules(store, holding(job(Some(hourly()))));
    let window = BackfillRequest {
        max_runs: Some(20),
        ..window(-50, -1)
    };
    let done = ready(rules.backfill(owner(), job_id(), window)).unwrap();
    assert_eq!((done.planned, done.last_at, done.started), (20, Some(hours(-31)), 2));
    let runs = asked.lock().unwrap();
    let planned: Vec<_> = runs.iter().map(|run| run.trigger.planned_at.unwrap()).collect();
    assert_eq!(planned, (-50..-30).map(hours).collect::<Vec<_>>());
    assert!(runs.is_sorted_by_key(|run| run.run_id), "ids tell which waits longest");
    assert!(runs.iter().all(|run| run.trigger.kind == TriggerKind::Backfill));
    assert!(runs.iter().all(|run| run.trigger.user_id == Some(owner())));
}

/// A store that makes jobs and remembers them.
fn creating(mut store: MockJobStore) -> (MockJobStore, Arc<Mutex<Vec<NewJob>>>) {
    let made = Arc::new(Mutex::new(Vec::<NewJob>::new()));
    let memory = made.clone();
    store.expect_id_of_external().returning(move |_, wanted| {
        let made = memory.lock().unwrap();
        let known = made.iter().any(|job| job.spec.external_id.as_deref() == Some(wanted));
        if known { Ok(job_id()) } else { Err(StoreError::NotFound) }
    });
    let memory = made.clone();
    store.expect_create().returning(move |_, new, _| {
        let answer = job(new.spec.schedule.clone());
        memory.lock().unwrap().push(new);
        Ok(answer)
    });
    (store, made)
}

#[test]
fn an_import_makes_worker_jobs_of_commands() {
    let (store, made) = creating(MockJobStore::new());
    let rules = schedules(MockScheduleStore::new(), store);
    let text = "# c\n0 2 * * * /bin/backup a%b\nbad line\n";
    let shown = ready(rules.import(owner(), text, "UTC", true)).unwrap();
    assert!(made.lock().unwrap().is_empty(), "a rehearsal makes nothing");
    assert!(matches!(&shown[0].outcome, ImportOutcome::Ignored(_)));
    assert!(matches!(&shown[1].outcome, ImportOutcome::Ok { job: None, next, .. } if next.len() == 3));
    assert!(matches!(&shown[2].outcome, ImportOutcome::Error(_)));
    ready(rules.import(owner(), text, "UTC", false)).unwrap();
    let again = ready(rules.import(owner(), text, "UTC", false)).unwrap();
    assert!(matches!(&again[1].outcome, ImportOutcome::Known(id) if *id == job_id()));
    let made = made.lock().unwrap();
    assert_eq!(made.len(), 1);
    // Jobs of earlier versions are found again by it: it never changes.
    assert_eq!(made[0].spec.external_id.as_deref(), Some("crontab:28605058b8918cc2"));
    assert_eq!(made[0].spec.job_name, "backup a");
    let payload = made[0].spec.payload.as_ref().unwrap().as_str();
    let payload: serde_json::Value = serde_json::from_str(payload).unwrap();
    assert_eq!(payload, serde_json::json!({"command": "/bin/backup a", "stdin": "b"}));
    let queue = "default".to_owned();
    assert_eq!(made[0].spec.executor, Executor::Worker { queue });
    // 02:00 of the next day.
    assert_eq!(made[0].timing.next.unwrap().at, hours(18));
}

#[test]
fn of_two_imports_at_once_the_slower_one_is_told_of_the_job_of_the_other() {
    let mut store = MockJobStore::new();
    let mut asked = 0;
    store.expect_id_of_external().times(2).returning(move |_, _| {
        asked += 1;
        if asked == 1 {
            Err(StoreError::NotFound)
        } else {
            Ok(job_id())
        }
    });
    store
        .expect_create()
        .times(1)
        .returning(|_, _, _| Err(StoreError::Taken("external_id")));
    let rules = schedules(MockScheduleStore::new(), store);
    let lines = ready(rules.import(owner(), "0 2 * * * backup\n", "UTC", false)).unwrap();
    assert!(matches!(&lines[0].outcome, ImportOutcome::Known(known) if *known == job_id()));
}

#[test]
fn an_import_has_bounds() {
    let import = |text: &str, zone| ready(alone().import(owner(), text, zone, true));
    assert_eq!(codes(import(&"#\n".repeat(1_001), "UTC")), ["/crontab too_many"]);
    assert_eq!(import(&"#\n".repeat(1_000), "UTC").unwrap().len(), 1_000);
    assert_eq!(codes(import("", "Mars/Base")), ["/time_zone unknown_time_zone"]);
    // A command that is too large for a payload is a mistake of its line alone.
    let (store, made) = creating(MockJobStore::new());
    let text = format!("0 2 * * * {}\n0 3 * * * fine\n", "x".repeat(2_000));
    let rules = schedules(MockScheduleStore::new(), store);
    let lines = ready(rules.import(owner(), &text, "UTC", false)).unwrap();
    assert!(
        matches!(&lines[0].outcome, ImportOutcome::Error(why) if why.contains("payload")),
        "{lines:?}"
    );
    assert!(
        matches!(&lines[1].outcome, ImportOutcome::Ok { job: Some(_), .. }),
        "{lines:?}"
    );
    assert_eq!(made.lock().unwrap().len(), 1);
    let rehearsed = ready(rules.import(owner(), &text, "UTC", true)).unwrap();
    assert!(
        matches!(&rehearsed[0].outcome, ImportOutcome::Error(why) if why.contains("payload")),
        "{rehearsed:?}"
    );
}

#[test]
fn a_copy_with_a_schedule_is_paused_and_others_are_not() {
    let (store, made) = creating(holding(job(Some(hourly()))));
    let mut pausing = MockScheduleStore::new();
    pausing.expect_pause().times(1).returning(|_, _, _, reason, _| {
        Ok(Job {
            paused_at: Some(now()),
            pause_reason: reason,
            ..job(Some(hourly()))
        })
    });
    let copy = ready(schedules(pausing, store).duplicate(owner(), job_id())).unwrap();
    assert_eq!(copy.paused_at, Some(now()));
    assert!(copy.pause_reason.unwrap().contains("copy"));
    let made = made.lock().unwrap();
    assert_eq!(made[0].spec.job_name, "Nightly (copy)");
    assert_ne!(made[0].job_id, job_id());
    assert_eq!(
        made[0].timing.next.unwrap().at,
        hours(1),
        "its grid begins with the copy"
    );

    // What can be planned no more is left out.
    for schedule in [None, Some(Schedule::once(hours(-1)))] {
        let (store, made) = creating(holding(job(schedule)));
        let copy = ready(schedules(MockScheduleStore::new(), store).duplicate(owner(), job_id())).unwrap();
        assert_eq!(
            (copy.paused_at, made.lock().unwrap()[0].spec.schedule.as_ref()),
            (None, None)
        );
    }
}
