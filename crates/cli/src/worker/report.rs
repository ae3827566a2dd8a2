//! What the agent says about itself: a line for people on standard error, or with `--json` an object for programs on
//! standard output.

use crate::clock;
use chrono::SecondsFormat;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Where it is said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    pub json: bool,
}

impl Report {
    /// Says something; `more` are fields for programs.
    pub(super) fn say(self, event: &str, text: &str, more: Value) {
        let at = clock::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        // Whoever closes the other end does not want to know.
        let _ = if self.json {
            writeln!(io::stdout(), "{}", object(&at, event, text, more))
        } else {
            writeln!(io::stderr(), "{at} {text}")
        };
    }
}

fn object(at: &str, event: &str, text: &str, more: Value) -> Value {
    let mut object = json!({"at": at, "event": event, "message": text});
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}
