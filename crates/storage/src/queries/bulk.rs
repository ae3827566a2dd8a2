//! [`BulkStore`]: operations on many jobs. The row of an operation is locked alone: what is done to its jobs are
//! transactions of their own.

use super::{Conn, Db, Tx, dialect};
use crate::{
    error::Fault,
    key::Key,
    paging::{last_time, time_key},
    rows::{
        bulk::{BulkRow, ProgressRow},
        json, naive,
    },
    schema::bulk_operations as bulk,
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    audit::{Action, Deed, Target, TargetKind, bulk_changes},
    bulk::{BulkOperation, BulkStatus, MAX_OPEN},
    clock::Timestamp,
    error::StoreError,
    ids::{BulkId, UserId},
    page::{Limit, Page, PageKey},
    ports::BulkStore,
    run::LeaseToken,
    user::Word,
};

async fn insert_in_tx(tx: &mut Tx, operation: &BulkOperation) -> Result<(), Fault> {
    let mut row = BulkRow::from(operation);
    if let Some(acting) = &tx.effects.acting {
        // What is done later is done for whoever asks now, and says which operation did it.
        let mut asked = acting.asked();
        asked.origin.bulk_id = Some(operation.bulk_id);
        row.asked = Some(json(&asked));
    }
    let open: Vec<Key> = bulk::table
        .filter(bulk::user_id.eq(row.user_id).and(bulk::lease_until.is_not_null()))
        .select(bulk::bulk_operation_id)
        .limit(i64::from(MAX_OPEN))
        .load(&mut tx.conn)
        .await?;
    if open.len() >= usize::try_from(MAX_OPEN).unwrap_or(usize::MAX) {
        return Err(StoreError::Taken("bulk_operations").into());
    }
    // Without anybody's lease it is due at once.
    let due = bulk::lease_until.eq(naive(operation.created_at));
    diesel::insert_into(bulk::table)
        .values((row, due))
        .execute(&mut tx.conn)
        .await?;
    let deed = deed(Action::BulkCreated, operation, operation.created_at);
    tx.effects.audit(deed.with(bulk_changes(operation)));
    Ok(())
}

fn deed(action: Action, operation: &BulkOperation, at: Timestamp) -> Deed {
    let (id, name) = (operation.bulk_id.as_uuid(), operation.action.word());
    let target = Target::new(TargetKind::BulkOperation, id, Some(name));
    Deed::new(operation.owner, action, target, at)
}

async fn find(conn: &mut Conn, owner: UserId, bulk_id: BulkId) -> Result<BulkOperation, Fault> {
    let row: BulkRow = bulk::table
        .filter(
            bulk::bulk_operation_id
                .eq(Key::from(bulk_id))
                .and(bulk::user_id.eq(Key::from(owner))),
        )
        .select(BulkRow::as_select())
        .first(conn)
        .await?;
    Ok(row.try_into()?)
}

async fn list(
    conn: &mut Conn,
    owner: UserId,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<BulkOperation>, Fault> {
    let mut query = bulk::table
        .filter(bulk::user_id.eq(Key::from(owner)))
        .select(BulkRow::as_select())
        .order((bulk::created_at.desc(), bulk::bulk_operation_id.desc()))
        .limit(i64::from(limit.get()) + 1)
        .into_boxed();
    if let Some((at, id)) = last_time(after) {
        query = query
            .filter(bulk::created_at.le(at))
            .filter(bulk::created_at.lt(at).or(bulk::bulk_operation_id.lt(id)));
    }
    let rows: Vec<BulkRow> = query.load(conn).await?;
    let rows = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<BulkOperation>, StoreError>>()?;
    Ok(Page::from_rows(rows, limit, |operation| {
        time_key(naive(operation.created_at), operation.bulk_id)
    }))
}

async fn abort_in_tx(
    tx: &mut Tx,
    owner: UserId,
    bulk_id: BulkId,
    now: Timestamp,
) -> Result<(bool, BulkOperation), Fault> {
    let stopped = diesel::update(bulk::table)
        .filter(
            bulk::bulk_operation_id
                .eq(Key::from(bulk_id))
                .and(bulk::user_id.eq(Key::from(owner))),
        )
        .filter(bulk::finished_at.is_null())
        .set((
            bulk::status.eq(BulkStatus::Aborted.word()),
            bulk::finished_at.eq(naive(now)),
            bulk::lease_until.eq(None::<chrono::NaiveDateTime>),
        ))
        .execute(&mut tx.conn)
        .await?;
    let operation = find(&mut tx.conn, owner, bulk_id).await?;
    if stopped == 1 {
        tx.effects.audit(deed(Action::BulkAborted, &operation, now));
    }
    Ok((stopped == 1, operation))
}

async fn is_due(conn: &mut Conn, now: Timestamp) -> Result<bool, Fault> {
    let due: Option<Key> = bulk::table
        .filter(bulk::lease_until.is_not_null().and(bulk::lease_until.le(naive(now))))
        .select(bulk::bulk_operation_id)
        .first(conn)
        .await
        .optional()?;
    Ok(due.is_some())
}

async fn claim_in_tx(
    tx: &mut Tx,
    now: Timestamp,
    until: Timestamp,
    lease: LeaseToken,
) -> Result<Option<BulkOperation>, Fault> {
    let due = bulk::table
        .filter(bulk::lease_until.is_not_null().and(bulk::lease_until.le(naive(now))))
        .order(bulk::lease_until)
        .limit(1)
        .select(BulkRow::as_select());
    let rows: Vec<BulkRow> = dialect::locked_skipping!(due).load(&mut tx.conn).await?;
    let Some(row) = rows.into_iter().next() else {
        return Ok(None);
    };
    diesel::update(bulk::table.find(row.bulk_operation_id))
        .set((
            bulk::status.eq(BulkStatus::Running.word()),
            bulk::lease_token.eq(Key(lease.0)),
            bulk::lease_until.eq(naive(until)),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(Some(row.try_into()?))
}

async fn progress_in_tx(
    tx: &mut Tx,
    operation: &BulkOperation,
    lease: LeaseToken,
    now: Timestamp,
) -> Result<(), Fault> {
    let key = Key::from(operation.bulk_id);
    let written = diesel::update(bulk::table)
        .filter(bulk::bulk_operation_id.eq(key).and(bulk::lease_token.eq(Key(lease.0))))
        .set((ProgressRow::from(operation), bulk::lease_token.eq(None::<Key>)))
        .execute(&mut tx.conn)
        .await?;
    if written != 1 {
        return Err(StoreError::LeaseLost.into());
    }
    // One that was aborted meanwhile stays so.
    let finished_at = operation.finished_at.map(naive);
    diesel::update(bulk::table)
        .filter(bulk::bulk_operation_id.eq(key).and(bulk::finished_at.is_null()))
        .set((
            bulk::status.eq(operation.status.word()),
            bulk::finished_at.eq(finished_at),
            bulk::lease_until.eq(finished_at.is_none().then(|| naive(now))),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn delete_ended_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    let ended: Vec<Key> = bulk::table
        .filter(bulk::finished_at.lt(naive(before)))
        .select(bulk::bulk_operation_id)
        .limit(i64::from(batch))
        .load(&mut tx.conn)
        .await?;
    let deleted = diesel::delete(bulk::table.filter(bulk::bulk_operation_id.eq_any(ended)))
        .execute(&mut tx.conn)
        .await?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl BulkStore for Db {
    async fn insert(&self, operation: &BulkOperation) -> Result<(), StoreError> {
        self.write(operation.clone(), |tx, operation| insert_in_tx(tx, operation).boxed())
            .await
    }

    async fn find(&self, owner: UserId, bulk_id: BulkId) -> Result<BulkOperation, StoreError> {
        self.read((owner, bulk_id), |conn, (owner, id)| find(conn, *owner, *id).boxed())
            .await
    }

    async fn list(
        &self,
        owner: UserId,
        after: Option<PageKey>,
        limit: Limit,
    ) -> Result<Page<BulkOperation>, StoreError> {
        self.read((owner, after, limit), |conn, (owner, after, limit)| {
            list(conn, *owner, after.as_ref(), *limit).boxed()
        })
        .await
    }

    async fn abort(&self, owner: UserId, bulk_id: BulkId, now: Timestamp) -> Result<(bool, BulkOperation), StoreError> {
        self.write((owner, bulk_id, now), |tx, (owner, bulk_id, now)| {
            abort_in_tx(tx, *owner, *bulk_id, *now).boxed()
        })
        .await
    }

    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        lease: LeaseToken,
    ) -> Result<Option<BulkOperation>, StoreError> {
        // Asked every second by every node: nothing is locked while there is nothing to do.
        if !self.read(now, |conn, now| is_due(conn, *now).boxed()).await? {
            return Ok(None);
        }
        self.write((now, until, lease), |tx, (now, until, lease)| {
            claim_in_tx(tx, *now, *until, *lease).boxed()
        })
        .await
    }

    async fn progress(&self, operation: &BulkOperation, lease: LeaseToken, now: Timestamp) -> Result<(), StoreError> {
        self.write((operation.clone(), lease, now), |tx, (operation, lease, now)| {
            progress_in_tx(tx, operation, *lease, *now).boxed()
        })
        .await
    }

    async fn delete_ended(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_ended_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
