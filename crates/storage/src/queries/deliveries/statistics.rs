//! How deliveries went, by endpoint and hour: kept while results are written, so that nobody counts history.

use super::super::{Conn, dialect, endpoints::find as find_endpoint, statement::Ids};
use crate::{
    error::Fault,
    key::Key,
    rows::{Place, instant, int, json, naive},
    schema::webhook_stats,
    value::Value,
};
use chrono::{DurationRound, NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{UserId, WebhookId},
    user::Word,
    webhook::{DeliveryNumbers, DeliveryStatus, EndpointStatistics},
};
use std::collections::BTreeMap;

/// Hours are kept for a little longer than anybody asks for.
const KEPT: TimeDelta = TimeDelta::days(8);

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_stats, primary_key(webhook_id, hour_at), treat_none_as_null = true)]
struct StatsRow {
    webhook_id: Key,
    hour_at: NaiveDateTime,
    delivered: i32,
    given_up: i32,
    attempts: i32,
    failed_attempts: i32,
    durations: String,
    last_success_at: Option<NaiveDateTime>,
    last_failure_at: Option<NaiveDateTime>,
}

impl StatsRow {
    fn new(webhook_id: Key, hour_at: NaiveDateTime, numbers: &DeliveryNumbers) -> Self {
        let count = |value: u64| int(u32::try_from(value).unwrap_or(u32::MAX));
        Self {
            webhook_id,
            hour_at,
            delivered: count(numbers.delivered),
            given_up: count(numbers.given_up),
            attempts: count(numbers.attempts),
            failed_attempts: count(numbers.failed_attempts),
            durations: json(&numbers.durations),
            last_success_at: numbers.last_success_at.map(naive),
            last_failure_at: numbers.last_failure_at.map(naive),
        }
    }

    fn numbers(&self) -> Result<DeliveryNumbers, StoreError> {
        let place = Place {
            table: "webhook_stats",
            row: &self.webhook_id,
        };
        Ok(DeliveryNumbers {
            delivered: place.count("delivered", self.delivered)?.into(),
            given_up: place.count("given_up", self.given_up)?.into(),
            attempts: place.count("attempts", self.attempts)?.into(),
            failed_attempts: place.count("failed_attempts", self.failed_attempts)?.into(),
            durations: place.json("durations", &self.durations)?,
            last_success_at: self.last_success_at.map(instant),
            last_failure_at: self.last_failure_at.map(instant),
        })
    }
}

fn hour_of(now: Timestamp) -> NaiveDateTime {
    let now = naive(now);
    now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now)
}

/// Adds to the numbers of this hour, endpoint by endpoint in the order of their ids. The last locks of a transaction.
pub(super) async fn add(conn: &mut Conn, numbers: BTreeMap<Key, DeliveryNumbers>, now: Timestamp) -> Result<(), Fault> {
    let hour = hour_of(now);
    for (webhook_id, numbers) in numbers {
        let mut known = locked(conn, webhook_id, hour).await?;
        if known.is_none() {
            // Another node may make the row at the same time: whoever is first, both add to it.
            diesel::insert_or_ignore_into(webhook_stats::table)
                .values(StatsRow::new(webhook_id, hour, &DeliveryNumbers::default()))
                .execute(conn)
                .await?;
            known = locked(conn, webhook_id, hour).await?;
        }
        let mut sum = known.map(|row| row.numbers()).transpose()?.unwrap_or_default();
        sum.add(&numbers);
        let row = webhook_stats::table.filter(
            webhook_stats::webhook_id
                .eq(webhook_id)
                .and(webhook_stats::hour_at.eq(hour)),
        );
        diesel::update(row)
            .set(StatsRow::new(webhook_id, hour, &sum))
            .execute(conn)
            .await?;
    }
    Ok(())
}

async fn locked(conn: &mut Conn, webhook_id: Key, hour: NaiveDateTime) -> Result<Option<StatsRow>, Fault> {
    let row = webhook_stats::table
        .filter(
            webhook_stats::webhook_id
                .eq(webhook_id)
                .and(webhook_stats::hour_at.eq(hour)),
        )
        .select(StatsRow::as_select());
    Ok(dialect::locked!(row).first(conn).await.optional()?)
}

/// What is known of the last seven days, and what is on its way.
pub(in super::super) async fn read(
    conn: &mut Conn,
    owner: UserId,
    webhook_id: WebhookId,
    now: Timestamp,
) -> Result<EndpointStatistics, Fault> {
    find_endpoint(conn, owner, webhook_id).await?;
    let key = Key::from(webhook_id);
    let rows: Vec<StatsRow> = webhook_stats::table
        .filter(webhook_stats::webhook_id.eq(key))
        .filter(webhook_stats::hour_at.gt(naive(now - TimeDelta::days(7))))
        .select(StatsRow::as_select())
        .load(conn)
        .await?;
    let day_begins = naive(now - TimeDelta::days(1));
    let mut statistics = EndpointStatistics {
        pending: pending(conn, key).await?,
        ..EndpointStatistics::default()
    };
    for row in rows {
        let numbers = row.numbers()?;
        if row.hour_at > day_begins {
            statistics.day.add(&numbers);
        }
        statistics.week.add(&numbers);
    }
    Ok(statistics)
}

/// How many deliveries are on their way, as far as they are counted.
async fn pending(conn: &mut Conn, webhook_id: Key) -> Result<u32, Fault> {
    let along = dialect::along("idx_webhook_deliveries_due");
    let found = Ids::select(format!(
        "SELECT delivery_id FROM webhook_deliveries{along} WHERE status = "
    ))
    .bind(Value::text(DeliveryStatus::Pending.word()))
    .sql(" AND webhook_id = ")
    .bind(Value::Key(Some(webhook_id)))
    .sql(" LIMIT ")
    .bind(Value::Big(Some(i64::from(EndpointStatistics::MAX_COUNTED) + 1)))
    .load(conn)
    .await?;
    Ok(u32::try_from(found.len()).unwrap_or(u32::MAX))
}

/// Forgets hours that nobody asks for any more: deliveries are deleted up to `before`, at least a day ago.
pub(super) async fn forget(conn: &mut Conn, before: Timestamp) -> Result<(), Fault> {
    diesel::delete(webhook_stats::table.filter(webhook_stats::hour_at.lt(naive(before - KEPT))))
        .execute(conn)
        .await?;
    Ok(())
}
