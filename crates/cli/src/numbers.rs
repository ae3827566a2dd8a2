//! Numbers to the last digit.
//!
//! A [`Value`] holds a number as 64 bits; a payload may have more digits than that, or digits that say how exact it is
//! (`1.50`). Such a number travels through values as a text under a mark that no other text has, and leaves them as the digits
//! that it came with.

use crate::randomness;
use serde_json::Value;
use std::sync::OnceLock;

/// What such texts begin with: a character that no text in the world has, and a word of this process alone, so that nobody
/// can make a number out of a text.
fn mark() -> &'static str {
    static MARK: OnceLock<String> = OnceLock::new();
    MARK.get_or_init(|| format!("\u{fdd0}{}:", randomness::word()))
}

/// Whether a text is a number of JSON.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(n, e)| (n, Some(e)));
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// The value of a number that was written like this; `None` when that is no number of JSON.
pub(crate) fn value_of(text: &str) -> Option<Value> {
    if !is_number(text) {
        return None;
    }
    match serde_json::from_str::<Value>(text).map(|value| (value.to_string(), value)) {
        Ok((written, value)) if written == text => Some(value),
        _ => Some(format!("{}{text}", mark()).into()),
    }
}

/// The digits of a number that a [`Value`] cannot hold.
pub(crate) fn digits(value: &Value) -> Option<&str> {
    value.as_str()?.strip_prefix(mark())
}

/// Reads JSON.
pub(crate) fn read(text: &str) -> serde_json::Result<Value> {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    loop {
        let next = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit());
        let (before, from) = rest.split_at(next.unwrap_or(rest.len()));
        out.push_str(before);
        let length = match from.bytes().next() {
            None => break,
            Some(b'"') => length_of_string(from),
            Some(_) => length_of_number(from),
        };
        let (token, after) = from.split_at(length);
        match value_of(token) {
            Some(marked @ Value::String(_)) => out.push_str(&marked.to_string()),
            // Mistakes are left for the parser to find.
            _ => out.push_str(token),
        }
        rest = after;
    }
    // The places that errors name are those of the text as it was.
    serde_json::from_str(&out).or_else(|_| serde_json::from_str(text))
}

fn length_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn length_of_number(text: &str) -> usize {
    let is_part = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
    text.bytes().position(|b| !is_part(b)).unwrap_or(text.len())
}

/// Writes JSON on one line.
pub(crate) fn write(value: &Value) -> String {
    unmarked(&value.to_string())
}

/// Writes JSON for people.
pub(crate) fn write_pretty(value: &Value) -> String {
    unmarked(&format!("{value:#}"))
}

/// JSON whose marked texts are numbers again.
fn unmarked(json: &str) -> String {
    let begin = format!("\"{}", mark());
    let mut parts = json.split(begin.as_str());
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // Digits need no escapes: the next quote ends them.
        let (digits, after) = part.split_once('"').unwrap_or((part, ""));
        out.push_str(digits);
        out.push_str(after);
    }
    out
}

/// Whether two numbers are the same, however they are written; `None` when one is no number.
pub(crate) fn same(one: &Value, other: &Value) -> Option<bool> {
    let written = |value: &Value| match value {
        Value::Number(number) => Some(number.to_string()),
        _ => digits(value).map(str::to_owned),
    };
    let (one, other) = (written(one)?, written(other)?);
    Some(one == other || Decimal::of(&one).is_some_and(|decimal| Decimal::of(&other) == Some(decimal)))
}

/// A number without what can be written in more than one way: `digits` without zeros at its ends, times ten to the
/// `exponent`.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// `None` for an exponent beyond all measure.
    fn of(text: &str) -> Option<Self> {
        let (text, is_negative) = match text.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let all = format!("{whole}{fraction}");
        let shown = all.trim_start_matches('0').trim_end_matches('0');
        if shown.is_empty() {
            return Some(Self {
                is_negative: false,
                digits: String::new(),
                exponent: 0,
            });
        }
        let zeros = i64::try_from(all.len() - all.trim_end_matches('0').len()).ok()?;
        let exponent: i64 = exponent.parse().ok()?;
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        Some(Self {
            is_negative,
            digits: shown.to_owned(),
            exponent: exponent.checked_add(zeros)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_comes_in_goes_out_to_the_last_digit() {
        for text in [
            r#"{"a":12345678901234567890.100,"b":[1e400,-0.10,1E5,0,-1,1.5],"c":"1.50","d":{"12.0":null}}"#,
            r#"["a\"1.50","\\",1.50,"-7.0\\\""]"#,
            "18446744073709551616",
            "-0.0",
            r#""plain""#,
            "[]",
        ] {
            assert_eq!(write(&read(text).unwrap()), text);
        }
        assert_eq!(read("[1, 2.5, \"x\"]").unwrap(), json!([1, 2.5, "x"]));
        assert!(write_pretty(&read("{\"a\": 1.50}").unwrap()).contains("\"a\": 1.50"));
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        let error = read("{\"a\": 1.50, \"b\": }").unwrap_err().to_string();
        assert!(error.contains("column 18"), "{error}");
        for wrong in ["01", "1.", "1e", "--1", "\"", "{", "1.50.2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_text_is_never_taken_for_a_number() {
        let text = json!("\u{fdd0}1.50");
        assert_eq!(digits(&text), None);
        assert_eq!(write(&text), "\"\u{fdd0}1.50\"");
    }

    #[test]
    fn numbers_are_compared_by_what_they_are() {
        let same = |one: &str, other: &str| same(&read(one).unwrap(), &read(other).unwrap());
        for (one, other) in [
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("0.0", "-0"),
            ("100", "1.00e2"),
            ("0.002", "2e-3"),
        ] {
            assert_eq!(same(one, other), Some(true), "{one} {other}");
        }
        for (one, other) in [
            ("12345678901234567890.1", "12345678901234567890.2"),
            ("1", "-1"),
            ("1e400", "1e401"),
            ("10", "1"),
        ] {
            assert_eq!(same(one, other), Some(false), "{one} {other}");
        }
        assert_eq!(same("1", "\"1\""), None);
    }
}
