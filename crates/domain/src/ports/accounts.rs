//! Ports for accounts, codes and log-ins.

use crate::{
    clock::Timestamp,
    error::{Refusal, StoreError},
    ids::{JobId, OtpId, SessionId, UserId},
    link::LinkKind,
    mail::OtpPurpose,
    otp::{Challenge, ChallengeId, OtpSeal},
    page::{Limit, Page, PageKey},
    session::{EndReason, Session},
    user::{Email, Phone, Role, User, UserStatus},
};
use async_trait::async_trait;

/// An account with the hash of its password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// What [`PasswordHasher::verify`] compares with.
    pub password_hash: String,
}

/// A change of one's own account; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The name.
    pub full_name: Option<String>,
    /// The telephone; `Some(None)` removes it.
    pub phone: Option<Option<Phone>>,
    /// The IANA zone.
    pub time_zone: Option<String>,
}

/// Accounts.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait UserStore: Send + Sync + 'static {
    /// The account with this address.
    async fn find_by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError>;

    /// The account with this telephone number, if exactly one active account has it.
    async fn find_by_phone(&self, phone: &Phone) -> Result<Option<Credentials>, StoreError>;

    /// The account, or `NotFound`.
    async fn find(&self, user_id: UserId) -> Result<User, StoreError>;

    /// All accounts by id, newest first, for administrators. `query` filters by a part of name or address.
    async fn list<'a>(
        &self,
        query: Option<&'a str>,
        after: Option<&'a PageKey>,
        limit: Limit,
    ) -> Result<Page<User>, StoreError>;

    /// Writes a new account (status Unverified, or Active when `email_verified_at` is set).
    /// MUST return `Taken("email")` when the address has an account, also when two do it at once.
    async fn insert(&self, user: &User, password_hash: &str) -> Result<(), StoreError>;

    /// Changes a profile and returns it.
    async fn change_profile(&self, user_id: UserId, change: &ProfileChange, now: Timestamp)
    -> Result<User, StoreError>;

    /// Changes role or status (by an administrator) and returns the account. Deactivation MUST end every session of
    /// the user in the same transaction.
    async fn administer(
        &self,
        user_id: UserId,
        role: Option<Role>,
        status: Option<UserStatus>,
        now: Timestamp,
    ) -> Result<User, StoreError>;

    /// Sets the hash, makes nothing else different. Used when a hash is renewed at log-in.
    async fn set_password_hash(&self, user_id: UserId, password_hash: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Whether there is an administrator that is active.
    async fn has_admin(&self) -> Result<bool, StoreError>;
}

/// What happens in the same transaction in which a code is used up.
#[derive(Debug, Clone)]
pub enum Redemption {
    /// The user is logged in: `session` begins, `last_login` is set. With `activate`, the account becomes Active with
    /// the pending details of the challenge (a sign-up), or simply Active and verified (the first log-in of an account
    /// whose sign-up code was never entered).
    LogIn {
        /// The session that begins.
        session: Session,
        /// Whether the account becomes Active.
        activate: bool,
    },
    /// The password becomes this hash, every session of the user ends, every other challenge of the user ends, and the
    /// address counts as verified.
    ResetPassword {
        /// The new hash.
        password_hash: String,
    },
}

/// One-time codes, in the table `manage_otp`.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait OtpStore: Send + Sync + 'static {
    /// Writes a challenge. With `replacing`, ends the user's older challenges of that purpose in the same transaction.
    async fn insert(&self, challenge: &Challenge, replacing: bool) -> Result<(), StoreError>;

    /// The challenge, if it was not used, has not expired and has tries left.
    async fn find_live(&self, challenge_id: &ChallengeId, now: Timestamp) -> Result<Option<Challenge>, StoreError>;

    /// Replaces the code of a live challenge, sets `sent_at` and `expires_at`, and resets nothing else: the tries
    /// already made stay made. MUST be guarded by the `sent_at` that was read, so that of two at once only one wins;
    /// answers whether it won.
    async fn resend(
        &self,
        otp_id: OtpId,
        read_sent_at: Timestamp,
        otp: &OtpSeal,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Burns one try and returns the challenge as it is after that; `None` when it is used, expired, unknown, or has
    /// no tries left. MUST be one guarded write: of any number of tries at once at most five succeed.
    async fn take_try(&self, challenge_id: &ChallengeId, now: Timestamp) -> Result<Option<Challenge>, StoreError>;

    /// Uses the challenge up and does what it was for, in one transaction; answers the account, or `None` when somebody
    /// else used it first or the account may no longer log in (deactivated, deleted). MUST be guarded: of any number
    /// of uses at once exactly one wins.
    async fn redeem(
        &self,
        otp_id: OtpId,
        user_id: UserId,
        what: &Redemption,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;

    /// Deletes up to `batch` rows that expired or were used before `before`; answers how many. Exactly `batch` means
    /// that there may be more.
    async fn delete_expired(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;
}

/// A session that is under way, with as much of its user as a request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// The role of its user now.
    pub role: Role,
}

/// Log-ins.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// The session if it has neither ended nor expired and its user is active.
    async fn find_live(&self, session_id: SessionId, now: Timestamp) -> Result<Option<LiveSession>, StoreError>;

    /// Those of `session_ids` (at most 500) that are over: ended, expired, unknown, or of a user who is not active.
    async fn over(&self, session_ids: &[SessionId], now: Timestamp) -> Result<Vec<SessionId>, StoreError>;

    /// Writes a rotation. MUST be guarded by the generation that was read; answers whether it won.
    async fn rotate(&self, rotated: &Session) -> Result<bool, StoreError>;

    /// Notes that the grace of the current generation is used. Guarded by generation and `grace_used = false`; answers
    /// whether it won.
    async fn use_grace(&self, session_id: SessionId, generation: u32) -> Result<bool, StoreError>;

    /// The sessions of a user that are under way, newest first.
    async fn list(
        &self,
        user_id: UserId,
        now: Timestamp,
        after: Option<PageKey>,
        limit: Limit,
    ) -> Result<Page<Session>, StoreError>;

    /// Ends one session of the user. `NotFound` when it is foreign, unknown or over.
    async fn end(
        &self,
        user_id: UserId,
        session_id: SessionId,
        reason: EndReason,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Deletes up to `batch` sessions that ended or expired before `before`; answers how many.
    async fn delete_ended(&self, before: Timestamp, batch: u32) -> Result<u32, StoreError>;
}

/// Hashes passwords off the async threads, in a pool with a bounded queue.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// The hash to store. Fails with `Refusal::Overloaded` when too many wait.
    async fn hash(&self, password: &str) -> Result<String, Refusal>;

    /// Whether the password belongs to the hash; with `None` it does the same work and answers `false`, so that an
    /// unknown address takes as long as a wrong password.
    async fn verify<'a>(&self, password: &'a str, hash: Option<&'a str>) -> Result<bool, Refusal>;

    /// Whether the hash was made under other parameters or another key than a new one would be.
    fn is_outdated(&self, hash: &str) -> bool;
}

/// What is limited, each with a bucket of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Mails and SMS to one address. Always on: nobody can use us to flood a mailbox.
    MessagesTo(String),
    /// Log-ins with one address from one client.
    LogIn(String),
    /// Log-ins from one client, whatever the address.
    LogInFrom(String),
    /// Codes sent or tried with one address or challenge from one client.
    Otp(String),
    /// Codes sent or tried from one client.
    OtpFrom(String),
    /// Test mails that an administrator sends.
    MailTest(UserId),
    /// Any request of a user.
    Request(UserId),
    /// Any request of a user's workers.
    Worker(UserId),
    /// Requests of strangers who know a secret address of a job.
    Link(JobId, LinkKind),
    /// Schedules that one client without a log-in looks at.
    PreviewFrom(String),
}

/// Counts what people do and says when it is too much.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait RateLimiter: Send + Sync + 'static {
    /// Takes one from the bucket, or refuses with `Refusal::RateLimited`. A refusal takes nothing, and the wait is
    /// never longer than a minute.
    fn take(&self, what: Limited, now: Timestamp) -> Result<(), Refusal>;
}

/// Log-ins waiting for their code are ended by a new one.
pub const fn replaces_older(purpose: OtpPurpose) -> bool {
    matches!(purpose, OtpPurpose::LogIn | OtpPurpose::PasswordReset)
}
