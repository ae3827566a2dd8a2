//! What may be shown of people and of the answers of servers.

use scheduler_domain::mail::Recipient;

/// The recipient as logs may show it: `a***@example.com`, `+44***61`.
pub(crate) fn recipient(to: &Recipient) -> String {
    match to {
        Recipient::Email(email) => email.masked(),
        Recipient::Phone(phone) => {
            let digits = phone.as_str();
            let head = digits.get(..3).unwrap_or_default();
            let tail = digits.get(digits.len().saturating_sub(2)..).unwrap_or_default();
            format!("{head}***{tail}")
        }
    }
}

/// Foreign text without what could be an address, a number or a code: words with an `@` or with six digits or more are
/// left out, and at most 200 characters stay.
pub(crate) fn foreign(text: &str) -> String {
    let is_private = |word: &str| word.contains('@') || word.chars().filter(char::is_ascii_digit).count() >= 6;
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| if is_private(word) { "…" } else { word })
        .collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Foreign text on one line, at most 1,000 characters of it, and otherwise as it is: for the one who asked for it.
pub(crate) fn quoted(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(1_000)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use scheduler_domain::user::{Email, Phone};

    #[test]
    fn people_are_masked() {
        assert_eq!(
            recipient(&Recipient::Email(Email::parse("", "ada@example.com").unwrap())),
            "a***@example.com"
        );
        assert_eq!(
            recipient(&Recipient::Phone(Phone::parse("", "+441632960961").unwrap())),
            "+44***61"
        );
        assert_eq!(recipient(&Recipient::Phone(Phone::from_stored(String::new()))), "***");
    }

    #[test]
    fn servers_are_quoted_without_people() {
        assert_eq!(
            foreign("5.1.1 <ada@example.com>: no such\r\nuser, code 12345678"),
            "5.1.1 … no such user, code …"
        );
        assert_eq!(foreign(&"long ".repeat(100)).len(), 200);
    }
}
