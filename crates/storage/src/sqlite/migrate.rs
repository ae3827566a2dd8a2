//! Migrations on SQLite: all in one transaction, so a second process waits, and one that fails leaves nothing.

use super::{Db, connect};
use crate::migrate::SQLITE;
use diesel::SqliteConnection;
use diesel_migrations::MigrationHarness;
use scheduler_domain::error::StoreError;

enum Failed {
    Database(diesel::result::Error),
    Migration(StoreError),
}

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

/// Does one thing with the schema while nobody else does.
pub(super) async fn with_schema<T: Send + 'static>(
    db: &Db,
    change: fn(&mut SqliteConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let path = db.source().path().to_owned();
    tokio::task::spawn_blocking(move || {
        let mut conn = connect::open(&path, true)?;
        conn.immediate_transaction(|conn| change(conn).map_err(Failed::Migration))
            .map_err(|failed| match failed {
                Failed::Database(error) => crate::error::Fault::from(error).into_store_error(),
                Failed::Migration(error) => error,
            })
    })
    .await
    .map_err(|error| StoreError::Driver(error.to_string()))?
}

pub(super) fn run(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let applied = conn
        .run_pending_migrations(SQLITE)
        .map_err(|error| StoreError::Driver(error.to_string()))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

pub(super) fn revert(conn: &mut SqliteConnection) -> Result<String, StoreError> {
    let reverted = conn
        .revert_last_migration(SQLITE)
        .map_err(|error| StoreError::Driver(error.to_string()))?;
    Ok(reverted.to_string())
}
