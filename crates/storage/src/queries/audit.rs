//! [`AuditLog`]: who did what. Entries about changes are gathered in [`Effects`](crate::effects::Effects) and written here
//! by the transaction that makes the change.

use super::{Conn, Db, Tx, dialect, insert::insert, keys_in::keys_in, statement::Ids};
use crate::{
    error::Fault,
    key::Key,
    paging::{last_time, time_key},
    rows::{audit::AuditRow, naive},
    schema::audit_log,
    value::Value,
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    audit::{Action, Entry, NewEntry},
    clock::Timestamp,
    error::StoreError,
    ids::{AuditId, UserId, uuid_v7},
    page::{Limit, Page, PageKey},
    ports::{AuditFilter, AuditLog},
    user::Word,
};

/// Writes the entries of a transaction. Nobody waits for new rows, so no lock is needed.
pub(super) async fn write(tx: &mut Tx, entries: Vec<NewEntry>) -> Result<(), Fault> {
    let row = |entry: NewEntry| AuditRow::new(AuditId::new(entry.deed.at, tx.random()), entry);
    let rows: Vec<AuditRow> = entries.into_iter().map(row).collect();
    insert(&mut tx.conn, rows).await
}

/// The newest entries along the index that fits the filter best, of one action or of all.
async fn ids(
    conn: &mut Conn,
    owner: UserId,
    filter: &AuditFilter,
    action: Option<Action>,
    after: Option<&PageKey>,
    rows: i64,
) -> Result<Vec<Key>, Fault> {
    let index = match (filter.target_id, filter.actor_id, action) {
        (Some(_), _, _) => "idx_audit_target",
        (None, Some(_), _) => "idx_audit_actor",
        (None, None, Some(_)) => "idx_audit_action",
        (None, None, None) => "idx_audit_user",
    };
    let along = dialect::along(index);
    let mut ids = Ids::select(format!("SELECT audit_id FROM audit_log{along} WHERE user_id = "))
        .bind(Value::Key(Some(owner.into())));
    let key = |id: uuid::Uuid| Value::Key(Some(Key(*id.as_bytes())));
    if let Some(id) = filter.target_id {
        ids = ids.sql(" AND target_id = ").bind(key(id));
    }
    if let Some(id) = filter.actor_id {
        ids = ids.sql(" AND actor_id = ").bind(key(id));
    }
    if let Some(action) = action {
        ids = ids.sql(" AND action = ").bind(Value::text(action.word()));
    }
    if let Some(at) = filter.after {
        ids = ids.sql(" AND recorded_at > ").bind(Value::from(naive(at)));
    }
    if let Some(at) = filter.before {
        ids = ids.sql(" AND recorded_at < ").bind(Value::from(naive(at)));
    }
    let after = last_time(after).map(|(at, id)| (Value::from(at), id));
    ids.keyset(("recorded_at", "audit_id"), true, after, rows)
        .load(conn)
        .await
}

async fn list(
    conn: &mut Conn,
    owner: UserId,
    filter: &AuditFilter,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<Entry>, Fault> {
    let wanted = i64::from(limit.get()) + 1;
    let mut keys = Vec::new();
    // Of several actions, each has its newest ones along its own part of the index: rare ones among many others would
    // have to be searched for otherwise.
    for action in &filter.actions {
        keys.extend(ids(conn, owner, filter, Some(*action), after, wanted).await?);
    }
    if filter.actions.is_empty() {
        keys = ids(conn, owner, filter, None, after, wanted).await?;
    }
    keys.sort_unstable();
    keys.dedup();
    let mut rows: Vec<AuditRow> = Vec::with_capacity(keys.len());
    for keys in keys.chunks(512) {
        let found = audit_log::table
            .filter(keys_in("audit_log.audit_id", keys))
            .select(AuditRow::as_select());
        rows.extend(found.load(conn).await?);
    }
    rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.recorded_at, row.audit_id)));
    rows.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
    let rows = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<Entry>, StoreError>>()?;
    Ok(Page::from_rows(rows, limit, |entry| {
        time_key(naive(entry.entry.deed.at), entry.audit_id)
    }))
}

async fn delete_old_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    // Ids grow with time, so the old ones are at the start of the primary key.
    let made_before = Key(*uuid_v7(before, [0; 10]).as_bytes());
    let old: Vec<Key> = audit_log::table
        .filter(audit_log::audit_id.lt(made_before))
        .order(audit_log::audit_id)
        .limit(i64::from(batch))
        .select(audit_log::audit_id)
        .load(&mut tx.conn)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let deleted = diesel::delete(audit_log::table.filter(audit_log::audit_id.eq_any(old)))
        .execute(&mut tx.conn)
        .await?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl AuditLog for Db {
    async fn append(&self, entries: &[NewEntry]) -> Result<(), StoreError> {
        self.write(entries.to_vec(), |tx, entries| write(tx, entries.clone()).boxed())
            .await
    }

    async fn list<'a>(
        &self,
        owner: UserId,
        filter: &'a AuditFilter,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Entry>, StoreError> {
        let args = (owner, filter.clone(), after.cloned(), limit);
        self.read(args, |conn, (owner, filter, after, limit)| {
            list(conn, *owner, filter, after.as_ref(), *limit).boxed()
        })
        .await
    }

    async fn delete_old(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_old_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
