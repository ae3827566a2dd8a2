//! Secret addresses of a job: whoever knows one may do one thing, without an account. They are kept as hashes and shown
//! once; a new one takes the place of the old one.

use crate::{
    clock::{Random, Timestamp, random_bytes},
    ids::{JobId, UserId},
    words,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// What an address is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// A request starts a run, with the body as payload.
    Inbound,
    /// A request says that something else is alive.
    Heartbeat,
    /// A picture of where the job stands.
    Badge,
}

words!(LinkKind { Inbound = "inbound", Heartbeat = "heartbeat", Badge = "badge" });

impl LinkKind {
    /// What its secrets begin with, so that one that was found somewhere is known for what it is.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Inbound => "jsh_",
            Self::Heartbeat => "jsp_",
            Self::Badge => "jsb_",
        }
    }

    /// A secret of 256 random bits, as text that needs no encoding in a path.
    pub fn new_secret(self, random: &dyn Random) -> String {
        let chance: [u8; 32] = random_bytes(random);
        format!("{}{}", self.prefix(), URL_SAFE_NO_PAD.encode(chance))
    }
}

/// What is kept of a secret: half of its SHA-256. A secret of 256 random bits needs no salt and no slow hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkHash(pub [u8; 16]);

impl LinkHash {
    /// The hash of a secret.
    pub fn of(secret: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        let mut half = [0; 16];
        for (to, from) in half.iter_mut().zip(digest) {
            *to = from;
        }
        Self(half)
    }
}

/// An address, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The job.
    pub job_id: JobId,
    /// Its owner.
    pub owner: UserId,
    /// What it is good for.
    pub kind: LinkKind,
    /// The last four characters of the secret.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;

    #[test]
    fn secrets_are_long_different_and_known_by_their_beginning() {
        let random = SeededRandom::new(1);
        let (one, other) = (
            LinkKind::Inbound.new_secret(&random),
            LinkKind::Inbound.new_secret(&random),
        );
        assert_ne!(one, other);
        assert!(one.starts_with("jsh_") && one.len() == 47, "{one}");
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
        assert_eq!(LinkHash::of(&one), LinkHash::of(&one));
        assert_ne!(LinkHash::of(&one), LinkHash::of(&other));
    }
}
