//! How many runs of a queue may be Running at once, and what the owner sees of their queues. Queues are locked before
//! runs.

use super::super::{Conn, Tx, dialect};
use super::claim::running;
use crate::{
    error::Fault,
    key::Key,
    rows::{Place, int, naive},
    schema::queues,
};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};
use diesel_async::RunQueryDsl;
use scheduler_domain::{clock::Timestamp, error::StoreError, ids::UserId, ports::Queue};
use std::collections::{BTreeMap, HashMap};

fn count(owner: Key, value: i32) -> Result<u32, StoreError> {
    let place = Place {
        table: "queues",
        row: &owner,
    };
    place.count("max_running", value)
}

/// The limits of these queues, locked in the order of their names.
pub(super) async fn lock(conn: &mut Conn, owner: Key, names: &[String]) -> Result<HashMap<String, u32>, Fault> {
    let rows = queues::table
        .filter(queues::user_id.eq(owner).and(queues::queue.eq_any(names)))
        .order(queues::queue)
        .select((queues::queue, queues::max_running));
    let found: Vec<(String, i32)> = dialect::locked!(rows).load(conn).await?;
    let limits = found
        .into_iter()
        .map(|(name, max)| Ok((name, count(owner, max)?)))
        .collect::<Result<_, StoreError>>()?;
    Ok(limits)
}

/// The limit of a queue.
pub(super) async fn limit_of(conn: &mut Conn, owner: Key, queue: &str) -> Result<Option<u32>, Fault> {
    let max: Option<i32> = queues::table
        .find((owner, queue))
        .select(queues::max_running)
        .first(conn)
        .await
        .optional()?;
    Ok(max.map(|max| count(owner, max)).transpose()?)
}

#[derive(Insertable)]
#[diesel(table_name = queues)]
struct QueueRow {
    user_id: Key,
    queue: String,
    max_running: i32,
    updated_at: chrono::NaiveDateTime,
}

pub(super) async fn limit_in_tx(
    tx: &mut Tx,
    owner: UserId,
    queue: &str,
    max: Option<u32>,
    now: Timestamp,
) -> Result<Queue, Fault> {
    let key = Key::from(owner);
    match max {
        Some(max) => {
            let is_new = limit_of(&mut tx.conn, key, queue).await?.is_none();
            let others: i64 = queues::table
                .filter(queues::user_id.eq(key))
                .count()
                .get_result(&mut tx.conn)
                .await?;
            if is_new && others >= i64::from(Queue::MAX_LIMITED) {
                return Err(StoreError::Taken("queues").into());
            }
            diesel::replace_into(queues::table)
                .values(QueueRow {
                    user_id: key,
                    queue: queue.to_owned(),
                    max_running: int(max),
                    updated_at: naive(now),
                })
                .execute(&mut tx.conn)
                .await?;
        }
        None => {
            diesel::delete(queues::table.find((key, queue)))
                .execute(&mut tx.conn)
                .await?;
        }
    }
    // More of them may be claimed than before.
    tx.effects.worker_claimable(owner, queue);
    let waiting = super::claim::heads(&mut tx.conn, owner, queue, Queue::COUNTED.into()).await?;
    Ok(Queue {
        name: queue.to_owned(),
        max_running: max,
        waiting: u32::try_from(waiting.len()).unwrap_or(Queue::COUNTED),
        running: running(&mut tx.conn, owner, queue, Queue::COUNTED).await?,
    })
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    runs: i64,
}

/// The oldest runs in a state, by queue. No more than [`Queue::COUNTED`] are looked at.
async fn by_queue(conn: &mut Conn, owner: UserId, status: &str, and: &str) -> Result<Vec<Counted>, Fault> {
    let sql = format!(
        "SELECT queue AS name, COUNT(*) AS runs FROM (SELECT queue, worker_key FROM runs WHERE user_id = ? AND status = ? \
         ORDER BY created_at, run_id LIMIT {}) AS oldest WHERE queue IS NOT NULL{and} GROUP BY queue",
        Queue::COUNTED
    );
    Ok(diesel::sql_query(sql)
        .bind::<Binary, _>(Key::from(owner))
        .bind::<Text, _>(status)
        .load(conn)
        .await?)
}

pub(super) async fn queues(conn: &mut Conn, owner: UserId) -> Result<Vec<Queue>, Fault> {
    let key = Key::from(owner);
    let limits: Vec<(String, i32)> = queues::table
        .filter(queues::user_id.eq(key))
        .limit(Queue::MAX_LIMITED.into())
        .select((queues::queue, queues::max_running))
        .load(conn)
        .await?;
    let mut all: BTreeMap<String, Queue> = BTreeMap::new();
    let named = |name: &str| Queue {
        name: name.to_owned(),
        max_running: None,
        waiting: 0,
        running: 0,
    };
    for (name, max) in limits {
        let max_running = Some(count(key, max)?);
        all.insert(
            name.clone(),
            Queue {
                max_running,
                ..named(&name)
            },
        );
    }
    for found in by_queue(conn, owner, "Queued", " AND worker_key IS NOT NULL").await? {
        let queue = all.entry(found.name).or_insert_with_key(|name| named(name));
        queue.waiting = u32::try_from(found.runs).unwrap_or(u32::MAX);
    }
    for found in by_queue(conn, owner, "Running", "").await? {
        let queue = all.entry(found.name).or_insert_with_key(|name| named(name));
        queue.running = u32::try_from(found.runs).unwrap_or(u32::MAX);
    }
    Ok(all.into_values().collect())
}
