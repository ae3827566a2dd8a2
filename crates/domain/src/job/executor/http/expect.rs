//! Which answers are a success.

use crate::validate::{FieldError, excerpt};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest list.
const MAX_LENGTH: usize = 200;

/// Statuses that are a success: codes (`204`), classes (`2xx`) and ranges (`200-204`), comma-separated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expect {
    text: String,
    ranges: Vec<(u16, u16)>,
}

impl Default for Expect {
    /// `2xx`.
    fn default() -> Self {
        Self {
            text: "2xx".to_owned(),
            ranges: vec![(200, 299)],
        }
    }
}

impl Expect {
    /// Reads the list.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        let error = |why: String| {
            let how = "name codes (204), classes (2xx) and ranges (200-204), separated by commas";
            FieldError::new(pointer, "invalid_expect", format!("{why}; {how}"))
        };
        if text.len() > MAX_LENGTH {
            return Err(error(format!(
                "has {} characters; at most {MAX_LENGTH} are allowed",
                text.len()
            )));
        }
        let ranges = text
            .split(',')
            .map(|part| {
                let part = part.trim();
                range(part).ok_or_else(|| match part {
                    "" => error("has an empty part".to_owned()),
                    _ => error(format!("\"{}\" is no status from 100 to 599", excerpt(part))),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.trim().to_owned(),
            ranges,
        })
    }

    /// Whether the status is a success.
    pub fn accepts(&self, status: u16) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }

    /// The list as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

fn range(part: &str) -> Option<(u16, u16)> {
    if let Some(class) = part.strip_suffix("xx").or_else(|| part.strip_suffix("XX")) {
        let class: u16 = class.parse().ok().filter(|_| class.len() == 1)?;
        return (1..=5).contains(&class).then_some((class * 100, class * 100 + 99));
    }
    match part.split_once('-') {
        None => code(part).map(|code| (code, code)),
        Some((from, to)) => {
            let (from, to) = (code(from.trim())?, code(to.trim())?);
            (from <= to).then_some((from, to))
        }
    }
}

fn code(digits: &str) -> Option<u16> {
    let is_code = digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|code| is_code && (100..=599).contains(code))
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Expect> for String {
    fn from(expect: Expect) -> Self {
        expect.text
    }
}

impl TryFrom<String> for Expect {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse("", &text).map_err(|error| error.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_classes_and_ranges_are_understood() {
        for (text, yes, no) in [
            ("2xx", &[200, 204, 299][..], &[199, 300, 404][..]),
            ("200,201,404", &[200, 201, 404], &[202, 400]),
            ("200-204", &[200, 202, 204], &[205]),
            (" 2XX , 404, 500 - 502 ", &[250, 404, 501], &[403, 503]),
            ("100-599", &[100, 302, 599], &[600]),
        ] {
            let expect = Expect::parse("/expect", text).unwrap();
            assert!(yes.iter().all(|status| expect.accepts(*status)), "{text}");
            assert!(!no.iter().any(|status| expect.accepts(*status)), "{text}");
            let stored = serde_json::to_string(&expect).unwrap();
            assert_eq!(serde_json::from_str::<Expect>(&stored).unwrap(), expect);
        }
        assert!(Expect::default().accepts(204) && !Expect::default().accepts(302));
    }

    #[test]
    fn the_part_that_is_wrong_is_named() {
        for (text, part) in [
            ("2xx,6xx", "6xx"),
            ("20", "20"),
            ("204-200", "204-200"),
            ("200;201", "200;201"),
            ("2xx-3xx", "2xx-3xx"),
            ("+20", "+20"),
            ("0xx", "0xx"),
            ("600", "600"),
        ] {
            let error = Expect::parse("/executor/expect", text).unwrap_err();
            assert_eq!(
                (error.pointer.as_str(), error.code.as_str()),
                ("/executor/expect", "invalid_expect")
            );
            assert!(
                error.message.contains(&format!("\"{part}\"")),
                "{text}: {}",
                error.message
            );
        }
        for text in ["", "200,,201", "200,"] {
            assert!(
                Expect::parse("", text).unwrap_err().message.contains("empty part"),
                "{text}"
            );
        }
        assert!(Expect::parse("", &"200,".repeat(60)).is_err());
    }
}
