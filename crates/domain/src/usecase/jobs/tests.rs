use super::*;
use crate::{
    clock::{ManualClock, SeededRandom, Timestamp},
    job::{Overlap, Priority},
    ports::{MockJobStore, MockRunHistory, MockVault},
    run::{InvalidTransition, RunStatus, TriggerKind},
};
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

fn run_id() -> RunId {
    RunId::from_uuid(uuid::Uuid::from_u128(3))
}

fn jobs(store: MockJobStore, history: MockRunHistory) -> Jobs {
    Jobs {
        store: Arc::new(store),
        history: Arc::new(history),
        clock: Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)),
        random: Arc::new(SeededRandom::new(1)),
        dispatcher: Arc::new(crate::ports::NoDispatcher),
        vault: Arc::new(MockVault::new()),
        payload_limits: PayloadLimits {
            max_bytes: 20,
            max_depth: 2,
        },
    }
}

fn over(store: MockJobStore) -> Jobs {
    jobs(store, MockRunHistory::new())
}

fn job(spec: JobSpec, version: i64) -> Job {
    Job {
        job_id: job_id(),
        spec,
        status: JobStatus::Pending,
        completed_at: None,
        created_by: owner(),
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        next_run_at: None,
        scheduled_from: None,
        paused_at: None,
        pause_reason: None,
        paused_by: None,
        version,
        active_runs: 0,
        last_run: None,
    }
}

fn run(new: &NewRun) -> Run {
    Run {
        run_id: new.run_id,
        job_id: job_id(),
        job_name: "Nightly".into(),
        user_id: owner(),
        status: RunStatus::Queued,
        reason: None,
        trigger: new.trigger.clone(),
        attempt: 0,
        max_attempts: 1,
        crashes: 0,
        payload: new.payload.clone(),
        progress: None,
        result: None,
        error: None,
        created_at: Timestamp::UNIX_EPOCH,
        started_at: None,
        finished_at: None,
        retry_at: None,
        cancel_requested_at: None,
        deadline_at: None,
        queue: None,
        worker_name: None,
        progress_message: None,
        attempts: Vec::new(),
    }
}

fn payload(json: &str) -> Payload {
    Payload::from_json(json.to_owned()).unwrap()
}

fn codes<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Vec<String> {
    match result {
        Err(Refusal::Invalid(errors)) => errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect(),
        other => panic!("{other:?}"),
    }
}

/// A store that makes jobs and remembers them.
fn creating() -> (MockJobStore, Arc<Mutex<Vec<NewJob>>>) {
    let made = Arc::new(Mutex::new(Vec::new()));
    let mut store = MockJobStore::new();
    let memory = made.clone();
    store.expect_create().returning(move |_, new, _| {
        let answer = job(new.spec.clone(), 1);
        memory.lock().unwrap().push(new);
        Ok(answer)
    });
    (store, made)
}

#[test]
fn a_job_is_stored_in_its_normal_form() {
    let (store, made) = creating();
    let spec = JobSpec {
        tags: vec!["b".into(), " a".into(), "b".into()],
        ..JobSpec::named(" Nightly ")
    };
    ready(over(store).create(owner(), spec, false)).unwrap();
    let made = made.lock().unwrap();
    assert_eq!(made[0].spec.job_name, "Nightly");
    assert_eq!(made[0].spec.tags, ["a", "b"]);
    assert_eq!(made[0].run, None);
}

#[test]
fn a_job_that_is_to_run_at_once_brings_its_run_along() {
    let (store, made) = creating();
    ready(over(store).create(owner(), JobSpec::named("Nightly"), true)).unwrap();
    let new = made.lock().unwrap()[0].run.clone().unwrap();
    assert_eq!(
        (new.trigger.kind, new.trigger.user_id),
        (TriggerKind::Manual, Some(owner()))
    );
    assert_eq!(new.payload, None, "the job's payload is the run's");
}

#[test]
fn a_job_that_breaks_rules_is_not_stored() {
    let jobs = over(MockJobStore::new());
    assert_eq!(
        codes(ready(jobs.create(owner(), JobSpec::named(""), false))),
        ["/job_name too_short"]
    );
    for (json, code) in [
        ("[1,2,3,4,5,6,7,8,9,10]", "/payload too_large"),
        ("[[[1]]]", "/payload too_deep"),
    ] {
        let spec = JobSpec {
            payload: Some(payload(json)),
            ..JobSpec::named("Nightly")
        };
        assert_eq!(codes(ready(jobs.create(owner(), spec, false))), [code]);
    }
}

/// The updates that a store was asked for: the version expected, and the spec.
type Updates = Arc<Mutex<Vec<(i64, JobSpec)>>>;

/// A store whose job is at each version in turn, and which takes the update of the last one.
fn changing(versions: &[i64]) -> (MockJobStore, Updates) {
    let updates = Arc::new(Mutex::new(Vec::new()));
    let mut store = MockJobStore::new();
    for version in versions {
        let found = job(
            JobSpec {
                description: Some(format!("at {version}")),
                ..JobSpec::named("Nightly")
            },
            *version,
        );
        store.expect_find().times(1).return_once(move |_, _| Ok(found));
    }
    let (last, memory) = (versions.last().copied(), updates.clone());
    store.expect_update().returning(move |_, _, expected, spec, _, _| {
        memory.lock().unwrap().push((expected, spec.clone()));
        if Some(expected) == last {
            Ok(job(spec.clone(), expected + 1))
        } else {
            Err(StoreError::VersionConflict { current: expected + 1 })
        }
    });
    (store, updates)
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a change")]
fn urgent(spec: JobSpec) -> Result<JobSpec, Vec<FieldError>> {
    Ok(JobSpec {
        priority: Priority::Critical,
        ..spec
    })
}

#[test]
fn a_change_without_a_version_is_applied_anew_when_somebody_was_faster() {
    let (store, updates) = changing(&[4, 5]);
    let changed = ready(over(store).change(owner(), job_id(), None, &urgent)).unwrap();
    assert_eq!(changed.version, 6);
    assert_eq!(
        changed.spec.description.as_deref(),
        Some("at 5"),
        "the other change is kept"
    );
    let expected: Vec<_> = updates.lock().unwrap().iter().map(|(expected, _)| *expected).collect();
    assert_eq!(expected, [4, 5]);
}

#[test]
fn a_change_that_always_comes_too_late_gives_up() {
    let mut store = MockJobStore::new();
    store
        .expect_find()
        .times(6)
        .returning(|_, _| Ok(job(JobSpec::named("Nightly"), 1)));
    store
        .expect_update()
        .times(6)
        .returning(|_, _, _, _, _, _| Err(StoreError::VersionConflict { current: 2 }));
    let result = ready(over(store).change(owner(), job_id(), None, &urgent));
    assert!(
        matches!(result, Err(Refusal::Store(StoreError::VersionConflict { current: 2 }))),
        "{result:?}"
    );
}

#[test]
fn a_change_of_a_version_that_is_gone_is_refused_and_not_tried_again() {
    // Seen at the look, and seen at the write.
    for (versions, writes) in [(vec![5], 0), (vec![4, 5], 1)] {
        let mut store = MockJobStore::new();
        let seen = versions[0];
        store
            .expect_find()
            .times(1)
            .returning(move |_, _| Ok(job(JobSpec::named("Nightly"), seen)));
        store
            .expect_update()
            .times(writes)
            .returning(|_, _, _, _, _, _| Err(StoreError::VersionConflict { current: 5 }));
        let result = ready(over(store).change(owner(), job_id(), Some(4), &urgent));
        assert!(
            matches!(result, Err(Refusal::Store(StoreError::VersionConflict { current: 5 }))),
            "{result:?}"
        );
    }
}

#[test]
fn a_change_of_the_version_that_is_there_is_written() {
    let (store, updates) = changing(&[4]);
    ready(over(store).change(owner(), job_id(), Some(4), &urgent)).unwrap();
    assert_eq!(updates.lock().unwrap().len(), 1);
}

#[test]
fn a_change_that_changes_nothing_is_not_written() {
    let (store, updates) = changing(&[4]);
    let same = ready(over(store).change(owner(), job_id(), Some(4), &|spec| {
        Ok(JobSpec {
            job_name: " Nightly ".into(),
            ..spec
        })
    }))
    .unwrap();
    assert_eq!(same.version, 4);
    assert!(updates.lock().unwrap().is_empty());
}

#[test]
fn a_change_to_something_invalid_is_not_written() {
    let (mut store, updates) = changing(&[4]);
    store
        .expect_find()
        .returning(|_, _| Ok(job(JobSpec::named("Nightly"), 4)));
    let jobs = over(store);
    let refused = ready(jobs.change(owner(), job_id(), None, &|_| {
        Err(vec![FieldError::new("/colour", "unknown_field", "")])
    }));
    assert_eq!(codes(refused), ["/colour unknown_field"]);
    let broken = ready(jobs.change(owner(), job_id(), None, &|spec| {
        Ok(JobSpec {
            payload: Some(payload("[[[1]]]")),
            ..spec
        })
    }));
    assert_eq!(codes(broken), ["/payload too_deep"]);
    assert!(updates.lock().unwrap().is_empty());
}

fn starting() -> MockJobStore {
    let mut store = MockJobStore::new();
    store.expect_start().times(1).returning(|_, _, new, _| {
        Ok(Started::Run {
            job: Box::new(job(JobSpec::named("Nightly"), 1)),
            run: Box::new(run(&new)),
        })
    });
    store
}

#[test]
fn a_run_may_have_a_payload_of_its_own() {
    let (_, run) = ready(over(starting()).start(owner(), job_id(), Some(payload("[1]")))).unwrap();
    assert_eq!(run.payload, Some(payload("[1]")));
    assert_eq!(run.trigger, RunTrigger::manual(owner()));
}

#[test]
fn a_run_whose_payload_is_too_large_is_not_asked_for() {
    let jobs = over(MockJobStore::new());
    let result = ready(jobs.start(owner(), job_id(), Some(payload("[[[1]]]"))));
    assert_eq!(codes(result), ["/payload too_deep"]);
}

#[test]
fn a_start_that_the_overlap_policy_refuses_says_so() {
    let mut store = MockJobStore::new();
    store.expect_start().returning(|_, _, _, _| Ok(Started::Refused));
    let result = ready(over(store).start(owner(), job_id(), None));
    assert!(matches!(result, Err(Refusal::OverlapSkipped)), "{result:?}");
}

#[test]
fn running_starts_and_cancelled_cancels() {
    let (_, started) = ready(over(starting()).become_status(owner(), job_id(), JobStatus::Running, None)).unwrap();
    assert_eq!(started.status, RunStatus::Queued);
    let mut store = MockJobStore::new();
    store.expect_cancel_active().times(1).returning(|_, _, _| {
        let new = NewRun {
            run_id: run_id(),
            trigger: RunTrigger::manual(owner()),
            payload: None,
            claim: None,
        };
        Ok(Some((job(JobSpec::named("Nightly"), 1), run(&new))))
    });
    let (_, cancelled) = ready(over(store).become_status(owner(), job_id(), JobStatus::Cancelled, None)).unwrap();
    assert_eq!(cancelled.run_id, run_id());
}

#[test]
fn every_word_that_is_not_possible_is_answered_with_those_that_are() {
    use JobStatus as S;
    for (wanted, overlap, active, possible) in [
        (S::Cancelled, Overlap::Skip, 0, vec!["Running"]),
        (S::Pending, Overlap::Skip, 0, vec!["Running"]),
        (S::Completed, Overlap::Skip, 0, vec!["Running"]),
        (S::Failed, Overlap::Skip, 0, vec!["Running"]),
        (S::Pending, Overlap::Skip, 1, vec!["Cancelled"]),
        (S::Completed, Overlap::Skip, 1, vec!["Cancelled"]),
        (S::Failed, Overlap::Skip, 1, vec!["Cancelled"]),
        (S::Completed, Overlap::Allow, 1, vec!["Running", "Cancelled"]),
        (S::Completed, Overlap::CancelRunning, 1, vec!["Running", "Cancelled"]),
        (S::Completed, Overlap::Queue, 101, vec!["Cancelled"]),
    ] {
        let mut store = MockJobStore::new();
        store.expect_cancel_active().returning(|_, _, _| Ok(None));
        store.expect_find().times(1).returning(move |_, _| {
            Ok(Job {
                active_runs: active,
                status: S::Completed,
                ..job(
                    JobSpec {
                        overlap,
                        ..JobSpec::named("Nightly")
                    },
                    1,
                )
            })
        });
        let result = ready(over(store).become_status(owner(), job_id(), wanted, None));
        let Err(Refusal::InvalidTransition {
            from,
            wanted: word,
            allowed,
        }) = result
        else {
            panic!("{wanted:?}: {result:?}");
        };
        assert_eq!((from.as_str(), word.as_str()), ("Completed", wanted.word()));
        assert_eq!(allowed, possible, "{wanted:?} {overlap:?} {active}");
    }
}

#[test]
fn a_foreign_job_is_not_found_whatever_it_should_become() {
    for wanted in [
        JobStatus::Pending,
        JobStatus::Running,
        JobStatus::Completed,
        JobStatus::Failed,
        JobStatus::Cancelled,
    ] {
        let mut store = MockJobStore::new();
        store.expect_find().returning(|_, _| Err(StoreError::NotFound));
        store.expect_start().returning(|_, _, _, _| Err(StoreError::NotFound));
        store
            .expect_cancel_active()
            .returning(|_, _, _| Err(StoreError::NotFound));
        let result = ready(over(store).become_status(owner(), job_id(), wanted, None));
        assert!(
            matches!(result, Err(Refusal::Store(StoreError::NotFound))),
            "{result:?}"
        );
    }
}

#[test]
fn a_run_that_has_ended_cannot_be_cancelled_and_nothing_else_is_allowed() {
    let mut history = MockRunHistory::new();
    history.expect_cancel_run().returning(|_, _, _| {
        Ok(Err(InvalidTransition {
            from: RunStatus::Completed,
            trigger: "cancel",
        }))
    });
    let result = ready(jobs(MockJobStore::new(), history).cancel_run(owner(), run_id()));
    let Err(Refusal::InvalidTransition { from, wanted, allowed }) = result else {
        panic!("{result:?}");
    };
    assert_eq!((from.as_str(), wanted.as_str()), ("Completed", "Cancelled"));
    assert_eq!(allowed, [""; 0]);
}

#[test]
fn a_run_that_is_not_the_owners_is_not_found() {
    let mut history = MockRunHistory::new();
    history
        .expect_cancel_run()
        .returning(|_, _, _| Err(StoreError::NotFound));
    let result = ready(jobs(MockJobStore::new(), history).cancel_run(owner(), run_id()));
    assert!(
        matches!(result, Err(Refusal::Store(StoreError::NotFound))),
        "{result:?}"
    );
}
