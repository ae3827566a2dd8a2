//! [`NoticeStore`]: what people want to be told, incidents, and the outbox.

use super::{
    Conn, Db, Tx, dialect, history::owns, incidents as fold, insert::insert, keys_in::keys_in, statement::Ids, users,
};
use crate::{
    error::Fault,
    key::Key,
    rows::{
        Place, instant, json, naive,
        notices::{IncidentRow, NoticeRow, policy},
    },
    schema::{incidents, jobs, notices, users as user_table},
    value::Value,
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
    ids::{JobId, NoticeId, UserId, uuid_v7},
    notice::{Incident, Notice, NoticeKind, NoticePolicy, NoticeStatus, PER_WINDOW, WINDOW},
    page::{Limit, Page, PageKey},
    ports::{DueNotice, NoticeEntry, NoticeStore, Round, Settled},
    run::LeaseToken,
    user::Word,
};
use std::collections::HashMap;

async fn set_defaults_in_tx(tx: &mut Tx, owner: UserId, policy: &NoticePolicy, now: Timestamp) -> Result<(), Fault> {
    let row = users::lock(tx, owner).await?;
    let before = fold::defaults(&mut tx.conn, owner).await?;
    if before == *policy {
        return Ok(());
    }
    diesel::update(user_table::table.find(row.user_id))
        .set(user_table::notices.eq(json(policy)))
        .execute(&mut tx.conn)
        .await?;
    tx.effects.of(owner).notice_extra |= policy.extra();
    let target = Target::new(TargetKind::User, owner.as_uuid(), Some(&row.full_name));
    let value = |policy: &NoticePolicy| serde_json::to_value(policy).unwrap_or_default();
    let changes = Changes::one("notices", value(&before), value(policy));
    tx.effects
        .audit(Deed::new(owner, Action::UserChanged, target, now).with(changes));
    Ok(())
}

async fn incident(conn: &mut Conn, owner: UserId, job_id: JobId) -> Result<Option<Incident>, Fault> {
    owns(conn, owner, job_id).await?;
    let row: Option<IncidentRow> = incidents::table
        .find(Key::from(job_id))
        .select(IncidentRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(TryInto::try_into).transpose()?)
}

/// The newest notices of a person, after the page before. Their ids are those of the primary key too, along which MySQL
/// would walk through the notices of everybody: it is told which index to take.
async fn page_ids(conn: &mut Conn, owner: UserId, after: Option<&PageKey>, rows: i64) -> Result<Vec<Key>, Fault> {
    let along = dialect::along("idx_notices_user");
    let mut ids = Ids::select(format!("SELECT notice_id FROM notices{along} WHERE user_id = "))
        .bind(Value::Key(Some(owner.into())));
    if let Some(last) = after.and_then(|key| key.id.parse::<NoticeId>().ok()) {
        ids = ids.sql(" AND notice_id < ").bind(Value::Key(Some(last.into())));
    }
    ids.sql(" ORDER BY notice_id DESC LIMIT ")
        .bind(Value::Big(Some(rows)))
        .load(conn)
        .await
}

async fn list(
    conn: &mut Conn,
    owner: UserId,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<NoticeEntry>, Fault> {
    let ids = page_ids(conn, owner, after, i64::from(limit.get()) + 1).await?;
    let found = notices::table
        .filter(keys_in("notices.notice_id", &ids))
        .select(NoticeRow::as_select());
    let mut rows: Vec<NoticeRow> = found.load(conn).await?;
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.notice_id));
    let entries = rows
        .iter()
        .map(NoticeRow::entry)
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Page::from_rows(entries, limit, |entry| PageKey {
        sort: String::new(),
        id: entry.notice.notice_id.to_string(),
    }))
}

/// Who has waited longest.
async fn next_owner(conn: &mut Conn, now: Timestamp) -> Result<Option<Key>, Fault> {
    Ok(notices::table
        .filter(notices::due_at.is_not_null().and(notices::due_at.le(naive(now))))
        .order(notices::due_at)
        .select(notices::user_id)
        .first(conn)
        .await
        .optional()?)
}

async fn claim_in_tx(
    tx: &mut Tx,
    owner: Key,
    now: Timestamp,
    until: Timestamp,
    lease: LeaseToken,
) -> Result<Option<Round>, Fault> {
    let due = notices::table
        .filter(notices::user_id.eq(owner))
        .filter(notices::due_at.is_not_null().and(notices::due_at.le(naive(now))))
        .order((notices::due_at, notices::notice_id))
        .limit(i64::from(Round::MOST))
        .select(NoticeRow::as_select());
    let mut rows: Vec<NoticeRow> = dialect::locked_skipping!(due).load(&mut tx.conn).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    rows.sort_unstable_by_key(|row| (row.created_at, row.notice_id));
    let keys: Vec<Key> = rows.iter().map(|row| row.notice_id).collect();
    diesel::update(notices::table.filter(keys_in("notices.notice_id", &keys)))
        .set((notices::lease.eq(Key(lease.0)), notices::due_at.eq(naive(until))))
        .execute(&mut tx.conn)
        .await?;
    let jobs = jobs_of(&mut tx.conn, &rows).await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        let job = jobs.get(&row.job_id);
        due.push(DueNotice {
            notice: row.notice()?,
            tries: row.tries()?,
            policy: job.and_then(|job| job.policy),
            next_run_at: job.and_then(|job| job.next_run_at),
            job_exists: job.is_some(),
        });
    }
    let told_at: Vec<Option<NaiveDateTime>> = notices::table
        .filter(notices::user_id.eq(owner))
        .filter(
            notices::sent_at
                .is_not_null()
                .and(notices::sent_at.gt(naive(now - WINDOW))),
        )
        .select(notices::sent_at)
        .distinct()
        .order(notices::sent_at)
        .limit(i64::try_from(PER_WINDOW).unwrap_or(i64::MAX))
        .load(&mut tx.conn)
        .await?;
    Ok(Some(Round {
        owner: owner.into(),
        defaults: fold::defaults(&mut tx.conn, owner.into()).await?,
        notices: due,
        told_at: told_at.into_iter().flatten().map(instant).collect(),
    }))
}

/// What a job is like by now.
struct JobNow {
    policy: Option<NoticePolicy>,
    next_run_at: Option<Timestamp>,
}

/// The id, the policy, the next run, and since when it is paused.
type JobNowRow = (Key, Option<String>, Option<NaiveDateTime>, Option<NaiveDateTime>);

/// The jobs of these notices that are still there.
async fn jobs_of(conn: &mut Conn, rows: &[NoticeRow]) -> Result<HashMap<Key, JobNow>, Fault> {
    let mut keys: Vec<Key> = rows.iter().map(|row| row.job_id).collect();
    keys.sort_unstable();
    keys.dedup();
    let found: Vec<JobNowRow> = jobs::table
        .filter(keys_in("jobs.job_id", &keys))
        .filter(jobs::deleted_at.is_null())
        .select((jobs::job_id, jobs::notices, jobs::next_run_at, jobs::paused_at))
        .load(conn)
        .await?;
    let mut jobs = HashMap::with_capacity(found.len());
    for (key, text, next_run_at, paused_at) in found {
        let place = Place {
            table: "jobs",
            row: &key,
        };
        let job = JobNow {
            policy: policy(place, text.as_deref())?,
            // While it is paused nothing runs.
            next_run_at: next_run_at.filter(|_| paused_at.is_none()).map(instant),
        };
        jobs.insert(key, job);
    }
    Ok(jobs)
}

async fn settle_in_tx(tx: &mut Tx, lease: LeaseToken, settled: &[(NoticeId, Settled)]) -> Result<(), Fault> {
    for (notice_id, settled) in settled {
        let key = Key::from(*notice_id);
        let row =
            diesel::update(notices::table.filter(notices::notice_id.eq(key).and(notices::lease.eq(Key(lease.0)))));
        let (status, due_at, sent_at, error) = match settled {
            Settled::Sent { at, .. } => (NoticeStatus::Sent, None, Some(*at), None),
            Settled::NotWanted => (NoticeStatus::NotWanted, None, None, None),
            Settled::Held(until) => (NoticeStatus::Pending, Some(*until), None, None),
            Settled::Again(at, why) => (NoticeStatus::Pending, Some(*at), None, Some(why)),
            Settled::Failed(why) => (NoticeStatus::Failed, None, None, Some(why)),
        };
        let tried = i32::from(!matches!(settled, Settled::NotWanted | Settled::Held(_)));
        let written = row
            .set((
                notices::status.eq(status.word()),
                notices::due_at.eq(due_at.map(naive)),
                notices::sent_at.eq(sent_at.map(naive)),
                notices::error.eq(error.map(|why| why.chars().take(1_000).collect::<String>())),
                notices::tries.eq(notices::tries + tried),
                notices::lease.eq(None::<Key>),
            ))
            .execute(&mut tx.conn)
            .await?;
        if let (1, Settled::Sent { remind_at, .. }) = (written, settled) {
            remind_later(tx, key, *remind_at).await?;
        }
    }
    Ok(())
}

/// Says when the incident of a notice is told again. One that is over is not there any more; a newer one of the same job has
/// begun later.
async fn remind_later(tx: &mut Tx, notice: Key, remind_at: Option<Timestamp>) -> Result<(), Fault> {
    let row: NoticeRow = notices::table
        .find(notice)
        .select(NoticeRow::as_select())
        .first(&mut tx.conn)
        .await?;
    let told = row.notice()?;
    if told.kind == NoticeKind::Recovery {
        return Ok(());
    }
    let same = incidents::job_id
        .eq(row.job_id)
        .and(incidents::opened_at.eq(naive(told.incident.opened_at)));
    diesel::update(incidents::table.filter(same))
        .set(incidents::remind_at.eq(remind_at.map(naive)))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn is_reminder_due(conn: &mut Conn, now: Timestamp) -> Result<bool, Fault> {
    let due: Option<Key> = incidents::table
        .filter(
            incidents::remind_at
                .is_not_null()
                .and(incidents::remind_at.le(naive(now))),
        )
        .select(incidents::job_id)
        .first(conn)
        .await
        .optional()?;
    Ok(due.is_some())
}

async fn remind_in_tx(tx: &mut Tx, now: Timestamp, batch: u32) -> Result<u32, Fault> {
    let due = incidents::table
        .filter(
            incidents::remind_at
                .is_not_null()
                .and(incidents::remind_at.le(naive(now))),
        )
        .order(incidents::remind_at)
        .limit(i64::from(batch))
        .select(IncidentRow::as_select());
    let rows: Vec<IncidentRow> = dialect::locked_skipping!(due).load(&mut tx.conn).await?;
    let keys: Vec<Key> = rows.iter().map(|row| row.job_id).collect();
    let mut reminders = Vec::with_capacity(rows.len());
    for row in rows {
        let (owner, job_id) = (UserId::from(row.user_id), JobId::from(row.job_id));
        let incident = Incident::try_from(row)?;
        reminders.push(NoticeRow::new(&Notice {
            notice_id: NoticeId::new(now, tx.random()),
            owner,
            job_id,
            kind: NoticeKind::Reminder,
            facts: incident.latest.clone(),
            before: incident.troubles.clone(),
            incident,
            created_at: now,
        }));
    }
    if !keys.is_empty() {
        diesel::update(incidents::table.filter(keys_in("incidents.job_id", &keys)))
            .set(incidents::remind_at.eq(None::<NaiveDateTime>))
            .execute(&mut tx.conn)
            .await?;
    }
    let count = u32::try_from(reminders.len()).unwrap_or(u32::MAX);
    insert(&mut tx.conn, reminders).await?;
    Ok(count)
}

async fn delete_old_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    // Ids grow with time, so old notices are at the start of the primary key.
    let made_before = Key(*uuid_v7(before, [0; 10]).as_bytes());
    let old: Vec<Key> = notices::table
        .filter(notices::notice_id.lt(made_before).and(notices::due_at.is_null()))
        .order(notices::notice_id)
        .limit(i64::from(batch))
        .select(notices::notice_id)
        .load(&mut tx.conn)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let deleted = diesel::delete(notices::table.filter(notices::notice_id.eq_any(old)))
        .execute(&mut tx.conn)
        .await?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl NoticeStore for Db {
    async fn defaults(&self, owner: UserId) -> Result<NoticePolicy, StoreError> {
        self.read(owner, |conn, owner| fold::defaults(conn, *owner).boxed())
            .await
    }

    async fn set_defaults(&self, owner: UserId, policy: &NoticePolicy, now: Timestamp) -> Result<(), StoreError> {
        self.write((owner, *policy, now), |tx, (owner, policy, now)| {
            set_defaults_in_tx(tx, *owner, policy, *now).boxed()
        })
        .await
    }

    async fn incident(&self, owner: UserId, job_id: JobId) -> Result<Option<Incident>, StoreError> {
        self.read((owner, job_id), |conn, (owner, job_id)| {
            incident(conn, *owner, *job_id).boxed()
        })
        .await
    }

    async fn list(&self, owner: UserId, after: Option<PageKey>, limit: Limit) -> Result<Page<NoticeEntry>, StoreError> {
        self.read((owner, after, limit), |conn, (owner, after, limit)| {
            list(conn, *owner, after.as_ref(), *limit).boxed()
        })
        .await
    }

    async fn claim(&self, now: Timestamp, until: Timestamp, lease: LeaseToken) -> Result<Option<Round>, StoreError> {
        // Asked every second by every node: nothing is locked while there is nothing to tell.
        let Some(owner) = self.read(now, |conn, now| next_owner(conn, *now).boxed()).await? else {
            return Ok(None);
        };
        self.write((owner, now, until, lease), |tx, (owner, now, until, lease)| {
            claim_in_tx(tx, *owner, *now, *until, *lease).boxed()
        })
        .await
    }

    async fn settle(&self, lease: LeaseToken, settled: Vec<(NoticeId, Settled)>) -> Result<(), StoreError> {
        self.write((lease, settled), |tx, (lease, settled)| {
            settle_in_tx(tx, *lease, settled).boxed()
        })
        .await
    }

    async fn remind(&self, now: Timestamp, batch: u32) -> Result<u32, StoreError> {
        if !self.read(now, |conn, now| is_reminder_due(conn, *now).boxed()).await? {
            return Ok(0);
        }
        self.write((now, batch), |tx, (now, batch)| remind_in_tx(tx, *now, *batch).boxed())
            .await
    }

    async fn delete_old(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_old_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
