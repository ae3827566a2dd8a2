//! Who gets which run of which queue.

use super::*;

on_both! {
    the_most_urgent_of_all_queues_goes_first
    eight_claimers_never_share_a_run
    eight_claimers_at_many_queues_leave_nothing
    nodes_leave_the_runs_of_workers_alone
    a_limit_holds_for_any_number_of_claimers
    a_limited_queue_goes_on_when_there_is_room
}

async fn the_most_urgent_of_all_queues_goes_first(database: Database) {
    let ada = somebody(&database, "ada").await;
    let mut expected = Vec::new();
    for (queue, priority, seconds) in [
        ("b", Priority::Low, -240),
        ("a", Priority::Critical, 0),
        ("b", Priority::High, 0),
        ("c", Priority::Medium, 0),
        ("a", Priority::Low, 0),
        ("b", Priority::Low, 1),
    ] {
        let job = JobSpec {
            priority,
            ..queued_in(queue)
        };
        expected.push(create_running(&database, ada, job, at(seconds)).await.1);
    }
    create_running(&database, ada, queued_in("elsewhere"), at(0)).await;
    let mut order = Vec::new();
    for max in [1, 2, 9] {
        let claim = asking(ada, &["a", "b", "c"], max, at(2));
        let claimed = database.stores.workers.claim(&claim).await.unwrap();
        order.extend(claimed.into_iter().map(|claimed| claimed.run.run_id));
    }
    assert_eq!(order, expected);
}

/// What eight workers get together, who ask until there is nothing left.
async fn claim_at_once(database: &Database, claim: &WorkerClaim) -> Vec<RunId> {
    let (other, _) = database.another_node().await;
    let claimers = (0..8).map(|number| {
        let stores = if number % 2 == 0 {
            database.stores.clone()
        } else {
            other.clone()
        };
        let claim = claim.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = stores.workers.claim(&claim).await.unwrap();
                if claimed.is_empty()
                    && stores
                        .workers
                        .claimable(claim.owner, &claim.queues)
                        .await
                        .unwrap()
                        .is_empty()
                {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|claimed| claimed.run.run_id));
            }
        })
    });
    let all = futures_util::future::join_all(claimers).await;
    all.into_iter().flat_map(Result::unwrap).collect()
}

async fn eight_claimers_never_share_a_run(database: Database) {
    let ada = somebody(&database, "ada").await;
    for second in 0..80 {
        create_running(&database, ada, queued_in("default"), at(second)).await;
    }
    let claimed = claim_at_once(&database, &asking(ada, &["default"], 3, at(100))).await;
    assert_eq!((claimed.len(), claimed.iter().collect::<HashSet<_>>().len()), (80, 80));
}

async fn eight_claimers_at_many_queues_leave_nothing(database: Database) {
    let ada = somebody(&database, "ada").await;
    let queues = ["a", "b", "c", "d", "e"];
    for (second, queue) in (0..40).zip(queues.into_iter().cycle()) {
        create_running(&database, ada, queued_in(queue), at(second)).await;
    }
    let claimed = claim_at_once(&database, &asking(ada, &queues, 2, at(100))).await;
    assert_eq!((claimed.len(), claimed.iter().collect::<HashSet<_>>().len()), (40, 40));
}

async fn nodes_leave_the_runs_of_workers_alone(database: Database) {
    let ada = somebody(&database, "ada").await;
    create_running(&database, ada, queued_in("default"), at(0)).await;
    assert!(claim_some(&database, 9, at(1)).await.is_empty());
    let claimed = take(&database, ada, 1, at(1)).await.remove(0);
    assert_eq!(database.stores.queue.free_leases_of(node(0), at(2)).await.unwrap(), 0);
    // And workers those of nodes.
    create_running(&database, ada, spec("simulated"), at(2)).await;
    let node_run = claim_some(&database, 1, at(3)).await.remove(0);
    let stolen = Held {
        run_id: node_run.run.run_id,
        lease: node_run.lease,
        ..held(ada, &claimed)
    };
    assert!(matches!(
        beat(&database, stolen, at(4)).await,
        Err(StoreError::LeaseLost)
    ));
}

async fn a_limit_holds_for_any_number_of_claimers(database: Database) {
    let ada = somebody(&database, "ada").await;
    for second in 0..20 {
        create_running(&database, ada, queued_in("default"), at(second)).await;
    }
    let workers = &database.stores.workers;
    workers.limit(ada, "default", Some(3), at(20)).await.unwrap();
    let (other, _) = database.another_node().await;
    let claimers = (0..8).map(|number| {
        let stores = if number % 2 == 0 {
            database.stores.clone()
        } else {
            other.clone()
        };
        tokio::spawn(async move {
            stores
                .workers
                .claim(&asking(ada, &["default", "x"], 2, at(30)))
                .await
                .unwrap()
        })
    });
    let all = futures_util::future::join_all(claimers).await;
    assert_eq!(all.into_iter().map(|claimed| claimed.unwrap().len()).sum::<usize>(), 3);
    workers.limit(ada, "default", Some(0), at(31)).await.unwrap();
    assert!(take(&database, ada, 9, at(32)).await.is_empty());
    workers.limit(ada, "default", None, at(33)).await.unwrap();
    assert_eq!(take(&database, ada, 99, at(34)).await.len(), 17);
}

async fn a_limited_queue_goes_on_when_there_is_room(database: Database) {
    let ada = somebody(&database, "ada").await;
    database
        .stores
        .workers
        .limit(ada, "default", Some(1), at(0))
        .await
        .unwrap();
    let first = taken(&database, ada, queued_in("default")).await;
    create_running(&database, ada, queued_in("default"), at(2)).await;
    assert!(take(&database, ada, 9, at(3)).await.is_empty());
    database.listener.take();
    finish(&database, ada, &first, Trigger::Succeed, at(4)).await.unwrap();
    assert_eq!(
        database.listener.take()[0].worker_queues,
        ["default"],
        "who waits is woken"
    );
    assert_eq!(take(&database, ada, 9, at(5)).await.len(), 1);
}
