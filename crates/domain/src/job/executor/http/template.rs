//! Text with placeholders: `{{run.id}}`, `{{payload.items.0}}`. `{{{{` stands for two braces as such.

use crate::validate::{FieldError, excerpt};

/// The names that placeholders may have, as messages list them.
pub const TEMPLATE_NAMES: &[&str] = &[
    "run.id",
    "run.attempt",
    "run.planned_at",
    "run.trigger",
    "job.id",
    "job.name",
    "schedule.planned_at",
    "payload",
    "payload.<key or index>",
];

/// What a placeholder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    RunId,
    Attempt,
    PlannedAt,
    Trigger,
    JobId,
    /// The name of the job.
    OfJob,
    /// The payload, or what is found in it along these keys and indices.
    Payload(Vec<String>),
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Value(Name),
}

/// A text, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template<'a> {
    pub(super) parts: Vec<Part<'a>>,
}

impl<'a> Template<'a> {
    /// Takes the text apart, or says which placeholder is wrong.
    pub(super) fn parse(pointer: &str, text: &'a str) -> Result<Self, FieldError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                parts.push(Part::Text(before));
            }
            if let Some(after) = after.strip_prefix("{{") {
                parts.push(Part::Text("{{"));
                rest = after;
                continue;
            }
            let Some((name, after)) = after.split_once("}}") else {
                let message = format!(
                    "\"{{{{{}\" is not closed by }}}}; for two braces as such write {{{{{{{{",
                    excerpt(after)
                );
                return Err(FieldError::new(pointer, "invalid_template", message));
            };
            parts.push(Part::Value(
                Name::parse(name.trim()).ok_or_else(|| unknown(pointer, name))?,
            ));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest));
        }
        Ok(Self { parts })
    }

    /// A text without placeholders, whatever it looks like.
    pub(super) fn literal(text: &'a str) -> Self {
        Self {
            parts: vec![Part::Text(text)],
        }
    }

    /// Whether it is the same for every run.
    pub(super) fn is_literal(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The text with `probe` for every value.
    pub(super) fn with(&self, probe: &str) -> String {
        let piece = |part: &Part<'a>| match part {
            Part::Text(text) => (*text).to_owned(),
            Part::Value(_) => probe.to_owned(),
        };
        self.parts.iter().map(piece).collect()
    }
}

fn unknown(pointer: &str, name: &str) -> FieldError {
    FieldError {
        allowed: Some(TEMPLATE_NAMES.iter().map(|name| (*name).to_owned()).collect()),
        ..FieldError::new(
            pointer,
            "unknown_placeholder",
            format!(
                "\"{{{{{}}}}}\" is not known; known are {}; for two braces as such write {{{{{{{{",
                excerpt(name),
                TEMPLATE_NAMES.join(", ")
            ),
        )
    }
}

impl Name {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "run.id" => Self::RunId,
            "run.attempt" => Self::Attempt,
            "run.planned_at" | "schedule.planned_at" => Self::PlannedAt,
            "run.trigger" => Self::Trigger,
            "job.id" => Self::JobId,
            "job.name" => Self::OfJob,
            "payload" => Self::Payload(Vec::new()),
            _ => {
                let path = name.strip_prefix("payload.")?;
                let is_key = |key: &str| {
                    let is_odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '{' | '}' | '"' | '\\');
                    !key.is_empty() && !key.contains(is_odd)
                };
                let keys = path.split('.').map(|key| is_key(key).then(|| key.to_owned()));
                Self::Payload(keys.collect::<Option<_>>()?)
            }
        })
    }

    /// As it is written between the braces.
    pub(super) fn text(&self) -> String {
        match self {
            Self::RunId => "run.id".to_owned(),
            Self::Attempt => "run.attempt".to_owned(),
            Self::PlannedAt => "run.planned_at".to_owned(),
            Self::Trigger => "run.trigger".to_owned(),
            Self::JobId => "job.id".to_owned(),
            Self::OfJob => "job.name".to_owned(),
            Self::Payload(path) if path.is_empty() => "payload".to_owned(),
            Self::Payload(path) => format!("payload.{}", path.join(".")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(template: &Template<'_>) -> Vec<String> {
        let piece = |part: &Part<'_>| match part {
            Part::Text(text) => format!("'{text}'"),
            Part::Value(name) => name.text(),
        };
        template.parts.iter().map(piece).collect()
    }

    #[test]
    fn placeholders_stand_between_texts() {
        let of = |text| texts(&Template::parse("", text).unwrap());
        assert_eq!(
            of("a {{run.id}}{{ payload.items.0 }}"),
            ["'a '", "run.id", "payload.items.0"]
        );
        assert_eq!(
            of(r#"{"a":{"b":{{payload}}}}"#),
            [r#"'{"a":{"b":'"#, "payload", "'}}'"],
            "braces of JSON are in nobody's way"
        );
        assert_eq!(of("{{{{run.id}}"), ["'{{'", "'run.id}}'"], "the escape");
        assert_eq!(of("{{schedule.planned_at}}"), ["run.planned_at"]);
        assert!(Template::parse("", "plain }}").unwrap().is_literal());
    }

    #[test]
    fn what_is_not_known_is_named_with_what_is() {
        for name in [
            "run.ID",
            "env.HOME",
            "payload.",
            "payload..a",
            "payload.a b",
            "",
            "{payload",
            "job",
        ] {
            let text = format!("x{{{{{name}}}}}");
            let error = Template::parse("/executor/url", &text).unwrap_err();
            assert_eq!(
                (error.pointer.as_str(), error.code.as_str()),
                ("/executor/url", "unknown_placeholder"),
                "{name}"
            );
            assert_eq!(error.allowed.unwrap().len(), TEMPLATE_NAMES.len());
            assert!(error.message.contains("run.id, run.attempt"), "{}", error.message);
        }
        assert_eq!(Template::parse("", "{{run.id").unwrap_err().code, "invalid_template");
    }

    proptest! {
        #[test]
        fn what_is_no_placeholder_stays_as_it_is(text in "[^{]{0,40}") {
            prop_assert_eq!(Template::parse("", &text).unwrap().with("?"), text);
        }

        #[test]
        fn no_text_breaks_the_parser(text in "[{}a-z. ]{0,40}") {
            let _ = Template::parse("", &text);
        }
    }
}
