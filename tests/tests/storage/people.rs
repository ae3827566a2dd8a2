//! People for the tests.

use chrono::TimeDelta;
use scheduler_domain::{
    clock::{Timestamp, random_bytes},
    ids::{OtpId, SessionId, UserId},
    mail::{Channel, OtpPurpose},
    otp::{Challenge, ChallengeId, OtpSeal},
    page::Limit,
    session::{SESSION_IDLE, Session},
    user::{Email, Role, User, UserStatus},
};
use scheduler_tests::databases::Database;

/// When the tests happen.
pub fn t0() -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000, 123_456_000).unwrap()
}

/// So many seconds later.
pub fn at(seconds: i64) -> Timestamp {
    t0() + TimeDelta::seconds(seconds)
}

pub fn limit(rows: u32) -> Limit {
    Limit::new(rows).unwrap()
}

pub fn user(database: &Database, name: &str) -> User {
    User {
        user_id: UserId::new(t0(), &*database.random),
        full_name: format!("{name} Lovelace"),
        email: Email::parse("", &format!("{name}@example.com")).unwrap(),
        phone: None,
        role: Role::Customer,
        status: UserStatus::Active,
        last_login: None,
        time_zone: "Europe/Vienna".to_owned(),
        email_verified_at: Some(t0()),
        created_at: t0(),
        updated_at: t0(),
    }
}

/// An account that is in the database.
pub async fn somebody(database: &Database, name: &str) -> UserId {
    let user = user(database, name);
    database.stores.users.insert(&user, "hash").await.unwrap();
    user.user_id
}

pub fn challenge(database: &Database, user_id: Option<UserId>, purpose: OtpPurpose) -> Challenge {
    Challenge {
        otp_id: OtpId::new(t0(), &*database.random),
        challenge_id: ChallengeId::draw(&*database.random),
        user_id,
        purpose,
        channel: Channel::Email,
        otp: OtpSeal("seal".to_owned()),
        attempts: 0,
        created_at: t0(),
        sent_at: t0(),
        expires_at: at(300),
        pending: None,
    }
}

pub fn session(database: &Database, user_id: UserId) -> Session {
    Session {
        session_id: SessionId::new(t0(), &*database.random),
        user_id,
        nonce: random_bytes(&*database.random),
        generation: 0,
        rotated_at: t0(),
        grace_used: false,
        created_at: t0(),
        last_used_at: t0(),
        expires_at: t0() + SESSION_IDLE,
        user_agent: Some("Firefox".to_owned()),
        ip: Some("192.0.2.7".to_owned()),
    }
}
