//! [`ApiKeyStore`]: the keys of programs.

use super::{Conn, Db, Tx, dialect, users::lock};
use crate::{
    error::Fault,
    key::Key,
    paging::{last_time, time_key},
    rows::{Place, api_keys::ApiKeyRow, naive},
    schema::{api_keys, users},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    api_key::{ApiKey, KeyHash, MAX_API_KEYS},
    audit::{Action, Actor, Changes, Deed, Target, TargetKind},
    clock::Timestamp,
    error::StoreError,
    ids::{ApiKeyId, UserId},
    page::{Limit, Page, PageKey},
    ports::{ApiKeyStore, LiveKey},
};
use serde_json::Value;
use std::collections::HashSet;

async fn insert_in_tx(tx: &mut Tx, key: &ApiKey) -> Result<(), Fault> {
    // Two that are made at once are counted one after the other.
    let owner = lock(tx, key.user_id).await?.user_id;
    let others: Vec<Key> = api_keys::table
        .filter(api_keys::user_id.eq(owner))
        .select(api_keys::api_key_id)
        .load(&mut tx.conn)
        .await?;
    if others.len() >= MAX_API_KEYS {
        return Err(StoreError::Taken("api_keys").into());
    }
    diesel::insert_into(api_keys::table)
        .values(ApiKeyRow::from(key))
        .execute(&mut tx.conn)
        .await?;
    let granted = Changes::one("scopes", Value::Null, key.scopes.words().collect::<Vec<_>>());
    tx.effects.audit(
        deed(
            Action::ApiKeyCreated,
            key.user_id,
            key.api_key_id,
            &key.name,
            key.created_at,
        )
        .with(granted),
    );
    Ok(())
}

fn deed(action: Action, owner: UserId, api_key_id: ApiKeyId, name: &str, at: Timestamp) -> Deed {
    let target = Target::new(TargetKind::ApiKey, api_key_id.as_uuid(), Some(name));
    Deed::new(owner, action, target, at)
}

async fn list(conn: &mut Conn, owner: UserId, after: Option<&PageKey>, limit: Limit) -> Result<Page<ApiKey>, Fault> {
    let mut query = api_keys::table
        .filter(api_keys::user_id.eq(Key::from(owner)))
        .select(ApiKeyRow::as_select())
        .order((api_keys::created_at.desc(), api_keys::api_key_id.desc()))
        .limit(i64::from(limit.get()) + 1)
        .into_boxed();
    if let Some((at, id)) = last_time(after) {
        query = query
            .filter(api_keys::created_at.le(at))
            .filter(api_keys::created_at.lt(at).or(api_keys::api_key_id.lt(id)));
    }
    let rows: Vec<ApiKeyRow> = query.load(conn).await?;
    let rows = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<ApiKey>, StoreError>>()?;
    Ok(Page::from_rows(rows, limit, |key| {
        time_key(naive(key.created_at), key.api_key_id)
    }))
}

async fn delete_in_tx(tx: &mut Tx, owner: UserId, api_key_id: ApiKeyId, now: Timestamp) -> Result<(), Fault> {
    let mine = api_keys::table
        .filter(api_keys::api_key_id.eq(Key::from(api_key_id)))
        .filter(api_keys::user_id.eq(Key::from(owner)));
    let name: String = dialect::locked!(mine.select(api_keys::name))
        .first(&mut tx.conn)
        .await?;
    diesel::delete(api_keys::table.find(Key::from(api_key_id)))
        .execute(&mut tx.conn)
        .await?;
    tx.effects
        .audit(deed(Action::ApiKeyRevoked, owner, api_key_id, &name, now));
    Ok(())
}

async fn find_live(conn: &mut Conn, hash: KeyHash, now: Timestamp) -> Result<Option<LiveKey>, Fault> {
    let row: Option<(ApiKeyRow, Key, String)> = api_keys::table
        .inner_join(users::table.on(users::user_id.eq(api_keys::user_id)))
        .filter(api_keys::key_hash.eq(hash.0.to_vec()))
        .filter(users::is_active.eq(true))
        .select((ApiKeyRow::as_select(), users::user_id, users::role))
        .first(conn)
        .await
        .optional()?;
    let Some((row, user, role)) = row else {
        return Ok(None);
    };
    let place = Place {
        table: "users",
        row: &user,
    };
    let role = place.word("role", &role)?;
    let key = ApiKey::try_from(row)?;
    Ok(key.is_live(now).then_some(LiveKey { key, role }))
}

async fn over(conn: &mut Conn, asked: &[ApiKeyId], now: Timestamp) -> Result<Vec<ApiKeyId>, Fault> {
    let keys: Vec<Key> = asked.iter().map(|id| Key::from(*id)).collect();
    let live: Vec<Key> = api_keys::table
        .inner_join(users::table.on(users::user_id.eq(api_keys::user_id)))
        .filter(api_keys::api_key_id.eq_any(keys))
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(naive(now))))
        .filter(users::is_active.eq(true))
        .select(api_keys::api_key_id)
        .load(conn)
        .await?;
    let live: HashSet<ApiKeyId> = live.into_iter().map(Into::into).collect();
    Ok(asked.iter().copied().filter(|id| !live.contains(id)).collect())
}

async fn note_use_in_tx(tx: &mut Tx, api_key_id: ApiKeyId, at: Timestamp) -> Result<(), Fault> {
    let key = api_keys::table
        .find(Key::from(api_key_id))
        .select(ApiKeyRow::as_select());
    let Some(key): Option<ApiKeyRow> = dialect::locked!(key).first(&mut tx.conn).await.optional()? else {
        return Ok(());
    };
    if key.last_used_at.is_some_and(|noted| noted >= naive(at)) {
        return Ok(());
    }
    diesel::update(api_keys::table.find(Key::from(api_key_id)))
        .set(api_keys::last_used_at.eq(naive(at)))
        .execute(&mut tx.conn)
        .await?;
    if key.last_used_at.is_none() {
        let owner = UserId::from(key.user_id);
        let first = deed(Action::ApiKeyFirstUsed, owner, api_key_id, &key.name, at);
        tx.effects.audit_by(Actor::api_key(owner, api_key_id), first);
    }
    Ok(())
}

#[async_trait]
impl ApiKeyStore for Db {
    async fn insert(&self, key: &ApiKey) -> Result<(), StoreError> {
        self.write(key.clone(), |tx, key| insert_in_tx(tx, key).boxed()).await
    }

    async fn list(&self, owner: UserId, after: Option<PageKey>, limit: Limit) -> Result<Page<ApiKey>, StoreError> {
        self.read((owner, after, limit), |conn, (owner, after, limit)| {
            list(conn, *owner, after.as_ref(), *limit).boxed()
        })
        .await
    }

    async fn delete(&self, owner: UserId, api_key_id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
        self.write((owner, api_key_id, now), |tx, (owner, id, now)| {
            delete_in_tx(tx, *owner, *id, *now).boxed()
        })
        .await
    }

    async fn find_live(&self, hash: KeyHash, now: Timestamp) -> Result<Option<LiveKey>, StoreError> {
        self.read((hash, now), |conn, (hash, now)| find_live(conn, *hash, *now).boxed())
            .await
    }

    async fn over(&self, api_key_ids: &[ApiKeyId], now: Timestamp) -> Result<Vec<ApiKeyId>, StoreError> {
        self.read((api_key_ids.to_vec(), now), |conn, (ids, now)| {
            over(conn, ids, *now).boxed()
        })
        .await
    }

    async fn note_use(&self, api_key_id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        self.write((api_key_id, at), |tx, (id, at)| note_use_in_tx(tx, *id, *at).boxed())
            .await
    }
}
