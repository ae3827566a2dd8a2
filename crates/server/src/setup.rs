//! The one-time link that makes the first administrator.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use scheduler_domain::clock::{Random, Timestamp, random_bytes};
use sha2::{Digest, Sha256};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a printed link works.
pub const LINK_LIFE: TimeDelta = TimeDelta::minutes(30);

/// The link of this process. It is printed at the start while there is no administrator, lives only in memory, and is
/// worthless as soon as there is one.
#[derive(Default)]
pub struct SetupLink(Mutex<Option<(Vec<u8>, Timestamp)>>);

impl SetupLink {
    fn lock(&self) -> MutexGuard<'_, Option<(Vec<u8>, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a token and remembers its hash.
    pub fn issue(&self, now: Timestamp, random: &dyn Random) -> String {
        let token = URL_SAFE_NO_PAD.encode(random_bytes::<24>(random));
        *self.lock() = Some((hash(&token), now + LINK_LIFE));
        token
    }

    /// Whether the token is the one that was printed, and still works.
    pub fn accepts(&self, token: &str, now: Timestamp) -> bool {
        self.lock()
            .as_ref()
            .is_some_and(|(known, until)| *known == hash(token) && now < *until)
    }

    /// Makes the link worthless.
    pub fn revoke(&self) {
        *self.lock() = None;
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[test]
    fn only_the_printed_token_works_and_only_for_half_an_hour() {
        let link = SetupLink::default();
        let now = Timestamp::UNIX_EPOCH;
        assert!(!link.accepts("", now));
        let token = link.issue(now, &SystemRandom);
        assert!(link.accepts(&token, now + TimeDelta::minutes(29)));
        assert!(!link.accepts("guess", now));
        assert!(!link.accepts(&token, now + LINK_LIFE));
        link.revoke();
        assert!(!link.accepts(&token, now));
    }
}
