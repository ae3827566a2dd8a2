//! [`EngineView`]: the nodes, and the queue as they see it.

use super::{Conn, Db, Tx, dialect};
use crate::{
    error::Fault,
    key::Key,
    rows::{instant, naive},
    schema::nodes,
};
use async_trait::async_trait;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{BigInt, Binary, Integer, Text, Timestamp as At},
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    health::{Node, QueueDepth},
    ids::NodeId,
    job::Priority,
    ports::{EngineView, Heartbeat, PoolWaits},
    user::Word,
};

/// How many nodes are listed.
const MOST: i64 = 1_000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = nodes)]
struct NodeRow {
    node_id: Key,
    name: String,
    version: String,
    started_at: NaiveDateTime,
    seen_at: NaiveDateTime,
    concurrency: i32,
    running: i32,
    stats: Option<String>,
    stopped_at: Option<NaiveDateTime>,
}

impl From<NodeRow> for Node {
    fn from(row: NodeRow) -> Self {
        Self {
            node_id: row.node_id.into(),
            name: row.name,
            version: row.version,
            started_at: instant(row.started_at),
            seen_at: instant(row.seen_at),
            stopped_at: row.stopped_at.map(instant),
            running: u32::try_from(row.running).unwrap_or(0),
            concurrency: u32::try_from(row.concurrency).unwrap_or(0),
            // Another version may write what this one does not know: its numbers are left out, not its row.
            stats: row.stats.and_then(|text| serde_json::from_str(&text).ok()),
        }
    }
}

async fn beat_in_tx(tx: &mut Tx, heartbeat: &Heartbeat) -> Result<(), Fault> {
    diesel::sql_query(dialect::BEAT)
        .bind::<Binary, _>(Key::from(heartbeat.node_id))
        .bind::<Text, _>(&heartbeat.name)
        .bind::<Text, _>(&heartbeat.version)
        .bind::<At, _>(naive(heartbeat.started_at))
        .bind::<At, _>(naive(heartbeat.now))
        .bind::<Integer, _>(i32::try_from(heartbeat.concurrency).unwrap_or(i32::MAX))
        .bind::<Integer, _>(i32::try_from(heartbeat.running).unwrap_or(i32::MAX))
        .bind::<Text, _>(crate::rows::json(&heartbeat.stats))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn stopped_in_tx(tx: &mut Tx, node_id: NodeId, now: Timestamp) -> Result<(), Fault> {
    diesel::update(nodes::table.filter(nodes::node_id.eq(Key::from(node_id))))
        .set((
            nodes::stopped_at.eq(naive(now)),
            nodes::seen_at.eq(naive(now)),
            nodes::running.eq(0),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn nodes(conn: &mut Conn) -> Result<Vec<Node>, Fault> {
    let rows: Vec<NodeRow> = nodes::table
        .order(nodes::node_id)
        .limit(MOST)
        .select(NodeRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Node::from).collect())
}

async fn forget_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    let gone: Vec<Key> = nodes::table
        .filter(nodes::seen_at.lt(naive(before)))
        .order(nodes::node_id)
        .limit(i64::from(batch))
        .select(nodes::node_id)
        .load(&mut tx.conn)
        .await?;
    let gone = nodes::table.filter(nodes::node_id.eq_any(gone).and(nodes::seen_at.lt(naive(before))));
    let deleted = diesel::delete(gone).execute(&mut tx.conn).await?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = BigInt)]
    claim_key: i64,
    #[diesel(sql_type = Text)]
    priority: String,
}

/// Counts entries of the index of the claim, up to one more than the cap, and looks among the first of them for the
/// oldest: a claim key is the instant of queueing and the handicap of the priority, so the head of the queue holds the
/// oldest run, but for runs of lower priority of the last three minutes.
async fn queue_depth(conn: &mut Conn) -> Result<QueueDepth, Fault> {
    let along = dialect::along("idx_runs_claim");
    let head = format!(
        "SELECT h.claim_key AS claim_key, jobs.priority AS priority FROM (SELECT claim_key, job_id, run_id FROM runs{along} \
         WHERE claim_key IS NOT NULL ORDER BY claim_key, run_id LIMIT {}) AS h INNER JOIN jobs ON jobs.job_id = h.job_id",
        QueueDepth::HEAD
    );
    let head: Vec<Head> = diesel::sql_query(head).load(conn).await?;
    let queued_at = head.iter().filter_map(|run| {
        let priority = Priority::from_word(&run.priority)?;
        let key = Timestamp::from_timestamp_micros(run.claim_key)?;
        Some(key - TimeDelta::seconds(priority.handicap_seconds()))
    });
    let oldest_queued_at = queued_at.min();
    let cap = i64::from(QueueDepth::CAP);
    let waiting = if head.len() < QueueDepth::HEAD as usize {
        i64::try_from(head.len()).unwrap_or(cap)
    } else {
        let count = format!(
            "SELECT COUNT(*) AS waiting FROM (SELECT claim_key FROM runs{along} WHERE claim_key IS NOT NULL \
             ORDER BY claim_key, run_id LIMIT {}) AS w",
            cap + 1
        );
        let row: Waiting = diesel::sql_query(count).get_result(conn).await?;
        row.waiting
    };
    Ok(QueueDepth {
        waiting: u32::try_from(waiting.min(cap)).unwrap_or(QueueDepth::CAP),
        capped: waiting > cap,
        oldest_queued_at,
    })
}

#[async_trait]
impl EngineView for Db {
    async fn beat(&self, heartbeat: &Heartbeat) -> Result<(), StoreError> {
        self.write(heartbeat.clone(), |tx, heartbeat| beat_in_tx(tx, heartbeat).boxed())
            .await
    }

    async fn stopped(&self, node_id: NodeId, now: Timestamp) -> Result<(), StoreError> {
        self.write((node_id, now), |tx, (node_id, now)| {
            stopped_in_tx(tx, *node_id, *now).boxed()
        })
        .await
    }

    async fn nodes(&self) -> Result<Vec<Node>, StoreError> {
        self.read((), |conn, ()| nodes(conn).boxed()).await
    }

    async fn forget_nodes(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            forget_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }

    async fn queue_depth(&self) -> Result<QueueDepth, StoreError> {
        self.read((), |conn, ()| queue_depth(conn).boxed()).await
    }

    fn pool_waits(&self) -> PoolWaits {
        Db::pool_waits(self)
    }
}
