//! Fields taken out of JSON whose every other character stays as it is: payloads keep their digits.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::{RawValue, to_raw_value};
use std::fmt;

/// An object: its fields in their order, each with its text.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The text of an object or a list without the field at `path`: names with slashes between them; a list on the way means
/// each of its items. `Err` when it is no JSON, or nothing that has fields.
pub(super) fn without(text: &str, path: &str) -> Result<String, serde_json::Error> {
    let raw: &RawValue = serde_json::from_str(text)?;
    match raw.get().as_bytes().first() {
        Some(b'{' | b'[') => Ok(cut(raw, path)?.get().to_owned()),
        _ => Err(serde_json::Error::custom("has no fields")),
    }
}

fn cut(raw: &RawValue, path: &str) -> Result<Box<RawValue>, serde_json::Error> {
    match raw.get().as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw.get())?;
            let items: Result<Vec<_>, _> = items.into_iter().map(|item| cut(item, path)).collect();
            to_raw_value(&items?)
        }
        Some(b'{') => {
            let Fields(mut fields) = serde_json::from_str(raw.get())?;
            match path.split_once('/') {
                None => fields.retain(|(name, _)| name != path),
                Some((first, rest)) => {
                    for (_, value) in fields.iter_mut().filter(|(name, _)| name == first) {
                        *value = cut(value, rest)?;
                    }
                }
            }
            to_raw_value(&Fields(fields))
        }
        _ => Ok(raw.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn all_else_stays_as_it_is() {
        let text = r#"{"z":1.50,"data":[{"job":{"url":"s","n":12345678901234567890.10}},{"problem":{}},7],"a":null}"#;
        let expected = r#"{"z":1.50,"data":[{"job":{"n":12345678901234567890.10}},{"problem":{}},7],"a":null}"#;
        assert_eq!(without(text, "data/job/url").unwrap(), expected);
        assert_eq!(without(text, "url").unwrap(), text);
        assert_eq!(without(r#"{"a":1,"b":2}"#, "a").unwrap(), r#"{"b":2}"#);
        assert!(without("\"s\"", "a").is_err() && without("{", "a").is_err());
    }
}
