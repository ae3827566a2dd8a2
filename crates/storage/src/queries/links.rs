//! [`LinkStore`]: secret addresses of jobs.

use super::{Conn, Db, Tx, history::owns};
use crate::{
    error::Fault,
    key::Key,
    rows::{Place, instant, naive},
    schema::{job_links as links, jobs},
};
use async_trait::async_trait;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    clock::Timestamp,
    error::StoreError,
    ids::{JobId, UserId},
    link::{Link, LinkHash, LinkKind},
    ports::LinkStore,
    user::Word,
};

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = links)]
struct LinkRow {
    secret_hash: Key,
    job_id: Key,
    user_id: Key,
    kind: String,
    last4: String,
    created_at: NaiveDateTime,
    last_used_at: Option<NaiveDateTime>,
}

impl TryFrom<LinkRow> for Link {
    type Error = StoreError;

    fn try_from(row: LinkRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "job_links",
            row: &row.job_id,
        };
        Ok(Self {
            job_id: row.job_id.into(),
            owner: row.user_id.into(),
            kind: place.word("kind", &row.kind)?,
            last4: row.last4,
            created_at: instant(row.created_at),
            last_used_at: row.last_used_at.map(instant),
        })
    }
}

async fn put_in_tx(tx: &mut Tx, link: &Link, hash: LinkHash) -> Result<(), Fault> {
    owns(&mut tx.conn, link.owner, link.job_id).await?;
    let of_job = links::job_id
        .eq(Key::from(link.job_id))
        .and(links::kind.eq(link.kind.word()));
    diesel::delete(links::table.filter(of_job))
        .execute(&mut tx.conn)
        .await?;
    diesel::insert_into(links::table)
        .values(LinkRow {
            secret_hash: Key(hash.0),
            job_id: link.job_id.into(),
            user_id: link.owner.into(),
            kind: link.kind.word().to_owned(),
            last4: link.last4.clone(),
            created_at: naive(link.created_at),
            last_used_at: None,
        })
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn find(conn: &mut Conn, owner: UserId, job_id: JobId, kind: LinkKind) -> Result<Link, Fault> {
    owns(conn, owner, job_id).await?;
    let row: LinkRow = links::table
        .filter(links::job_id.eq(Key::from(job_id)).and(links::kind.eq(kind.word())))
        .select(LinkRow::as_select())
        .first(conn)
        .await?;
    Ok(row.try_into()?)
}

async fn revoke_in_tx(tx: &mut Tx, owner: UserId, job_id: JobId, kind: LinkKind) -> Result<(), Fault> {
    owns(&mut tx.conn, owner, job_id).await?;
    let of_job = links::job_id.eq(Key::from(job_id)).and(links::kind.eq(kind.word()));
    match diesel::delete(links::table.filter(of_job))
        .execute(&mut tx.conn)
        .await?
    {
        0 => Err(StoreError::NotFound.into()),
        _ => Ok(()),
    }
}

async fn resolve(conn: &mut Conn, hash: LinkHash, kind: LinkKind) -> Result<Link, Fault> {
    let row: LinkRow = links::table
        .inner_join(jobs::table.on(jobs::job_id.eq(links::job_id)))
        .filter(links::secret_hash.eq(Key(hash.0)).and(links::kind.eq(kind.word())))
        .filter(jobs::deleted_at.is_null())
        .select(LinkRow::as_select())
        .first(conn)
        .await?;
    Ok(row.try_into()?)
}

async fn used_in_tx(tx: &mut Tx, hash: LinkHash, now: Timestamp) -> Result<(), Fault> {
    diesel::update(links::table.find(Key(hash.0)))
        .set(links::last_used_at.eq(naive(now)))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

#[async_trait]
impl LinkStore for Db {
    async fn put(&self, link: &Link, hash: LinkHash) -> Result<(), StoreError> {
        self.write((link.clone(), hash), |tx, (link, hash)| {
            put_in_tx(tx, link, *hash).boxed()
        })
        .await
    }

    async fn find(&self, owner: UserId, job_id: JobId, kind: LinkKind) -> Result<Link, StoreError> {
        self.read((owner, job_id, kind), |conn, (owner, job_id, kind)| {
            find(conn, *owner, *job_id, *kind).boxed()
        })
        .await
    }

    async fn revoke(&self, owner: UserId, job_id: JobId, kind: LinkKind) -> Result<(), StoreError> {
        self.write((owner, job_id, kind), |tx, (owner, job_id, kind)| {
            revoke_in_tx(tx, *owner, *job_id, *kind).boxed()
        })
        .await
    }

    async fn resolve(&self, hash: LinkHash, kind: LinkKind) -> Result<Link, StoreError> {
        self.read((hash, kind), |conn, (hash, kind)| resolve(conn, *hash, *kind).boxed())
            .await
    }

    async fn used(&self, hash: LinkHash, now: Timestamp) -> Result<(), StoreError> {
        self.write((hash, now), |tx, (hash, now)| used_in_tx(tx, *hash, *now).boxed())
            .await
    }
}
