//! JSON that belongs to the user: kept as the text that they sent, to the last digit.

use crate::validate::FieldError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// How large a payload may be.
#[derive(Debug, Clone, Copy)]
pub struct PayloadLimits {
    /// Bytes of JSON text.
    pub max_bytes: usize,
    /// Levels of arrays and objects within one another.
    pub max_depth: usize,
}

impl Default for PayloadLimits {
    fn default() -> Self {
        Self {
            max_bytes: 256 * 1024,
            max_depth: 64,
        }
    }
}

/// A JSON value as opaque text. Numbers keep every digit, objects the order of their keys.
#[derive(Debug, Clone)]
pub struct Payload(Box<RawValue>);

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Payload {
    /// Takes the text of a JSON value, or says why it is none.
    pub fn from_json(text: String) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text).map(Self)
    }

    /// The JSON text of a value.
    pub fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Whether it is the JSON word `null`.
    pub fn is_null(&self) -> bool {
        self.0.get() == "null"
    }

    /// Refuses a payload that is too large or too deep.
    pub fn within(self, pointer: &str, limits: PayloadLimits) -> Result<Self, FieldError> {
        let bytes = self.0.get().len();
        if bytes > limits.max_bytes {
            return Err(FieldError::new(
                pointer,
                "too_large",
                format!("is {bytes} bytes of JSON; at most {} are allowed", limits.max_bytes),
            ));
        }
        let depth = json_depth(self.0.get());
        if depth > limits.max_depth {
            return Err(FieldError::new(
                pointer,
                "too_deep",
                format!("nests {depth} levels; at most {} are allowed", limits.max_depth),
            ));
        }
        Ok(self)
    }
}

/// How many arrays and objects lie within one another, read from valid JSON text without recursion.
pub fn json_depth(json: &str) -> usize {
    let (mut deepest, mut level, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for byte in json.bytes() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => {
                level += 1;
                deepest = deepest.max(level);
            }
            b'}' | b']' => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

impl Serialize for Payload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_survives() {
        let text = r#"{"n":12345678901234567890.000100,"b":[1e400]}"#;
        let payload = Payload::from_json(text.to_owned()).unwrap();
        assert_eq!(serde_json::to_string(&payload).unwrap(), text);
    }

    #[test]
    fn brackets_in_strings_are_not_levels() {
        assert_eq!(json_depth(r#"{"a":"[[[{","b":["\"]",[1]]}"#), 3);
        assert_eq!(json_depth("1"), 0);
    }

    #[test]
    fn too_large_and_too_deep_are_different_errors() {
        let limits = PayloadLimits {
            max_bytes: 10,
            max_depth: 2,
        };
        let of = |text: &str| Payload::from_json(text.to_owned()).unwrap().within("/payload", limits);
        assert_eq!(of("[1,2,3,4,5,6]").unwrap_err().code, "too_large");
        assert_eq!(of("[[[1]]]").unwrap_err().code, "too_deep");
        assert!(of("[[1]]").is_ok());
    }
}
