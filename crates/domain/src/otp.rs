//! One-time codes and the challenges that they answer.
//!
//! A code works only together with the random id of its challenge (RFC 4226 calls for throttling; the binding to a
//! challenge of 128 bits is stronger: nobody can guess at another person's code without it).

use crate::{
    clock::{Random, Timestamp, random_bytes},
    ids::{OtpId, UserId},
    mail::{Channel, OtpPurpose},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;

/// Digits of a code.
pub const OTP_DIGITS: usize = 8;
/// How many tries a challenge allows, right ones included.
pub const OTP_TRIES: u32 = 5;
/// How long to wait before a code can be sent again.
pub const RESEND_AFTER: TimeDelta = TimeDelta::seconds(30);

/// A code: eight digits, each of the 10^8 equally likely.
#[derive(Clone, PartialEq, Eq)]
pub struct OtpCode(String);

impl OtpCode {
    /// Draws a code.
    pub fn draw(random: &dyn Random) -> Self {
        // The largest multiple of 10^8 in a u32 is 4.2e9; numbers above it would favour small codes, so draw again.
        const SPACE: u32 = 100_000_000;
        const FAIR: u32 = u32::MAX - u32::MAX % SPACE;
        loop {
            let number = u32::from_le_bytes(random_bytes(random));
            if number < FAIR {
                return Self(format!("{:08}", number % SPACE));
            }
        }
    }

    /// Reads what a person typed: blanks and hyphens between the digits are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .take(OTP_DIGITS + 1)
            .collect();
        (digits.len() == OTP_DIGITS && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(digits))
    }

    /// The digits, for the message to their owner and for nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the database keeps: HMAC-SHA-256 over challenge and code under a key that is not in the database, so that
    /// a stolen table gives no code away although there are only 10^8 of them.
    pub fn seal(&self, key: &[u8; 32], challenge: &ChallengeId) -> OtpSeal {
        let mut mac = keyed(key);
        mac.update(challenge.as_str().as_bytes());
        mac.update(b"\0");
        mac.update(self.0.as_bytes());
        OtpSeal(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for OtpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtpCode(********)")
    }
}

/// HMAC-SHA-256 under a 256-bit key.
pub(crate) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}

/// The keyed hash of a code, as `manage_otp.otp` holds it.
#[derive(Debug, Clone)]
pub struct OtpSeal(pub String);

impl OtpSeal {
    /// Compares in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

/// The random id of a challenge: 128 bits, told only to whoever asked for the code.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChallengeId(String);

impl ChallengeId {
    /// Draws an id.
    pub fn draw(random: &dyn Random) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<16>(random)))
    }

    /// Reads an id that a client sent; any text that no challenge can have is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 22 && URL_SAFE_NO_PAD.decode(text).is_ok()).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a sign-up wants to become once its code is entered. It travels with the challenge, not with the account, so
/// that nobody can slip another password under an address that they do not own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PendingSignUp {
    /// How the person wants to be called.
    pub full_name: String,
    /// The hash of the password.
    pub password_hash: String,
    /// The telephone, if given.
    pub phone: Option<String>,
    /// Whether the account becomes an administrator (the first one, through the set-up link).
    pub admin: bool,
}

/// A question that only the right code answers.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// The row.
    pub otp_id: OtpId,
    /// The id that the client holds.
    pub challenge_id: ChallengeId,
    /// Whose it is; `None` for a decoy, which no code answers.
    pub user_id: Option<UserId>,
    /// What it is for.
    pub purpose: OtpPurpose,
    /// The way the code took.
    pub channel: Channel,
    /// The keyed hash of the code.
    pub otp: OtpSeal,
    /// How many tries were made.
    pub attempts: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its code was last sent.
    pub sent_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// What the account becomes, for a sign-up.
    pub pending: Option<PendingSignUp>,
}

impl Challenge {
    /// When the code may be sent again.
    pub fn resend_after(&self) -> Timestamp {
        self.sent_at + RESEND_AFTER
    }

    /// Whether `seal` answers the challenge. Expiry, tries and use are the guard of the store's write.
    pub fn answered_by(&self, seal: &OtpSeal) -> bool {
        // Compare first, so that a decoy takes as long as the rest.
        let same = self.otp.matches(seal);
        same && self.user_id.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRandom;
    use proptest::prelude::*;

    #[test]
    fn codes_have_eight_digits_and_use_the_whole_space() {
        let random = SeededRandom::new(7);
        let codes: Vec<u32> = (0..20_000)
            .map(|_| OtpCode::draw(&random).reveal().parse().unwrap())
            .collect();
        for decile in 0..10 {
            let (low, high) = (decile * 10_000_000, (decile + 1) * 10_000_000);
            let share = codes.iter().filter(|code| (low..high).contains(*code)).count();
            assert!((1_800..2_200).contains(&share), "decile {decile} has {share} of 20,000");
        }
    }

    #[test]
    fn people_may_type_blanks() {
        assert_eq!(OtpCode::parse("1234 5678"), OtpCode::parse("12345678"));
        for bad in ["", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨"] {
            assert_eq!(OtpCode::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_seal_holds_for_its_challenge_alone() {
        let random = SeededRandom::new(7);
        let (one, two) = (ChallengeId::draw(&random), ChallengeId::draw(&random));
        let code = OtpCode::draw(&random);
        let key = [7; 32];
        assert!(code.seal(&key, &one).matches(&code.seal(&key, &one)));
        assert!(!code.seal(&key, &one).matches(&code.seal(&key, &two)));
        assert!(!code.seal(&key, &one).matches(&code.seal(&[8; 32], &one)));
    }

    #[test]
    fn a_code_never_shows_in_debug_output() {
        let code = OtpCode::draw(&SeededRandom::new(7));
        assert!(!format!("{code:?}").contains(code.reveal()));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".{0,40}") {
            let _ = OtpCode::parse(&text);
            let _ = ChallengeId::parse(&text);
        }
    }
}
