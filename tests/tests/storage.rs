//! The conformance suite of the storage: every obligation of its ports, on SQLite always, and on the MySQL or MariaDB
//! that `TEST_MYSQL_URL` names.
#![allow(clippy::unwrap_used, clippy::expect_used)]

/// Makes a test for each database out of functions that take one.
macro_rules! on_both {
    ($($name:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let backend = scheduler_tests::databases::Backend::Sqlite;
                super::$name(scheduler_tests::databases::Database::fresh(backend).await.unwrap()).await;
            })+
        }

        mod mysql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let backend = scheduler_tests::databases::Backend::Mysql;
                if let Some(database) = scheduler_tests::databases::Database::fresh(backend).await {
                    super::$name(database).await;
                }
            })+
        }
    };
}

mod storage {
    pub mod people;
    pub mod work;

    mod accounts;
    mod api_keys;
    mod audit;
    mod bulk;
    mod chaos;
    mod deliveries;
    mod events;
    mod explain;
    mod fair;
    mod heartbeats;
    mod history;
    mod idempotency;
    mod jobs;
    mod links;
    pub mod logs;
    mod model;
    mod nodes;
    mod notices;
    mod otps;
    mod outbox;
    mod overlap;
    mod queue;
    mod retention;
    mod retention_by_count;
    pub mod schedules;
    mod sessions;
    mod settings;
    mod webhooks;
    mod worker_cancels;
    pub mod workers;
}
