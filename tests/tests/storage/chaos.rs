//! Connections that break, and many writers at once.

use super::{
    people::{at, somebody, user},
    work::{claim, create_running, finish, new_run, spec},
};
use scheduler_domain::{
    error::StoreError,
    ids::JobId,
    ports::{JobStore, NewJob},
    run::Trigger,
};
use scheduler_tests::databases::{Backend, Database, administer, mysql_server};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

on_both! {
    fifty_writers_at_once_never_meet_a_busy_database
    producers_claimers_and_a_reaper_meet_without_an_error
}

async fn fifty_writers_at_once_never_meet_a_busy_database(database: Database) {
    let ada = somebody(&database, "ada").await;
    let writers = (0..50).map(|_| {
        let jobs = database.stores.jobs.clone();
        let news: Vec<_> = (0..10).map(|_| new_job(&database)).collect();
        tokio::spawn(async move {
            let mut slowest = Duration::ZERO;
            for new in news {
                let started = Instant::now();
                jobs.create(ada, new, at(0)).await.unwrap();
                slowest = slowest.max(started.elapsed());
            }
            slowest
        })
    });
    let started = Instant::now();
    let slowest = futures_util::future::join_all(writers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .max()
        .unwrap();
    println!(
        "{:?}: 500 creates by 50 writers in {:?}, slowest {slowest:?}",
        database.backend,
        started.elapsed()
    );
    assert_eq!(database.stores.jobs.counts(ada).await.unwrap().pending, 500);
}

fn new_job(database: &Database) -> NewJob {
    NewJob {
        timing: scheduler_domain::ports::Timing::default(),
        job_id: JobId::new(at(0), &*database.random),
        spec: spec("job"),
        run: None,
    }
}

async fn producers_claimers_and_a_reaper_meet_without_an_error(database: Database) {
    let mut owners = Vec::new();
    for name in ["ada", "bob", "cleo"] {
        owners.push(somebody(&database, name).await);
    }
    let job = create_running(&database, owners[0], spec("hot"), at(0)).await.0;
    let done = Arc::new(AtomicBool::new(false));
    let database = Arc::new(database);
    let producers = (0..4usize).map(|number| {
        let (database, owner) = (database.clone(), owners[number % 3]);
        tokio::spawn(async move {
            for second in 0..25 {
                create_running(&database, owner, spec("job"), at(second)).await;
                if number % 3 == 0 {
                    // All on one job: its row is where they meet.
                    let new = new_run(&database, owner, at(second));
                    database
                        .stores
                        .jobs
                        .start(owner, job.job_id, new, at(second))
                        .await
                        .unwrap();
                }
            }
        })
    });
    let claimers: Vec<_> = (1..6u8)
        .map(|number| {
            let (database, done) = (database.clone(), done.clone());
            tokio::spawn(async move {
                let mut ended = 0;
                loop {
                    let was_done = done.load(Ordering::SeqCst);
                    let claimed = database.stores.queue.claim(&claim(number, 5, at(100))).await.unwrap();
                    if claimed.is_empty() && was_done {
                        return ended;
                    }
                    let batch = claimed
                        .iter()
                        .map(|claimed| finish(claimed, Trigger::Succeed, at(101)))
                        .collect();
                    ended += database.stores.queue.finish(batch).await.unwrap().len();
                    database.stores.queue.reap(at(50), 10).await.unwrap();
                    database.stores.queue.queue_due_retries(at(100), 10).await.unwrap();
                }
            })
        })
        .collect();
    for producer in futures_util::future::join_all(producers).await {
        producer.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let ended: usize = futures_util::future::join_all(claimers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    let unfinished = database
        .number("SELECT COUNT(*) FROM runs WHERE finished_at IS NULL")
        .await;
    assert_eq!(
        (i64::try_from(ended).unwrap() + unfinished, unfinished < 6),
        (151, true)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_leave_nothing_half_done() {
    let Some(database) = Database::fresh(Backend::Mysql).await else {
        return;
    };
    let ada = somebody(&database, "ada").await;
    let name = database.url.rsplit('/').next().unwrap().to_owned();
    let server = mysql_server().unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let killer = {
        let (url, done) = (database.url.clone(), done.clone());
        tokio::spawn(async move {
            let mut killed = 0;
            while !done.load(Ordering::SeqCst) {
                killed += kill_others(&url, &name).await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            killed
        })
    };
    let (mut written, mut unknown) = (0, 0);
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(4) {
        match create_with_run(&*database.stores.jobs, &database, ada).await {
            Ok(()) => written += 1,
            // Only a connection cut at its COMMIT is answered so.
            Err(StoreError::Unavailable(_)) => unknown += 1,
            Err(error) => panic!("{error}"),
        }
    }
    done.store(true, Ordering::SeqCst);
    let killed = killer.await.unwrap();
    println!("{killed} connections cut, {written} written, {unknown} unknown");
    assert!(killed > 20 && written > 20);
    let jobs = database.number("SELECT COUNT(*) FROM jobs").await;
    assert!(
        (written..=written + unknown).contains(&jobs),
        "{jobs} of {written} + {unknown}"
    );
    assert_eq!(database.number("SELECT COUNT(*) FROM runs").await, jobs);
    assert_eq!(database.number("SELECT COUNT(*) FROM events").await, jobs * 2);
    assert_eq!(database.number("SELECT last_seq FROM user_streams").await, jobs * 2);
    assert_eq!(database.stores.jobs.counts(ada).await.unwrap().pending, jobs);
    // Nothing holds a lock any more, and the pool has healed.
    database
        .stores
        .users
        .insert(&user(&database, "afterwards"), "hash")
        .await
        .unwrap();
    administer(&server, &[]).await;
}

async fn create_with_run(
    jobs: &dyn JobStore,
    database: &Database,
    owner: scheduler_domain::ids::UserId,
) -> Result<(), StoreError> {
    let new = NewJob {
        timing: scheduler_domain::ports::Timing::default(),
        run: Some(new_run(database, owner, at(0))),
        ..new_job(database)
    };
    jobs.create(owner, new, at(0)).await.map(drop)
}

/// Kills the connections of the program under test, whatever they are doing.
async fn kill_others(url: &str, name: &str) -> u32 {
    use mysql_async::prelude::Queryable;
    let mut conn = mysql_async::Conn::from_url(url).await.unwrap();
    let sql = format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{name}' AND ID <> CONNECTION_ID()");
    // MySQL cannot always show what the others are just doing.
    let ids: Vec<u64> = conn.query(sql).await.unwrap_or_default();
    let mut killed = 0;
    for id in ids {
        killed += u32::from(conn.query_drop(format!("KILL {id}")).await.is_ok());
    }
    conn.disconnect().await.unwrap();
    killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_transaction_of_somebody_else_blocks_no_new_run() {
    use mysql_async::prelude::Queryable;
    let Some(database) = Database::fresh(Backend::Mysql).await else {
        return;
    };
    let ada = somebody(&database, "ada").await;
    super::work::queue_up(&database, ada, 20).await;
    let mut other = mysql_async::Conn::from_url(&database.url).await.unwrap();
    other
        .query_drop("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        .await
        .unwrap();
    other.query_drop("START TRANSACTION").await.unwrap();
    let locked: Vec<Vec<u8>> = other
        .query("SELECT run_id FROM runs WHERE claim_key IS NOT NULL AND status = 'Queued' ORDER BY claim_key, run_id LIMIT 5 FOR UPDATE SKIP LOCKED")
        .await
        .unwrap();
    assert_eq!(locked.len(), 5);
    let started = Instant::now();
    super::work::queue_up(&database, ada, 5).await;
    let mine = super::work::claim_some(&database, 100, at(1_000)).await;
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(mine.len(), 20, "all but the five that somebody else is claiming");
    other.query_drop("ROLLBACK").await.unwrap();
    assert_eq!(super::work::claim_some(&database, 100, at(1_000)).await.len(), 5);
    other.disconnect().await.unwrap();
}
