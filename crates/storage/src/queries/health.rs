//! The state of the database, and changes of its schema.

use super::{Conn, Db, Tx, dialect, migrate};
use crate::{Migrations, Settings, error::Fault};
use async_trait::async_trait;
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{error::StoreError, ports::Health};
use std::time::Duration;

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

async fn answers(conn: &mut Conn) -> Result<(), Fault> {
    sql_query("SELECT 1").execute(conn).await?;
    Ok(())
}

/// The versions of the migrations that were applied; none when there is not even the table for them.
async fn applied(conn: &mut Conn) -> Result<Vec<String>, Fault> {
    match sql_query("SELECT version FROM __diesel_schema_migrations")
        .load::<Version>(conn)
        .await
    {
        Ok(rows) => Ok(rows.into_iter().map(|row| row.version).collect()),
        Err(error) => {
            let text = error.to_string();
            if text.contains("no such table") || text.contains("doesn't exist") {
                Ok(Vec::new())
            } else {
                Err(error.into())
            }
        }
    }
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text, column_name = "Variable_name")]
    name: String,
    #[diesel(sql_type = Text, column_name = "Value")]
    value: String,
}

async fn settings(conn: &mut Conn) -> Result<Vec<(String, String)>, Fault> {
    let rows: Vec<Setting> = sql_query(dialect::SETTINGS).load(conn).await?;
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}

async fn settings_in_tx(tx: &mut Tx) -> Result<Vec<(String, String)>, Fault> {
    settings(&mut tx.conn).await
}

#[async_trait]
impl Settings for Db {
    async fn settings(&self, writing: bool) -> Result<Vec<(String, String)>, StoreError> {
        if writing {
            self.write((), |tx, ()| settings_in_tx(tx).boxed()).await
        } else {
            self.read((), |conn, ()| settings(conn).boxed()).await
        }
    }
}

#[async_trait]
impl Health for Db {
    async fn ping(&self) -> Result<(), StoreError> {
        tokio::time::timeout(Duration::from_secs(2), self.read((), |conn, ()| answers(conn).boxed()))
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("no answer within 2 s".to_owned())))
    }

    async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let applied = self.read((), |conn, ()| applied(conn).boxed()).await?;
        Ok(crate::migrate::pending(&applied))
    }
}

#[async_trait]
impl Migrations for Db {
    async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        migrate::with_schema(self, migrate::run).await
    }

    async fn revert_last(&self) -> Result<String, StoreError> {
        migrate::with_schema(self, migrate::revert).await
    }
}
