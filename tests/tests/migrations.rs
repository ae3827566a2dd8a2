//! The migrations: from nothing, again, back and forth, and the same on both databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use scheduler_storage::migration_names;
use scheduler_tests::databases::{Backend, Database};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

fn folder(database: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../migrations")
        .join(database);
    let mut names: Vec<String> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(folder("mysql"), folder("sqlite"));
    assert_eq!(folder("sqlite"), migration_names(), "all are built into the program");
}

/// Columns and indexes of every table but diesel's own.
async fn shape(database: &Database) -> BTreeMap<String, BTreeSet<String>> {
    let (columns, indexes) = match database.backend {
        Backend::Sqlite => (
            "SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
            "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%'",
        ),
        Backend::Mysql => (
            "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()",
            "SELECT TABLE_NAME, INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() \
             AND INDEX_NAME <> 'PRIMARY'",
        ),
    };
    let mut shape: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for sql in [columns, indexes] {
        for row in database.query(sql).await {
            if !row[0].starts_with("__") && !row[0].starts_with("sqlite_") {
                shape.entry(row[0].clone()).or_default().insert(row[1].clone());
            }
        }
    }
    shape
}

async fn up_down_up(backend: Backend) {
    let Some(database) = Database::bare(backend).await else {
        return;
    };
    let stores = &database.stores;
    assert_eq!(stores.health.pending_migrations().await.unwrap(), migration_names());
    // Two nodes at once.
    let (other, _) = database.another_node().await;
    let (one, two) = futures_util::join!(stores.migrations.migrate(), other.migrations.migrate());
    assert_eq!(one.unwrap().len() + two.unwrap().len(), migration_names().len());
    assert!(stores.health.pending_migrations().await.unwrap().is_empty());
    let fresh = shape(&database).await;
    assert!(fresh.len() >= 12 && fresh["jobs"].contains("idx_priority") && fresh["jobs"].contains("idx_status"));
    assert!(
        stores.migrations.migrate().await.unwrap().is_empty(),
        "a second time does nothing"
    );
    for _ in migration_names() {
        stores.migrations.revert_last().await.unwrap();
    }
    assert!(shape(&database).await.is_empty(), "down leaves nothing");
    assert_eq!(stores.health.pending_migrations().await.unwrap(), migration_names());
    stores.migrations.migrate().await.unwrap();
    assert_eq!(shape(&database).await, fresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn up_and_down_and_up_on_sqlite() {
    up_down_up(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn up_and_down_and_up_on_mysql() {
    up_down_up(Backend::Mysql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let sqlite = Database::fresh(Backend::Sqlite).await.unwrap();
    let Some(mysql) = Database::fresh(Backend::Mysql).await else {
        return;
    };
    let strip = |mut shape: BTreeMap<String, BTreeSet<String>>| {
        // MySQL makes an index for a foreign key where no other serves it.
        for names in shape.values_mut() {
            names.retain(|name| !name.ends_with("_owner"));
        }
        shape
    };
    assert_eq!(strip(shape(&sqlite).await), strip(shape(&mysql).await));
}
