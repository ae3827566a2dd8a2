//! [`EndpointStore`]: where events are sent.
//!
//! Every write locks the owner's stream first. So endpoints do not change while an event looks for those that want it,
//! and `user_streams.endpoints` says how many are switched on.

use super::{Conn, Db, Tx, deliveries::statistics, dialect};
use crate::{
    error::Fault,
    key::Key,
    rows::{naive, webhooks::EndpointRow},
    schema::{user_streams, webhook_deliveries, webhook_endpoints, webhook_stats},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    audit::{Action, Deed, Target, TargetKind, endpoint_changes},
    clock::Timestamp,
    error::StoreError,
    ids::{UserId, WebhookId},
    page::{Limit, Page, PageKey},
    ports::EndpointStore,
    user::Word,
    webhook::{DeliveryStatus, Endpoint, EndpointStatistics, MAX_ENDPOINTS},
};

/// How many deliveries of a deleted endpoint go with one statement.
const DELETE_BATCH: i64 = 1_000;

/// Locks the stream of a user; answers the number of its latest event.
pub(super) async fn lock_stream(conn: &mut Conn, owner: Key) -> Result<i64, Fault> {
    let stream = user_streams::table.filter(user_streams::user_id.eq(owner));
    let found: i64 = dialect::locked!(stream.select(user_streams::last_seq))
        .first(conn)
        .await?;
    Ok(found)
}

/// Locks an endpoint of this owner.
pub(super) async fn lock(conn: &mut Conn, owner: Key, webhook_id: Key) -> Result<EndpointRow, Fault> {
    let found = lock_if_there(conn, owner, webhook_id).await?;
    Ok(found.ok_or(diesel::result::Error::NotFound)?)
}

/// The same; `None` when there is none (any more).
pub(super) async fn lock_if_there(conn: &mut Conn, owner: Key, webhook_id: Key) -> Result<Option<EndpointRow>, Fault> {
    let endpoint = webhook_endpoints::table
        .filter(webhook_endpoints::webhook_id.eq(webhook_id))
        .filter(webhook_endpoints::user_id.eq(owner))
        .select(EndpointRow::as_select());
    Ok(dialect::locked!(endpoint).first(conn).await.optional()?)
}

/// Ends everything that is on its way to an endpoint: it failed.
pub(super) async fn end_pending(conn: &mut Conn, webhook_id: Key, now: Timestamp) -> Result<(), Fault> {
    diesel::update(webhook_deliveries::table)
        .filter(webhook_deliveries::status.eq(DeliveryStatus::Pending.word()))
        .filter(webhook_deliveries::webhook_id.eq(webhook_id))
        .set((
            webhook_deliveries::status.eq(DeliveryStatus::Failed.word()),
            webhook_deliveries::next_attempt_at.eq(None::<chrono::NaiveDateTime>),
            webhook_deliveries::lease.eq(None::<Key>),
            webhook_deliveries::finished_at.eq(naive(now)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

async fn insert_in_tx(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), Fault> {
    let owner = Key::from(endpoint.user_id);
    lock_stream(&mut tx.conn, owner).await?;
    let others: Vec<Key> = webhook_endpoints::table
        .filter(webhook_endpoints::user_id.eq(owner))
        .select(webhook_endpoints::webhook_id)
        .load(&mut tx.conn)
        .await?;
    if others.len() >= MAX_ENDPOINTS {
        return Err(StoreError::Taken("webhooks").into());
    }
    diesel::insert_into(webhook_endpoints::table)
        .values(EndpointRow::from(endpoint))
        .execute(&mut tx.conn)
        .await?;
    tx.effects.of(endpoint.user_id).endpoints += i32::from(endpoint.enabled);
    tx.effects
        .audit(deed(Action::WebhookCreated, endpoint, endpoint.created_at));
    Ok(())
}

fn deed(action: Action, endpoint: &Endpoint, at: Timestamp) -> Deed {
    let target = Target::new(TargetKind::Webhook, endpoint.webhook_id.as_uuid(), Some(&endpoint.url));
    Deed::new(endpoint.user_id, action, target, at)
}

pub(super) async fn find(conn: &mut Conn, owner: UserId, webhook_id: WebhookId) -> Result<Endpoint, Fault> {
    let row: EndpointRow = webhook_endpoints::table
        .filter(webhook_endpoints::webhook_id.eq(Key::from(webhook_id)))
        .filter(webhook_endpoints::user_id.eq(Key::from(owner)))
        .select(EndpointRow::as_select())
        .first(conn)
        .await?;
    Ok(row.try_into()?)
}

async fn list(conn: &mut Conn, owner: UserId, after: Option<&PageKey>, limit: Limit) -> Result<Page<Endpoint>, Fault> {
    let mut query = webhook_endpoints::table
        .filter(webhook_endpoints::user_id.eq(Key::from(owner)))
        .select(EndpointRow::as_select())
        .order(webhook_endpoints::webhook_id.desc())
        .limit(i64::from(limit.get()) + 1)
        .into_boxed();
    if let Some(after) = after.and_then(|key| key.id.parse::<WebhookId>().ok()) {
        query = query.filter(webhook_endpoints::webhook_id.lt(Key::from(after)));
    }
    let rows: Vec<EndpointRow> = query.load(conn).await?;
    let rows = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<Endpoint>, StoreError>>()?;
    Ok(Page::from_rows(rows, limit, |endpoint| PageKey {
        sort: String::new(),
        id: endpoint.webhook_id.to_string(),
    }))
}

async fn replace_in_tx(tx: &mut Tx, endpoint: &Endpoint, expected: i64) -> Result<(), Fault> {
    let new = EndpointRow::from(endpoint);
    lock_stream(&mut tx.conn, new.user_id).await?;
    let old = lock(&mut tx.conn, new.user_id, new.webhook_id).await?;
    if old.version != expected {
        return Err(StoreError::VersionConflict { current: old.version }.into());
    }
    if tx.effects.acting.is_some() {
        let before = Endpoint::try_from(old.clone())?;
        let action = if before.secrets == endpoint.secrets {
            Action::WebhookUpdated
        } else {
            Action::WebhookSecretRotated
        };
        let changes = endpoint_changes(&before, endpoint);
        tx.effects
            .audit(deed(action, endpoint, endpoint.updated_at).with(changes));
    }
    // Attempts note failures without a new version: what was read of them may be old.
    let switched = old.enabled != new.enabled;
    let failing_since = if switched { new.failing_since } else { old.failing_since };
    diesel::update(webhook_endpoints::table.filter(webhook_endpoints::webhook_id.eq(new.webhook_id)))
        .set((
            webhook_endpoints::url.eq(new.url),
            webhook_endpoints::types.eq(new.types),
            webhook_endpoints::description.eq(new.description),
            webhook_endpoints::sealed_headers.eq(new.sealed_headers),
            webhook_endpoints::secrets.eq(new.secrets),
            webhook_endpoints::enabled.eq(new.enabled),
            webhook_endpoints::disabled_reason.eq(new.disabled_reason),
            webhook_endpoints::failing_since.eq(failing_since),
            webhook_endpoints::version.eq(new.version),
            webhook_endpoints::updated_at.eq(new.updated_at),
        ))
        .execute(&mut tx.conn)
        .await?;
    if switched {
        tx.effects.of(endpoint.user_id).endpoints += if new.enabled { 1 } else { -1 };
        if !new.enabled {
            end_pending(&mut tx.conn, new.webhook_id, endpoint.updated_at).await?;
        }
    }
    Ok(())
}

async fn delete_in_tx(
    tx: &mut Tx,
    owner: UserId,
    webhook_id: WebhookId,
    expected: Option<i64>,
    now: Timestamp,
) -> Result<(), Fault> {
    let key = Key::from(webhook_id);
    lock_stream(&mut tx.conn, owner.into()).await?;
    let old = lock(&mut tx.conn, owner.into(), key).await?;
    if expected.is_some_and(|expected| expected != old.version) {
        return Err(StoreError::VersionConflict { current: old.version }.into());
    }
    diesel::delete(webhook_endpoints::table.filter(webhook_endpoints::webhook_id.eq(key)))
        .execute(&mut tx.conn)
        .await?;
    loop {
        let batch: Vec<Key> = webhook_deliveries::table
            .filter(webhook_deliveries::webhook_id.eq(key))
            .select(webhook_deliveries::delivery_id)
            .limit(DELETE_BATCH)
            .load(&mut tx.conn)
            .await?;
        if batch.is_empty() {
            break;
        }
        diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::delivery_id.eq_any(batch)))
            .execute(&mut tx.conn)
            .await?;
    }
    diesel::delete(webhook_stats::table.filter(webhook_stats::webhook_id.eq(key)))
        .execute(&mut tx.conn)
        .await?;
    tx.effects.of(owner).endpoints -= i32::from(old.enabled);
    tx.effects
        .audit(deed(Action::WebhookDeleted, &Endpoint::try_from(old)?, now));
    Ok(())
}

#[async_trait]
impl EndpointStore for Db {
    async fn insert(&self, endpoint: &Endpoint) -> Result<(), StoreError> {
        self.write(endpoint.clone(), |tx, endpoint| insert_in_tx(tx, endpoint).boxed())
            .await
    }

    async fn find(&self, owner: UserId, webhook_id: WebhookId) -> Result<Endpoint, StoreError> {
        self.read((owner, webhook_id), |conn, (owner, id)| find(conn, *owner, *id).boxed())
            .await
    }

    async fn statistics(
        &self,
        owner: UserId,
        webhook_id: WebhookId,
        now: Timestamp,
    ) -> Result<EndpointStatistics, StoreError> {
        self.read((owner, webhook_id, now), |conn, (owner, id, now)| {
            statistics::read(conn, *owner, *id, *now).boxed()
        })
        .await
    }

    async fn list<'a>(
        &self,
        owner: UserId,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<Endpoint>, StoreError> {
        self.read((owner, after.cloned(), limit), |conn, (owner, after, limit)| {
            list(conn, *owner, after.as_ref(), *limit).boxed()
        })
        .await
    }

    async fn replace(&self, endpoint: &Endpoint, expected: i64) -> Result<(), StoreError> {
        self.write((endpoint.clone(), expected), |tx, (endpoint, expected)| {
            replace_in_tx(tx, endpoint, *expected).boxed()
        })
        .await
    }

    async fn delete(
        &self,
        owner: UserId,
        webhook_id: WebhookId,
        expected: Option<i64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write((owner, webhook_id, expected, now), |tx, (owner, id, expected, now)| {
            delete_in_tx(tx, *owner, *id, *expected, *now).boxed()
        })
        .await
    }
}
