//! What the databases are told, asserted on live connections; and the text of instants.

use super::people::{somebody, t0, user};
use chrono::TimeDelta;
use scheduler_domain::{error::StoreError, ports::JobFilter, ports::JobSort};
use scheduler_storage::{Store, StoreConfig};
use scheduler_tests::databases::{Backend, Database, Recorder, mysql_server};
use std::{collections::HashMap, sync::Arc, time::Duration};

on_both! {
    every_connection_is_set_as_promised
    instants_sort_as_text_and_come_back_to_the_microsecond
    the_database_answers
    a_dropped_request_leaves_nothing_open
}

async fn every_connection_is_set_as_promised(database: Database) {
    for writing in [true, false] {
        let settings: HashMap<String, String> = database
            .stores
            .settings
            .settings(writing)
            .await
            .unwrap()
            .into_iter()
            .collect();
        let get = |name: &str| settings.get(name).map(String::as_str);
        match database.backend {
            Backend::Sqlite => {
                assert_eq!(
                    (get("journal_mode"), get("synchronous"), get("foreign_keys")),
                    (Some("wal"), Some("2"), Some("1"))
                );
                assert!(get("busy_timeout").unwrap().parse::<u32>().unwrap() >= 5_000);
                assert_eq!(get("query_only"), Some(if writing { "0" } else { "1" }));
            }
            Backend::Mysql => {
                let isolation = get("transaction_isolation").or(get("tx_isolation"));
                assert_eq!((isolation, get("time_zone")), (Some("READ-COMMITTED"), Some("+00:00")));
                assert!(get("sql_mode").unwrap().contains("STRICT_ALL_TABLES"));
                assert_eq!(
                    (get("innodb_lock_wait_timeout"), get("lc_messages")),
                    (Some("5"), Some("en_US"))
                );
                for name in [
                    "character_set_client",
                    "character_set_connection",
                    "character_set_results",
                ] {
                    assert_eq!(get(name), Some("utf8mb4"));
                }
            }
        }
    }
}

async fn instants_sort_as_text_and_come_back_to_the_microsecond(database: Database) {
    let second = t0() - TimeDelta::microseconds(123_456);
    let mut instants = Vec::new();
    // Whole seconds, whole milliseconds and odd microseconds are written with 0, 3 and 6 digits.
    for micros in [
        0,
        1,
        10,
        999,
        1_000,
        1_001,
        120_000,
        500_000,
        500_001,
        999_999,
        1_000_000,
        60_000_000,
        86_400_000_000,
    ] {
        instants.push(second + TimeDelta::microseconds(micros));
    }
    let ada = somebody(&database, "ada").await;
    let mut shuffled = instants.clone();
    shuffled.reverse();
    shuffled.swap(2, 7);
    for instant in shuffled {
        super::work::create(&database, ada, super::work::spec("job"), instant).await;
    }
    let filter = JobFilter::default();
    let page = database
        .stores
        .jobs
        .list(ada, &filter, JobSort::CreatedAsc, None, super::people::limit(50))
        .await
        .unwrap();
    let found: Vec<_> = page.data.iter().map(|job| job.created_at).collect();
    assert_eq!(found, instants);
    for (index, instant) in instants.iter().enumerate() {
        let after = JobFilter {
            created_after: Some(*instant),
            ..JobFilter::default()
        };
        let page = database
            .stores
            .jobs
            .list(ada, &after, JobSort::CreatedAsc, None, super::people::limit(50))
            .await
            .unwrap();
        assert_eq!(page.data.len(), instants.len() - index - 1, "after {instant}");
    }
}

async fn the_database_answers(database: Database) {
    database.stores.health.ping().await.unwrap();
    assert!(database.stores.health.pending_migrations().await.unwrap().is_empty());
}

async fn a_dropped_request_leaves_nothing_open(database: Database) {
    let ada = somebody(&database, "ada").await;
    for number in 0..60u64 {
        let users = database.stores.users.clone();
        let someone = user(&database, &format!("user{number}"));
        let request = async move { users.insert(&someone, "hash").await };
        // Dropped at about every stage of its way.
        let _ = tokio::time::timeout(Duration::from_micros(number * 40), request).await;
    }
    // Every connection of the pool is taken at once: none is inside a transaction of somebody who went away.
    let reads = (0..40).map(|_| {
        let users = database.stores.users.clone();
        tokio::spawn(async move { users.find(ada).await.map(|_| users.clone()) })
    });
    for read in futures_util::future::join_all(reads).await {
        read.unwrap().unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (users, streams) = (
        database.number("SELECT COUNT(*) FROM users").await,
        database.number("SELECT COUNT(*) FROM user_streams").await,
    );
    assert_eq!(users, streams, "each insert happened as a whole or not at all");
    database
        .stores
        .users
        .insert(&user(&database, "afterwards"), "hash")
        .await
        .unwrap();
}

async fn connect(url: &str) -> StoreError {
    let random = Arc::new(scheduler_domain::clock::SeededRandom::new(1));
    match Store::connect(&StoreConfig::new(url), random, Arc::new(Recorder::default())).await {
        Ok(_) => panic!("connected to {url}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable_and_a_wrong_url_an_error() {
    assert!(matches!(
        connect("mysql://root:s3cret@127.0.0.1:1/db").await,
        StoreError::Unavailable(_)
    ));
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite://{}/no/such/folder/jobs.db", folder.path().display());
    assert!(matches!(connect(&missing).await, StoreError::Unavailable(_)));
    for wrong in [
        "postgres://u:s3cret@h/db",
        "sqlite://relative.db",
        "mysql://root:s3cret@localhost/",
    ] {
        let error = connect(wrong).await;
        assert!(
            matches!(error, StoreError::Driver(_)) && !error.to_string().contains("s3cret"),
            "{error}"
        );
    }
    if let Some(server) = mysql_server() {
        let unknown = connect(&format!("{server}/no_such_database_here")).await;
        assert!(matches!(unknown, StoreError::Driver(_)), "{unknown}");
    }
}
