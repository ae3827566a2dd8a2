//! Nodes, and the queue as they see it.

use super::{
    people::{at, somebody},
    work::{claim_some, create_running, node, queue_up, spec},
};
use scheduler_domain::{
    clock::Timestamp,
    health::{NodeStats, QueueDepth},
    job::{JobSpec, Priority},
    ports::Heartbeat,
};
use scheduler_tests::databases::{Backend, Database};

on_both! {
    a_node_has_one_row_that_says_how_it_is
    nodes_that_are_gone_are_forgotten
    the_depth_of_the_queue_and_the_age_of_its_head
    nobody_counts_further_than_the_cap
}

fn beat(number: u8, now: Timestamp) -> Heartbeat {
    Heartbeat {
        node_id: node(number),
        name: "box".to_owned(),
        version: "1.0".to_owned(),
        started_at: at(0),
        now,
        running: 3,
        concurrency: 64,
        stats: NodeStats {
            claim_batch: [1, 2, 500].into_iter().collect(),
            lease_losses: 7,
            ..NodeStats::default()
        },
    }
}

async fn a_node_has_one_row_that_says_how_it_is(database: Database) {
    let view = &database.stores.view;
    assert!(view.nodes().await.unwrap().is_empty());
    view.beat(&beat(1, at(5))).await.unwrap();
    view.beat(&beat(1, at(10))).await.unwrap();
    view.beat(&beat(2, at(9))).await.unwrap();
    let nodes = view.nodes().await.unwrap();
    assert_eq!(nodes.len(), 2);
    let first = &nodes[0];
    assert_eq!(
        (first.started_at, first.seen_at, first.stopped_at),
        (at(0), at(10), None)
    );
    assert_eq!((first.running, first.concurrency), (3, 64));
    assert_eq!(first.stats, Some(beat(1, at(10)).stats));

    view.stopped(node(1), at(12)).await.unwrap();
    let stopped = view.nodes().await.unwrap().remove(0);
    assert_eq!((stopped.stopped_at, stopped.running), (Some(at(12)), 0));
    assert!(!stopped.is_alive(at(12)));
    // It comes back as a new process.
    let again = Heartbeat {
        started_at: at(20),
        ..beat(1, at(21))
    };
    view.beat(&again).await.unwrap();
    let again = view.nodes().await.unwrap().remove(0);
    assert_eq!((again.started_at, again.stopped_at), (at(20), None));
    // What an unknown version wrote does not hide the node.
    database.execute("UPDATE nodes SET stats = 'what'").await;
    assert_eq!(view.nodes().await.unwrap().remove(0).stats, None);
}

async fn nodes_that_are_gone_are_forgotten(database: Database) {
    let view = &database.stores.view;
    for number in 1..=3 {
        view.beat(&beat(number, at(i64::from(number)))).await.unwrap();
    }
    assert_eq!(view.forget_nodes(at(3), 1).await.unwrap(), 1);
    assert_eq!(view.forget_nodes(at(3), 9).await.unwrap(), 1);
    assert_eq!(view.forget_nodes(at(3), 9).await.unwrap(), 0);
    assert_eq!(view.nodes().await.unwrap()[0].node_id, node(3));
}

async fn the_depth_of_the_queue_and_the_age_of_its_head(database: Database) {
    let view = &database.stores.view;
    assert_eq!(view.queue_depth().await.unwrap(), QueueDepth::default());
    let ada = somebody(&database, "ada").await;
    // The oldest is not the one that is next in turn.
    let low = JobSpec {
        priority: Priority::Low,
        ..spec("low")
    };
    create_running(&database, ada, low, at(0)).await;
    let critical = JobSpec {
        priority: Priority::Critical,
        ..spec("critical")
    };
    create_running(&database, ada, critical, at(30)).await;
    let depth = view.queue_depth().await.unwrap();
    assert_eq!(
        (depth.waiting, depth.capped, depth.oldest_queued_at),
        (2, false, Some(at(0)))
    );
    assert_eq!(depth.oldest_seconds(at(45)), Some(45));
    claim_some(&database, 9, at(50)).await;
    assert_eq!(view.queue_depth().await.unwrap(), QueueDepth::default());
}

async fn nobody_counts_further_than_the_cap(database: Database) {
    let view = &database.stores.view;
    let ada = somebody(&database, "ada").await;
    queue_up(&database, ada, 101).await;
    let depth = view.queue_depth().await.unwrap();
    assert_eq!((depth.waiting, depth.capped), (101, false));
    // Seven doublings make 12,928 of them.
    let id = match database.backend {
        Backend::Sqlite => "randomblob(16)",
        Backend::Mysql => "UNHEX(REPLACE(UUID(), '-', ''))",
    };
    let columns = "job_id, user_id, job_name, status, trigger_type, attempt, max_attempts, crashes, created_at, claim_key, attempts, \
         active_job_id, claim_user";
    for _ in 0..7 {
        database
            .execute(&format!(
                "INSERT INTO runs (run_id, {columns}) SELECT {id}, {columns} FROM runs"
            ))
            .await;
    }
    let depth = view.queue_depth().await.unwrap();
    assert_eq!((depth.waiting, depth.capped), (QueueDepth::CAP, true));
}
