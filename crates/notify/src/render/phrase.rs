//! Small pieces of sentences.

use chrono::TimeDelta;
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

/// `24 November 2026, 15:05 CET`, on the clocks of this IANA zone.
pub(super) fn local(at: Timestamp, zone: &str) -> String {
    match zone.parse::<chrono_tz::Tz>() {
        Ok(zone) => at.with_timezone(&zone).format("%-d %B %Y, %H:%M %Z").to_string(),
        Err(_) => instant(at),
    }
}

/// A length of time: `40 seconds`, `12 minutes`, `3 hours 20 minutes`, `2 days 4 hours`.
pub(super) fn span(length: TimeDelta) -> String {
    let unit = |count: i64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let both = |whole: (i64, &str), rest: (i64, &str)| match rest.0 {
        0 => unit(whole.0, whole.1),
        count => format!("{} {}", unit(whole.0, whole.1), unit(count, rest.1)),
    };
    let seconds = length.num_seconds().max(0);
    match seconds {
        0..60 => unit(seconds, "second"),
        60..3_600 => unit(seconds / 60, "minute"),
        3_600..86_400 => both((seconds / 3_600, "hour"), (seconds / 60 % 60, "minute")),
        _ => both((seconds / 86_400, "day"), (seconds / 3_600 % 24, "hour")),
    }
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

    #[test]
    fn lengths_of_time_are_told_to_two_units() {
        for (seconds, expected) in [
            (-5, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3_599, "59 minutes"),
            (3_600, "1 hour"),
            (12_000, "3 hours 20 minutes"),
            (86_400, "1 day"),
            (187_200, "2 days 4 hours"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), expected);
        }
    }

    #[test]
    fn instants_are_told_on_the_clocks_of_the_reader() {
        let at = chrono::DateTime::from_timestamp(1_795_500_000, 0).unwrap();
        assert_eq!(local(at, "Europe/Vienna"), "24 November 2026, 07:00 CET");
        assert_eq!(local(at, "nowhere"), "24 November 2026, 06:00 UTC");
    }
}
