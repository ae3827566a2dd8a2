//! Writes the result of an attempt.

use super::super::{
    Conn, Tx, dialect,
    endpoints::{end_pending, lock as lock_endpoint, lock_stream},
};
use crate::{
    error::Fault,
    key::Key,
    rows::{Place, events::DeliveryRow, json, naive},
    schema::{webhook_deliveries, webhook_endpoints},
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::Timestamp,
    ports::DeliveryResult,
    user::Word,
    webhook::{AfterAttempt, DeliveryAttempt, DeliveryStatus, EndpointEffect},
};

/// How many attempts a delivery remembers; after that, the oldest are forgotten.
const REMEMBERED: usize = 30;

type Failing = (Key, Key, Option<NaiveDateTime>);

pub(super) async fn record_in_tx(tx: &mut Tx, result: &DeliveryResult, now: Timestamp) -> Result<bool, Fault> {
    let key = Key::from(result.delivery_id);
    let found: Option<Failing> = webhook_deliveries::table
        .inner_join(webhook_endpoints::table.on(webhook_endpoints::webhook_id.eq(webhook_deliveries::webhook_id)))
        .filter(webhook_deliveries::delivery_id.eq(key))
        .select((
            webhook_endpoints::webhook_id,
            webhook_endpoints::user_id,
            webhook_endpoints::failing_since,
        ))
        .first(&mut tx.conn)
        .await
        .optional()?;
    let Some((webhook_id, owner, failing_since)) = found else {
        return Ok(false);
    };
    let disables = matches!(result.effect, EndpointEffect::Disable(_));
    if disables {
        lock_stream(&mut tx.conn, owner).await?;
    }
    let touches_endpoint = match result.effect {
        EndpointEffect::Healthy => failing_since.is_some(),
        EndpointEffect::Failing => failing_since.is_none(),
        EndpointEffect::Disable(_) => true,
        EndpointEffect::Unchanged => false,
    };
    let endpoint = if touches_endpoint {
        Some(lock_endpoint(&mut tx.conn, owner, webhook_id).await?)
    } else {
        None
    };
    let Some(row) = lock_delivery(&mut tx.conn, key, result.lease).await? else {
        return Ok(false);
    };
    write(&mut tx.conn, row, result, now).await?;
    if let Some(endpoint) = endpoint {
        match &result.effect {
            EndpointEffect::Healthy => set_failing(&mut tx.conn, webhook_id, None).await?,
            EndpointEffect::Failing if endpoint.failing_since.is_none() => {
                set_failing(&mut tx.conn, webhook_id, Some(naive(result.attempt.at))).await?;
            }
            EndpointEffect::Disable(reason) if endpoint.enabled => {
                disable(&mut tx.conn, webhook_id, reason, now).await?;
                tx.effects.of(owner.into()).endpoints -= 1;
            }
            EndpointEffect::Failing | EndpointEffect::Disable(_) | EndpointEffect::Unchanged => {}
        }
    }
    Ok(true)
}

/// Locks the delivery if the lease holds.
async fn lock_delivery(conn: &mut Conn, key: Key, lease: [u8; 16]) -> Result<Option<DeliveryRow>, Fault> {
    let row = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq(key))
        .filter(webhook_deliveries::lease.eq(Key(lease)))
        .select(DeliveryRow::as_select());
    Ok(dialect::locked!(row).first(conn).await.optional()?)
}

async fn write(conn: &mut Conn, row: DeliveryRow, result: &DeliveryResult, now: Timestamp) -> Result<(), Fault> {
    let place = Place {
        table: "webhook_deliveries",
        row: &row.delivery_id,
    };
    let mut attempts: Vec<DeliveryAttempt> = place.json("attempts", &row.attempts)?;
    attempts.push(result.attempt.clone());
    attempts.drain(..attempts.len().saturating_sub(REMEMBERED));
    let (status, next) = match result.after {
        AfterAttempt::Delivered => (DeliveryStatus::Delivered, None),
        AfterAttempt::RetryAt(at) => (DeliveryStatus::Pending, Some(naive(at))),
        AfterAttempt::GiveUp => (DeliveryStatus::Failed, None),
    };
    diesel::update(webhook_deliveries::table.filter(webhook_deliveries::delivery_id.eq(row.delivery_id)))
        .set((
            webhook_deliveries::status.eq(status.word()),
            webhook_deliveries::next_attempt_at.eq(next),
            webhook_deliveries::lease.eq(None::<Key>),
            webhook_deliveries::attempts.eq(json(&attempts)),
            webhook_deliveries::attempt_count.eq(row.attempt_count.saturating_add(1)),
            webhook_deliveries::finished_at.eq(next.is_none().then(|| naive(now))),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

async fn set_failing(conn: &mut Conn, webhook_id: Key, since: Option<NaiveDateTime>) -> Result<(), Fault> {
    diesel::update(webhook_endpoints::table.filter(webhook_endpoints::webhook_id.eq(webhook_id)))
        .set(webhook_endpoints::failing_since.eq(since))
        .execute(conn)
        .await?;
    Ok(())
}

async fn disable(conn: &mut Conn, webhook_id: Key, reason: &str, now: Timestamp) -> Result<(), Fault> {
    diesel::update(webhook_endpoints::table.filter(webhook_endpoints::webhook_id.eq(webhook_id)))
        .set((
            webhook_endpoints::enabled.eq(false),
            webhook_endpoints::disabled_reason.eq(reason),
            webhook_endpoints::version.eq(webhook_endpoints::version + 1),
            webhook_endpoints::updated_at.eq(naive(now)),
        ))
        .execute(conn)
        .await?;
    end_pending(conn, webhook_id, now).await
}
