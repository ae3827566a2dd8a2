use super::*;
use crate::{
    clock::{ManualClock, SeededRandom},
    job::{JobSpec, JobStatus, PayloadLimits},
    ports::{
        MockJobStore, MockLinkStore, MockRateLimiter, MockRunHistory, MockScheduleStore, MockVault, NoDispatcher,
        Started,
    },
};
use std::{
    pin::pin,
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

fn job(executor: Executor) -> Job {
    Job {
        job_id: job_id(),
        spec: JobSpec {
            executor,
            ..JobSpec::named("job")
        },
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
        version: 1,
        active_runs: 0,
        last_run: None,
    }
}

fn links(store: MockLinkStore, jobs_store: MockJobStore, schedules: MockScheduleStore) -> Links {
    let (jobs_store, clock): (Arc<dyn JobStore>, Arc<dyn Clock>) =
        (Arc::new(jobs_store), Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)));
    let random: Arc<dyn Random> = Arc::new(SeededRandom::new(1));
    let mut limiter = MockRateLimiter::new();
    limiter.expect_take().returning(|_, _| Ok(()));
    Links {
        store: Arc::new(store),
        jobs: Jobs {
            store: jobs_store.clone(),
            history: Arc::new(MockRunHistory::new()),
            clock: clock.clone(),
            random: random.clone(),
            dispatcher: Arc::new(NoDispatcher),
            vault: Arc::new(MockVault::new()),
            payload_limits: PayloadLimits::default(),
        },
        jobs_store,
        schedules: Arc::new(schedules),
        limiter: Arc::new(limiter),
        clock,
        random,
    }
}

fn known(kind: LinkKind) -> MockLinkStore {
    let mut store = MockLinkStore::new();
    store.expect_resolve().returning(move |hash, asked| {
        assert_eq!((hash, asked), (LinkHash::of("secret"), kind));
        Ok(Link {
            job_id: job_id(),
            owner: owner(),
            kind,
            last4: "cret".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            last_used_at: Some(Timestamp::UNIX_EPOCH),
        })
    });
    store
}

#[test]
fn only_the_hash_of_a_secret_is_stored() {
    let mut jobs = MockJobStore::new();
    jobs.expect_find().returning(|_, _| Ok(job(Executor::default())));
    let mut store = MockLinkStore::new();
    store.expect_put().times(1).returning(|links| {
        let [(link, hash)] = links else { panic!("one address") };
        assert_ne!(*hash, LinkHash::of(&link.last4));
        Ok(())
    });
    let links = links(store, jobs, MockScheduleStore::new());
    let (link, secret) = ready(links.issue(owner(), job_id(), LinkKind::Inbound)).unwrap();
    assert!(secret.ends_with(&link.last4) && secret.len() > 40);
}

#[test]
fn the_pings_of_many_jobs_are_made_a_hundred_at_a_time_in_their_order() {
    let mut store = MockLinkStore::new();
    let written = Arc::new(std::sync::Mutex::new(Vec::new()));
    let memory = written.clone();
    store.expect_put().times(3).returning(move |links| {
        assert!(links.len() <= 100);
        memory.lock().unwrap().extend(links.to_vec());
        Ok(())
    });
    let links = links(store, MockJobStore::new(), MockScheduleStore::new());
    let jobs: Vec<JobId> = (0..250)
        .map(|number| JobId::from_uuid(uuid::Uuid::from_u128(number)))
        .collect();
    let secrets = ready(links.issue_pings(owner(), &jobs)).unwrap();
    let written = written.lock().unwrap();
    assert_eq!((secrets.len(), written.len()), (250, 250));
    for ((secret, (link, hash)), job_id) in secrets.iter().zip(written.iter()).zip(jobs) {
        assert_eq!(
            (link.job_id, link.kind, *hash),
            (job_id, LinkKind::Heartbeat, LinkHash::of(secret))
        );
    }
}

#[test]
fn pings_are_for_heartbeats_and_hooks_for_the_rest() {
    let heartbeat = Executor::Heartbeat { grace_seconds: 1 };
    for (executor, kind, allowed) in [
        (Executor::default(), LinkKind::Heartbeat, false),
        (Executor::default(), LinkKind::Badge, true),
        (heartbeat.clone(), LinkKind::Inbound, false),
        (heartbeat, LinkKind::Heartbeat, true),
    ] {
        let mut jobs = MockJobStore::new();
        jobs.expect_find().returning(move |_, _| Ok(job(executor.clone())));
        let mut store = MockLinkStore::new();
        store.expect_put().returning(|_| Ok(()));
        let links = links(store, jobs, MockScheduleStore::new());
        assert_eq!(ready(links.issue(owner(), job_id(), kind)).is_ok(), allowed, "{kind:?}");
    }
}

#[test]
fn a_hook_starts_a_run_that_says_where_it_comes_from() {
    let mut jobs = MockJobStore::new();
    jobs.expect_start().times(1).returning(|user, _, new, _| {
        assert_eq!(
            (user, new.trigger.kind, new.trigger.user_id),
            (owner(), TriggerKind::Inbound, None)
        );
        Ok(Started::Refused)
    });
    let links = links(known(LinkKind::Inbound), jobs, MockScheduleStore::new());
    let link = ready(links.resolve("secret", LinkKind::Inbound)).unwrap();
    let refused = ready(links.hook(&link, "secret", None));
    assert!(matches!(refused, Err(Refusal::OverlapSkipped)), "{refused:?}");
}

#[test]
fn a_ping_that_is_too_late_for_its_instant_counts_for_the_next_one() {
    let mut schedules = MockScheduleStore::new();
    schedules
        .expect_ping()
        .times(1)
        .returning(|_, _, _| Ok(Pinged::Overdue));
    schedules
        .expect_fire_due()
        .times(1)
        .returning(|_, _, _| Ok(crate::ports::Fired::default()));
    let counted = Pinged::Counted {
        planned: Timestamp::UNIX_EPOCH,
        late_seconds: 0,
        next: None,
    };
    schedules.expect_ping().times(1).returning(move |_, _, _| Ok(counted));
    let links = links(known(LinkKind::Heartbeat), MockJobStore::new(), schedules);
    let link = ready(links.resolve("secret", LinkKind::Heartbeat)).unwrap();
    assert_eq!(ready(links.ping(&link, "secret")).unwrap(), counted);
}
