//! [`DeliveryStore`]: the outbox.
//!
//! Locks are taken in the order stream, endpoint, deliveries.

mod claim;
mod record;
mod replay;
pub(super) mod statistics;

use super::{
    Conn, Db, Tx, dialect,
    emit::pending_delivery,
    endpoints::{find as find_endpoint, lock as lock_endpoint, lock_stream},
    insert::insert,
    statement::Ids,
};
use crate::{
    error::Fault,
    key::Key,
    rows::{
        events::{DeliveryRow, EventRow},
        instant, json,
    },
    schema::{events, user_streams, webhook_deliveries},
    value::Value,
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::{EventData, EventType, NewEvent, StoredEvent},
    ids::{DeliveryId, EventId, UserId, WebhookId, uuid_v7},
    page::{Limit, Page, PageKey},
    ports::{ClaimDeliveries, DeliveryResult, DeliveryStore, ReplayStep, Replayed},
    user::Word,
    webhook::{Delivery, DeliveryStatus, DueDelivery},
};

async fn next_due(conn: &mut Conn, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    let next: Option<chrono::NaiveDateTime> = webhook_deliveries::table
        .filter(webhook_deliveries::next_attempt_at.is_not_null())
        .select(webhook_deliveries::next_attempt_at.assume_not_null())
        .order(webhook_deliveries::next_attempt_at)
        .first(conn)
        .await
        .optional()?;
    Ok(next.map(|next| instant(next).min(now + chrono::TimeDelta::hours(1))))
}

async fn find(conn: &mut Conn, owner: UserId, delivery_id: DeliveryId) -> Result<Delivery, Fault> {
    let row: DeliveryRow = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq(Key::from(delivery_id)))
        .filter(webhook_deliveries::user_id.eq(Key::from(owner)))
        .select(DeliveryRow::as_select())
        .first(conn)
        .await?;
    Ok(row.try_into()?)
}

async fn event_of(conn: &mut Conn, owner: UserId, delivery_id: DeliveryId) -> Result<Option<StoredEvent>, Fault> {
    let owner = Key::from(owner);
    let seq: i64 = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq(Key::from(delivery_id)))
        .filter(webhook_deliveries::user_id.eq(owner))
        .select(webhook_deliveries::event_seq)
        .first(conn)
        .await?;
    let row: Option<EventRow> = events::table
        .filter(events::user_id.eq(owner))
        .filter(events::seq.eq(seq))
        .select(EventRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(StoredEvent::try_from).transpose()?)
}

async fn list(
    conn: &mut Conn,
    owner: UserId,
    webhook_id: WebhookId,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<Delivery>, Fault> {
    find_endpoint(conn, owner, webhook_id).await?;
    let along = dialect::along("idx_webhook_deliveries_endpoint");
    let mut ids = Ids::select(format!(
        "SELECT delivery_id FROM webhook_deliveries{along} WHERE webhook_id = "
    ))
    .bind(Value::Key(Some(webhook_id.into())));
    if let Some(after) = after.and_then(|key| key.id.parse::<DeliveryId>().ok()) {
        ids = ids.sql(" AND delivery_id < ").bind(Value::Key(Some(after.into())));
    }
    let ids = ids
        .sql(" ORDER BY delivery_id DESC LIMIT ")
        .bind(Value::Big(Some(i64::from(limit.get()) + 1)))
        .load(conn)
        .await?;
    let mut rows: Vec<DeliveryRow> = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq_any(&ids))
        .select(DeliveryRow::as_select())
        .load(conn)
        .await?;
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.delivery_id));
    let rows = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<Delivery>, StoreError>>()?;
    Ok(Page::from_rows(rows, limit, |delivery| PageKey {
        sort: String::new(),
        id: delivery.delivery_id.to_string(),
    }))
}

async fn send_test_in_tx(tx: &mut Tx, owner: UserId, webhook_id: WebhookId, now: Timestamp) -> Result<Delivery, Fault> {
    let key = Key::from(owner);
    let seq = lock_stream(&mut tx.conn, key).await? + 1;
    lock_endpoint(&mut tx.conn, key, webhook_id.into()).await?;
    let event = NewEvent {
        event_id: EventId::new(now, tx.random()),
        kind: EventType::WebhookTest,
        at: now,
        job_id: None,
        run_id: None,
        data: EventData {
            job_id: None,
            job_name: None,
            status: None,
            previous_status: None,
            run: None,
            occurrence: None,
            incident: None,
            lines: None,
            message: Some("This is a test. Real events look like it and say what happened to a job.".to_owned()),
        },
    };
    let row = EventRow::new(owner, seq, &event, json(&event.data));
    let delivery = pending_delivery(owner, webhook_id, &row.clone().try_into()?, tx.random());
    diesel::update(user_streams::table.filter(user_streams::user_id.eq(key)))
        .set(user_streams::last_seq.eq(seq))
        .execute(&mut tx.conn)
        .await?;
    insert(&mut tx.conn, vec![row]).await?;
    insert(&mut tx.conn, vec![delivery.clone()]).await?;
    tx.effects.of(owner).has_deliveries = true;
    Ok(delivery.try_into()?)
}

async fn delete_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    // Ids grow with time: the first id of the instant is the border.
    let border = Key(*uuid_v7(before, [0; 10]).as_bytes());
    let ended: Vec<Key> = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.lt(border))
        .filter(webhook_deliveries::status.ne(DeliveryStatus::Pending.word()))
        .select(webhook_deliveries::delivery_id)
        .order(webhook_deliveries::delivery_id)
        .limit(i64::from(batch))
        .load(&mut tx.conn)
        .await?;
    let gone = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq_any(ended))
        // One of them may have been replayed meanwhile.
        .filter(webhook_deliveries::status.ne(DeliveryStatus::Pending.word()));
    let deleted = diesel::delete(gone).execute(&mut tx.conn).await?;
    statistics::forget(&mut tx.conn, before).await?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl DeliveryStore for Db {
    async fn claim_due(&self, claim: &ClaimDeliveries) -> Result<Vec<DueDelivery>, StoreError> {
        claim::claim_due(self, claim).await
    }

    async fn record(&self, results: &[DeliveryResult], now: Timestamp) -> Result<Vec<bool>, StoreError> {
        self.write((results.to_vec(), now), |tx, (results, now)| {
            record::record_in_tx(tx, results, *now).boxed()
        })
        .await
    }

    async fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.read(now, |conn, now| next_due(conn, *now).boxed()).await
    }

    async fn find(&self, owner: UserId, delivery_id: DeliveryId) -> Result<Delivery, StoreError> {
        self.read((owner, delivery_id), |conn, (owner, id)| {
            find(conn, *owner, *id).boxed()
        })
        .await
    }

    async fn event_of(&self, owner: UserId, delivery_id: DeliveryId) -> Result<Option<StoredEvent>, StoreError> {
        self.read((owner, delivery_id), |conn, (owner, id)| {
            event_of(conn, *owner, *id).boxed()
        })
        .await
    }

    async fn list<'a>(
        &self,
        owner: UserId,
        webhook_id: WebhookId,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Delivery>, StoreError> {
        self.read(
            (owner, webhook_id, after.cloned(), limit),
            |conn, (owner, id, after, limit)| list(conn, *owner, *id, after.as_ref(), *limit).boxed(),
        )
        .await
    }

    async fn send_test(&self, owner: UserId, webhook_id: WebhookId, now: Timestamp) -> Result<Delivery, StoreError> {
        self.write((owner, webhook_id, now), |tx, (owner, id, now)| {
            send_test_in_tx(tx, *owner, *id, *now).boxed()
        })
        .await
    }

    async fn replay(&self, owner: UserId, delivery_id: DeliveryId, now: Timestamp) -> Result<Delivery, StoreError> {
        self.write((owner, delivery_id, now), |tx, (owner, id, now)| {
            replay::replay_in_tx(tx, *owner, *id, *now).boxed()
        })
        .await
    }

    async fn replay_range(
        &self,
        owner: UserId,
        webhook_id: WebhookId,
        step: &ReplayStep,
        now: Timestamp,
    ) -> Result<Replayed, StoreError> {
        self.write((owner, webhook_id, step.clone(), now), |tx, (owner, id, step, now)| {
            replay::replay_range_in_tx(tx, *owner, *id, step, *now).boxed()
        })
        .await
    }

    async fn delete_ended(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
