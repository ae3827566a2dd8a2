//! Which runs a claim takes when more wait than were asked for and several users wait: in turns, by the rule of
//! [`turns`]. Nothing here is locked; the claim locks what was chosen and passes over what is gone.

use super::{Conn, Sql, dialect};
use crate::{error::Fault, fairness::Fairness, key::Key, schema::user_streams};
use diesel::{
    QueryResult, QueryableByName,
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Binary, Text},
};
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::Timestamp,
    job::Priority,
    run::turns::{self, Waiting},
    user::Word,
};
use std::collections::HashMap;

/// How many users one look takes in; with more of them, claims look at some after the others.
const USERS: usize = 200;
/// How many users share one statement.
const PER_STATEMENT: usize = 25;

#[derive(QueryableByName)]
struct UserRow {
    #[diesel(sql_type = Binary)]
    claim_user: Key,
}

#[derive(QueryableByName)]
struct HeadRow {
    #[diesel(sql_type = Binary)]
    run_id: Key,
    #[diesel(sql_type = Binary)]
    claim_user: Key,
    #[diesel(sql_type = BigInt)]
    claim_key: i64,
    #[diesel(sql_type = Text)]
    priority: String,
}

/// Users with runs that may be claimed, from `after` on: one step along the index for each of them.
async fn waiting_users(conn: &mut Conn, after: Option<Key>) -> Result<Vec<Key>, Fault> {
    let after = after.unwrap_or(Key([0; 16]));
    let rows: Vec<UserRow> = diesel::sql_query(dialect::WAITING_USERS)
        .bind::<Binary, _>(after)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.claim_user).take(USERS).collect())
}

/// The most urgent runs of each of some users.
struct Heads<'a> {
    users: &'a [Key],
    each: i64,
}

impl QueryId for Heads<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl diesel::query_builder::Query for Heads<'_> {
    type SqlType = diesel::sql_types::Untyped;
}

impl QueryFragment<Sql> for Heads<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sql>) -> QueryResult<()> {
        if self.users.len() > 1 {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql("SELECT h.run_id, h.claim_user, h.claim_key, j.priority FROM (");
        for (index, user) in self.users.iter().enumerate() {
            if index > 0 {
                out.push_sql(" UNION ALL ");
            }
            out.push_sql("SELECT * FROM (SELECT run_id, job_id, claim_user, claim_key FROM runs WHERE claim_user = ");
            out.push_bind_param::<Binary, _>(user)?;
            out.push_sql(" ORDER BY claim_key, run_id LIMIT ");
            out.push_bind_param::<BigInt, _>(&self.each)?;
            out.push_sql(") AS u");
            out.push_sql(&index.to_string());
        }
        out.push_sql(") AS h JOIN jobs AS j ON j.job_id = h.job_id");
        Ok(())
    }
}

/// How many more runs each of these users may have under way.
async fn room(conn: &mut Conn, users: &[Key], limit: Option<u32>) -> Result<HashMap<Key, u32>, Fault> {
    let Some(limit) = limit else {
        return Ok(HashMap::new());
    };
    let running: Vec<(Key, i64)> = user_streams::table
        .filter(user_streams::user_id.eq_any(users))
        .select((user_streams::user_id, user_streams::runs_running))
        .load(conn)
        .await?;
    let left = |running: i64| u32::try_from((i64::from(limit) - running).max(0)).unwrap_or(0);
    Ok(running
        .into_iter()
        .map(|(user, running)| (user, left(running)))
        .collect())
}

/// The runs to claim, or `None` when one user alone waits, so that there is nothing to share.
pub(super) async fn choose(
    conn: &mut Conn,
    memory: &Fairness,
    per_user: Option<u32>,
    now: Timestamp,
    max: u32,
) -> Result<Option<Vec<Key>>, Fault> {
    let cursor = memory.cursor();
    let mut users = waiting_users(conn, cursor).await?;
    if cursor.is_some() && users.len() < USERS {
        // The look goes round: those before the cursor are next.
        let seen = users.clone();
        users.extend(
            waiting_users(conn, None)
                .await?
                .into_iter()
                .filter(|user| !seen.contains(user)),
        );
        users.truncate(USERS);
    }
    let next = users.last().copied().filter(|_| users.len() == USERS);
    memory.found(users.len() > 1, next, now);
    if users.is_empty() || (users.len() == 1 && per_user.is_none()) {
        return Ok(None);
    }
    let room = room(conn, &users, per_user).await?;
    let each = (2 * i64::from(max) / i64::try_from(users.len()).unwrap_or(1)).clamp(4, i64::from(max.max(4)));
    let mut waiting = Vec::new();
    for users in users.chunks(PER_STATEMENT) {
        let rows: Vec<HeadRow> = diesel_async::RunQueryDsl::load(Heads { users, each }, conn).await?;
        for row in rows {
            let priority = Priority::from_word(&row.priority).unwrap_or(Priority::Medium);
            waiting.push(Waiting {
                run: row.run_id,
                user: row.claim_user,
                priority,
                claim_key: row.claim_key,
            });
        }
    }
    let served = memory.served_at(&users);
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let chosen = turns::choose(
        waiting,
        |user| served.get(user).copied(),
        |user| per_user.map(|limit| room.get(user).copied().unwrap_or(limit)),
        now,
        max,
    );
    Ok(Some(chosen))
}

/// Whether nobody has more runs under way than `limit`, seen under the locks of their streams: two nodes that claimed at
/// once could each have found room for the same run.
pub(super) async fn within_limit(conn: &mut Conn, started: &HashMap<Key, u32>, limit: u32) -> Result<bool, Fault> {
    let mut users: Vec<Key> = started.keys().copied().collect();
    users.sort_unstable();
    let rows = user_streams::table
        .filter(user_streams::user_id.eq_any(&users))
        .order(user_streams::user_id)
        .select((user_streams::user_id, user_streams::runs_running));
    let running: Vec<(Key, i64)> = dialect::locked!(rows).load(conn).await?;
    Ok(running.iter().all(|(user, running)| {
        let started = started.get(user).copied().unwrap_or(0);
        running + i64::from(started) <= i64::from(limit)
    }))
}
