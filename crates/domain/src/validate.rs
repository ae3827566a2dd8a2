//! Parse, don't validate: the newtypes that input becomes, and the errors that name what is wrong, where, and how to
//! mend it.

use serde::Serialize;

/// One broken rule of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the field, such as `/retry/max_attempts`; empty for the whole body.
    pub pointer: String,
    /// Stable word for programs, such as `too_long`.
    pub code: String,
    /// A sentence for people: what is wrong and what would be right.
    pub message: String,
    /// The words that would be accepted, where the set is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<String>>,
}

impl FieldError {
    /// An error at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.to_owned(),
            message: message.into(),
            allowed: None,
        }
    }

    /// An unknown word at `pointer`, where only `allowed` are known.
    pub fn unknown_word(pointer: impl Into<String>, got: &str, allowed: &[&str]) -> Self {
        Self {
            pointer: pointer.into(),
            code: "unknown_word".to_owned(),
            message: format!("\"{}\" is not one of: {}", excerpt(got), allowed.join(", ")),
            allowed: Some(allowed.iter().map(|word| (*word).to_owned()).collect()),
        }
    }
}

/// Gathers the broken rules of a whole input, so that people see all of them at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldError>);

impl Problems {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes one broken rule.
    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// The value, or its error noted and `None`.
    pub fn take<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    /// The errors, when there are any.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// The first 40 characters of what somebody sent, for messages.
pub fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().count() > 40 {
        short.push('…');
    }
    short
}

/// Text of one line: trimmed, and then between `min` and `max` characters, without control characters. The API's description
/// says the same by a pattern: its `maxLength` would count the blanks, too.
pub fn line(pointer: &str, text: &str, min: usize, max: usize) -> Result<String, FieldError> {
    let trimmed = text.trim();
    let count = trimmed.chars().count();
    if count < min {
        let message = if count == 0 {
            "must not be empty".to_owned()
        } else {
            format!("must have at least {min} characters")
        };
        return Err(FieldError::new(pointer, "too_short", message));
    }
    if count > max {
        return Err(too_long(pointer, count, max));
    }
    if trimmed.chars().any(char::is_control) {
        return Err(FieldError::new(
            pointer,
            "control_character",
            "must not contain control characters or line breaks",
        ));
    }
    Ok(trimmed.to_owned())
}

fn too_long(pointer: &str, count: usize, max: usize) -> FieldError {
    let message = format!("has {count} characters; at most {max} are allowed");
    FieldError::new(pointer, "too_long", message)
}

/// Text of many lines: at most `max` characters, without control characters other than tab and line breaks.
pub fn block(pointer: &str, text: &str, max: usize) -> Result<String, FieldError> {
    let count = text.chars().count();
    if count > max {
        return Err(too_long(pointer, count, max));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(FieldError::new(
            pointer,
            "control_character",
            "must not contain control characters",
        ));
    }
    Ok(text.to_owned())
}

/// A whole number within bounds.
pub fn range(pointer: &str, value: i64, min: i64, max: i64, unit: &str) -> Result<i64, FieldError> {
    if (min..=max).contains(&value) {
        Ok(value)
    } else {
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(" {unit}")
        };
        Err(FieldError::new(
            pointer,
            "out_of_range",
            format!("is {value}; must be {min} to {max}{unit}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_counted_in_characters() {
        assert_eq!(
            line("/n", "  é é ", 1, 3),
            Ok("é é".to_owned()),
            "blanks around it do not count"
        );
        let error = line("/n", "  é é ", 1, 2).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("too_long", "has 3 characters; at most 2 are allowed")
        );
        assert_eq!(line("/n", "   ", 1, 3).unwrap_err().code, "too_short");
        assert_eq!(line("/n", "abcd", 1, 3).unwrap_err().code, "too_long");
        assert_eq!(line("/n", "a\nb", 1, 3).unwrap_err().code, "control_character");
    }

    #[test]
    fn an_unknown_word_names_the_known_ones() {
        let error = FieldError::unknown_word("/priority", "Urgent", &["Low", "High"]);
        assert_eq!(error.allowed, Some(vec!["Low".to_owned(), "High".to_owned()]));
        assert!(error.message.contains("Low, High"));
    }
}
