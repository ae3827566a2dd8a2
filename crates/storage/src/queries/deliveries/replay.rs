//! Makes deliveries that have ended due again: one, or the next of a range.

use super::super::{
    Tx, dialect,
    endpoints::{lock as lock_endpoint, lock_stream},
    statement::Ids,
};
use crate::{
    error::Fault,
    key::Key,
    rows::{events::DeliveryRow, naive},
    schema::{events, webhook_deliveries},
    value::Value,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    audit::{Action, Changes, Deed, Target, TargetKind},
    clock::Timestamp,
    ids::{DeliveryId, UserId, WebhookId, uuid_v7},
    ports::{ReplayStep, Replayed},
    user::Word,
    webhook::{Delivery, DeliveryStatus},
};
use serde_json::{Map, Value as Json};
use std::collections::HashSet;

pub(super) async fn replay_in_tx(
    tx: &mut Tx,
    owner: UserId,
    delivery_id: DeliveryId,
    now: Timestamp,
) -> Result<Delivery, Fault> {
    let key = Key::from(delivery_id);
    // The stream first, because the listener is told in its name.
    lock_stream(&mut tx.conn, owner.into()).await?;
    let row = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq(key))
        .filter(webhook_deliveries::user_id.eq(Key::from(owner)))
        .select(DeliveryRow::as_select());
    let mut row: DeliveryRow = dialect::locked!(row).first(&mut tx.conn).await?;
    let pending = row.status == DeliveryStatus::Pending.word();
    let under_way = pending && row.lease.is_some() && row.next_attempt_at > Some(naive(now));
    if under_way {
        return Ok(row.try_into()?);
    }
    let event = events::table.filter(events::user_id.eq(row.user_id).and(events::seq.eq(row.event_seq)));
    event.select(events::seq).first::<i64>(&mut tx.conn).await?;
    DeliveryStatus::Pending.word().clone_into(&mut row.status);
    row.next_attempt_at = Some(naive(now));
    row.lease = None;
    row.finished_at = None;
    if !pending {
        row.attempt_count = 0;
    }
    diesel::update(webhook_deliveries::table.filter(webhook_deliveries::delivery_id.eq(key)))
        .set((
            webhook_deliveries::status.eq(&row.status),
            webhook_deliveries::next_attempt_at.eq(row.next_attempt_at),
            webhook_deliveries::lease.eq(row.lease),
            webhook_deliveries::finished_at.eq(row.finished_at),
            webhook_deliveries::attempt_count.eq(row.attempt_count),
        ))
        .execute(&mut tx.conn)
        .await?;
    tx.effects.of(owner).has_deliveries = true;
    Ok(row.try_into()?)
}

/// The smallest id that a delivery of this instant can have: ids grow with time.
fn first_id(at: Timestamp) -> Key {
    Key(*uuid_v7(at, [0; 10]).as_bytes())
}

pub(super) async fn replay_range_in_tx(
    tx: &mut Tx,
    owner: UserId,
    webhook_id: WebhookId,
    step: &ReplayStep,
    now: Timestamp,
) -> Result<Replayed, Fault> {
    let webhook = Key::from(webhook_id);
    lock_stream(&mut tx.conn, owner.into()).await?;
    let endpoint = lock_endpoint(&mut tx.conn, owner.into(), webhook).await?;
    if step.after.is_none() {
        let target = Target::new(TargetKind::Webhook, webhook_id.as_uuid(), Some(&endpoint.url));
        let deed = Deed::new(owner, Action::WebhookReplayed, target, now);
        tx.effects.audit(deed.with(asked(step)));
    }

    let looked_at = next_of_range(tx, webhook, step).await?;
    let is_through = looked_at.len() < usize::try_from(step.batch).unwrap_or(usize::MAX);
    let last = looked_at.last().copied().filter(|_| !is_through);
    let rows = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq_any(looked_at))
        .filter(webhook_deliveries::status.ne(DeliveryStatus::Pending.word()))
        .order(webhook_deliveries::delivery_id)
        .select(DeliveryRow::as_select());
    let mut rows: Vec<DeliveryRow> = dialect::locked!(rows).load(&mut tx.conn).await?;
    if let Some(status) = step.status {
        rows.retain(|row| row.status == status.word());
    }
    let numbers: Vec<i64> = rows.iter().map(|row| row.event_seq).collect();
    let kept: Vec<i64> = events::table
        .filter(events::user_id.eq(Key::from(owner)).and(events::seq.eq_any(numbers)))
        .select(events::seq)
        .load(&mut tx.conn)
        .await?;
    let kept: HashSet<i64> = kept.into_iter().collect();
    let again: Vec<Key> = rows
        .iter()
        .filter(|row| kept.contains(&row.event_seq))
        .map(|row| row.delivery_id)
        .collect();
    let count = u32::try_from(again.len()).unwrap_or(u32::MAX);
    if count > 0 {
        diesel::update(webhook_deliveries::table.filter(webhook_deliveries::delivery_id.eq_any(again)))
            .set((
                webhook_deliveries::status.eq(DeliveryStatus::Pending.word()),
                webhook_deliveries::next_attempt_at.eq(naive(now)),
                webhook_deliveries::lease.eq(None::<Key>),
                webhook_deliveries::finished_at.eq(None::<chrono::NaiveDateTime>),
                webhook_deliveries::attempt_count.eq(0),
            ))
            .execute(&mut tx.conn)
            .await?;
        tx.effects.of(owner).has_deliveries = true;
    }
    Ok(Replayed {
        count,
        last: last.map(|key| DeliveryId::from_uuid(uuid::Uuid::from_bytes(key.0))),
    })
}

/// The ids of the next deliveries of the range, whatever became of them.
async fn next_of_range(tx: &mut Tx, webhook: Key, step: &ReplayStep) -> Result<Vec<Key>, Fault> {
    let along = dialect::along("idx_webhook_deliveries_endpoint");
    let mut ids = Ids::select(format!(
        "SELECT delivery_id FROM webhook_deliveries{along} WHERE webhook_id = "
    ))
    .bind(Value::Key(Some(webhook)))
    .sql(" AND delivery_id < ")
    .bind(Value::Key(Some(first_id(step.to))));
    ids = match step.after {
        None => ids
            .sql(" AND delivery_id >= ")
            .bind(Value::Key(Some(first_id(step.from)))),
        Some(after) => ids.sql(" AND delivery_id > ").bind(Value::Key(Some(after.into()))),
    };
    ids.sql(" ORDER BY delivery_id LIMIT ")
        .bind(Value::Big(Some(i64::from(step.batch))))
        .load(&mut tx.conn)
        .await
}

/// What was asked for, for the audit log.
fn asked(step: &ReplayStep) -> Changes {
    let text = |at: Timestamp| Json::from(at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
    let status = step.status.map_or(Json::Null, |status| status.word().into());
    let after = [("from", text(step.from)), ("to", text(step.to)), ("status", status)];
    let after: Map<String, Json> = after
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Changes::between(Map::new(), after)
}
