//! Operations on many jobs.

use super::people::{at, limit, somebody};
use scheduler_domain::{
    bulk::{BulkAction, BulkError, BulkOperation, BulkParams, BulkStatus, BulkTarget, MAX_OPEN},
    error::StoreError,
    ids::{BulkId, JobId, UserId},
    page::PageKey,
    ports::JobFilter,
    run::LeaseToken,
};
use scheduler_tests::databases::Database;

on_both! {
    an_operation_comes_back_as_it_was_written
    one_node_at_a_time_handles_a_batch
    a_node_that_dies_is_followed_by_another
    what_was_aborted_stays_so
    a_user_may_have_so_many_open
    ended_ones_are_deleted_when_they_are_old
}

const ONE: LeaseToken = LeaseToken([1; 16]);
const TWO: LeaseToken = LeaseToken([2; 16]);

fn operation(database: &Database, owner: UserId, second: i64) -> BulkOperation {
    BulkOperation {
        bulk_id: BulkId::new(at(second), &*database.random),
        owner,
        asked: None,
        action: BulkAction::Tag,
        params: BulkParams {
            add: vec!["ü".to_owned()],
            ..BulkParams::default()
        },
        target: BulkTarget::Filter(JobFilter {
            q: Some("x".to_owned()),
            created_before: Some(at(7)),
            ..JobFilter::default()
        }),
        status: BulkStatus::Pending,
        matched: 3,
        matched_exactly: false,
        done: 0,
        failed: 0,
        errors: Vec::new(),
        after: None,
        created_at: at(second),
        finished_at: None,
    }
}

async fn an_operation_comes_back_as_it_was_written(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let bulk = &database.stores.bulk;
    let (first, second) = (operation(&database, ada, 1), operation(&database, ada, 2));
    bulk.insert(&first).await.unwrap();
    bulk.insert(&second).await.unwrap();
    assert_eq!(bulk.find(ada, first.bulk_id).await.unwrap(), first);
    let foreign = bulk.find(bob, first.bulk_id).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
    let foreign = bulk.abort(bob, first.bulk_id, at(3)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound)), "{foreign:?}");
    let page = bulk.list(ada, None, limit(1)).await.unwrap();
    assert_eq!(page.data, [second]);
    let page = bulk.list(ada, page.next, limit(1)).await.unwrap();
    assert_eq!((page.data, page.next), (vec![first], None));
    assert_eq!(bulk.list(bob, None, limit(1)).await.unwrap().data, []);
}

async fn one_node_at_a_time_handles_a_batch(database: Database) {
    let ada = somebody(&database, "ada").await;
    let bulk = &database.stores.bulk;
    let (first, second) = (operation(&database, ada, 1), operation(&database, ada, 2));
    bulk.insert(&first).await.unwrap();
    bulk.insert(&second).await.unwrap();
    let mut taken = bulk.claim(at(10), at(70), ONE).await.unwrap().unwrap();
    assert_eq!(taken.bulk_id, first.bulk_id, "the one that waits longest");
    assert_eq!(
        bulk.claim(at(10), at(70), TWO).await.unwrap().unwrap().bulk_id,
        second.bulk_id
    );
    assert_eq!(bulk.claim(at(11), at(71), TWO).await.unwrap(), None);
    assert_eq!(bulk.find(ada, first.bulk_id).await.unwrap().status, BulkStatus::Running);
    // It is given back after the batch, and everything about it is kept.
    let job_id = JobId::new(at(1), &*database.random);
    taken.status = BulkStatus::Running;
    taken.done = 2;
    taken.failed = 1;
    taken.errors.push(BulkError {
        job_id,
        code: "overlap_skipped".to_owned(),
        message: "m".to_owned(),
    });
    taken.after = Some(PageKey {
        sort: "s".to_owned(),
        id: job_id.to_string(),
    });
    bulk.progress(&taken, ONE, at(12)).await.unwrap();
    assert_eq!(bulk.find(ada, first.bulk_id).await.unwrap(), taken);
    let mut again = bulk.claim(at(12), at(72), TWO).await.unwrap().unwrap();
    assert_eq!(again, taken);
    again.complete(at(13));
    bulk.progress(&again, TWO, at(13)).await.unwrap();
    let done = bulk.find(ada, first.bulk_id).await.unwrap();
    assert_eq!((done.status, done.finished_at), (BulkStatus::Completed, Some(at(13))));
    assert_eq!(bulk.claim(at(60), at(120), ONE).await.unwrap(), None);
}

async fn a_node_that_dies_is_followed_by_another(database: Database) {
    let ada = somebody(&database, "ada").await;
    let bulk = &database.stores.bulk;
    bulk.insert(&operation(&database, ada, 1)).await.unwrap();
    let dead = bulk.claim(at(10), at(70), ONE).await.unwrap().unwrap();
    assert_eq!(bulk.claim(at(69), at(130), TWO).await.unwrap(), None);
    bulk.claim(at(70), at(130), TWO).await.unwrap().unwrap();
    let late = bulk.progress(&dead, ONE, at(71)).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)), "{late:?}");
}

async fn what_was_aborted_stays_so(database: Database) {
    let ada = somebody(&database, "ada").await;
    let bulk = &database.stores.bulk;
    let new = operation(&database, ada, 1);
    bulk.insert(&new).await.unwrap();
    let mut taken = bulk.claim(at(10), at(70), ONE).await.unwrap().unwrap();
    let (stopped, aborted) = bulk.abort(ada, new.bulk_id, at(11)).await.unwrap();
    assert!(stopped);
    assert_eq!(
        (aborted.status, aborted.finished_at),
        (BulkStatus::Aborted, Some(at(11)))
    );
    // The batch that was at work is counted, and ends nothing.
    taken.done = 3;
    taken.complete(at(12));
    bulk.progress(&taken, ONE, at(12)).await.unwrap();
    let found = bulk.find(ada, new.bulk_id).await.unwrap();
    assert_eq!(
        (found.status, found.finished_at, found.done),
        (BulkStatus::Aborted, Some(at(11)), 3)
    );
    assert_eq!(bulk.claim(at(100), at(160), TWO).await.unwrap(), None);
    assert!(!bulk.abort(ada, new.bulk_id, at(13)).await.unwrap().0);
}

async fn a_user_may_have_so_many_open(database: Database) {
    let (ada, bob) = (somebody(&database, "ada").await, somebody(&database, "bob").await);
    let bulk = &database.stores.bulk;
    let mut last = None;
    for second in 0..MAX_OPEN {
        let new = operation(&database, ada, second.into());
        bulk.insert(&new).await.unwrap();
        last = Some(new.bulk_id);
    }
    let refused = bulk.insert(&operation(&database, ada, 99)).await;
    assert!(
        matches!(refused, Err(StoreError::Taken("bulk_operations"))),
        "{refused:?}"
    );
    bulk.insert(&operation(&database, bob, 99)).await.unwrap();
    bulk.abort(ada, last.unwrap(), at(100)).await.unwrap();
    bulk.insert(&operation(&database, ada, 99)).await.unwrap();
}

async fn ended_ones_are_deleted_when_they_are_old(database: Database) {
    let ada = somebody(&database, "ada").await;
    let bulk = &database.stores.bulk;
    let (old, young, open) = (
        operation(&database, ada, 1),
        operation(&database, ada, 2),
        operation(&database, ada, 3),
    );
    for new in [&old, &young, &open] {
        bulk.insert(new).await.unwrap();
    }
    bulk.abort(ada, old.bulk_id, at(10)).await.unwrap();
    bulk.abort(ada, young.bulk_id, at(20)).await.unwrap();
    assert_eq!(bulk.delete_ended(at(20), 100).await.unwrap(), 1);
    let left: Vec<BulkId> = bulk
        .list(ada, None, limit(10))
        .await
        .unwrap()
        .data
        .iter()
        .map(|operation| operation.bulk_id)
        .collect();
    assert_eq!(left, [open.bulk_id, young.bulk_id]);
}
