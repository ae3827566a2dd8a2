//! [`EventStore`]: the streams of users.

use super::{Conn, Db, Sql, Tx, dialect, history::owns};
use crate::{
    error::Fault,
    key::Key,
    rows::{events::EventRow, naive},
    schema::{events, user_streams, webhook_deliveries},
};
use async_trait::async_trait;
use chrono::NaiveDateTime;
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
    ports::{EventFilter, EventStore, EventSweep, StreamBounds, StreamPlace},
    user::Word,
    webhook::DeliveryStatus,
};

/// How many streams are looked at with one query for old events.
const STREAMS: i64 = 200;

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

/// The first stream from this place on, among the next few, that begins with an old event; and where to look on.
async fn next_old(
    conn: &mut Conn,
    from: Option<StreamPlace>,
    before: Timestamp,
) -> Result<(Option<StreamPlace>, Option<StreamPlace>), Fault> {
    let (before, mut after) = (naive(before), Key([0; 16]));
    if let Some((owner, Cursor(seq))) = from {
        after = Key::from(owner);
        let rest: Option<NaiveDateTime> = events::table
            .filter(events::user_id.eq(after).and(events::seq.gt(seq)))
            .order(events::seq)
            .select(events::occurred_at)
            .first(conn)
            .await
            .optional()?;
        if rest.is_some_and(|at| at < before) {
            return Ok((from, None));
        }
    }
    let oldest = events::table
        .filter(events::user_id.eq(user_streams::user_id))
        .order(events::seq)
        .limit(1)
        .select(events::occurred_at)
        .single_value();
    let streams: Vec<(Key, Option<NaiveDateTime>)> = user_streams::table
        .filter(user_streams::user_id.gt(after))
        .order(user_streams::user_id)
        .limit(STREAMS)
        .select((user_streams::user_id, oldest))
        .load(conn)
        .await?;
    let old = |at: &Option<NaiveDateTime>| at.is_some_and(|at| at < before);
    let found = streams
        .iter()
        .find(|(_, at)| old(at))
        .map(|(owner, _)| (UserId::from(*owner), Cursor::START));
    let last = streams
        .last()
        .map(|(owner, _)| (UserId::from(*owner), Cursor(i64::MAX)));
    Ok((found, last))
}

/// Deletes up to `most` events from a place of a stream on; answers how many, and behind which there may be more.
async fn prune_in_tx(
    tx: &mut Tx,
    (owner, Cursor(from)): StreamPlace,
    before: Timestamp,
    most: u32,
) -> Result<(u32, Option<Cursor>), Fault> {
    let owner = Key::from(owner);
    // Looked at in the order of the stream, which is that of time, and no further than to the first that is not old.
    let mut old: Vec<(i64, NaiveDateTime)> = events::table
        .filter(events::user_id.eq(owner).and(events::seq.gt(from)))
        .order(events::seq)
        .limit(i64::from(most))
        .select((events::seq, events::occurred_at))
        .load(&mut tx.conn)
        .await?;
    let looked_at = old.len();
    let young = old.iter().position(|(_, at)| *at >= naive(before));
    old.truncate(young.unwrap_or(looked_at));
    let Some((last, _)) = old.last().copied() else {
        return Ok((0, None));
    };
    let is_full = u32::try_from(looked_at) == Ok(most);
    let next = (young.is_none() && is_full).then_some(Cursor(last));
    let on_its_way = webhook_deliveries::table
        .filter(webhook_deliveries::user_id.eq(events::user_id))
        .filter(webhook_deliveries::event_seq.eq(events::seq))
        .filter(webhook_deliveries::status.eq(DeliveryStatus::Pending.word()));
    let gone: Vec<i64> = events::table
        .filter(
            events::user_id
                .eq(owner)
                .and(events::seq.gt(from))
                .and(events::seq.le(last)),
        )
        .filter(not(exists(on_its_way)))
        .select(events::seq)
        .load(&mut tx.conn)
        .await?;
    let Some(newest) = gone.iter().copied().max() else {
        return Ok((0, next));
    };
    // The stream first, as everywhere.
    let stream = user_streams::table
        .filter(user_streams::user_id.eq(owner))
        .select(user_streams::pruned_seq);
    let pruned: i64 = dialect::locked!(stream).first(&mut tx.conn).await?;
    let rows = events::table.filter(events::user_id.eq(owner).and(events::seq.eq_any(gone)));
    let deleted = diesel::delete(rows).execute(&mut tx.conn).await?;
    diesel::update(user_streams::table.filter(user_streams::user_id.eq(owner)))
        .set(user_streams::pruned_seq.eq(newest.max(pruned)))
        .execute(&mut tx.conn)
        .await?;
    Ok((u32::try_from(deleted).unwrap_or(u32::MAX), next))
}

async fn sweep(
    db: &Db,
    mut from: Option<StreamPlace>,
    before: Timestamp,
    batch: u32,
) -> Result<EventSweep, StoreError> {
    let mut deleted = 0;
    while deleted < batch {
        let (found, last) = db
            .read((from, before), |conn, (from, before)| {
                next_old(conn, *from, *before).boxed()
            })
            .await?;
        let Some(place) = found else {
            if last.is_none() {
                return Ok(EventSweep { deleted, next: None });
            }
            from = last;
            continue;
        };
        let (gone, next) = db
            .write((place, before, batch), |tx, (place, before, batch)| {
                prune_in_tx(tx, *place, *before, *batch).boxed()
            })
            .await?;
        deleted += gone;
        from = Some((place.0, next.unwrap_or(Cursor(i64::MAX))));
    }
    Ok(EventSweep { deleted, next: from })
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

    async fn delete_events(
        &self,
        from: Option<StreamPlace>,
        before: Timestamp,
        batch: u32,
    ) -> Result<EventSweep, StoreError> {
        sweep(self, from, before, batch).await
    }
}
