//! [`LinkStore`]: secret addresses of jobs.

use super::{Conn, Db, Tx, dialect, history::owns};
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
    audit::{Action, Changes, Deed, Target, TargetKind},
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

async fn put_all_in_tx(tx: &mut Tx, links: &[(Link, LinkHash)]) -> Result<(), Fault> {
    for (link, hash) in links {
        put_in_tx(tx, link, *hash).await?;
    }
    Ok(())
}

async fn put_in_tx(tx: &mut Tx, link: &Link, hash: LinkHash) -> Result<(), Fault> {
    let name = name_of(&mut tx.conn, link.owner, link.job_id).await?;
    let old = remove(&mut tx.conn, link.job_id, link.kind).await?;
    let inserted = diesel::insert_into(links::table)
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
        .await;
    match inserted.map_err(Fault::from) {
        Ok(_) => {}
        // Another one was faster by a moment: it is the old one now.
        Err(Fault::Unique(text)) => return Err(Fault::Retry(text)),
        Err(fault) => return Err(fault),
    }
    let [made, _] = actions(link.kind);
    let target = Target::new(TargetKind::Job, link.job_id.as_uuid(), Some(&name));
    let deed = Deed::new(link.owner, made, target, link.created_at);
    tx.effects
        .audit(deed.with(Changes::one("last4", old, link.last4.as_str())));
    Ok(())
}

/// What the audit log calls the making and the revoking of an address.
const fn actions(kind: LinkKind) -> [Action; 2] {
    match kind {
        LinkKind::Inbound => [Action::InboundCreated, Action::InboundRevoked],
        LinkKind::Heartbeat => [Action::HeartbeatCreated, Action::HeartbeatRevoked],
        LinkKind::Badge => [Action::BadgeCreated, Action::BadgeRevoked],
    }
}

/// What the job is called; `NotFound` when it is not the owner's.
async fn name_of(conn: &mut Conn, owner: UserId, job_id: JobId) -> Result<String, Fault> {
    let of_owner = jobs::job_id
        .eq(Key::from(job_id))
        .and(jobs::created_by.eq(Key::from(owner)));
    let name = jobs::table
        .filter(of_owner.and(jobs::deleted_at.is_null()))
        .select(jobs::job_name)
        .first(conn)
        .await?;
    Ok(name)
}

/// Takes the address of that kind away; answers the end of its secret, if there was one.
async fn remove(conn: &mut Conn, job_id: JobId, kind: LinkKind) -> Result<Option<String>, Fault> {
    let of_job = links::job_id.eq(Key::from(job_id)).and(links::kind.eq(kind.word()));
    let found = links::table.filter(of_job).select((links::secret_hash, links::last4));
    let found: Option<(Key, String)> = dialect::locked!(found).first(conn).await.optional()?;
    let Some((hash, last4)) = found else { return Ok(None) };
    diesel::delete(links::table.find(hash)).execute(conn).await?;
    Ok(Some(last4))
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

async fn revoke_in_tx(tx: &mut Tx, owner: UserId, job_id: JobId, kind: LinkKind, now: Timestamp) -> Result<(), Fault> {
    let name = name_of(&mut tx.conn, owner, job_id).await?;
    let Some(last4) = remove(&mut tx.conn, job_id, kind).await? else {
        return Err(StoreError::NotFound.into());
    };
    let [_, revoked] = actions(kind);
    let target = Target::new(TargetKind::Job, job_id.as_uuid(), Some(&name));
    let deed = Deed::new(owner, revoked, target, now);
    tx.effects
        .audit(deed.with(Changes::one("last4", last4, serde_json::Value::Null)));
    Ok(())
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
    async fn put(&self, links: &[(Link, LinkHash)]) -> Result<(), StoreError> {
        self.write(links.to_vec(), |tx, links| put_all_in_tx(tx, links).boxed())
            .await
    }

    async fn find(&self, owner: UserId, job_id: JobId, kind: LinkKind) -> Result<Link, StoreError> {
        self.read((owner, job_id, kind), |conn, (owner, job_id, kind)| {
            find(conn, *owner, *job_id, *kind).boxed()
        })
        .await
    }

    async fn revoke(&self, owner: UserId, job_id: JobId, kind: LinkKind, now: Timestamp) -> Result<(), StoreError> {
        self.write((owner, job_id, kind, now), |tx, (owner, job_id, kind, now)| {
            revoke_in_tx(tx, *owner, *job_id, *kind, *now).boxed()
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
