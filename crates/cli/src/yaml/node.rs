//! A document as the library reads it, with the places of its scalars, so that numbers are taken from the text itself.

use crate::numbers;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use serde_saphyr::Spanned;
use std::fmt;

/// A part of a document.
pub(super) enum Node {
    Null,
    Bool(bool),
    /// As far as 64 bits hold it.
    Number(Value),
    Text(String),
    List(Vec<Spanned<Node>>),
    Map(Vec<(String, Spanned<Node>)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    #[expect(clippy::cast_precision_loss, reason = "the digits are taken from the text")]
    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Number((value as f64).into()))
    }

    #[expect(clippy::cast_precision_loss, reason = "the digits are taken from the text")]
    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Number((value as f64).into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(field) = fields.next_entry()? {
            map.push(field);
        }
        Ok(Node::Map(map))
    }
}

/// The value of a part of `document`. `Err` is the place of a number that JSON has not.
pub(super) fn value(document: &str, node: Spanned<Node>) -> Result<Value, String> {
    let Spanned {
        value: part, defined, ..
    } = node;
    Ok(match part {
        Node::Null => Value::Null,
        Node::Bool(value) => value.into(),
        Node::Text(text) => text.into(),
        Node::Number(read) => {
            let span = defined.span();
            let begin = span.byte_offset().and_then(|at| usize::try_from(at).ok());
            let length = span.byte_len().and_then(|length| usize::try_from(length).ok());
            let written = begin
                .zip(length)
                .and_then(|(begin, length)| document.get(begin..begin.checked_add(length)?));
            match written.and_then(|written| numbers::value_of(written.trim())) {
                Some(exact) => exact,
                // Other forms of YAML, such as 0x1f.
                None if !read.is_null() => read,
                None => {
                    let number = written.unwrap_or("a number").trim();
                    return Err(format!(
                        "line {} column {}: {number} is no number of JSON",
                        defined.line(),
                        defined.column()
                    ));
                }
            }
        }
        Node::List(items) => {
            let items = items.into_iter().map(|item| value(document, item));
            items.collect::<Result<Vec<_>, _>>()?.into()
        }
        Node::Map(fields) => {
            let fields = fields
                .into_iter()
                .map(|(name, part)| Ok::<_, String>((name, value(document, part)?)));
            Value::Object(fields.collect::<Result<_, _>>()?)
        }
    })
}
