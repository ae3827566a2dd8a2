//! Jobs.

use super::{
    people::{at, limit, somebody},
    work::{claim_some, create, create_running, end, new_run, spec, start},
};
use scheduler_domain::{
    error::StoreError,
    event::EventType,
    ids::{JobId, UserId},
    job::{CatchUp, CatchUpPolicy, Executor, Job, JobSpec, JobStatus, Overlap, Payload, Priority, SimulatedOutcome},
    notice::NoticePolicy,
    page::PageKey,
    ports::{JobFilter, JobSort, NewJob, RunFilter},
    run::{Backoff, RetryPolicy, RunStatus, Trigger},
    stats::JobCounts,
    user::Word,
};
use scheduler_tests::databases::Database;

mod lists;

on_both! {
    many_that_are_made_at_once_are_all_made
    a_job_comes_back_as_it_was_written
    a_job_can_start_with_its_making
    an_external_id_is_unique_per_owner_and_free_after_deletion
    many_at_once_answer_each_for_itself
    jobs_are_found_by_external_id_and_counted_up_to_a_limit
    a_change_needs_the_version_that_was_read
    a_deleted_job_is_gone_with_its_runs
    a_foreign_job_is_like_one_that_does_not_exist
}

fn full() -> JobSpec {
    JobSpec {
        job_name: "Nightly 王".to_owned(),
        priority: Priority::Critical,
        description: Some("Über\nalles 🦀".to_owned()),
        payload: Some(Payload::from_json(r#"{"n":12345678901234567890.000100,"z":1,"a":[1e400]}"#.to_owned()).unwrap()),
        executor: Executor::Simulated {
            duration_ms: 5,
            outcome: SimulatedOutcome::Failed,
            failure_rate: 0.25,
        },
        schedule: Some(scheduler_domain::schedule::Schedule::cron(
            "30 2 * * MON-FRI",
            "Europe/Berlin",
        )),
        retry: RetryPolicy {
            max_attempts: 7,
            backoff: Backoff::Linear,
            delays: Some(vec![1, 2]),
            ..RetryPolicy::default()
        },
        timeout_seconds: Some(90),
        run_timeout_seconds: Some(900),
        max_running: None,
        overlap: Overlap::Queue,
        catch_up: CatchUp {
            policy: CatchUpPolicy::All,
            window_seconds: 5,
            max_runs: 7,
        },
        tags: vec!["a b".to_owned(), "ü".to_owned()],
        external_id: Some("ext-1".to_owned()),
        notices: Some(NoticePolicy {
            failure: true,
            remind_hours: Some(24),
            ..NoticePolicy::default()
        }),
    }
}

async fn a_job_comes_back_as_it_was_written(database: Database) {
    let ada = somebody(&database, "ada").await;
    let made = create(&database, ada, full(), at(1)).await;
    let found = database.stores.jobs.find(ada, made.job_id).await.unwrap();
    assert_eq!(found, made);
    assert_eq!(found.spec, full());
    assert_eq!(
        (found.status, found.version, found.created_at, found.last_run),
        (JobStatus::Pending, 1, at(1), None)
    );
    let committed = database.listener.take();
    assert_eq!(committed.len(), 1);
    assert_eq!(
        (
            committed[0].owner,
            committed[0].events.len(),
            committed[0].has_claimable
        ),
        (ada, 1, false)
    );
    let event = &committed[0].events[0];
    assert_eq!(
        (event.kind, event.cursor.0, event.job_id),
        (EventType::JobCreated, 1, Some(made.job_id))
    );
}

async fn a_job_can_start_with_its_making(database: Database) {
    let ada = somebody(&database, "ada").await;
    let (made, run_id) = create_running(&database, ada, full(), at(1)).await;
    let found = database.stores.jobs.find(ada, made.job_id).await.unwrap();
    assert_eq!(found, made);
    let run = found.last_run.unwrap();
    assert_eq!(
        (run.run_id, run.status, run.max_attempts, run.payload),
        (run_id, RunStatus::Queued, 7, None)
    );
    assert_eq!(found.active_runs, 1);
    let committed = database.listener.take();
    let kinds: Vec<_> = committed[0].events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventType::JobCreated, EventType::RunQueued]);
    assert!(committed[0].has_claimable);
    let whole = database.stores.history.find_run(ada, run_id).await.unwrap();
    assert_eq!(whole.payload, full().payload, "the payload of the job is filled in");
}

async fn an_external_id_is_unique_per_owner_and_free_after_deletion(database: Database) {
    let jobs = &database.stores.jobs;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let made = create(&database, ada, full(), at(1)).await;
    let again = NewJob {
        timing: scheduler_domain::ports::Timing::default(),
        job_id: JobId::new(at(2), &*database.random),
        spec: full(),
        run: None,
    };
    let taken = |answer: Result<Job, StoreError>| assert!(matches!(answer, Err(StoreError::Taken("external_id"))));
    taken(jobs.create(ada, again.clone(), at(2)).await);
    create(&database, bob, full(), at(2)).await;
    let other = create(&database, ada, spec("other"), at(3)).await;
    taken(jobs.update(ada, other.job_id, 1, &full(), None, at(4)).await);
    assert_eq!(
        jobs.counts(ada).await.unwrap().total(),
        2,
        "what was refused is not counted"
    );
    jobs.delete(ada, made.job_id, None, at(5)).await.unwrap();
    jobs.create(ada, again, at(6)).await.unwrap();
}

async fn a_change_needs_the_version_that_was_read(database: Database) {
    let jobs = &database.stores.jobs;
    let ada = somebody(&database, "ada").await;
    let made = create(&database, ada, full(), at(1)).await;
    database.listener.take();
    let changed = JobSpec {
        tags: vec!["new".to_owned()],
        description: None,
        payload: None,
        ..spec("changed")
    };
    let job = jobs.update(ada, made.job_id, 1, &changed, None, at(2)).await.unwrap();
    assert_eq!((job.version, job.updated_at, &job.spec), (2, at(2), &changed));
    let late = jobs.update(ada, made.job_id, 1, &full(), None, at(3)).await;
    assert!(matches!(late, Err(StoreError::VersionConflict { current: 2 })));
    assert_eq!(jobs.find(ada, made.job_id).await.unwrap(), job);
    let kinds: Vec<_> = database
        .listener
        .take()
        .iter()
        .flat_map(|what| what.events.clone())
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds, [EventType::JobUpdated]);
    let tagged = JobFilter {
        tag: Some("a b".to_owned()),
        ..JobFilter::default()
    };
    assert!(
        jobs.list(ada, &tagged, JobSort::CreatedDesc, None, limit(9))
            .await
            .unwrap()
            .data
            .is_empty()
    );
    let stale = jobs.delete(ada, made.job_id, Some(1), at(4)).await;
    assert!(matches!(stale, Err(StoreError::VersionConflict { current: 2 })));
    jobs.delete(ada, made.job_id, Some(2), at(4)).await.unwrap();
}

async fn a_deleted_job_is_gone_with_its_runs(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let (job, first) = create_running(&database, ada, spec("doomed"), at(1)).await;
    let running = claim_some(&database, 9, at(2)).await;
    let queued = start(&database, ada, job.job_id, at(3)).await.unwrap();
    database.listener.take();
    stores.jobs.delete(ada, job.job_id, None, at(4)).await.unwrap();
    let committed = database.listener.take();
    let kinds: Vec<_> = committed[0].events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [EventType::RunCancelled, EventType::RunCancelled, EventType::JobDeleted]
    );
    assert_eq!(committed[0].cancelled_runs, [first]);
    assert!(matches!(
        stores.jobs.find(ada, job.job_id).await,
        Err(StoreError::NotFound)
    ));
    for run in [first, queued.run_id] {
        assert!(matches!(
            stores.history.find_run(ada, run).await,
            Err(StoreError::NotFound)
        ));
        assert!(matches!(
            stores.history.cancel_run(ada, run, at(5)).await,
            Err(StoreError::NotFound)
        ));
    }
    assert!(
        stores
            .history
            .list_runs(ada, &RunFilter::default(), None, limit(9))
            .await
            .unwrap()
            .data
            .is_empty()
    );
    assert_eq!(stores.jobs.counts(ada).await.unwrap(), JobCounts::default());
    assert!(claim_some(&database, 9, at(6)).await.is_empty());
    let late = end(&database, &running[0], Trigger::Succeed, at(6)).await;
    assert_eq!(late, scheduler_domain::ports::Finished::LeaseLost);
    assert!(matches!(
        stores.jobs.delete(ada, job.job_id, None, at(7)).await,
        Err(StoreError::NotFound)
    ));
}

async fn a_foreign_job_is_like_one_that_does_not_exist(database: Database) {
    let stores = &database.stores;
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let (job, run) = create_running(&database, ada, spec("hers"), at(1)).await;
    let id = job.job_id;
    let before = database.number("SELECT COUNT(*) FROM events").await;
    let new = new_run(&database, bob, at(2));
    let of_job = RunFilter {
        job_id: Some(id),
        ..RunFilter::default()
    };
    let errors = [
        stores.jobs.find(bob, id).await.err(),
        stores.jobs.update(bob, id, 1, &spec("his"), None, at(2)).await.err(),
        stores.jobs.delete(bob, id, None, at(2)).await.err(),
        stores.jobs.start(bob, id, new, at(2)).await.err(),
        stores.jobs.cancel_active(bob, id, at(2)).await.err(),
        stores.history.find_run(bob, run).await.err(),
        stores.history.cancel_run(bob, run, at(2)).await.err(),
        stores.history.list_runs(bob, &of_job, None, limit(9)).await.err(),
        stores.events.job_events(bob, id, None, limit(9)).await.err(),
    ];
    for (index, error) in errors.iter().enumerate() {
        assert!(matches!(error, Some(StoreError::NotFound)), "{index}: {error:?}");
    }
    assert!(
        stores
            .history
            .list_runs(bob, &RunFilter::default(), None, limit(9))
            .await
            .unwrap()
            .data
            .is_empty()
    );
    assert!(
        stores
            .jobs
            .list(bob, &JobFilter::default(), JobSort::CreatedDesc, None, limit(9))
            .await
            .unwrap()
            .data
            .is_empty()
    );
    assert_eq!(stores.jobs.find(ada, id).await.unwrap().status, JobStatus::Pending);
    assert_eq!(database.number("SELECT COUNT(*) FROM events").await, before);
}

/// Writers of group commits come and go all the time: one that ends must not take with it what has just been asked for.
async fn many_that_are_made_at_once_are_all_made(database: Database) {
    let ada = somebody(&database, "ada").await;
    let makers = (0..6).map(|_| {
        let (jobs, random) = (database.stores.jobs.clone(), database.random.clone());
        tokio::spawn(async move {
            for _ in 0..60 {
                let new = NewJob {
                    timing: scheduler_domain::ports::Timing::default(),
                    job_id: JobId::new(at(0), &*random),
                    spec: spec("one of many"),
                    run: None,
                };
                jobs.create(ada, new, at(0)).await.unwrap();
            }
        })
    });
    for made in futures_util::future::join_all(makers).await {
        made.unwrap();
    }
    assert_eq!(database.number("SELECT COUNT(*) FROM jobs").await, 360);
    assert_eq!(database.number("SELECT last_seq FROM user_streams").await, 360);
}

fn with_external(database: &Database, index: i64, external_id: Option<&str>) -> NewJob {
    NewJob {
        timing: scheduler_domain::ports::Timing::default(),
        job_id: JobId::new(at(index), &*database.random),
        spec: JobSpec {
            external_id: external_id.map(ToOwned::to_owned),
            ..JobSpec::named(format!("job {index}"))
        },
        run: None,
    }
}

async fn many_at_once_answer_each_for_itself(database: Database) {
    let ada = somebody(&database, "ada").await;
    let new: Vec<NewJob> = (0..600)
        .map(|index| {
            with_external(
                &database,
                index,
                ["a", "b", "a"]
                    .get(usize::try_from(index / 7).unwrap())
                    .filter(|_| index % 7 == 0)
                    .copied(),
            )
        })
        .collect();
    let expected: Vec<JobId> = new.iter().map(|job| job.job_id).collect();
    let made = database.stores.jobs.create_many(ada, new, at(1)).await;
    assert_eq!(made.len(), 600);
    for (index, (made, job_id)) in made.iter().zip(expected).enumerate() {
        match made {
            Ok(job) => assert_eq!(job.job_id, job_id, "{index}"),
            // "a" for the second time.
            Err(StoreError::Taken("external_id")) => assert_eq!(index, 14),
            Err(error) => panic!("{index}: {error}"),
        }
    }
    assert!(made[14].is_err());
    let counts = database.stores.jobs.counts(ada).await.unwrap();
    assert_eq!(counts.pending, 599);
    // Far fewer transactions than jobs.
    let commits = database.listener.take().len();
    assert!(commits < 30, "{commits}");
}

async fn jobs_are_found_by_external_id_and_counted_up_to_a_limit(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let jobs = &database.stores.jobs;
    let new = (0..5)
        .map(|index| with_external(&database, index, (index == 3).then_some("erp:1")))
        .collect();
    let made: Vec<Job> = jobs
        .create_many(ada, new, at(1))
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(jobs.id_of_external(ada, "erp:1").await.unwrap(), made[3].job_id);
    for (owner, external_id) in [(bob, "erp:1"), (ada, "ERP:1"), (ada, "erp:")] {
        let found = jobs.id_of_external(owner, external_id).await;
        assert!(matches!(found, Err(StoreError::NotFound)), "{external_id}: {found:?}");
    }
    let all = JobFilter::default();
    for (most, expected) in [(3, 3), (5, 5), (100, 5)] {
        assert_eq!(jobs.count_matching(ada, &all, most).await.unwrap(), expected);
    }
    assert_eq!(jobs.count_matching(bob, &all, 100).await.unwrap(), 0);
    let ids: Vec<JobId> = made.iter().map(|job| job.job_id).collect();
    assert_eq!(jobs.known(bob, &ids).await.unwrap(), []);
    jobs.delete(ada, made[3].job_id, None, at(2)).await.unwrap();
    let mut known = jobs.known(ada, &ids).await.unwrap();
    known.sort_unstable();
    assert_eq!(known, [ids[0], ids[1], ids[2], ids[4]]);
    assert!(matches!(
        jobs.id_of_external(ada, "erp:1").await,
        Err(StoreError::NotFound)
    ));
}
