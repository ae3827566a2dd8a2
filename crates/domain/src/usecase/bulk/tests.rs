use super::*;
use crate::{
    audit::{Actor, Asked, Origin},
    clock::{ManualClock, SeededRandom},
    ids::{ApiKeyId, RunId},
    job::PayloadLimits,
    ports::{MockBulkStore, MockJobStore, MockRunHistory, MockScheduleStore, MockVault, NoDispatcher},
    run::TriggerKind,
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

fn job_id(number: u128) -> JobId {
    JobId::from_uuid(uuid::Uuid::from_u128(number))
}

fn bulk(store: MockBulkStore, jobs_store: MockJobStore, history: MockRunHistory) -> Bulk {
    let (jobs_store, clock): (Arc<dyn JobStore>, Arc<dyn Clock>) =
        (Arc::new(jobs_store), Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)));
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
    let jobs = Jobs {
        store: jobs_store.clone(),
        history: Arc::new(history),
        clock: clock.clone(),
        random: random.clone(),
        dispatcher: Arc::new(NoDispatcher),
        vault: Arc::new(MockVault::new()),
        payload_limits: PayloadLimits::default(),
    };
    Bulk {
        store: Arc::new(store),
        jobs_store: jobs_store.clone(),
        schedules: Schedules {
            store: Arc::new(MockScheduleStore::new()),
            jobs_store,
            jobs: jobs.clone(),
            clock: clock.clone(),
            random: random.clone(),
        },
        jobs,
        clock,
        random,
    }
}

fn step(bulk: &Bulk) {
    let taken = ready(bulk.take()).unwrap().unwrap();
    ready(bulk.carry_out(taken)).unwrap();
}

fn asked(action: BulkAction, target: BulkTarget) -> BulkRequest {
    BulkRequest {
        action,
        params: BulkParams::default(),
        target,
        dry_run: false,
    }
}

#[test]
fn a_filter_finds_no_job_that_is_made_later() {
    let mut jobs = MockJobStore::new();
    jobs.expect_count_matching().returning(|_, filter, most| {
        assert_eq!(filter.created_before, Some(Timestamp::UNIX_EPOCH));
        Ok(most)
    });
    let mut store = MockBulkStore::new();
    store.expect_insert().times(1).returning(|_| Ok(()));
    let bulk = bulk(store, jobs, MockRunHistory::new());
    let filter = BulkTarget::Filter(JobFilter::default());
    let operation = ready(bulk.create(owner(), asked(BulkAction::Run, filter))).unwrap();
    assert_eq!((operation.matched, operation.matched_exactly), (COUNTED, false));
}

#[test]
fn a_rehearsal_writes_nothing() {
    let mut jobs = MockJobStore::new();
    jobs.expect_known().returning(|_, ids| Ok(ids.to_vec()));
    let bulk = bulk(MockBulkStore::new(), jobs, MockRunHistory::new());
    let ids = BulkTarget::Ids(vec![job_id(3), job_id(2), job_id(3)]);
    let request = BulkRequest {
        dry_run: true,
        ..asked(BulkAction::Delete, ids)
    };
    let operation = ready(bulk.create(owner(), request)).unwrap();
    assert_eq!(operation.matched, 2);
    assert_eq!(operation.target, BulkTarget::Ids(vec![job_id(2), job_id(3)]));
}

/// An operation on thirty jobs of which `after` was the last one that was handled.
fn under_way(action: BulkAction, after: Option<u128>) -> BulkOperation {
    BulkOperation {
        bulk_id: BulkId::from_uuid(uuid::Uuid::from_u128(9)),
        owner: owner(),
        asked: None,
        action,
        params: BulkParams::default(),
        target: BulkTarget::Ids((1..=30).map(job_id).collect()),
        status: BulkStatus::Running,
        matched: 30,
        matched_exactly: true,
        done: 0,
        failed: 0,
        errors: Vec::new(),
        after: after.map(|number| PageKey {
            sort: String::new(),
            id: job_id(number).to_string(),
        }),
        created_at: Timestamp::UNIX_EPOCH,
        finished_at: None,
    }
}

/// A store that hands out this operation and remembers what is written of it.
fn holding(operation: BulkOperation) -> (MockBulkStore, Arc<Mutex<Vec<BulkOperation>>>) {
    let written = Arc::new(Mutex::new(Vec::new()));
    let mut store = MockBulkStore::new();
    store
        .expect_claim()
        .returning(move |_, _, _| Ok(Some(operation.clone())));
    let memory = written.clone();
    store.expect_progress().returning(move |operation, _, _| {
        memory.lock().unwrap().push(operation.clone());
        Ok(())
    });
    (store, written)
}

#[test]
fn a_batch_goes_on_after_the_last_job_and_the_last_one_completes() {
    for (after, handled, is_over) in [(None, 25, false), (Some(20), 10, true), (Some(30), 0, true)] {
        let (store, written) = holding(under_way(BulkAction::Delete, after));
        let mut jobs = MockJobStore::new();
        jobs.expect_delete().times(handled).returning(|_, _, _, _| Ok(()));
        step(&bulk(store, jobs, MockRunHistory::new()));
        let written = written.lock().unwrap();
        assert_eq!(written[0].done as usize, handled);
        assert_eq!(written[0].status == BulkStatus::Completed, is_over, "{after:?}");
    }
}

#[test]
fn a_database_that_goes_away_fails_no_job() {
    let (store, written) = holding(under_way(BulkAction::Delete, None));
    let mut jobs = MockJobStore::new();
    let mut calls = 0;
    jobs.expect_delete().returning(move |_, _, _, _| {
        calls += 1;
        if calls == 3 {
            Err(StoreError::Unavailable("away".to_owned()))
        } else {
            Ok(())
        }
    });
    step(&bulk(store, jobs, MockRunHistory::new()));
    let written = written.lock().unwrap();
    assert_eq!((written[0].done, written[0].failed), (2, 0));
    assert_eq!(written[0].after.as_ref().unwrap().id, job_id(2).to_string());
}

#[test]
fn each_job_is_started_under_the_one_run_that_the_operation_has_for_it_by_whoever_asked() {
    let key = ApiKeyId::from_uuid(uuid::Uuid::from_u128(7));
    let operation = BulkOperation {
        asked: Some(Asked {
            actor: Actor::api_key(owner(), key),
            origin: Origin::default(),
        }),
        ..under_way(BulkAction::Run, Some(29))
    };
    let expected: RunId = operation.run_of(job_id(30));
    let (store, written) = holding(operation);
    let mut history = MockRunHistory::new();
    history.expect_find_run().times(1).returning(move |_, run_id| {
        assert_eq!(run_id, expected);
        Err(StoreError::NotFound)
    });
    let mut jobs = MockJobStore::new();
    jobs.expect_start().times(1).returning(move |_, _, new, _| {
        assert_eq!(new.run_id, expected);
        assert_eq!(
            (new.trigger.kind, new.trigger.api_key_id),
            (TriggerKind::Api, Some(key))
        );
        Ok(crate::ports::Started::Refused)
    });
    step(&bulk(store, jobs, history));
    let written = written.lock().unwrap();
    assert_eq!(
        (written[0].failed, written[0].errors[0].code.as_str()),
        (1, "overlap_skipped")
    );
}

#[test]
fn nothing_to_do_is_nothing_done() {
    let mut store = MockBulkStore::new();
    store.expect_claim().returning(|_, _, _| Ok(None));
    let nothing = ready(bulk(store, MockJobStore::new(), MockRunHistory::new()).take());
    assert!(nothing.unwrap().is_none());
}
