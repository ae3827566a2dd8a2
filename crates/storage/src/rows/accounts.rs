//! Rows of accounts, codes and log-ins.

use super::{Place, instant, int, json, naive};
use crate::{key::Key, schema};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use scheduler_domain::{
    error::StoreError,
    otp::{Challenge, ChallengeId, OtpSeal},
    session::Session,
    user::{Email, Phone, User, Word},
};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::users)]
pub(crate) struct UserRow {
    pub(crate) user_id: Key,
    pub(crate) full_name: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) role: String,
    pub(crate) last_login: Option<NaiveDateTime>,
    pub(crate) status: String,
    pub(crate) is_active: bool,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) updated_at: NaiveDateTime,
    pub(crate) phone: Option<String>,
    pub(crate) time_zone: String,
    pub(crate) email_verified_at: Option<NaiveDateTime>,
    pub(crate) search_key: String,
}

/// What administrators find an account by.
pub(crate) fn user_search_key(full_name: &str, email: &str) -> String {
    format!("{}\n{email}", full_name.to_lowercase())
}

impl UserRow {
    pub(crate) fn new(user: &User, password_hash: &str) -> Self {
        Self {
            user_id: user.user_id.into(),
            full_name: user.full_name.clone(),
            email: user.email.as_str().to_owned(),
            password: password_hash.to_owned(),
            role: user.role.word().to_owned(),
            last_login: user.last_login.map(naive),
            status: user.status.word().to_owned(),
            is_active: user.is_active(),
            created_at: naive(user.created_at),
            updated_at: naive(user.updated_at),
            phone: user.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            time_zone: user.time_zone.clone(),
            email_verified_at: user.email_verified_at.map(naive),
            search_key: user_search_key(&user.full_name, user.email.as_str()),
        }
    }
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "users",
            row: &row.user_id,
        };
        Ok(Self {
            role: place.word("role", &row.role)?,
            status: place.word("status", &row.status)?,
            user_id: row.user_id.into(),
            full_name: row.full_name,
            email: Email::from_stored(row.email),
            phone: row.phone.map(Phone::from_stored),
            last_login: row.last_login.map(instant),
            time_zone: row.time_zone,
            email_verified_at: row.email_verified_at.map(instant),
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::manage_otp)]
pub(crate) struct OtpRow {
    pub(crate) id: Key,
    pub(crate) otp: String,
    pub(crate) created_by: Option<Key>,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) updated_at: NaiveDateTime,
    pub(crate) purpose: String,
    pub(crate) channel: String,
    pub(crate) challenge: String,
    pub(crate) attempts: i32,
    pub(crate) sent_at: NaiveDateTime,
    pub(crate) expires_at: NaiveDateTime,
    pub(crate) consumed_at: Option<NaiveDateTime>,
    pub(crate) pending: Option<String>,
}

impl From<&Challenge> for OtpRow {
    fn from(challenge: &Challenge) -> Self {
        Self {
            id: challenge.otp_id.into(),
            otp: challenge.otp.0.clone(),
            created_by: challenge.user_id.map(Key::from),
            created_at: naive(challenge.created_at),
            updated_at: naive(challenge.created_at),
            purpose: challenge.purpose.word().to_owned(),
            channel: challenge.channel.word().to_owned(),
            challenge: challenge.challenge_id.as_str().to_owned(),
            attempts: int(challenge.attempts),
            sent_at: naive(challenge.sent_at),
            expires_at: naive(challenge.expires_at),
            consumed_at: None,
            pending: challenge.pending.as_ref().map(json),
        }
    }
}

impl TryFrom<OtpRow> for Challenge {
    type Error = StoreError;

    fn try_from(row: OtpRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "manage_otp",
            row: &row.id,
        };
        Ok(Self {
            challenge_id: ChallengeId::parse(&row.challenge)
                .ok_or_else(|| place.inconsistent("challenge", "not a challenge id"))?,
            purpose: place.word("purpose", &row.purpose)?,
            channel: place.word("channel", &row.channel)?,
            attempts: place.count("attempts", row.attempts)?,
            pending: row
                .pending
                .as_deref()
                .map(|text| place.json("pending", text))
                .transpose()?,
            otp_id: row.id.into(),
            user_id: row.created_by.map(Into::into),
            otp: OtpSeal(row.otp),
            created_at: instant(row.created_at),
            sent_at: instant(row.sent_at),
            expires_at: instant(row.expires_at),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::sessions)]
pub(crate) struct SessionRow {
    pub(crate) session_id: Key,
    pub(crate) user_id: Key,
    pub(crate) nonce: Key,
    pub(crate) generation: i32,
    pub(crate) rotated_at: NaiveDateTime,
    pub(crate) grace_used: bool,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) last_used_at: NaiveDateTime,
    pub(crate) expires_at: NaiveDateTime,
    pub(crate) user_agent: Option<String>,
    pub(crate) ip: Option<String>,
    pub(crate) ended_at: Option<NaiveDateTime>,
    pub(crate) end_reason: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            session_id: session.session_id.into(),
            user_id: session.user_id.into(),
            nonce: Key(session.nonce),
            generation: int(session.generation),
            rotated_at: naive(session.rotated_at),
            grace_used: session.grace_used,
            created_at: naive(session.created_at),
            last_used_at: naive(session.last_used_at),
            expires_at: naive(session.expires_at),
            user_agent: session.user_agent.as_ref().map(|text| text.chars().take(300).collect()),
            ip: session.ip.clone(),
            ended_at: None,
            end_reason: None,
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let place = Place {
            table: "sessions",
            row: &row.session_id,
        };
        Ok(Self {
            generation: place.count("generation", row.generation)?,
            session_id: row.session_id.into(),
            user_id: row.user_id.into(),
            nonce: row.nonce.0,
            rotated_at: instant(row.rotated_at),
            grace_used: row.grace_used,
            created_at: instant(row.created_at),
            last_used_at: instant(row.last_used_at),
            expires_at: instant(row.expires_at),
            user_agent: row.user_agent,
            ip: row.ip,
        })
    }
}
