//! [`SessionStore`]: log-ins.

use super::{Conn, Db, Tx};
use crate::{
    error::Fault,
    key::Key,
    paging::{last_time, time_key},
    rows::{Place, accounts::SessionRow, int, naive},
    schema::{sessions, users},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    audit::{Action, Changes, Deed, Target, TargetKind},
    clock::Timestamp,
    error::StoreError,
    ids::{SessionId, UserId},
    page::{Limit, Page, PageKey},
    ports::{LiveSession, SessionStore},
    session::{EndReason, Session},
    user::Word,
};
use std::collections::HashSet;

async fn find_live(conn: &mut Conn, session_id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, Fault> {
    let row: Option<(SessionRow, Key, String)> = sessions::table
        .inner_join(users::table.on(users::user_id.eq(sessions::user_id)))
        .filter(sessions::session_id.eq(Key::from(session_id)))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(naive(now))))
        .filter(users::is_active.eq(true))
        .select((SessionRow::as_select(), users::user_id, users::role))
        .first(conn)
        .await
        .optional()?;
    let Some((session, user, role)) = row else {
        return Ok(None);
    };
    let place = Place {
        table: "users",
        row: &user,
    };
    Ok(Some(LiveSession {
        role: place.word("role", &role)?,
        session: session.try_into()?,
    }))
}

async fn over(conn: &mut Conn, asked: &[SessionId], now: Timestamp) -> Result<Vec<SessionId>, Fault> {
    let keys: Vec<Key> = asked.iter().map(|id| Key::from(*id)).collect();
    let live: Vec<Key> = sessions::table
        .inner_join(users::table.on(users::user_id.eq(sessions::user_id)))
        .filter(sessions::session_id.eq_any(keys))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(naive(now))))
        .filter(users::is_active.eq(true))
        .select(sessions::session_id)
        .load(conn)
        .await?;
    let live: HashSet<SessionId> = live.into_iter().map(Into::into).collect();
    Ok(asked.iter().copied().filter(|id| !live.contains(id)).collect())
}

async fn rotate_in_tx(tx: &mut Tx, rotated: &Session) -> Result<bool, Fault> {
    let row = SessionRow::from(rotated);
    let won = diesel::update(sessions::table)
        .filter(
            sessions::session_id
                .eq(row.session_id)
                .and(sessions::generation.eq(row.generation - 1)),
        )
        .filter(sessions::ended_at.is_null())
        .set((
            sessions::generation.eq(row.generation),
            sessions::rotated_at.eq(row.rotated_at),
            sessions::grace_used.eq(row.grace_used),
            sessions::last_used_at.eq(row.last_used_at),
            sessions::expires_at.eq(row.expires_at),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(won == 1)
}

async fn use_grace_in_tx(tx: &mut Tx, session_id: SessionId, generation: u32) -> Result<bool, Fault> {
    let won = diesel::update(sessions::table)
        .filter(
            sessions::session_id
                .eq(Key::from(session_id))
                .and(sessions::generation.eq(int(generation))),
        )
        .filter(sessions::grace_used.eq(false).and(sessions::ended_at.is_null()))
        .set(sessions::grace_used.eq(true))
        .execute(&mut tx.conn)
        .await?;
    Ok(won == 1)
}

async fn list(
    conn: &mut Conn,
    owner: UserId,
    now: Timestamp,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<Session>, Fault> {
    let mut query = sessions::table
        .filter(sessions::user_id.eq(Key::from(owner)))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(naive(now))))
        .select(SessionRow::as_select())
        .order((sessions::created_at.desc(), sessions::session_id.desc()))
        .limit(i64::from(limit.get()) + 1)
        .into_boxed();
    if let Some((at, id)) = last_time(after) {
        query = query
            .filter(sessions::created_at.le(at))
            .filter(sessions::created_at.lt(at).or(sessions::session_id.lt(id)));
    }
    let rows: Vec<SessionRow> = query.load(conn).await?;
    let rows = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<Session>, StoreError>>()?;
    Ok(Page::from_rows(rows, limit, |session| {
        time_key(naive(session.created_at), session.session_id)
    }))
}

async fn end_in_tx(
    tx: &mut Tx,
    owner: UserId,
    session_id: SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), Fault> {
    let ended = diesel::update(sessions::table)
        .filter(
            sessions::session_id
                .eq(Key::from(session_id))
                .and(sessions::user_id.eq(Key::from(owner))),
        )
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(naive(now))))
        .set((
            sessions::ended_at.eq(naive(now)),
            sessions::end_reason.eq(reason.word()),
        ))
        .execute(&mut tx.conn)
        .await?;
    if ended == 1 {
        let target = Target::new(TargetKind::Session, session_id.as_uuid(), None);
        let why = Changes::one("end_reason", serde_json::Value::Null, reason.word());
        tx.effects
            .audit(Deed::new(owner, Action::SessionEnded, target, now).with(why));
        Ok(())
    } else {
        Err(StoreError::NotFound.into())
    }
}

/// Ends every session of a user.
pub(super) async fn end_all_in_tx(tx: &mut Tx, owner: Key, reason: EndReason, now: Timestamp) -> Result<(), Fault> {
    diesel::update(sessions::table)
        .filter(sessions::user_id.eq(owner).and(sessions::ended_at.is_null()))
        .set((
            sessions::ended_at.eq(naive(now)),
            sessions::end_reason.eq(reason.word()),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn delete_ended_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    let ids = sessions::table.select(sessions::session_id).limit(i64::from(batch));
    let mut over: Vec<Key> = ids
        .filter(sessions::expires_at.lt(naive(before)))
        .load(&mut tx.conn)
        .await?;
    if over.len() < usize::try_from(batch).unwrap_or(usize::MAX) {
        let ended: Vec<Key> = ids
            .filter(sessions::ended_at.lt(naive(before)))
            .load(&mut tx.conn)
            .await?;
        over.extend(ended);
        over.sort_unstable();
        over.dedup();
        over.truncate(usize::try_from(batch).unwrap_or(usize::MAX));
    }
    let deleted = diesel::delete(sessions::table.filter(sessions::session_id.eq_any(over)))
        .execute(&mut tx.conn)
        .await?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl SessionStore for Db {
    async fn find_live(&self, session_id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError> {
        self.read((session_id, now), |conn, (id, now)| find_live(conn, *id, *now).boxed())
            .await
    }

    async fn over(&self, session_ids: &[SessionId], now: Timestamp) -> Result<Vec<SessionId>, StoreError> {
        self.read((session_ids.to_vec(), now), |conn, (ids, now)| {
            over(conn, ids, *now).boxed()
        })
        .await
    }

    async fn rotate(&self, rotated: &Session) -> Result<bool, StoreError> {
        self.write(rotated.clone(), |tx, rotated| rotate_in_tx(tx, rotated).boxed())
            .await
    }

    async fn use_grace(&self, session_id: SessionId, generation: u32) -> Result<bool, StoreError> {
        self.write((session_id, generation), |tx, (id, generation)| {
            use_grace_in_tx(tx, *id, *generation).boxed()
        })
        .await
    }

    async fn list(
        &self,
        user_id: UserId,
        now: Timestamp,
        after: Option<PageKey>,
        limit: Limit,
    ) -> Result<Page<Session>, StoreError> {
        self.read((user_id, now, after, limit), |conn, (user_id, now, after, limit)| {
            list(conn, *user_id, *now, after.as_ref(), *limit).boxed()
        })
        .await
    }

    async fn end(
        &self,
        user_id: UserId,
        session_id: SessionId,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(
            (user_id, session_id, reason, now),
            |tx, (user_id, session_id, reason, now)| end_in_tx(tx, *user_id, *session_id, *reason, *now).boxed(),
        )
        .await
    }

    async fn delete_ended(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_ended_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
