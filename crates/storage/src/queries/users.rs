//! [`UserStore`]: accounts.

use super::{Conn, Db, Tx, dialect, sessions::end_all_in_tx};
use crate::{
    error::Fault,
    key::Key,
    rows::{
        accounts::{UserRow, user_search_key},
        naive,
    },
    schema::{user_streams, users},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    audit::{Action, Changes, Deed, Target, TargetKind},
    clock::Timestamp,
    error::StoreError,
    ids::UserId,
    page::{Limit, Page, PageKey},
    ports::{Credentials, ProfileChange, UserStore},
    session::EndReason,
    user::{Email, Phone, Role, User, UserStatus, Word},
};

use serde_json::{Map, Value};

/// A text that matches as it is, anywhere, in a LIKE with the escape `!`.
pub(super) fn contains(text: &str) -> String {
    let escaped = text
        .to_lowercase()
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{escaped}%")
}

fn credentials(row: UserRow) -> Result<Credentials, Fault> {
    let password_hash = row.password.clone();
    Ok(Credentials {
        user: row.try_into()?,
        password_hash,
    })
}

async fn find_by_email(conn: &mut Conn, email: &Email) -> Result<Option<Credentials>, Fault> {
    let row = users::table
        .filter(users::email.eq(email.as_str()))
        .select(UserRow::as_select())
        .first(conn)
        .await
        .optional()?;
    row.map(credentials).transpose()
}

async fn find_by_phone(conn: &mut Conn, phone: &Phone) -> Result<Option<Credentials>, Fault> {
    let mut rows: Vec<UserRow> = users::table
        .filter(users::phone.eq(phone.as_str()).and(users::is_active.eq(true)))
        .select(UserRow::as_select())
        .limit(2)
        .load(conn)
        .await?;
    match (rows.pop(), rows.pop()) {
        (Some(only), None) => credentials(only).map(Some),
        _ => Ok(None),
    }
}

async fn find(conn: &mut Conn, user_id: UserId) -> Result<User, Fault> {
    let row: UserRow = users::table
        .find(Key::from(user_id))
        .select(UserRow::as_select())
        .first(conn)
        .await?;
    Ok(row.try_into()?)
}

async fn list(
    conn: &mut Conn,
    query: Option<&str>,
    after: Option<&PageKey>,
    limit: Limit,
) -> Result<Page<User>, Fault> {
    let mut rows = users::table
        .select(UserRow::as_select())
        .order(users::user_id.desc())
        .limit(i64::from(limit.get()) + 1)
        .into_boxed();
    if let Some(query) = query {
        rows = rows.filter(users::search_key.like(contains(query)).escape('!'));
    }
    if let Some(after) = after.and_then(|key| key.id.parse::<UserId>().ok()) {
        rows = rows.filter(users::user_id.lt(Key::from(after)));
    }
    let rows: Vec<UserRow> = rows.load(conn).await?;
    let users = rows
        .into_iter()
        .map(TryInto::try_into)
        .collect::<Result<Vec<User>, StoreError>>()?;
    Ok(Page::from_rows(users, limit, |user| PageKey {
        sort: String::new(),
        id: user.user_id.to_string(),
    }))
}

async fn insert_in_tx(tx: &mut Tx, user: &User, password_hash: &str) -> Result<(), Fault> {
    diesel::insert_into(users::table)
        .values(UserRow::new(user, password_hash))
        .execute(&mut tx.conn)
        .await
        .map_err(|error| Fault::from(error).taken("idx_users_email", "users.email", "email"))?;
    diesel::insert_into(user_streams::table)
        .values((
            user_streams::user_id.eq(Key::from(user.user_id)),
            user_streams::last_seq.eq(0),
            user_streams::pruned_seq.eq(0),
            user_streams::jobs_pending.eq(0),
            user_streams::jobs_running.eq(0),
            user_streams::jobs_completed.eq(0),
            user_streams::jobs_failed.eq(0),
            user_streams::jobs_cancelled.eq(0),
            user_streams::endpoints.eq(0),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

/// The account, locked until the end of the transaction.
pub(super) async fn lock(tx: &mut Tx, user_id: UserId) -> Result<UserRow, Fault> {
    let row = users::table
        .filter(users::user_id.eq(Key::from(user_id)))
        .select(UserRow::as_select());
    Ok(dialect::locked!(row).first(&mut tx.conn).await?)
}

/// Writes what may change of an account.
pub(super) async fn save(tx: &mut Tx, row: &UserRow) -> Result<(), Fault> {
    diesel::update(users::table.filter(users::user_id.eq(row.user_id)))
        .set((
            users::full_name.eq(&row.full_name),
            users::password.eq(&row.password),
            users::role.eq(&row.role),
            users::last_login.eq(row.last_login),
            users::status.eq(&row.status),
            users::is_active.eq(row.is_active),
            users::updated_at.eq(row.updated_at),
            users::phone.eq(&row.phone),
            users::time_zone.eq(&row.time_zone),
            users::email_verified_at.eq(row.email_verified_at),
            users::search_key.eq(user_search_key(&row.full_name, &row.email)),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn change_profile_in_tx(
    tx: &mut Tx,
    user_id: UserId,
    change: &ProfileChange,
    now: Timestamp,
) -> Result<User, Fault> {
    let mut row = lock(tx, user_id).await?;
    let before = fields(&row);
    if let Some(full_name) = &change.full_name {
        row.full_name.clone_from(full_name);
    }
    if let Some(phone) = &change.phone {
        row.phone = phone.as_ref().map(|phone| phone.as_str().to_owned());
    }
    if let Some(time_zone) = &change.time_zone {
        row.time_zone.clone_from(time_zone);
    }
    row.updated_at = naive(now);
    save(tx, &row).await?;
    let deed = changed(&row, before, now);
    if !deed.changes.0.is_empty() {
        tx.effects.audit(deed);
    }
    Ok(row.try_into()?)
}

/// What people and administrators change of an account, as its log describes it.
fn fields(row: &UserRow) -> Map<String, Value> {
    let fields = [
        ("full_name", Value::from(row.full_name.as_str())),
        ("phone", row.phone.clone().into()),
        ("time_zone", row.time_zone.as_str().into()),
        ("role", row.role.as_str().into()),
        ("status", row.status.as_str().into()),
    ];
    fields
        .into_iter()
        .map(|(field, value)| (field.to_owned(), value))
        .collect()
}

fn changed(row: &UserRow, before: Map<String, Value>, now: Timestamp) -> Deed {
    let user_id = UserId::from(row.user_id);
    let target = Target::new(TargetKind::User, user_id.as_uuid(), Some(&row.full_name));
    Deed::new(user_id, Action::UserChanged, target, now).with(Changes::between(before, fields(row)))
}

async fn administer_in_tx(
    tx: &mut Tx,
    user_id: UserId,
    role: Option<Role>,
    status: Option<UserStatus>,
    now: Timestamp,
) -> Result<User, Fault> {
    let mut row = lock(tx, user_id).await?;
    let before = fields(&row);
    if let Some(role) = role {
        role.word().clone_into(&mut row.role);
    }
    if let Some(status) = status {
        status.word().clone_into(&mut row.status);
        row.is_active = status == UserStatus::Active;
    }
    row.updated_at = naive(now);
    save(tx, &row).await?;
    if status == Some(UserStatus::Deactivated) {
        end_all_in_tx(tx, row.user_id, EndReason::Deactivated, now).await?;
    }
    let deed = changed(&row, before, now);
    let actor = tx.effects.acting.as_ref().and_then(|acting| acting.actor().user_id);
    if let Some(admin) = actor.filter(|admin| *admin != user_id) {
        // In the log of the administrator, too: with who and where they were.
        tx.effects.audit(Deed {
            owner: admin,
            ..deed.clone()
        });
    }
    tx.effects.audit(deed);
    Ok(row.try_into()?)
}

async fn set_password_hash_in_tx(tx: &mut Tx, user_id: UserId, hash: &str, now: Timestamp) -> Result<(), Fault> {
    let changed = diesel::update(users::table.filter(users::user_id.eq(Key::from(user_id))))
        .set((users::password.eq(hash), users::updated_at.eq(naive(now))))
        .execute(&mut tx.conn)
        .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::NotFound.into())
    }
}

async fn has_admin(conn: &mut Conn) -> Result<bool, Fault> {
    let found: Option<Key> = users::table
        .filter(
            users::role
                .eq(Role::Admin.word())
                .and(users::status.eq(UserStatus::Active.word())),
        )
        .select(users::user_id)
        .first(conn)
        .await
        .optional()?;
    Ok(found.is_some())
}

#[async_trait]
impl UserStore for Db {
    async fn find_by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        self.read(email.clone(), |conn, email| find_by_email(conn, email).boxed())
            .await
    }

    async fn find_by_phone(&self, phone: &Phone) -> Result<Option<Credentials>, StoreError> {
        self.read(phone.clone(), |conn, phone| find_by_phone(conn, phone).boxed())
            .await
    }

    async fn find(&self, user_id: UserId) -> Result<User, StoreError> {
        self.read(user_id, |conn, user_id| find(conn, *user_id).boxed()).await
    }

    async fn list<'a>(
        &self,
        query: Option<&'a str>,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<User>, StoreError> {
        let args = (query.map(ToOwned::to_owned), after.cloned(), limit);
        self.read(args, |conn, (query, after, limit)| {
            list(conn, query.as_deref(), after.as_ref(), *limit).boxed()
        })
        .await
    }

    async fn insert(&self, user: &User, password_hash: &str) -> Result<(), StoreError> {
        let args = (user.clone(), password_hash.to_owned());
        self.write(args, |tx, (user, hash)| insert_in_tx(tx, user, hash).boxed())
            .await
    }

    async fn change_profile(
        &self,
        user_id: UserId,
        change: &ProfileChange,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        self.write((user_id, change.clone(), now), |tx, (user_id, change, now)| {
            change_profile_in_tx(tx, *user_id, change, *now).boxed()
        })
        .await
    }

    async fn administer(
        &self,
        user_id: UserId,
        role: Option<Role>,
        status: Option<UserStatus>,
        now: Timestamp,
    ) -> Result<User, StoreError> {
        self.write((user_id, role, status, now), |tx, (user_id, role, status, now)| {
            administer_in_tx(tx, *user_id, *role, *status, *now).boxed()
        })
        .await
    }

    async fn set_password_hash(&self, user_id: UserId, password_hash: &str, now: Timestamp) -> Result<(), StoreError> {
        self.write((user_id, password_hash.to_owned(), now), |tx, (user_id, hash, now)| {
            set_password_hash_in_tx(tx, *user_id, hash, *now).boxed()
        })
        .await
    }

    async fn has_admin(&self) -> Result<bool, StoreError> {
        self.read((), |conn, ()| has_admin(conn).boxed()).await
    }
}
