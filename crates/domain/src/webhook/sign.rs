//! Signatures by Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`.

use crate::clock::{Random, Timestamp, random_bytes};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// How long the old secret goes on signing after a rotation.
pub const ROTATION_OVERLAP: TimeDelta = TimeDelta::hours(24);

/// How far the timestamp of a delivery may be from the receiver's clock.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

const PREFIX: &str = "whsec_";
const VERSION: &str = "v1,";

/// The secret that an endpoint shares with its receiver. Its text never gets into logs: `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(***)")
    }
}

/// The text is not a signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signing secret: whsec_ and the base64 of 24 to 64 bytes are expected")]
pub struct NotASecret;

impl SigningSecret {
    /// A new secret of 32 random bytes.
    pub fn generate(random: &dyn Random) -> Self {
        Self(random_bytes::<32>(random).to_vec())
    }

    /// Reads `whsec_` and the base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, NotASecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(NotASecret)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| NotASecret)?;
        if (24..=64).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err(NotASecret)
        }
    }

    /// The text, for its owner's eyes and for the vault.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn mac(&self, id: &str, timestamp_seconds: i64, body: &[u8]) -> Hmac<Sha256> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(format!("{id}.{timestamp_seconds}.").as_bytes());
        mac.update(body);
        mac
    }
}

/// The value of `webhook-signature`: one `v1,<base64>` for each secret, separated by blanks.
pub fn sign(id: &str, timestamp_seconds: i64, body: &[u8], secrets: &[SigningSecret]) -> String {
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| {
            let digest = secret.mac(id, timestamp_seconds, body).finalize().into_bytes();
            format!("{VERSION}{}", STANDARD.encode(digest))
        })
        .collect();
    signatures.join(" ")
}

/// Why a delivery is not taken for genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// `webhook-timestamp` is not a number of seconds, or too far from now.
    #[error("the timestamp is not within five minutes of now")]
    Timestamp,
    /// No signature fits the secret.
    #[error("no signature matches")]
    Signature,
}

/// Verifies a delivery as a receiver does, with the values of its three headers.
pub fn verify(
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    secret: &SigningSecret,
    now: Timestamp,
) -> Result<(), VerifyError> {
    let seconds: i64 = timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    let distance = now.timestamp().checked_sub(seconds).and_then(i64::checked_abs);
    if distance.is_none_or(|distance| distance > TOLERANCE.num_seconds()) {
        return Err(VerifyError::Timestamp);
    }
    let genuine = signatures
        .split(' ')
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix(VERSION)?).ok())
        .any(|digest| secret.mac(id, seconds, body).verify_slice(&digest).is_ok());
    if genuine { Ok(()) } else { Err(VerifyError::Signature) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    /// The example that the specification's libraries share.
    #[test]
    fn the_known_example_comes_out() {
        let secret = SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
            &[secret],
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_have_24_to_64_bytes_behind_their_mark() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for (text, good) in [
            (of(23), false),
            (of(24), true),
            (of(64), true),
            (of(65), false),
            (STANDARD.encode([7; 32]), false),
            ("whsec_???".to_owned(), false),
        ] {
            assert_eq!(SigningSecret::parse(&text).is_ok(), good, "{text}");
        }
        let made = SigningSecret::generate(&SeededRandom::new(1));
        assert_eq!(made.0.len(), 32);
        assert!(!format!("{made:?}").contains(&made.reveal()));
    }

    proptest! {
        #[test]
        fn either_live_secret_verifies_and_no_other(seed: u64, body: Vec<u8>, seconds in 0i64..4_000_000_000) {
            let random = SeededRandom::new(seed);
            let (new, old, foreign) = (
                SigningSecret::generate(&random), SigningSecret::generate(&random), SigningSecret::generate(&random),
            );
            let signed = sign("id", seconds, &body, &[new.clone(), old.clone()]);
            let check = |secret| verify("id", &seconds.to_string(), &signed, &body, secret, at(seconds));
            prop_assert_eq!(check(&new), Ok(()));
            prop_assert_eq!(check(&old), Ok(()));
            prop_assert_eq!(check(&foreign), Err(VerifyError::Signature));
            prop_assert_eq!(SigningSecret::parse(&new.reveal()), Ok(new));
        }

        #[test]
        fn any_change_is_noticed(body in proptest::collection::vec(any::<u8>(), 1..60), at_byte: proptest::sample::Index) {
            let secret = SigningSecret::generate(&SeededRandom::new(9));
            let signed = sign("id", 1_000, &body, std::slice::from_ref(&secret));
            let mut other = body.clone();
            other[at_byte.index(body.len())] ^= 1;
            prop_assert!(verify("id", "1000", &signed, &other, &secret, at(1_000)).is_err());
            prop_assert!(verify("other", "1000", &signed, &body, &secret, at(1_000)).is_err());
            prop_assert!(verify("id", "1001", &signed, &body, &secret, at(1_000)).is_err());
        }

        #[test]
        fn garbage_is_refused_without_a_panic(timestamp in ".{0,30}", signatures in ".{0,80}") {
            let secret = SigningSecret::generate(&SeededRandom::new(3));
            prop_assert!(verify("id", &timestamp, &signatures, b"", &secret, at(0)).is_err());
        }

        /// Another implementation of the standard takes what we sign.
        #[test]
        fn the_reference_library_computes_the_same(seed: u64, body: String) {
            let secret = SigningSecret::generate(&SeededRandom::new(seed));
            let library = standardwebhooks::Webhook::new(&secret.reveal()).unwrap();
            let theirs = library.sign("id", 1_614_265_330, body.as_bytes()).unwrap();
            prop_assert_eq!(sign("id", 1_614_265_330, body.as_bytes(), &[secret]), theirs);
        }
    }

    #[test]
    fn five_minutes_either_way_are_tolerated() {
        let secret = SigningSecret::generate(&SeededRandom::new(4));
        let signed = sign("id", 1_000, b"x", std::slice::from_ref(&secret));
        let seen_at = |now| verify("id", "1000", &signed, b"x", &secret, at(now));
        assert_eq!(seen_at(1_300), Ok(()));
        assert_eq!(seen_at(700), Ok(()));
        assert_eq!(seen_at(1_301), Err(VerifyError::Timestamp));
        assert_eq!(seen_at(699), Err(VerifyError::Timestamp));
    }
}
