//! What MySQL says in its own words.

use super::{Conn, Sql, connect::Source};
use diesel::{
    QueryResult,
    query_builder::{QueryFragment, QueryId},
};
use diesel_async::{AsyncConnection, RunQueryDsl, TransactionManager};
use scheduler_domain::error::StoreError;
use std::future::Future;
use tokio::runtime::Handle;

/// How often a transaction is tried that meets others.
pub(crate) const TRIES: u32 = 20;

/// Whether a unit of work hands its open transaction to others: here each has a connection of its own, and the database
/// commits them together.
pub(crate) const SHARES_COMMITS: bool = false;

/// How many rows this connection has changed so far: not asked for.
pub(crate) fn changes(_: &mut Conn) -> impl Future<Output = QueryResult<i64>> + Send + use<> {
    std::future::ready(Ok(0))
}

/// How many rows one UPDATE changes.
pub(crate) const UPDATE_ROWS: usize = 512;

/// How many rows one INSERT writes.
pub(crate) const INSERT_SIZES: &[usize] = &[512, 256, 128, 64, 32, 16, 8, 4, 2, 1];

/// How many groups of requests are written at once: while one waits for its commit, another writes its rows.
pub(crate) const WRITERS: usize = 2;

/// How many of `count` rows, at least one, are best written together: as many as one INSERT takes.
pub(crate) fn group_of(count: usize) -> usize {
    INSERT_SIZES.iter().copied().find(|size| *size <= count).unwrap_or(1)
}

/// Runs a unit of work that finishes even when nobody waits for it any more.
pub(crate) async fn detach<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    runtime
        .spawn(work)
        .await
        .unwrap_or_else(|error| Err(StoreError::Driver(error.to_string())))
}

/// A transaction with so many events was committed: nothing is left to do.
pub(crate) const fn committed(_: &Source, _events: usize, _: &Handle) {}

/// Executes statements one behind the other; answers how many rows they changed.
pub(crate) async fn execute_each<Q>(conn: &mut Conn, statements: Vec<Q>) -> QueryResult<usize>
where
    Q: QueryFragment<Sql> + QueryId + Send + 'static,
{
    let mut changed = 0;
    for statement in statements {
        changed += RunQueryDsl::execute(statement, conn).await?;
    }
    Ok(changed)
}

/// Loads the rows that a query finds.
macro_rules! load {
    ($query:expr, $conn:expr) => {
        diesel_async::RunQueryDsl::load($query, $conn).await
    };
}
pub(crate) use load;

/// Loads the rows with these ids.
macro_rules! load_by_key {
    ($conn:expr, $column:path, $keys:expr, |$these:ident| $query:expr) => {{
        let $these = super::keys_in::keys_in(<$column as diesel::Column>::NAME, $keys);
        diesel_async::RunQueryDsl::load($query, $conn).await
    }};
}
pub(crate) use load_by_key;

/// Starts a transaction that will write.
pub(crate) async fn begin(conn: &mut Conn) -> QueryResult<()> {
    <Conn as AsyncConnection>::TransactionManager::begin_transaction(conn).await
}

/// Locks the rows that a SELECT finds until the end of the transaction.
macro_rules! locked {
    ($query:expr) => {
        $query.for_update()
    };
}
pub(crate) use locked;

/// The same, passing over rows that somebody else has locked.
macro_rules! locked_skipping {
    ($query:expr) => {
        $query.for_update().skip_locked()
    };
}
pub(crate) use locked_skipping;

/// Walk along this index. MariaDB would read all rows of an owner that are newer than a page to get to the page, because
/// it takes what is equal from the index (`ref`) and leaves out where the page begins (`range`).
pub(crate) fn along(index: &str) -> String {
    format!(" FORCE INDEX ({index})")
}

/// Adds to a counter row that is there already.
pub(crate) const ADD_TO_STATS: &str = " ON DUPLICATE KEY UPDATE completed = completed + VALUES(completed), \
     failed = failed + VALUES(failed), cancelled = cancelled + VALUES(cancelled)";

/// The next users that have runs that may be claimed: one seek for each, not one for each run (a loose index scan).
pub(crate) const WAITING_USERS: &str = "SELECT claim_user FROM runs FORCE INDEX (idx_runs_fair) WHERE claim_user > ? \
     GROUP BY claim_user LIMIT 200";

/// Writes a heartbeat.
pub(crate) const BEAT: &str = "INSERT INTO nodes (node_id, name, version, started_at, seen_at, concurrency, running, stats) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name), version = VALUES(version), \
     started_at = VALUES(started_at), seen_at = VALUES(seen_at), concurrency = VALUES(concurrency), \
     running = VALUES(running), stats = VALUES(stats), stopped_at = NULL";

/// Names and values of the settings that matter.
pub(crate) const SETTINGS: &str = "SHOW SESSION VARIABLES WHERE Variable_name IN ('transaction_isolation', 'tx_isolation', \
     'time_zone', 'sql_mode', 'innodb_lock_wait_timeout', 'character_set_client', 'character_set_connection', \
     'character_set_results', 'lc_messages', 'innodb_flush_log_at_trx_commit', 'version')";
