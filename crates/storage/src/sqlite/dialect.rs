//! What SQLite says in its own words.

use super::{Conn, Sql, connect::Source};
use diesel::{
    Connection, QueryResult,
    connection::AnsiTransactionManager,
    query_builder::{QueryFragment, QueryId},
};
use scheduler_domain::error::StoreError;
use std::future::Future;
use tokio::runtime::Handle;

/// How often a transaction is tried that meets others: only other processes can be in the way, and each try waits for
/// the busy timeout.
pub(crate) const TRIES: u32 = 2;

/// Whether a unit of work hands its open transaction to those who wait for the writer (`shared_commit`): there is one writer.
pub(crate) const SHARES_COMMITS: bool = true;

/// How many rows this connection has changed so far.
pub(crate) async fn changes(conn: &mut Conn) -> QueryResult<i64> {
    let changes = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>("total_changes()"));
    diesel_async::RunQueryDsl::get_result(changes, conn).await
}

/// How many rows one UPDATE changes. One: the prepared statement is run again, without a round trip.
pub(crate) const UPDATE_ROWS: usize = 1;

/// How many rows one INSERT writes: one, likewise.
pub(crate) const INSERT_SIZES: &[usize] = &[1];

/// How many groups of requests are written at once: there is one writer.
pub(crate) const WRITERS: usize = 1;

/// How many of `count` rows are best written together: all of them.
pub(crate) const fn group_of(count: usize) -> usize {
    count
}

/// Runs a unit of work, start to end, on a thread for blocking work; it finishes even when nobody waits for it any more.
pub(crate) async fn detach<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    let inside = runtime.clone();
    runtime
        .spawn_blocking(move || inside.block_on(work))
        .await
        .unwrap_or_else(|error| Err(StoreError::Driver(error.to_string())))
}

/// A transaction with so many events was committed.
pub(crate) fn committed(source: &Source, events: usize, runtime: &Handle) {
    source.committed(events, runtime);
}

/// Executes statements one behind the other; answers how many rows they changed. They are bound where they run: what is
/// bound ahead, to be carried to a connection elsewhere, is copied twice.
pub(crate) async fn execute_each<Q>(conn: &mut Conn, statements: Vec<Q>) -> QueryResult<usize>
where
    Q: QueryFragment<Sql> + QueryId + Send + 'static,
{
    conn.spawn_blocking(move |conn| {
        let mut changed = 0;
        for statement in statements {
            changed += conn.execute_returning_count(&statement)?;
        }
        Ok(changed)
    })
    .await
}

/// Loads the rows that a query finds, without keeping a copy of each between the database and what is made of it.
macro_rules! load {
    ($query:expr, $conn:expr) => {{
        let query = $query;
        $conn
            .spawn_blocking(move |conn| diesel::RunQueryDsl::load(query, conn))
            .await
    }};
}
pub(crate) use load;

/// Loads the rows with these ids, by one statement run again for each: for a list of ids SQLite builds a tree of its own
/// first.
macro_rules! load_by_key {
    ($conn:expr, $column:path, $keys:expr, |$these:ident| $query:expr) => {{
        let keys = $keys.to_vec();
        $conn
            .spawn_blocking(move |conn| {
                let mut found = Vec::with_capacity(keys.len());
                for key in keys {
                    let $these = $column.eq(key);
                    found.extend(diesel::OptionalExtension::optional(diesel::RunQueryDsl::get_result(
                        $query, conn,
                    ))?);
                }
                diesel::QueryResult::Ok(found)
            })
            .await
    }};
}
pub(crate) use load_by_key;

/// Starts a transaction that will write. Never a deferred one: it could not become a writing one beside others.
pub(crate) async fn begin(conn: &mut Conn) -> QueryResult<()> {
    conn.spawn_blocking(|conn| AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE"))
        .await
}

/// Locks the rows that a SELECT finds: there is one writer, and this is it.
macro_rules! locked {
    ($query:expr) => {
        $query
    };
}
pub(crate) use locked;

/// The same.
macro_rules! locked_skipping {
    ($query:expr) => {
        $query
    };
}
pub(crate) use locked_skipping;

/// Walk along this index: what SQLite does by itself.
pub(crate) fn along(_index: &str) -> &'static str {
    ""
}

/// Adds to a counter row that is there already.
pub(crate) const ADD_TO_STATS: &str = " ON CONFLICT (user_id, grain_seconds, bucket_at) DO UPDATE SET \
     completed = completed + excluded.completed, failed = failed + excluded.failed, \
     cancelled = cancelled + excluded.cancelled";

/// The next users that have runs that may be claimed: one seek for each, not one for each run.
pub(crate) const WAITING_USERS: &str = "WITH RECURSIVE waiting(claim_user) AS (SELECT MIN(claim_user) FROM runs WHERE \
     claim_user > ? UNION ALL SELECT (SELECT MIN(runs.claim_user) FROM runs WHERE runs.claim_user > waiting.claim_user) \
     FROM waiting WHERE waiting.claim_user IS NOT NULL LIMIT 201) \
     SELECT claim_user FROM waiting WHERE claim_user IS NOT NULL";

/// Writes a heartbeat.
pub(crate) const BEAT: &str = "INSERT INTO nodes (node_id, name, version, started_at, seen_at, concurrency, running, stats) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (node_id) DO UPDATE SET name = excluded.name, version = excluded.version, \
     started_at = excluded.started_at, seen_at = excluded.seen_at, concurrency = excluded.concurrency, \
     running = excluded.running, stats = excluded.stats, stopped_at = NULL";

/// Names and values of the settings that matter.
pub(crate) const SETTINGS: &str = "SELECT 'journal_mode' AS Variable_name, CAST(journal_mode AS TEXT) AS Value \
     FROM pragma_journal_mode UNION ALL SELECT 'synchronous', CAST(synchronous AS TEXT) FROM pragma_synchronous \
     UNION ALL SELECT 'foreign_keys', CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys \
     UNION ALL SELECT 'busy_timeout', CAST(timeout AS TEXT) FROM pragma_busy_timeout \
     UNION ALL SELECT 'query_only', CAST(query_only AS TEXT) FROM pragma_query_only \
     UNION ALL SELECT 'version', sqlite_version()";
