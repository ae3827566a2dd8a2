//! Jobs and runs for the tests.

use super::people::at;
use chrono::TimeDelta;
use scheduler_domain::{
    clock::Timestamp,
    ids::{JobId, NodeId, RunId, UserId},
    job::{Job, JobSpec, Overlap, Payload, Priority},
    ports::{Claim, ClaimedRun, Finish, Finished, NewJob, NewRun, Started},
    run::{RetryPolicy, Run, RunError, RunTrigger, Trigger},
};
use scheduler_tests::databases::Database;

pub fn new_run(database: &Database, owner: UserId, now: Timestamp) -> NewRun {
    NewRun {
        run_id: RunId::new(now, &*database.random),
        trigger: RunTrigger::manual(owner),
        payload: None,
        claim: None,
    }
}

pub fn spec(name: &str) -> JobSpec {
    JobSpec {
        overlap: Overlap::Allow,
        ..JobSpec::named(name)
    }
}

/// A job that retries up to `max_attempts` attempts, without chance in its waits.
pub fn retrying(name: &str, max_attempts: u32) -> JobSpec {
    JobSpec {
        retry: RetryPolicy {
            max_attempts,
            jitter: 0.0,
            ..RetryPolicy::default()
        },
        ..spec(name)
    }
}

pub async fn create(database: &Database, owner: UserId, spec: JobSpec, now: Timestamp) -> Job {
    let new = NewJob {
        timing: scheduler_domain::ports::Timing::default(),
        job_id: JobId::new(now, &*database.random),
        spec,
        run: None,
    };
    database.stores.jobs.create(owner, new, now).await.unwrap()
}

/// A job with a run that waits to be claimed.
pub async fn create_running(database: &Database, owner: UserId, spec: JobSpec, now: Timestamp) -> (Job, RunId) {
    let run = new_run(database, owner, now);
    let run_id = run.run_id;
    let new = NewJob {
        timing: scheduler_domain::ports::Timing::default(),
        job_id: JobId::new(now, &*database.random),
        spec,
        run: Some(run),
    };
    (database.stores.jobs.create(owner, new, now).await.unwrap(), run_id)
}

/// Asks for a run; `None` when the overlap policy refused it.
pub async fn start(database: &Database, owner: UserId, job_id: JobId, now: Timestamp) -> Option<Run> {
    let new = new_run(database, owner, now);
    match database.stores.jobs.start(owner, job_id, new, now).await.unwrap() {
        Started::Run { run, .. } => Some(*run),
        Started::Refused => None,
    }
}

pub fn node(number: u8) -> NodeId {
    NodeId::from_uuid(uuid::Uuid::from_bytes([number; 16]))
}

pub fn claim(number: u8, max: u32, now: Timestamp) -> Claim {
    Claim {
        node: node(number),
        max,
        now,
        lease_until: now + TimeDelta::seconds(30),
        per_user: None,
    }
}

pub async fn claim_some(database: &Database, max: u32, now: Timestamp) -> Vec<ClaimedRun> {
    database.stores.queue.claim(&claim(1, max, now)).await.unwrap()
}

pub fn finish(claimed: &ClaimedRun, trigger: Trigger, now: Timestamp) -> Finish {
    let failed = matches!(trigger, Trigger::Fail { .. });
    Finish {
        run_id: claimed.run.run_id,
        lease: claimed.lease,
        at: now,
        trigger,
        result: (trigger == Trigger::Succeed).then(|| Payload::from_json(r#"{"n":1.50}"#.to_owned()).unwrap()),
        error: failed.then(|| RunError::new("simulated_failure", "it was to fail")),
    }
}

pub async fn end(database: &Database, claimed: &ClaimedRun, trigger: Trigger, now: Timestamp) -> Finished {
    database
        .stores
        .queue
        .finish(vec![finish(claimed, trigger, now)])
        .await
        .unwrap()[0]
}

pub const FAIL: Trigger = Trigger::Fail {
    retryable: true,
    timed_out: false,
    retry_after: None,
};

/// `count` jobs of an owner, each with a run, of mixed priority, a second apart.
pub async fn queue_up(database: &Database, owner: UserId, count: u32) -> Vec<RunId> {
    let priorities = [Priority::Low, Priority::Medium, Priority::High, Priority::Critical];
    let mut runs = Vec::new();
    for (number, priority) in (0..count).zip(priorities.into_iter().cycle()) {
        let spec = JobSpec {
            priority,
            ..spec(&format!("job {number}"))
        };
        runs.push(create_running(database, owner, spec, at(i64::from(number))).await.1);
    }
    runs
}
