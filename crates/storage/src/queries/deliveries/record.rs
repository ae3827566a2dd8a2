//! Writes the results of attempts, many in one transaction.

use super::{
    super::{
        Conn, Tx, dialect,
        endpoints::{end_pending, lock_if_there, lock_stream},
        update::{Change, update},
    },
    statistics,
};
use crate::{
    error::Fault,
    key::Key,
    rows::{Place, events::DeliveryRow, json, naive, webhooks::EndpointRow},
    schema::{webhook_deliveries, webhook_endpoints},
    value::Value,
};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::Timestamp,
    ports::DeliveryResult,
    user::Word,
    webhook::{AfterAttempt, DeliveryAttempt, DeliveryNumbers, DeliveryStatus, EndpointEffect},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many attempts a delivery remembers; after that, the oldest are forgotten.
const REMEMBERED: usize = 30;

/// What is known of the endpoint of a delivery before anything is locked.
type Found = (Key, Key, Key, Option<NaiveDateTime>);

/// What a batch of results means for one endpoint.
struct Endpoint {
    owner: Key,
    /// Since when every attempt has failed, as far as is known without a lock.
    failing_since: Option<NaiveDateTime>,
    effects: Vec<(usize, EndpointEffect)>,
}

impl Endpoint {
    /// Whether any of the results may change it. What only repeats what is known takes no lock.
    fn is_touched(&self) -> bool {
        self.effects.iter().any(|(_, effect)| match effect {
            EndpointEffect::Healthy => self.failing_since.is_some(),
            EndpointEffect::Failing => self.failing_since.is_none(),
            EndpointEffect::Disable(_) => true,
            EndpointEffect::Unchanged => false,
        })
    }

    fn is_disabled(&self) -> bool {
        self.effects
            .iter()
            .any(|(_, effect)| matches!(effect, EndpointEffect::Disable(_)))
    }
}

/// Locks are taken in the order streams, endpoints, deliveries, numbers; each kind in the order of ids.
pub(super) async fn record_in_tx(tx: &mut Tx, results: &[DeliveryResult], now: Timestamp) -> Result<Vec<bool>, Fault> {
    let mut keys: Vec<Key> = results.iter().map(|result| result.delivery_id.into()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut endpoints = endpoints_of(&mut tx.conn, &keys, results).await?;

    let streams: BTreeSet<Key> = endpoints
        .values()
        .filter(|one| one.is_disabled())
        .map(|one| one.owner)
        .collect();
    for owner in streams {
        lock_stream(&mut tx.conn, owner).await?;
    }
    endpoints.retain(|_, endpoint| endpoint.is_touched());
    let mut locked = BTreeMap::new();
    for (webhook_id, endpoint) in &endpoints {
        // One that was deleted meanwhile took its deliveries with it.
        if let Some(row) = lock_if_there(&mut tx.conn, endpoint.owner, *webhook_id).await? {
            locked.insert(*webhook_id, row);
        }
    }
    let rows = webhook_deliveries::table
        .filter(webhook_deliveries::delivery_id.eq_any(&keys))
        .order(webhook_deliveries::delivery_id)
        .select(DeliveryRow::as_select());
    let rows: Vec<DeliveryRow> = dialect::locked!(rows).load(&mut tx.conn).await?;
    let mut rows: HashMap<Key, DeliveryRow> = rows.into_iter().map(|row| (row.delivery_id, row)).collect();

    let mut held = Vec::with_capacity(results.len());
    let (mut changes, mut numbers) = (Vec::new(), BTreeMap::<Key, DeliveryNumbers>::new());
    for result in results {
        let key = Key::from(result.delivery_id);
        let holds = rows.get(&key).is_some_and(|row| row.lease == Some(Key(result.lease)));
        held.push(holds);
        if let Some(row) = rows.remove(&key).filter(|_| holds) {
            numbers
                .entry(row.webhook_id)
                .or_default()
                .add(&DeliveryNumbers::of(result));
            changes.push(change(&row, result, now)?);
        }
    }
    update(
        &mut tx.conn,
        "webhook_deliveries",
        "delivery_id",
        COLUMNS,
        changes,
        None,
    )
    .await?;
    for (webhook_id, row) in locked {
        let Some(endpoint) = endpoints.remove(&webhook_id) else {
            continue;
        };
        let effects = endpoint.effects.into_iter();
        let effects = effects.filter(|(index, _)| held.get(*index) == Some(&true));
        settle(
            tx,
            row,
            effects.map(|(index, effect)| (effect, results.get(index))),
            now,
        )
        .await?;
    }
    statistics::add(&mut tx.conn, numbers, now).await?;
    Ok(held)
}

async fn endpoints_of(
    conn: &mut Conn,
    keys: &[Key],
    results: &[DeliveryResult],
) -> Result<BTreeMap<Key, Endpoint>, Fault> {
    let found: Vec<Found> = webhook_deliveries::table
        .inner_join(webhook_endpoints::table.on(webhook_endpoints::webhook_id.eq(webhook_deliveries::webhook_id)))
        .filter(webhook_deliveries::delivery_id.eq_any(keys))
        .select((
            webhook_deliveries::delivery_id,
            webhook_endpoints::webhook_id,
            webhook_endpoints::user_id,
            webhook_endpoints::failing_since,
        ))
        .load(conn)
        .await?;
    let found: HashMap<Key, Found> = found.into_iter().map(|found| (found.0, found)).collect();
    let mut endpoints = BTreeMap::new();
    for (index, result) in results.iter().enumerate() {
        if let Some((_, webhook_id, owner, failing_since)) = found.get(&Key::from(result.delivery_id)) {
            let endpoint = endpoints.entry(*webhook_id).or_insert_with(|| Endpoint {
                owner: *owner,
                failing_since: *failing_since,
                effects: Vec::new(),
            });
            endpoint.effects.push((index, result.effect.clone()));
        }
    }
    Ok(endpoints)
}

/// The columns of a delivery that an attempt changes.
const COLUMNS: &[&str] = &[
    "status",
    "next_attempt_at",
    "lease",
    "attempts",
    "attempt_count",
    "finished_at",
];

fn change(row: &DeliveryRow, result: &DeliveryResult, now: Timestamp) -> Result<Change, Fault> {
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
    Ok(Change {
        key: row.delivery_id,
        values: vec![
            Value::text(status.word()),
            Value::from(next),
            Value::Key(None),
            Value::text(json(&attempts)),
            Value::Int(Some(row.attempt_count.saturating_add(1))),
            Value::from(next.is_none().then(|| naive(now))),
        ],
    })
}

/// Brings an endpoint in line with what its attempts came to, in their order.
async fn settle<'r>(
    tx: &mut Tx,
    row: EndpointRow,
    effects: impl Iterator<Item = (EndpointEffect, Option<&'r DeliveryResult>)>,
    now: Timestamp,
) -> Result<(), Fault> {
    let (mut failing_since, mut disabled) = (row.failing_since, None);
    for (effect, result) in effects {
        match effect {
            EndpointEffect::Healthy => failing_since = None,
            EndpointEffect::Failing => {
                failing_since = failing_since.or(result.map(|result| naive(result.attempt.at)));
            }
            EndpointEffect::Disable(reason) => disabled = Some(reason),
            EndpointEffect::Unchanged => {}
        }
    }
    if failing_since != row.failing_since {
        set_failing(&mut tx.conn, row.webhook_id, failing_since).await?;
    }
    if let Some(reason) = disabled.filter(|_| row.enabled) {
        disable(&mut tx.conn, row.webhook_id, &reason, now).await?;
        tx.effects.of(row.user_id.into()).endpoints -= 1;
    }
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
