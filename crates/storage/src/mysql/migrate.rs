//! Migrations on MySQL. DDL there commits by itself, so a lock of the server keeps a second node waiting.

use super::{Conn, Db};
use crate::migrate::MYSQL;
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::BigInt};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::MigrationHarness;
use scheduler_domain::error::StoreError;

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = diesel::sql_types::Nullable<BigInt>)]
    locked: Option<i64>,
}

type Blocking = AsyncConnectionWrapper<Conn>;

/// Does one thing with the schema while nobody else does.
pub(super) async fn with_schema<T: Send + 'static>(
    db: &Db,
    change: fn(&mut Blocking) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let conn = db.source().open(true).await?;
    tokio::task::spawn_blocking(move || {
        let mut conn = Blocking::from(conn);
        let failed =
            |error: diesel::result::Error| StoreError::Unavailable(format!("the lock for migrations: {error}"));
        let lock: Locked = sql_query(
            "SELECT CAST(GET_LOCK(CONCAT('job_scheduler_migrations.', DATABASE()), 120) AS SIGNED) AS locked",
        )
        .get_result(&mut conn)
        .map_err(failed)?;
        if lock.locked != Some(1) {
            return Err(StoreError::Unavailable(
                "another node has been migrating for two minutes".to_owned(),
            ));
        }
        // The lock ends with the connection, whatever happens.
        change(&mut conn)
    })
    .await
    .map_err(|error| StoreError::Driver(error.to_string()))?
}

pub(super) fn run(conn: &mut Blocking) -> Result<Vec<String>, StoreError> {
    let applied = conn
        .run_pending_migrations(MYSQL)
        .map_err(|error| StoreError::Driver(error.to_string()))?;
    Ok(applied.iter().map(ToString::to_string).collect())
}

pub(super) fn revert(conn: &mut Blocking) -> Result<String, StoreError> {
    let reverted = conn
        .revert_last_migration(MYSQL)
        .map_err(|error| StoreError::Driver(error.to_string()))?;
    Ok(reverted.to_string())
}
