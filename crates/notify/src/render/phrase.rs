//! Small pieces of sentences.

use scheduler_domain::{clock::Timestamp, mail::OtpPurpose};

/// `Hello Ada Lovelace,`, or `Hello,` where the name could be an advertisement.
///
/// Anybody can sign up with somebody else's address and a name of their choice; a mail of ours must not carry their
/// links to strangers.
pub(super) fn greeting(full_name: &str) -> String {
    let name = one_line(full_name);
    let is_link = |word: &str| {
        word.contains(['/', ':', '@', '\\', '?', '='])
            || word
                .rsplit_once('.')
                .is_some_and(|(_, end)| end.chars().filter(|c| c.is_alphabetic()).count() >= 2)
    };
    let plain = !name.is_empty() && name.chars().count() <= 60 && !name.split_whitespace().any(is_link);
    if plain {
        format!("Hello {name},")
    } else {
        "Hello,".to_owned()
    }
}

/// The text on one line, without control characters.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `24 November 2026, 14:05 UTC`.
pub(super) fn instant(at: Timestamp) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// `1 minute`, `5 minutes`.
pub(super) fn minutes(count: i64) -> String {
    if count == 1 {
        "1 minute".to_owned()
    } else {
        format!("{count} minutes")
    }
}

/// What a code is for, after "code to".
pub(super) fn purpose(purpose: OtpPurpose) -> &'static str {
    match purpose {
        OtpPurpose::SignUp => "confirm your e-mail address",
        OtpPurpose::LogIn => "log in",
        OtpPurpose::PasswordReset => "set a new password",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_used_and_advertisements_are_not() {
        for (name, expected) in [
            ("Ada Lovelace", "Hello Ada Lovelace,"),
            ("J.R.R. Tolkien", "Hello J.R.R. Tolkien,"),
            ("Sammy Davis Jr.", "Hello Sammy Davis Jr.,"),
            ("You won https://evil.example", "Hello,"),
            ("Visit evil.example now", "Hello,"),
            ("mail me@evil", "Hello,"),
            ("two\r\nlines", "Hello two lines,"),
            ("", "Hello,"),
        ] {
            assert_eq!(greeting(name), expected);
        }
        assert_eq!(greeting(&"very ".repeat(20)), "Hello,");
    }
}
