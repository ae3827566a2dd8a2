//! Opens connections and refuses servers on which the promises would not hold.

use super::{Conn, queries::Pools};
use crate::{config::StoreConfig, pool::Pool};
use mysql_async::{Error as Mysql, Opts, OptsBuilder, prelude::Queryable};
use scheduler_domain::error::StoreError;
use std::time::Duration;

/// What every session must be like. READ COMMITTED because under REPEATABLE READ an open claim blocks every new run;
/// English because errors are told apart by their texts (see `error.rs`). MariaDB (which alone reads the `M!` comment) ends
/// a transaction whose node says nothing for 5 s: a node that is frozen in the middle of one would otherwise keep its
/// locks, and with them the runs that it renews, for as long as it is frozen.
const SESSION: &[&str] = &[
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_IN_DATE,NO_ZERO_DATE,\
     ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 5, lc_messages = 'en_US'",
    "SET SESSION /*M!100300 idle_transaction_timeout = 5, */ net_write_timeout = 60",
    "SET NAMES utf8mb4",
];

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where connections come from.
#[derive(Clone)]
pub(crate) struct Source {
    opts: Opts,
}

fn unavailable_or_driver(error: Mysql) -> StoreError {
    match error {
        // Wrong password, no right, no such database: waiting does not help.
        Mysql::Server(error) if matches!(error.code, 1044 | 1045 | 1049 | 1698) => StoreError::Driver(error.message),
        Mysql::Url(error) => StoreError::Driver(error.to_string()),
        other => StoreError::Unavailable(other.to_string()),
    }
}

impl Source {
    /// Reads the URL, opens the first connection and checks the server.
    pub(crate) async fn connect(config: &StoreConfig, url: &str) -> Result<(Self, Pools), StoreError> {
        let opts = Opts::from_url(url).map_err(|error| StoreError::Driver(format!("the database URL: {error}")))?;
        let opts: Opts = OptsBuilder::from_opts(opts)
            .client_found_rows(true) // an UPDATE counts the rows that it matched, as on SQLite
            .stmt_cache_size(0) // diesel-async has its own
            .prefer_socket(false)
            .init(SESSION.to_vec())
            .into();
        let source = Self { opts };
        let mut first = source.raw().await?;
        check(&mut first).await?;
        let pool = Pool::new(config.max_connections, config.wait_timeout);
        pool.take().await?.give_back(wrap(first).await?);
        Ok((
            source,
            Pools {
                read: pool.clone(),
                write: pool,
            },
        ))
    }

    async fn raw(&self) -> Result<mysql_async::Conn, StoreError> {
        tokio::time::timeout(CONNECT_TIMEOUT, mysql_async::Conn::new(self.opts.clone()))
            .await
            .map_err(|_| StoreError::Unavailable("no connection within 5 s".to_owned()))?
            .map_err(unavailable_or_driver)
    }

    /// A new connection, ready for use.
    pub(crate) async fn open(&self, _for_writing: bool) -> Result<Conn, StoreError> {
        wrap(self.raw().await?).await
    }
}

async fn wrap(conn: mysql_async::Conn) -> Result<Conn, StoreError> {
    Conn::try_from(conn)
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

async fn check(conn: &mut mysql_async::Conn) -> Result<(), StoreError> {
    let version: String = variable(conn, "SELECT VERSION()").await?.unwrap_or_default();
    if !is_supported(&version) {
        return Err(StoreError::Driver(format!(
            "the database is {version}; MySQL 8.0.16 or MariaDB 10.6 is needed, for SKIP LOCKED and CHECK"
        )));
    }
    // MySQL dropped the old name of the variable, MariaDB got the new one late.
    let isolation = match conn.query_first::<String, _>("SELECT @@transaction_isolation").await {
        Ok(found) => found,
        Err(_) => variable(conn, "SELECT @@tx_isolation").await?,
    };
    if isolation.as_deref() != Some("READ-COMMITTED") {
        return Err(StoreError::Driver(format!(
            "the isolation level is {isolation:?} although READ COMMITTED was asked for; a proxy may be in between"
        )));
    }
    let flush: Option<i64> = variable(conn, "SELECT @@innodb_flush_log_at_trx_commit").await?;
    if flush != Some(1) {
        tracing::warn!(
            innodb_flush_log_at_trx_commit = flush,
            "the database may lose the last second of what it confirmed when its machine fails; set it to 1"
        );
    }
    Ok(())
}

async fn variable<T: mysql_async::prelude::FromValue + Send + 'static>(
    conn: &mut mysql_async::Conn,
    query: &str,
) -> Result<Option<T>, StoreError> {
    conn.query_first::<T, _>(query).await.map_err(unavailable_or_driver)
}

fn is_supported(version: &str) -> bool {
    let numbers: Vec<u32> = version
        .split(|c: char| !c.is_ascii_digit())
        .take(3)
        .map(|part| part.parse().unwrap_or(0))
        .collect();
    let least: &[u32] = if version.to_ascii_lowercase().contains("mariadb") {
        &[10, 6, 0]
    } else {
        &[8, 0, 16]
    };
    numbers.as_slice() >= least
}

#[cfg(test)]
mod tests {
    use super::is_supported;

    #[test]
    fn old_servers_are_refused() {
        for good in [
            "8.0.16",
            "9.7.0",
            "8.4.3-log",
            "10.6.0-MariaDB",
            "11.8.2-MariaDB-ubu2404",
        ] {
            assert!(is_supported(good), "{good}");
        }
        for bad in ["5.7.44", "8.0.11", "10.5.23-MariaDB-log", "", "x"] {
            assert!(!is_supported(bad), "{bad}");
        }
    }
}
