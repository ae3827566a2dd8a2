//! `demo seed|clear`: jobs to look around with.

use anyhow::bail;
use scheduler_domain::{
    clock::Clock,
    error::StoreError,
    ids::{JobId, RunId, UserId},
    job::{Executor, JobSpec, Overlap, Payload, Priority, SimulatedOutcome},
    page::Limit,
    ports::{JobFilter, JobSort, NewJob, NewRun},
    run::{Backoff, RetryPolicy, RunTrigger},
    user::{Email, Role},
};
use scheduler_storage::Stores;

use super::{
    admin::{generate_password, make_account, told},
    stores,
};
use crate::{
    config::Config,
    system::{SystemClock, SystemRandom},
};

const DEMO_EMAIL: &str = "demo@example.com";
/// Marks the jobs, so that `clear` finds them and nothing else.
const TAG: &str = "demo";

/// Name, priority, duration in milliseconds, outcome, runs to start.
const JOBS: &[(&str, Priority, u64, SimulatedOutcome, u32)] = &[
    (
        "Nightly sales report",
        Priority::High,
        8_000,
        SimulatedOutcome::Completed,
        6,
    ),
    (
        "Send the weekly newsletter",
        Priority::Medium,
        12_000,
        SimulatedOutcome::Completed,
        3,
    ),
    (
        "Resize product images",
        Priority::Low,
        2_000,
        SimulatedOutcome::Completed,
        20,
    ),
    (
        "Charge monthly subscriptions",
        Priority::Critical,
        5_000,
        SimulatedOutcome::Completed,
        8,
    ),
    (
        "Import exchange rates",
        Priority::Medium,
        800,
        SimulatedOutcome::Completed,
        30,
    ),
    (
        "Sync CRM contacts",
        Priority::Medium,
        4_000,
        SimulatedOutcome::Failed,
        3,
    ),
    (
        "Rebuild the search index",
        Priority::Low,
        90_000,
        SimulatedOutcome::Completed,
        1,
    ),
    (
        "Check TLS certificates",
        Priority::High,
        500,
        SimulatedOutcome::Completed,
        12,
    ),
    (
        "Archive old orders",
        Priority::Low,
        15_000,
        SimulatedOutcome::Completed,
        2,
    ),
    ("Warm the cache", Priority::Medium, 300, SimulatedOutcome::Completed, 40),
    (
        "Back up the shop's database",
        Priority::Critical,
        20_000,
        SimulatedOutcome::Completed,
        2,
    ),
    (
        "Post to the status page",
        Priority::High,
        1_000,
        SimulatedOutcome::Completed,
        0,
    ),
];

pub(super) async fn seed(config: &Config, email: Option<&String>) -> anyhow::Result<()> {
    let stores = stores(config).await?;
    stores.migrations.migrate().await?;
    let owner = owner(config, &stores, email).await?;
    let (mut jobs, mut runs) = (0, 0);
    for (name, priority, duration_ms, outcome, starts) in JOBS {
        let spec = JobSpec {
            priority: *priority,
            description: Some("Sample data; `job-scheduler demo clear` takes it away.".to_owned()),
            payload: Some(Payload::of(
                &serde_json::json!({"sample": true, "batch": 100, "region": "eu-west"}),
            )?),
            executor: Executor::Simulated {
                duration_ms: *duration_ms,
                outcome: *outcome,
                failure_rate: 0.0,
            },
            retry: RetryPolicy {
                max_attempts: 2,
                backoff: Backoff::Fixed,
                initial_seconds: 5,
                ..RetryPolicy::default()
            },
            overlap: Overlap::Queue,
            tags: vec![TAG.to_owned()],
            ..JobSpec::named(*name)
        };
        let now = SystemClock.now();
        let new = NewJob {
            timing: scheduler_domain::ports::Timing::default(),
            job_id: JobId::new(now, &SystemRandom),
            spec,
            run: None,
        };
        let job = stores.jobs.create(owner, new, now).await?;
        jobs += 1;
        for _ in 0..*starts {
            let now = SystemClock.now();
            let run = NewRun {
                run_id: RunId::new(now, &SystemRandom),
                trigger: RunTrigger::manual(owner),
                payload: None,
                claim: None,
            };
            stores.jobs.start(owner, job.job_id, run, now).await?;
            runs += 1;
        }
    }
    println!(
        "{jobs} sample jobs were made and {runs} runs of them queued; the server carries them out as soon as it runs"
    );
    Ok(())
}

async fn owner(config: &Config, stores: &Stores, email: Option<&String>) -> anyhow::Result<UserId> {
    let address = Email::parse("EMAIL", email.map_or(DEMO_EMAIL, String::as_str)).map_err(told)?;
    match stores.users.find_by_email(&address).await? {
        Some(known) => Ok(known.user.user_id),
        None if email.is_some() => bail!("there is no account {address}; sign up first, or leave --email out"),
        None => {
            let password = generate_password(&SystemRandom);
            let user_id = make_account(config, stores, &address, "Robin Example", &password, Role::Customer).await?;
            println!("made the account {address}, password: {password}");
            Ok(user_id)
        }
    }
}

pub(super) async fn clear(config: &Config, email: Option<&String>) -> anyhow::Result<()> {
    let stores = stores(config).await?;
    let address = Email::parse("EMAIL", email.map_or(DEMO_EMAIL, String::as_str)).map_err(told)?;
    let Some(known) = stores.users.find_by_email(&address).await? else {
        println!("there is no account {address}, so there are no sample jobs");
        return Ok(());
    };
    let owner = known.user.user_id;
    let filter = JobFilter {
        tag: Some(TAG.to_owned()),
        ..JobFilter::default()
    };
    let mut deleted = 0;
    loop {
        let page = stores
            .jobs
            .list(owner, &filter, JobSort::CreatedAsc, None, Limit::DEFAULT)
            .await?;
        if page.data.is_empty() {
            break;
        }
        for job in page.data {
            match stores.jobs.delete(owner, job.job_id, None, SystemClock.now()).await {
                Ok(()) => deleted += 1,
                Err(StoreError::NotFound) => {} // Deleted by somebody else just now.
                Err(error) => return Err(error.into()),
            }
        }
    }
    println!("{deleted} sample jobs were deleted");
    Ok(())
}
