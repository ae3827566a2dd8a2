//! Log-ins: refresh tokens that rotate, and what happens when one turns up twice.
//!
//! A refresh token is not stored. It is a keyed hash over the session, a random nonce of the session and the number of
//! the rotation, so the server can tell a token of the past from a forged one, and can give the same successor again
//! when an answer was lost. Reuse of an old token ends the session (RFC 9700, section 4.14.2).

use crate::{
    clock::Timestamp,
    ids::{SessionId, UserId},
    otp::keyed,
    words,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use hmac::Mac;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// How long an old refresh token works once more, for a client that lost the answer.
pub const REFRESH_GRACE: TimeDelta = TimeDelta::seconds(10);
/// A session ends when it was not refreshed for so long.
pub const SESSION_IDLE: TimeDelta = TimeDelta::days(14);
/// A session ends so long after its log-in, used or not.
pub const SESSION_LIFE: TimeDelta = TimeDelta::days(90);

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Its owner logged out.
    LoggedOut,
    /// Its owner ended it from another device.
    EndedByUser,
    /// The password was reset.
    PasswordReset,
    /// The account was deactivated.
    Deactivated,
    /// An old refresh token was used again.
    TokenReused,
}

words!(EndReason {
    LoggedOut = "logged_out",
    EndedByUser = "ended_by_user",
    PasswordReset = "password_reset",
    Deactivated = "deactivated",
    TokenReused = "token_reused",
});

/// A log-in on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, the `sid` of its access tokens.
    pub session_id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// Random, so that tokens of different sessions have nothing in common.
    pub nonce: [u8; 16],
    /// The number of the current refresh token.
    pub generation: u32,
    /// When the current refresh token was made.
    pub rotated_at: Timestamp,
    /// Whether the predecessor of the current token was already answered a second time.
    pub grace_used: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends if nobody refreshes it.
    pub expires_at: Timestamp,
    /// What the client called itself, at most 300 characters.
    pub user_agent: Option<String>,
    /// Where it came from.
    pub ip: Option<String>,
}

/// Why a text is not a refresh token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a refresh token")]
pub struct NotARefreshToken;

/// A refresh token as a client holds it: `<session>.<generation>.<mac>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedToken {
    /// The session that it names.
    pub session_id: SessionId,
    /// The number of the rotation.
    pub generation: u32,
    mac: Vec<u8>,
}

impl PresentedToken {
    /// Takes a text apart. Whether it is genuine only [`Session::judge`] can tell.
    pub fn parse(text: &str) -> Result<Self, NotARefreshToken> {
        if text.len() > 128 {
            return Err(NotARefreshToken);
        }
        let mut parts = text.split('.');
        let (Some(session), Some(generation), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotARefreshToken);
        };
        Ok(Self {
            session_id: session.parse().map_err(|_| NotARefreshToken)?,
            generation: generation.parse().map_err(|_| NotARefreshToken)?,
            mac: URL_SAFE_NO_PAD.decode(mac).map_err(|_| NotARefreshToken)?,
        })
    }
}

/// What to do about a presented refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It is the current one: rotate, and answer with the next.
    Rotate,
    /// It is the predecessor, within its grace and with its successor unused: answer with the current one again.
    RepeatCurrent,
    /// It was genuine once: somebody holds a copy. End the session.
    Reused,
    /// It is not genuine, or the session is over. Change nothing.
    Reject,
}

impl Session {
    /// The refresh token of the current generation.
    pub fn refresh_token(&self, key: &[u8; 32]) -> String {
        let mac = self.mac(key, self.generation);
        format!(
            "{}.{}.{}",
            self.session_id,
            self.generation,
            URL_SAFE_NO_PAD.encode(mac)
        )
    }

    /// Decides about a presented token. `keys` are the present key and those of before a change of the secret.
    pub fn judge(&self, token: &PresentedToken, keys: &[[u8; 32]], now: Timestamp) -> Judgement {
        let genuine = keys
            .iter()
            .any(|key| bool::from(self.mac(key, token.generation).ct_eq(&token.mac)));
        if !genuine || now >= self.expires_at || token.session_id != self.session_id {
            return Judgement::Reject;
        }
        if token.generation == self.generation {
            Judgement::Rotate
        } else if token.generation + 1 == self.generation && !self.grace_used && now - self.rotated_at <= REFRESH_GRACE
        {
            Judgement::RepeatCurrent
        } else {
            Judgement::Reused
        }
    }

    /// The session after its token was rotated.
    #[must_use]
    pub fn rotated(&self, now: Timestamp) -> Self {
        Self {
            generation: self.generation + 1,
            rotated_at: now,
            grace_used: false,
            last_used_at: now,
            expires_at: (now + SESSION_IDLE).min(self.created_at + SESSION_LIFE),
            ..self.clone()
        }
    }

    fn mac(&self, key: &[u8; 32], generation: u32) -> Vec<u8> {
        let mut mac = keyed(key);
        mac.update(self.session_id.as_uuid().as_bytes());
        mac.update(&self.nonce);
        mac.update(&generation.to_le_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;

    const KEY: [u8; 32] = [3; 32];

    fn session(now: Timestamp) -> Session {
        let random = SeededRandom::new(5);
        Session {
            session_id: SessionId::new(now, &random),
            user_id: UserId::new(now, &random),
            nonce: crate::clock::random_bytes(&random),
            generation: 0,
            rotated_at: now,
            grace_used: false,
            created_at: now,
            last_used_at: now,
            expires_at: now + SESSION_IDLE,
            user_agent: None,
            ip: None,
        }
    }

    fn presented(session: &Session) -> PresentedToken {
        PresentedToken::parse(&session.refresh_token(&KEY)).unwrap()
    }

    #[test]
    fn the_current_token_rotates_and_then_is_old() {
        let now = Timestamp::UNIX_EPOCH;
        let first = session(now);
        let old = presented(&first);
        assert_eq!(first.judge(&old, &[KEY], now), Judgement::Rotate);
        let second = first.rotated(now);
        assert_eq!(
            second.judge(&old, &[KEY], now + REFRESH_GRACE),
            Judgement::RepeatCurrent
        );
        assert_eq!(
            second.judge(&old, &[KEY], now + REFRESH_GRACE + TimeDelta::microseconds(1)),
            Judgement::Reused
        );
        let graced = Session {
            grace_used: true,
            ..second.clone()
        };
        assert_eq!(graced.judge(&old, &[KEY], now), Judgement::Reused);
        // The successor was used: the first one is two behind, grace or not.
        assert_eq!(second.rotated(now).judge(&old, &[KEY], now), Judgement::Reused);
    }

    #[test]
    fn a_forged_token_changes_nothing() {
        let now = Timestamp::UNIX_EPOCH;
        let session = session(now);
        let mut forged = presented(&session);
        forged.generation = 7;
        assert_eq!(session.judge(&forged, &[KEY], now), Judgement::Reject);
        assert_eq!(session.judge(&presented(&session), &[[4; 32]], now), Judgement::Reject);
        assert_eq!(
            session.judge(&presented(&session), &[[4; 32], KEY], now),
            Judgement::Rotate
        );
    }

    #[test]
    fn a_session_ends_when_idle_and_at_the_end_of_its_life() {
        let now = Timestamp::UNIX_EPOCH;
        let mut session = session(now);
        assert_eq!(
            session.judge(&presented(&session), &[KEY], now + SESSION_IDLE),
            Judgement::Reject
        );
        for week in 1..20 {
            session = session.rotated(now + TimeDelta::days(7 * week));
        }
        assert_eq!(session.expires_at, now + SESSION_LIFE);
    }

    #[test]
    fn garbage_is_no_token() {
        for text in [
            "",
            ".",
            "a.b.c",
            "018f0000-0000-7000-8000-000000000000.x.AAAA",
            &"x".repeat(500),
        ] {
            assert_eq!(PresentedToken::parse(text), Err(NotARefreshToken), "{text}");
        }
    }
}
