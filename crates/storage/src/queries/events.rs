//! [`EventStore`]: the streams of users.

use super::{Conn, Db, Sql, Tx, dialect, history::owns};
use crate::{
    error::Fault,
    key::Key,
    rows::{events::EventRow, naive},
    schema::{events, user_streams, webhook_deliveries},
};
use async_trait::async_trait;
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    event::{Cursor, EventType, StoredEvent},
    ids::{JobId, UserId},
    page::{Limit, Page, PageKey},
    ports::{EventFilter, EventStore, StreamBounds},
    user::Word,
    webhook::DeliveryStatus,
};
use std::collections::BTreeMap;

async fn read_after(
    conn: &mut Conn,
    owner: UserId,
    since: Cursor,
    filter: &EventFilter,
    limit: Limit,
) -> Result<Vec<StoredEvent>, Fault> {
    let mut query = events::table
        .filter(events::user_id.eq(Key::from(owner)).and(events::seq.gt(since.0)))
        // Test events take a number, but only their endpoint gets them.
        .filter(events::kind.ne(EventType::WebhookTest.word()))
        .select(EventRow::as_select())
        .order(events::seq)
        .limit(i64::from(limit.get()))
        .into_boxed::<Sql>();
    if !filter.types.is_empty() {
        query = query.filter(events::kind.eq_any(filter.types.iter().map(|kind| kind.word())));
    }
    if let Some(job_id) = filter.job_id {
        query = query.filter(events::job_id.eq(Key::from(job_id)));
    }
    let rows: Vec<EventRow> = query.load(conn).await?;
    Ok(rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<_, StoreError>>()?)
}

pub(crate) async fn job_events(
    conn: &mut Conn,
    owner: UserId,
    job_id: JobId,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<StoredEvent>, Fault> {
    owns(conn, owner, job_id).await?;
    let mut query = events::table
        .filter(events::job_id.eq(Key::from(job_id)))
        .select(EventRow::as_select())
        .order(events::seq.desc())
        .limit(i64::from(limit.get()) + 1)
        .into_boxed::<Sql>();
    if let Some(Cursor(seq)) = after.and_then(|key| Cursor::decode(&key.id)) {
        query = query.filter(events::seq.lt(seq));
    }
    let rows: Vec<EventRow> = query.load(conn).await?;
    let stored = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<StoredEvent>, StoreError>>()?;
    Ok(Page::from_rows(stored, limit, |event| PageKey {
        sort: String::new(),
        id: event.cursor.encode(),
    }))
}

async fn bounds(conn: &mut Conn, owner: UserId) -> Result<StreamBounds, Fault> {
    let (pruned, last) = user_streams::table
        .find(Key::from(owner))
        .select((user_streams::pruned_seq, user_streams::last_seq))
        .first(conn)
        .await?;
    Ok(StreamBounds {
        pruned_up_to: Cursor(pruned),
        last: Cursor(last),
    })
}

async fn heads(conn: &mut Conn, owners: &[UserId]) -> Result<Vec<(UserId, Cursor)>, Fault> {
    let keys: Vec<Key> = owners.iter().map(|owner| Key::from(*owner)).collect();
    let rows = user_streams::table.select((user_streams::user_id, user_streams::last_seq));
    let heads: Vec<(Key, i64)> = match keys.as_slice() {
        [] => Vec::new(),
        [one] => rows.filter(user_streams::user_id.eq(*one)).load(conn).await?,
        many => rows.filter(user_streams::user_id.eq_any(many)).load(conn).await?,
    };
    Ok(heads
        .into_iter()
        .map(|(owner, seq)| (owner.into(), Cursor(seq)))
        .collect())
}

async fn delete_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    let on_its_way = webhook_deliveries::table
        .filter(webhook_deliveries::user_id.eq(events::user_id))
        .filter(webhook_deliveries::event_seq.eq(events::seq))
        .filter(webhook_deliveries::status.eq(DeliveryStatus::Pending.word()));
    let old: Vec<(Key, i64)> = events::table
        .filter(events::occurred_at.lt(naive(before)).and(not(exists(on_its_way))))
        .order(events::occurred_at)
        .limit(i64::from(batch))
        .select((events::user_id, events::seq))
        .load(&mut tx.conn)
        .await?;
    let mut by_owner: BTreeMap<Key, Vec<i64>> = BTreeMap::new();
    for (owner, seq) in old {
        by_owner.entry(owner).or_default().push(seq);
    }
    let mut deleted = 0;
    for (owner, numbers) in by_owner {
        // The stream first, as everywhere.
        let stream = user_streams::table
            .filter(user_streams::user_id.eq(owner))
            .select(user_streams::pruned_seq);
        let pruned: i64 = dialect::locked!(stream).first(&mut tx.conn).await?;
        let newest = numbers.iter().copied().max().unwrap_or(0).max(pruned);
        let rows = events::table.filter(events::user_id.eq(owner).and(events::seq.eq_any(numbers)));
        deleted += diesel::delete(rows).execute(&mut tx.conn).await?;
        diesel::update(user_streams::table.filter(user_streams::user_id.eq(owner)))
            .set(user_streams::pruned_seq.eq(newest))
            .execute(&mut tx.conn)
            .await?;
    }
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl EventStore for Db {
    async fn read_after<'a>(
        &self,
        owner: UserId,
        since: Cursor,
        filter: &'a EventFilter,
        limit: Limit,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        self.read(
            (owner, since, filter.clone(), limit),
            |conn, (owner, since, filter, limit)| read_after(conn, *owner, *since, filter, *limit).boxed(),
        )
        .await
    }

    async fn job_events<'a>(
        &self,
        owner: UserId,
        job_id: JobId,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<StoredEvent>, StoreError> {
        self.read(
            (owner, job_id, after.cloned(), limit),
            |conn, (owner, job_id, after, limit)| job_events(conn, *owner, *job_id, after.as_ref(), *limit).boxed(),
        )
        .await
    }

    async fn bounds(&self, owner: UserId) -> Result<StreamBounds, StoreError> {
        self.read(owner, |conn, owner| bounds(conn, *owner).boxed()).await
    }

    async fn heads(&self, owners: &[UserId]) -> Result<Vec<(UserId, Cursor)>, StoreError> {
        self.read(owners.to_vec(), |conn, owners| heads(conn, owners).boxed())
            .await
    }

    async fn delete_events(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
