//! What a password may be: long enough, not what everybody tries, not made of what is known about its owner.
//!
//! No composition rules (OWASP ASVS 6.2.5): any character of any alphabet counts as one, blanks included, and nothing
//! is trimmed or cut. A password is refused for being guessable, never for lacking a digit.

use crate::validate::FieldError;
use std::fmt;

mod common;
mod context;
mod pattern;

/// The fewest characters of a password.
pub const MIN_CHARS: usize = 10;
/// The most characters of a password.
pub const MAX_CHARS: usize = 128;
/// The most bytes that are looked at when somebody logs in; 128 characters are 512 bytes at most.
pub const MAX_ATTEMPT_BYTES: usize = 1024;

/// From this many characters on, patterns are left alone: even a monotonous text of this length is out of reach of
/// the lists and rules that guessing programs work through.
const PATTERN_LIMIT: usize = 64;

/// What is known about the owner and therefore guessed first.
#[derive(Debug, Clone, Copy, Default)]
pub struct PasswordContext<'a> {
    /// The address of the account.
    pub email: Option<&'a str>,
    /// The name of the person.
    pub full_name: Option<&'a str>,
}

/// A password in the clear: a new one that keeps the rules, or one that somebody tries to log in with.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Reads a new password.
    ///
    /// The codes: `too_short`, `too_long`, `control_character`, `password_too_common`, `password_contextual`,
    /// `password_too_simple`. A password that stands in the list word for word is `password_too_common`, whatever else
    /// it is.
    pub fn parse(pointer: &str, text: &str, context: &PasswordContext<'_>) -> Result<Self, FieldError> {
        let count = text.chars().count();
        if count < MIN_CHARS {
            let message = format!(
                "has {count} characters; at least {MIN_CHARS} are needed, and a few words in a row are easiest to remember"
            );
            return Err(FieldError::new(pointer, "too_short", message));
        }
        if count > MAX_CHARS {
            return Err(FieldError::new(
                pointer,
                "too_long",
                format!("has {count} characters; at most {MAX_CHARS} are allowed"),
            ));
        }
        if text.chars().any(char::is_control) {
            return Err(FieldError::new(
                pointer,
                "control_character",
                "must not contain control characters or line breaks",
            ));
        }
        match weakness(text, count, context) {
            None => Ok(Self(text.to_owned())),
            Some((code, message)) => Err(FieldError::new(pointer, code, message)),
        }
    }

    /// Takes what somebody logs in with: no rule but a limit to the work, because older passwords may break newer rules.
    pub fn attempt(pointer: &str, text: &str) -> Result<Self, FieldError> {
        if text.len() > MAX_ATTEMPT_BYTES {
            return Err(FieldError::new(
                pointer,
                "too_long",
                format!("at most {MAX_CHARS} characters are allowed"),
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The password in the clear; for the hash function and nothing else.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// Why the text is easy to guess, as a code and a sentence.
fn weakness(text: &str, count: usize, context: &PasswordContext<'_>) -> Option<(&'static str, &'static str)> {
    const COMMON: (&str, &str) = (
        "password_too_common",
        "is one of the passwords that are tried first, or nearly; choose another, such as a few unrelated words in a row",
    );
    let lower = text.to_lowercase();
    let short = count < PATTERN_LIMIT;
    if common::is_listed(&lower) {
        Some(COMMON)
    } else if context::is_contextual(&lower, context) {
        Some((
            "password_contextual",
            "is little more than your name, your e-mail address or the name of this product; choose something unrelated",
        ))
    } else if short && pattern::is_predictable(&lower) {
        Some((
            "password_too_simple",
            "is a repeated or straight sequence of characters; choose something less regular, such as a few unrelated words in a row",
        ))
    } else if common::is_variation(&lower) || (short && common::is_variation(pattern::unit(&lower))) {
        Some(COMMON)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
