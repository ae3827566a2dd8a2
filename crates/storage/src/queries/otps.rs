//! [`OtpStore`]: one-time codes, in the table `manage_otp`.

use super::{Conn, Db, Tx, sessions::end_all_in_tx, users};
use crate::{
    error::Fault,
    key::Key,
    rows::{
        accounts::{OtpRow, SessionRow, UserRow},
        int, naive,
    },
    schema::{manage_otp, sessions},
};
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use scheduler_domain::{
    audit::{Action, Actor, Deed, Target, TargetKind},
    clock::Timestamp,
    error::StoreError,
    ids::{OtpId, UserId},
    otp::{Challenge, ChallengeId, OTP_TRIES, OtpSeal, PendingSignUp},
    ports::{OtpStore, Redemption},
    session::{EndReason, Session},
    user::{Role, User, UserStatus, Word},
};

async fn insert_in_tx(tx: &mut Tx, challenge: &Challenge, replacing: bool) -> Result<(), Fault> {
    if let (true, Some(user_id)) = (replacing, challenge.user_id) {
        // With the account locked, of two log-ins at once the second ends the challenge of the first.
        users::lock(tx, user_id).await?;
        diesel::update(manage_otp::table)
            .filter(manage_otp::created_by.eq(Key::from(user_id)))
            .filter(
                manage_otp::purpose
                    .eq(challenge.purpose.word())
                    .and(manage_otp::consumed_at.is_null()),
            )
            .set((
                manage_otp::consumed_at.eq(naive(challenge.created_at)),
                manage_otp::updated_at.eq(naive(challenge.created_at)),
            ))
            .execute(&mut tx.conn)
            .await?;
    }
    diesel::insert_into(manage_otp::table)
        .values(OtpRow::from(challenge))
        .execute(&mut tx.conn)
        .await?;
    Ok(())
}

async fn find_live(conn: &mut Conn, challenge: &ChallengeId, now: Timestamp) -> Result<Option<Challenge>, Fault> {
    let row = manage_otp::table
        .filter(manage_otp::challenge.eq(challenge.as_str()))
        .filter(
            manage_otp::consumed_at
                .is_null()
                .and(manage_otp::expires_at.gt(naive(now))),
        )
        .filter(manage_otp::attempts.lt(int(OTP_TRIES)))
        .select(OtpRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(TryInto::try_into).transpose()?)
}

async fn resend_in_tx(
    tx: &mut Tx,
    otp_id: OtpId,
    read_sent_at: Timestamp,
    otp: &OtpSeal,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, Fault> {
    let won = diesel::update(manage_otp::table)
        .filter(
            manage_otp::id
                .eq(Key::from(otp_id))
                .and(manage_otp::sent_at.eq(naive(read_sent_at))),
        )
        .filter(
            manage_otp::consumed_at
                .is_null()
                .and(manage_otp::expires_at.gt(naive(now))),
        )
        .filter(manage_otp::attempts.lt(int(OTP_TRIES)))
        .set((
            manage_otp::otp.eq(&otp.0),
            manage_otp::sent_at.eq(naive(now)),
            manage_otp::expires_at.eq(naive(expires_at)),
            manage_otp::updated_at.eq(naive(now)),
        ))
        .execute(&mut tx.conn)
        .await?;
    Ok(won == 1)
}

async fn take_try_in_tx(tx: &mut Tx, challenge: &ChallengeId, now: Timestamp) -> Result<Option<Challenge>, Fault> {
    let taken = diesel::update(manage_otp::table)
        .filter(manage_otp::challenge.eq(challenge.as_str()))
        .filter(
            manage_otp::consumed_at
                .is_null()
                .and(manage_otp::expires_at.gt(naive(now))),
        )
        .filter(manage_otp::attempts.lt(int(OTP_TRIES)))
        .set((
            manage_otp::attempts.eq(manage_otp::attempts + 1),
            manage_otp::updated_at.eq(naive(now)),
        ))
        .execute(&mut tx.conn)
        .await?;
    if taken == 0 {
        return Ok(None);
    }
    let row: OtpRow = manage_otp::table
        .filter(manage_otp::challenge.eq(challenge.as_str()))
        .select(OtpRow::as_select())
        .first(&mut tx.conn)
        .await?;
    Ok(Some(row.try_into()?))
}

async fn redeem_in_tx(
    tx: &mut Tx,
    otp_id: OtpId,
    user_id: UserId,
    what: &Redemption,
    now: Timestamp,
) -> Result<Option<User>, Fault> {
    let Some(mut user) = users::lock(tx, user_id).await.map(Some).or_else(|fault| match fault {
        Fault::Store(StoreError::NotFound) => Ok(None),
        other => Err(other),
    })?
    else {
        return Ok(None);
    };
    if user.status == UserStatus::Deactivated.word() {
        return Ok(None);
    }
    let matched = diesel::update(manage_otp::table)
        .filter(
            manage_otp::id
                .eq(Key::from(otp_id))
                .and(manage_otp::created_by.eq(user.user_id)),
        )
        .filter(
            manage_otp::consumed_at
                .is_null()
                .and(manage_otp::expires_at.gt(naive(now))),
        )
        .set((
            manage_otp::consumed_at.eq(naive(now)),
            manage_otp::updated_at.eq(naive(now)),
        ))
        .execute(&mut tx.conn)
        .await?;
    if matched == 0 {
        return Ok(None);
    }
    match what {
        Redemption::LogIn { session, activate } => log_in(tx, otp_id, &mut user, session, *activate, now).await?,
        Redemption::ResetPassword { password_hash } => reset(tx, &mut user, password_hash, now).await?,
    }
    users::save(tx, &user).await?;
    Ok(Some(user.try_into()?))
}

fn activate(user: &mut UserRow, now: Timestamp) {
    UserStatus::Active.word().clone_into(&mut user.status);
    user.is_active = true;
    user.email_verified_at = user.email_verified_at.or(Some(naive(now)));
    user.updated_at = naive(now);
}

async fn log_in(
    tx: &mut Tx,
    otp_id: OtpId,
    user: &mut UserRow,
    session: &Session,
    becomes_active: bool,
    now: Timestamp,
) -> Result<(), Fault> {
    if becomes_active {
        let row: OtpRow = manage_otp::table
            .find(Key::from(otp_id))
            .select(OtpRow::as_select())
            .first(&mut tx.conn)
            .await?;
        if let Some(pending) = Challenge::try_from(row)?.pending {
            adopt(user, pending);
        }
        activate(user, now);
    }
    user.last_login = Some(naive(now));
    diesel::insert_into(sessions::table)
        .values(SessionRow::from(session))
        .execute(&mut tx.conn)
        .await?;
    let target = Target::new(TargetKind::Session, session.session_id.as_uuid(), None);
    let deed = Deed::new(session.user_id, Action::LoginSucceeded, target, now);
    let actor = Actor::session(session.user_id, session.session_id);
    tx.effects.audit_by(actor, deed);
    Ok(())
}

/// The account becomes what its sign-up asked for.
fn adopt(user: &mut UserRow, pending: PendingSignUp) {
    user.full_name = pending.full_name;
    user.password = pending.password_hash;
    user.phone = pending.phone;
    if pending.admin {
        Role::Admin.word().clone_into(&mut user.role);
    }
}

async fn reset(tx: &mut Tx, user: &mut UserRow, password_hash: &str, now: Timestamp) -> Result<(), Fault> {
    password_hash.clone_into(&mut user.password);
    activate(user, now);
    diesel::update(manage_otp::table)
        .filter(
            manage_otp::created_by
                .eq(user.user_id)
                .and(manage_otp::consumed_at.is_null()),
        )
        .set((
            manage_otp::consumed_at.eq(naive(now)),
            manage_otp::updated_at.eq(naive(now)),
        ))
        .execute(&mut tx.conn)
        .await?;
    let user_id = UserId::from(user.user_id);
    let target = Target::new(TargetKind::User, user_id.as_uuid(), None);
    tx.effects.audit(Deed::new(user_id, Action::PasswordReset, target, now));
    end_all_in_tx(tx, user.user_id, EndReason::PasswordReset, now).await
}

async fn delete_expired_in_tx(tx: &mut Tx, before: Timestamp, batch: u32) -> Result<u32, Fault> {
    let size = usize::try_from(batch).unwrap_or(usize::MAX);
    let ids = manage_otp::table.select(manage_otp::id).limit(i64::from(batch));
    let mut dead: Vec<Key> = ids
        .filter(manage_otp::expires_at.lt(naive(before)))
        .load(&mut tx.conn)
        .await?;
    if dead.len() < size {
        let used: Vec<Key> = ids
            .filter(manage_otp::consumed_at.lt(naive(before)))
            .load(&mut tx.conn)
            .await?;
        dead.extend(used);
        dead.sort_unstable();
        dead.dedup();
        dead.truncate(size);
    }
    let deleted = diesel::delete(manage_otp::table.filter(manage_otp::id.eq_any(dead)))
        .execute(&mut tx.conn)
        .await?;
    Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
}

#[async_trait]
impl OtpStore for Db {
    async fn insert(&self, challenge: &Challenge, replacing: bool) -> Result<(), StoreError> {
        self.write((challenge.clone(), replacing), |tx, (challenge, replacing)| {
            insert_in_tx(tx, challenge, *replacing).boxed()
        })
        .await
    }

    async fn find_live(&self, challenge_id: &ChallengeId, now: Timestamp) -> Result<Option<Challenge>, StoreError> {
        self.read((challenge_id.clone(), now), |conn, (id, now)| {
            find_live(conn, id, *now).boxed()
        })
        .await
    }

    async fn resend(
        &self,
        otp_id: OtpId,
        read_sent_at: Timestamp,
        otp: &OtpSeal,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let args = (otp_id, read_sent_at, otp.clone(), now, expires_at);
        self.write(args, |tx, (otp_id, read_sent_at, otp, now, expires_at)| {
            resend_in_tx(tx, *otp_id, *read_sent_at, otp, *now, *expires_at).boxed()
        })
        .await
    }

    async fn take_try(&self, challenge_id: &ChallengeId, now: Timestamp) -> Result<Option<Challenge>, StoreError> {
        self.write((challenge_id.clone(), now), |tx, (id, now)| {
            take_try_in_tx(tx, id, *now).boxed()
        })
        .await
    }

    async fn redeem(
        &self,
        otp_id: OtpId,
        user_id: UserId,
        what: &Redemption,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        self.write(
            (otp_id, user_id, what.clone(), now),
            |tx, (otp_id, user_id, what, now)| redeem_in_tx(tx, *otp_id, *user_id, what, *now).boxed(),
        )
        .await
    }

    async fn delete_expired(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError> {
        self.write((before, batch), |tx, (before, batch)| {
            delete_expired_in_tx(tx, *before, *batch).boxed()
        })
        .await
    }
}
