//! [`IdempotencyStore`]: requests that may be sent again, and their answers.

use super::{Db, Tx, dialect};
use crate::{
    error::Fault,
    key::Key,
    rows::{Place, instant, json, naive},
    schema::idempotency_keys,
};
use async_trait::async_trait;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    api_key::Scopes,
    clock::Timestamp,
    error::StoreError,
    idempotency::{AT_WORK, Fingerprint, KEPT, KeptAnswer, KnownRequest, RequestName, Verdict},
    ports::{IdempotencyStore, WorkClaim},
};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct RequestRow {
    user_id: Key,
    fingerprint: Vec<u8>,
    locked_until: Option<NaiveDateTime>,
    status: Option<i32>,
    headers: Option<String>,
    body: Option<String>,
    scopes: Option<String>,
    expires_at: NaiveDateTime,
}

impl TryFrom<RequestRow> for KnownRequest {
    type Error = StoreError;

    fn try_from(row: RequestRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "idempotency_keys",
            row: &row.user_id,
        };
        let fingerprint = <[u8; 32]>::try_from(row.fingerprint.as_slice());
        let answer = match row.status {
            None => None,
            Some(status) => Some(KeptAnswer {
                status: u16::try_from(status).map_err(|why| place.inconsistent("status", why))?,
                headers: place.json("headers", row.headers.as_deref().unwrap_or("[]"))?,
                body: row.body.unwrap_or_default(),
                any_of: Scopes::decode(row.scopes.as_deref().unwrap_or_default())
                    .map_err(|why| place.inconsistent("scopes", why))?
                    .iter()
                    .collect(),
            }),
        };
        Ok(Self {
            fingerprint: Fingerprint(fingerprint.map_err(|why| place.inconsistent("fingerprint", why))?),
            answer,
            locked_until: row.locked_until.map(instant),
            expires_at: instant(row.expires_at),
        })
    }
}

async fn begin_in_tx(
    tx: &mut Tx,
    name: RequestName,
    fingerprint: Fingerprint,
    claim: WorkClaim,
    now: Timestamp,
) -> Result<Verdict, Fault> {
    let (user_id, hash) = (Key::from(name.user_id), name.hash.to_vec());
    let found = idempotency_keys::table
        .filter(idempotency_keys::user_id.eq(user_id))
        .filter(idempotency_keys::key_hash.eq(&hash))
        .select(RequestRow::as_select());
    let found: Option<RequestRow> = dialect::locked!(found).first(&mut tx.conn).await.optional()?;
    let is_new = found.is_none();
    if let Some(row) = found {
        let verdict = KnownRequest::try_from(row)?.judge(fingerprint, now);
        if verdict != Verdict::Proceed {
            return Ok(verdict);
        }
    }
    let values = (
        idempotency_keys::fingerprint.eq(fingerprint.0.to_vec()),
        idempotency_keys::claim.eq(Some(Key(claim.0))),
        idempotency_keys::locked_until.eq(Some(naive(now + AT_WORK))),
        idempotency_keys::status.eq(None::<i32>),
        idempotency_keys::headers.eq(None::<String>),
        idempotency_keys::body.eq(None::<String>),
        idempotency_keys::scopes.eq(None::<String>),
        idempotency_keys::created_at.eq(naive(now)),
        idempotency_keys::expires_at.eq(naive(now + KEPT)),
    );
    if is_new {
        let id = (
            idempotency_keys::user_id.eq(user_id),
            idempotency_keys::key_hash.eq(hash),
        );
        let inserted = diesel::insert_into(idempotency_keys::table)
            .values((id, values))
            .execute(&mut tx.conn)
            .await;
        match inserted.map_err(Fault::from) {
            Ok(_) => {}
            // Another one was faster by a moment: look again.
            Err(Fault::Unique(text)) => return Err(Fault::Retry(text)),
            Err(fault) => return Err(fault),
        }
    } else {
        diesel::update(idempotency_keys::table.find((user_id, hash)))
            .set(values)
            .execute(&mut tx.conn)
            .await?;
    }
    Ok(Verdict::Proceed)
}

async fn answer_in_tx(tx: &mut Tx, name: RequestName, claim: WorkClaim, answer: &KeptAnswer) -> Result<(), Fault> {
    diesel::update(idempotency_keys::table.find((Key::from(name.user_id), name.hash.to_vec())))
        .filter(idempotency_keys::claim.eq(Key(claim.0)))
        .set((
            idempotency_keys::claim.eq(None::<Key>),
            idempotency_keys::locked_until.eq(None::<NaiveDateTime>),
            idempotency_keys::status.eq(Some(i32::from(answer.status))),
            idempotency_keys::headers.eq(Some(json(&answer.headers))),
            idempotency_keys::body.eq(Some(&answer.body)),
            idempotency_keys::scopes.eq(Some(answer.any_of.iter().copied().collect::<Scopes>().encode())),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn give_up_in_tx(tx: &mut Tx, name: RequestName, claim: WorkClaim) -> Result<(), Fault> {
    diesel::delete(idempotency_keys::table.find((Key::from(name.user_id), name.hash.to_vec())))
        .filter(idempotency_keys::claim.eq(Key(claim.0)))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn delete_expired_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    let old: Vec<(Key, Vec<u8>)> = idempotency_keys::table
        .filter(idempotency_keys::expires_at.lt(naive(before)))
        .order(idempotency_keys::expires_at)
        .limit(i64::from(batch))
        .select((idempotency_keys::user_id, idempotency_keys::key_hash))
        .load(&mut tx.conn)
        .await?;
    let mut deleted = 0;
    for (user_id, hash) in old {
        // It may have been taken up again meanwhile.
        deleted += diesel::delete(idempotency_keys::table.find((user_id, hash)))
            .filter(idempotency_keys::expires_at.lt(naive(before)))
            .execute(&mut tx.conn)
            .await?;
    }
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl IdempotencyStore for Db {
    async fn begin(
        &self,
        name: RequestName,
        fingerprint: Fingerprint,
        claim: WorkClaim,
        now: Timestamp,
    ) -> Result<Verdict, StoreError> {
        self.write(
            (name, fingerprint, claim, now),
            |tx, (name, fingerprint, claim, now)| begin_in_tx(tx, *name, *fingerprint, *claim, *now).boxed(),
        )
        .await
    }

    async fn answer<'a>(&self, name: RequestName, claim: WorkClaim, answer: &'a KeptAnswer) -> Result<(), StoreError> {
        self.write((name, claim, answer.clone()), |tx, (name, claim, answer)| {
            answer_in_tx(tx, *name, *claim, answer).boxed()
        })
        .await
    }

    async fn give_up(&self, name: RequestName, claim: WorkClaim) -> Result<(), StoreError> {
        self.write((name, claim), |tx, (name, claim)| {
            give_up_in_tx(tx, *name, *claim).boxed()
        })
        .await
    }

    async fn delete_expired(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_expired_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
