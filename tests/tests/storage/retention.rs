//! What retention deletes.

use super::{
    people::{at, somebody},
    work::{claim_some, create_running, end, queue_up, spec},
};
use chrono::TimeDelta;
use scheduler_domain::{error::StoreError, run::Trigger};
use scheduler_tests::databases::Database;

on_both! {
    ended_runs_go_in_batches_and_nothing_else
    deleted_jobs_go_when_their_runs_are_gone
}

async fn ended_runs_go_in_batches_and_nothing_else(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let waiting = create_running(&database, ada, super::work::retrying("waits", 1), at(0))
        .await
        .1;
    let claimed = claim_some(&database, 1, at(0)).await;
    end(&database, &claimed[0], Trigger::HandBack, at(0)).await;
    queue_up(&database, ada, 7).await;
    let mut claimed = claim_some(&database, 9, at(10)).await;
    claimed.retain(|claimed| claimed.run.run_id != waiting);
    for claimed in &claimed {
        end(&database, claimed, Trigger::Succeed, at(11)).await;
    }
    let day = TimeDelta::days(1);
    assert_eq!(stores.queue.delete_ended(at(11), 5).await.unwrap(), 0);
    let deleted = [
        stores.queue.delete_ended(at(11) + day, 5).await.unwrap(),
        stores.queue.delete_ended(at(11) + day, 5).await.unwrap(),
        stores.queue.delete_ended(at(11) + day, 5).await.unwrap(),
    ];
    assert_eq!(deleted, [5, 2, 0]);
    assert!(stores.history.find_run(ada, waiting).await.is_ok());
    let job = stores.jobs.find(ada, claimed[0].run.job_id).await.unwrap();
    assert_eq!(
        (job.status, job.last_run),
        (scheduler_domain::job::JobStatus::Completed, None)
    );
}

async fn deleted_jobs_go_when_their_runs_are_gone(database: Database) {
    let stores = &database.stores;
    let ada = somebody(&database, "ada").await;
    let (gone, _) = create_running(&database, ada, spec("gone"), at(0)).await;
    let (kept, _) = create_running(&database, ada, spec("kept"), at(0)).await;
    stores.jobs.delete(ada, gone.job_id, None, at(1)).await.unwrap();
    assert_eq!(stores.queue.delete_ended(at(100), 1).await.unwrap(), 1, "first its run");
    assert_eq!(database.number("SELECT COUNT(*) FROM jobs").await, 2);
    assert_eq!(stores.queue.delete_ended(at(100), 9).await.unwrap(), 1);
    assert_eq!(stores.queue.delete_ended(at(100), 9).await.unwrap(), 0);
    assert_eq!(database.number("SELECT COUNT(*) FROM jobs").await, 1);
    assert!(stores.jobs.find(ada, kept.job_id).await.is_ok());
    assert!(matches!(
        stores.jobs.find(ada, gone.job_id).await,
        Err(StoreError::NotFound)
    ));
}
