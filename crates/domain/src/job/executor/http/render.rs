//! Values in the place of placeholders, made harmless for where they stand.

use super::template::{Name, Part, Template};
use crate::{job::Payload, run::Run, user::Word};
use chrono::SecondsFormat;
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap, fmt::Write};

/// Why a request cannot be made of its templates. Another attempt meets the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The payload has nothing there.
    #[error("{place}: the payload has no value for {{{{{name}}}}}")]
    Missing {
        /// The part of the request, such as `url`.
        place: String,
        /// The placeholder.
        name: String,
    },
    /// The part became too large.
    #[error("{place}: with its values filled in it is larger than {max} bytes")]
    TooLarge {
        /// The part of the request.
        place: String,
        /// How large it may be.
        max: usize,
    },
    /// A value would lead to another path.
    #[error("url: with its values filled in the path contains \".\" or \"..\", which would lead elsewhere")]
    UnsafePath,
}

impl RenderError {
    /// Stable word for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "template_missing_value",
            Self::TooLarge { .. } => "template_too_large",
            Self::UnsafePath => "template_unsafe_value",
        }
    }
}

/// Where a template stands, which says how its values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Percent-encoded, all but letters, digits and `-._~`: a value stays one part of a path or query.
    Percent,
    /// As they are; what cannot stand in a header is percent-encoded, line breaks above all.
    Header,
    /// As they are.
    Text,
    /// Within a string as escaped text, elsewhere as JSON.
    Json,
}

/// A value as JSON, and as text: what a string says, the JSON of everything else.
struct Value<'a> {
    json: Cow<'a, str>,
    text: Cow<'a, str>,
}

impl<'a> Value<'a> {
    fn of_text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        Self {
            json: Cow::Owned(quoted(&text)),
            text,
        }
    }

    fn of_json(json: &'a str) -> Self {
        let text = match serde_json::from_str::<String>(json) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Borrowed(json),
        };
        Self {
            json: Cow::Borrowed(json),
            text,
        }
    }

    /// What the placeholder stands for in this run; `None` when the payload has nothing there.
    fn of(name: &Name, run: &'a Run) -> Option<Self> {
        Some(match name {
            Name::RunId => Self::of_text(run.run_id.to_string()),
            Name::Attempt => {
                let digits = run.attempt.to_string();
                Self {
                    json: Cow::Owned(digits.clone()),
                    text: Cow::Owned(digits),
                }
            }
            // What nobody planned was meant for when it was asked for.
            Name::PlannedAt => {
                let at = run.trigger.planned_at.unwrap_or(run.created_at);
                Self::of_text(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
            Name::Trigger => Self::of_text(run.trigger.kind.word()),
            Name::JobId => Self::of_text(run.job_id.to_string()),
            Name::OfJob => Self::of_text(run.job_name.as_str()),
            Name::Payload(path) => Self::of_json(walk(run.payload.as_ref().map(Payload::as_str)?, path)?),
        })
    }
}

/// What stands in the JSON at the end of the path, to the last digit.
fn walk<'a>(json: &'a str, path: &[String]) -> Option<&'a str> {
    let mut json = json.trim();
    for key in path {
        json = if json.starts_with('{') {
            let object: HashMap<Cow<'a, str>, &'a RawValue> = serde_json::from_str(json).ok()?;
            object.get(key.as_str())?.get()
        } else {
            let list: Vec<&'a RawValue> = serde_json::from_str(json).ok()?;
            list.get(key.parse::<usize>().ok()?)?.get()
        };
    }
    Some(json)
}

fn quoted(text: &str) -> String {
    // A string can always be written as JSON.
    serde_json::to_string(text).unwrap_or_default()
}

/// A JSON string without its quotes.
fn inner(json: &str) -> &str {
    json.strip_prefix('"')
        .and_then(|json| json.strip_suffix('"'))
        .unwrap_or_default()
}

/// Follows JSON text to know whether a place is within a string.
#[derive(Default)]
struct JsonPosition {
    in_string: bool,
    escaped: bool,
}

impl JsonPosition {
    fn pass(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ => {}
            }
        }
    }
}

impl Template<'_> {
    /// The text with the values of this run; at most `max` bytes of it are ever made.
    pub(super) fn render(&self, place: &str, context: Context, run: &Run, max: usize) -> Result<String, RenderError> {
        let mut out = String::new();
        let mut position = JsonPosition::default();
        for part in &self.parts {
            match part {
                Part::Text(text) => {
                    position.pass(text);
                    out.push_str(text);
                }
                Part::Value(name) => {
                    let value = Value::of(name, run).ok_or_else(|| RenderError::Missing {
                        place: place.to_owned(),
                        name: name.text(),
                    })?;
                    match context {
                        Context::Percent => percent_encode(&mut out, &value.text, is_unreserved),
                        Context::Header => percent_encode(&mut out, &value.text, is_visible),
                        Context::Text => out.push_str(&value.text),
                        Context::Json if position.in_string => out.push_str(inner(&quoted(&value.text))),
                        Context::Json => out.push_str(&value.json),
                    }
                }
            }
            if out.len() > max {
                return Err(RenderError::TooLarge {
                    place: place.to_owned(),
                    max,
                });
            }
        }
        Ok(out)
    }
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const fn is_visible(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t')
}

fn percent_encode(out: &mut String, text: &str, stays: fn(u8) -> bool) {
    for byte in text.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}
