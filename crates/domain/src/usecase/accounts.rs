//! Sign-up, the two-factor log-in, password reset, sessions.
//!
//! Two promises shape every function here. Answers are the same, and take the same work, whether an address is known or
//! not: an unknown one gets a decoy challenge, and messages go out in the background. And a session that ends is over
//! at once: [`SessionWatch`] hears of it, so that sockets are closed and caches emptied.

mod administer;
mod log_in;
mod reset;
mod send;
mod session;
mod sign_up;

pub use send::ResetFor;
pub use sign_up::SignUp;

#[cfg(test)]
mod tests;

use crate::{
    audit::{Action, Deed, Target, TargetKind},
    clock::{Clock, Random, Timestamp, random_bytes},
    error::{Refusal, StoreError},
    ids::{OtpId, SessionId, UserId},
    mail::{Channel, Message, OtpPurpose, Recipient},
    otp::{Challenge, ChallengeId, OtpCode, PendingSignUp},
    ports::{
        AuditTrail, Limited, OtpStore, PasswordHasher, Postbox, RateLimiter, SessionStore, UserStore, replaces_older,
    },
    session::{SESSION_IDLE, Session},
    user::User,
};
use chrono::TimeDelta;
use std::sync::Arc;

/// Hears of sessions that end, to close their sockets and forget what is cached about them.
#[cfg_attr(any(test, feature = "mock"), mockall::automock)]
pub trait SessionWatch: Send + Sync + 'static {
    /// One session ended.
    fn session_ended(&self, session_id: SessionId);

    /// Every session of the user ended.
    fn sessions_of_user_ended(&self, user_id: UserId);
}

/// What the rules of accounts can be set to.
#[derive(Debug, Clone)]
pub struct AccountSettings {
    /// How long a code works.
    pub otp_ttl: TimeDelta,
    /// Whether a code can be sent again only after [`RESEND_AFTER`](crate::otp::RESEND_AFTER).
    pub resend_spacing: bool,
    /// Keys under which codes are sealed: the present one, then those of before a change of the secret.
    pub otp_keys: Vec<[u8; 32]>,
    /// Keys of refresh tokens, in the same order.
    pub refresh_keys: Vec<[u8; 32]>,
}

/// Who asks, as far as the connection tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The address of the peer.
    pub ip: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

/// What a client is told about a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeTicket {
    /// The id to send back with the code.
    pub challenge_id: ChallengeId,
    /// When the code stops working.
    pub expires_at: Timestamp,
    /// When the code can be sent again.
    pub resend_after: Timestamp,
}

/// A log-in that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// Who.
    pub user: User,
    /// The session, the source of access tokens.
    pub session: Session,
    /// The refresh token.
    pub refresh_token: String,
}

/// The rules of accounts over their ports.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port of its type")]
pub struct Accounts {
    pub users: Arc<dyn UserStore>,
    pub otps: Arc<dyn OtpStore>,
    pub sessions: Arc<dyn SessionStore>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub postbox: Arc<dyn Postbox>,
    pub limiter: Arc<dyn RateLimiter>,
    pub watch: Arc<dyn SessionWatch>,
    pub trail: Arc<dyn AuditTrail>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub settings: AccountSettings,
}

/// What a new challenge is about.
struct NewChallenge {
    /// `None` makes a decoy.
    user_id: Option<UserId>,
    purpose: OtpPurpose,
    channel: Channel,
    pending: Option<PendingSignUp>,
}

impl Accounts {
    /// Writes a challenge and returns it with its code.
    async fn challenge(&self, new: NewChallenge, now: Timestamp) -> Result<(Challenge, OtpCode), StoreError> {
        let challenge_id = ChallengeId::draw(&*self.random);
        let code = OtpCode::draw(&*self.random);
        let challenge = Challenge {
            otp_id: OtpId::new(now, &*self.random),
            otp: code.seal(&self.otp_key(), &challenge_id),
            challenge_id,
            user_id: new.user_id,
            purpose: new.purpose,
            channel: new.channel,
            attempts: 0,
            created_at: now,
            sent_at: now,
            expires_at: now + self.settings.otp_ttl,
            pending: new.pending,
        };
        self.otps.insert(&challenge, replaces_older(new.purpose)).await?;
        Ok((challenge, code))
    }

    /// Tells the owner of an account, in their log, of a try that failed.
    fn note_failure(&self, action: Action, user_id: UserId, at: Timestamp) {
        let target = Target::new(TargetKind::User, user_id.as_uuid(), None);
        self.trail.note(Deed::new(user_id, action, target, at));
    }

    fn otp_key(&self) -> [u8; 32] {
        self.settings.otp_keys.first().copied().unwrap_or_default()
    }

    fn refresh_key(&self) -> [u8; 32] {
        self.settings.refresh_keys.first().copied().unwrap_or_default()
    }

    /// Whether `code` answers `challenge` under any of the keys; always compares with all of them.
    fn answers(&self, challenge: &Challenge, code: &OtpCode) -> bool {
        self.settings.otp_keys.iter().fold(false, |found, key| {
            challenge.answered_by(&code.seal(key, &challenge.challenge_id)) | found
        })
    }

    fn ticket(&self, challenge: &Challenge) -> ChallengeTicket {
        let resend_after = if self.settings.resend_spacing {
            challenge.resend_after()
        } else {
            challenge.sent_at
        };
        ChallengeTicket {
            challenge_id: challenge.challenge_id.clone(),
            expires_at: challenge.expires_at,
            resend_after,
        }
    }

    fn post_code(&self, to: Recipient, challenge: &Challenge, code: &OtpCode, full_name: &str) {
        let minutes = ((challenge.expires_at - challenge.sent_at).num_seconds() + 59) / 60;
        let message = Message::Otp {
            purpose: challenge.purpose,
            code: code.reveal().to_owned(),
            full_name: full_name.to_owned(),
            expires_at: challenge.expires_at,
            minutes,
        };
        self.postbox.post(to, message);
    }

    /// Limits what concerns codes: by the client, and by the address or challenge as this client names it, so that nobody
    /// elsewhere can use up the tries of the rightful owner.
    fn limit_codes(&self, key: &str, client: &ClientInfo, now: Timestamp) -> Result<(), Refusal> {
        self.limiter.take(Limited::OtpFrom(client.ip.clone()), now)?;
        self.limiter.take(Limited::Otp(format!("{} {key}", client.ip)), now)
    }

    /// Where a code of this user goes: to the phone if asked for and possible, else to the address.
    fn recipient(&self, user: &User, channel: Channel) -> Recipient {
        match (&user.phone, channel) {
            (Some(phone), Channel::Sms) if self.postbox.has_sms() => Recipient::Phone(phone.clone()),
            _ => Recipient::Email(user.email.clone()),
        }
    }

    fn new_session(&self, user_id: UserId, client: &ClientInfo, now: Timestamp) -> Session {
        Session {
            session_id: SessionId::new(now, &*self.random),
            user_id,
            nonce: random_bytes(&*self.random),
            generation: 0,
            rotated_at: now,
            grace_used: false,
            created_at: now,
            last_used_at: now,
            expires_at: now + SESSION_IDLE,
            user_agent: client
                .user_agent
                .as_ref()
                .map(|agent| agent.chars().take(300).collect()),
            ip: Some(client.ip.clone()),
        }
    }
}
