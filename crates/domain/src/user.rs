//! Accounts: who they are and what they may do.

use crate::{
    clock::Timestamp,
    ids::UserId,
    validate::{FieldError, line},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An e-mail address: lower case, the one spelling under which an account is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads an address: one `@`, a local part of at most 64 bytes, a dotted domain, 254 bytes in all (RFC 5321).
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        let error = |why: &str| {
            FieldError::new(
                pointer,
                "invalid_email",
                format!("must be an e-mail address like ada@example.com: {why}"),
            )
        };
        let text = text.trim().to_lowercase();
        if text.len() > 254 {
            return Err(error("it is longer than 254 bytes"));
        }
        let (local, domain) = text.rsplit_once('@').ok_or_else(|| error("there is no @"))?;
        let local_ok = (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local
                .chars()
                .all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
        if !local_ok {
            return Err(error("the part before the @ is not valid"));
        }
        let labels: Vec<&str> = domain.split('.').collect();
        let domain_ok = (labels.len() >= 2 || domain == "localhost")
            && labels.iter().all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        if !domain_ok {
            return Err(error("the part after the @ is not a host name"));
        }
        Ok(Self(text))
    }

    /// The address as the database holds it.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it may be shown to somebody who has not proved to own it: `a***@example.com`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        format!("{}***@{domain}", local.chars().next().unwrap_or('*'))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A telephone number in E.164 form: `+` and 8 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number; blanks, hyphens, dots and parentheses between the digits are dropped.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        let compact: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.'))
            .collect();
        let ok = compact.strip_prefix('+').is_some_and(|digits| {
            (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
        });
        if ok {
            Ok(Self(compact))
        } else {
            Err(FieldError::new(
                pointer,
                "invalid_phone",
                "must be a number in international form, such as +441632960961",
            ))
        }
    }

    /// The number as the database holds it.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a full name: 1 to 100 characters, one line.
pub fn full_name(pointer: &str, text: &str) -> Result<String, FieldError> {
    line(pointer, text, 1, 100)
}

/// Reads the name of an IANA time zone, such as `Europe/Vienna`.
pub fn time_zone(pointer: &str, text: &str) -> Result<String, FieldError> {
    text.parse::<chrono_tz::Tz>()
        .map(|zone| zone.name().to_owned())
        .map_err(|_| {
            FieldError::new(
                pointer,
                "unknown_time_zone",
                format!(
                    "\"{}\" is not an IANA time zone; try one like Europe/Vienna or UTC",
                    crate::validate::excerpt(text)
                ),
            )
        })
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Owns what they create and sees nothing else.
    Customer,
    /// Also manages accounts.
    Admin,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserStatus {
    /// Signed up; the e-mail address is not proved yet.
    Unverified,
    /// May log in.
    Active,
    /// Switched off by an administrator.
    Deactivated,
}

/// Words of a closed set, as stored and as sent.
pub trait Word: Sized + Copy + 'static {
    /// Every word, in order.
    const ALL: &'static [(Self, &'static str)];

    /// The word.
    fn word(self) -> &'static str;

    /// The value of a word.
    fn from_word(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, word)| *word == text)
            .map(|(value, _)| *value)
    }

    /// Every word, for messages and documents.
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|(_, word)| *word).collect()
    }

    /// Reads a word that somebody sent.
    fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        Self::from_word(text).ok_or_else(|| FieldError::unknown_word(pointer, text, &Self::words()))
    }
}

/// Implements [`Word`] for a field-less enum.
#[macro_export]
macro_rules! words {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $crate::user::Word for $type {
            const ALL: &'static [(Self, &'static str)] = &[$((<$type>::$variant, $word)),+];
            fn word(self) -> &'static str {
                match self { $(<$type>::$variant => $word),+ }
            }
        }
    };
}

words!(Role { Customer = "customer", Admin = "admin" });
words!(UserStatus { Unverified = "Unverified", Active = "Active", Deactivated = "Deactivated" });

/// An account, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub user_id: UserId,
    /// How the person wants to be called.
    pub full_name: String,
    /// Where OTPs go.
    pub email: Email,
    /// Where OTPs go by SMS, if given.
    pub phone: Option<Phone>,
    /// What it may do.
    pub role: Role,
    /// Where it stands.
    pub status: UserStatus,
    /// When it last got tokens.
    pub last_login: Option<Timestamp>,
    /// IANA zone in which times are shown and schedules are proposed.
    pub time_zone: String,
    /// When the address was proved.
    pub email_verified_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// Whether log-ins and sessions are valid at all.
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_under_one_spelling() {
        assert_eq!(
            Email::parse("/email", " Ada@Example.COM ").unwrap().as_str(),
            "ada@example.com"
        );
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@com",
            "a b@example.com",
            "ada@-x.com",
            ".a@example.com",
            "a..b@example.com",
            "a@b..c",
            "\"x\"@example.com",
            "ada@example.com\r\nBcc: x@y.zz",
        ] {
            assert_eq!(Email::parse("/email", bad).unwrap_err().code, "invalid_email", "{bad}");
        }
    }

    #[test]
    fn a_masked_address_shows_one_letter() {
        assert_eq!(
            Email::parse("", "ada@example.com").unwrap().masked(),
            "a***@example.com"
        );
    }

    #[test]
    fn numbers_are_kept_in_international_form() {
        assert_eq!(
            Phone::parse("/phone", "+44 (1632) 960-961").unwrap().as_str(),
            "+441632960961"
        );
        for bad in ["01632960961", "+0123456789", "+1", "+44abc12345"] {
            assert!(Phone::parse("/phone", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn zones_are_iana_names() {
        assert_eq!(time_zone("/time_zone", "Europe/Vienna"), Ok("Europe/Vienna".to_owned()));
        assert_eq!(
            time_zone("/time_zone", "Mars/Olympus").unwrap_err().code,
            "unknown_time_zone"
        );
    }
}
