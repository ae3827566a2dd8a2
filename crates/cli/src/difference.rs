//! What a description of a job would change about the job that is stored.
//!
//! A field that the description leaves out stays as it is; `null` clears it. Within `retry`, `catch_up` and `notices` the same holds for
//! each field. `executor` and `schedule` are replaced as a whole, so there a field that is left out is compared with its
//! default.

use crate::{numbers, time};
use serde_json::{Map, Value, json};

/// How the server shows a secret. Sent back, it keeps the value.
pub(crate) const HIDDEN: &str = "***";

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// `schedule.expression`
    pub path: String,
    /// Absent where there was none.
    pub before: Option<Value>,
    /// Absent where there will be none.
    pub after: Option<Value>,
}

/// The differences, field by field. `with_secrets`: a secret that is written out differs from one that is hidden.
pub(crate) fn changes(wanted: &Map<String, Value>, stored: &Map<String, Value>, with_secrets: bool) -> Vec<Change> {
    let mut found = Vec::new();
    let compare = Compare { with_secrets };
    for (field, wanted) in wanted {
        let stored = stored.get(field).filter(|value| !value.is_null());
        match field.as_str() {
            "executor" | "schedule" => compare.whole(&mut found, field, Some(wanted).filter(|v| !v.is_null()), stored),
            "retry" | "catch_up" | "notices" => compare.part(&mut found, field, wanted, stored),
            // Lists of words: the order means nothing.
            "tags" if as_set(wanted) == stored.map_or(Some(Vec::new()), as_set) => {}
            _ => compare.value(&mut found, field.clone(), Some(wanted).filter(|v| !v.is_null()), stored),
        }
    }
    found
}

struct Compare {
    with_secrets: bool,
}

impl Compare {
    fn value(&self, found: &mut Vec<Change>, path: String, after: Option<&Value>, before: Option<&Value>) {
        let same = match (after, before) {
            (None, None) => true,
            (Some(after), Some(before)) => self.same(after, before),
            // An empty list or map is the same as none.
            (Some(one), None) | (None, Some(one)) => is_empty(one),
        };
        if !same {
            found.push(Change {
                path,
                before: before.cloned(),
                after: after.cloned(),
            });
        }
    }

    /// An object of which only the named fields count.
    fn part(&self, found: &mut Vec<Change>, path: &str, wanted: &Value, stored: Option<&Value>) {
        let Some(wanted) = wanted.as_object() else {
            return self.value(found, path.to_owned(), Some(wanted).filter(|v| !v.is_null()), stored);
        };
        for (field, wanted) in wanted {
            let stored = stored
                .and_then(|stored| stored.get(field))
                .filter(|value| !value.is_null());
            self.value(
                found,
                format!("{path}.{field}"),
                Some(wanted).filter(|v| !v.is_null()),
                stored,
            );
        }
    }

    /// An object that is replaced.
    fn whole(&self, found: &mut Vec<Change>, path: &str, wanted: Option<&Value>, stored: Option<&Value>) {
        let (Some(Value::Object(wanted)), Some(Value::Object(stored))) = (wanted, stored) else {
            return self.value(found, path.to_owned(), wanted, stored);
        };
        if wanted.get("type") != stored.get("type") {
            return self.value(found, path.to_owned(), Some(&json!(wanted)), Some(&json!(stored)));
        }
        for (field, wanted) in wanted {
            let stored = stored.get(field).filter(|value| !value.is_null());
            self.value(
                found,
                format!("{path}.{field}"),
                Some(wanted).filter(|v| !v.is_null()),
                stored,
            );
        }
        for (field, stored) in stored {
            if !wanted.contains_key(field) && !is_default(field, stored) {
                self.value(found, format!("{path}.{field}"), None, Some(stored));
            }
        }
    }

    fn same(&self, after: &Value, before: &Value) -> bool {
        if let Some(same) = numbers::same(after, before) {
            return same;
        }
        match (after, before) {
            (Value::String(after), Value::String(before)) => {
                after == before
                    || (before == HIDDEN && !self.with_secrets)
                    || matches!((time::instant(&json!(after)), time::instant(&json!(before))), (Some(a), Some(b)) if a == b)
            }
            (Value::Array(after), Value::Array(before)) => {
                after.len() == before.len() && after.iter().zip(before).all(|(a, b)| self.same(a, b))
            }
            (Value::Object(after), Value::Object(before)) => {
                after.len() == before.len()
                    && after
                        .iter()
                        .all(|(key, a)| before.get(key).is_some_and(|b| self.same(a, b)))
            }
            _ => after == before,
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn as_set(value: &Value) -> Option<Vec<&str>> {
    let mut words: Vec<&str> = value.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
    words.sort_unstable();
    words.dedup();
    Some(words)
}

/// What the server fills in where an executor or a schedule says nothing (`docs/api/jobs-and-runs.md`).
fn is_default(field: &str, value: &Value) -> bool {
    is_empty(value)
        || match field {
            "expect" => value == "2xx",
            "queue" => value == "default",
            "duration_ms" => value == 3_000,
            "outcome" => value == "Completed",
            "grace_seconds" => value == 60,
            "on_gap" | "on_repeat" => value == "unix",
            "jitter_seconds" | "failure_rate" => numbers::same(value, &json!(0)) == Some(true),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "values are written in place")]
    fn paths(wanted: Value, stored: Value, with_secrets: bool) -> Vec<String> {
        changes(wanted.as_object().unwrap(), stored.as_object().unwrap(), with_secrets)
            .into_iter()
            .map(|change| change.path)
            .collect()
    }

    #[test]
    fn what_is_left_out_stays_and_null_clears() {
        let stored = json!({"job_name": "a", "description": "b", "priority": "Low", "tags": ["x", "y"]});
        assert!(paths(json!({"job_name": "a", "tags": ["y", "x"]}), stored.clone(), false).is_empty());
        assert_eq!(
            paths(json!({"description": null, "priority": "High"}), stored, false),
            ["description", "priority"]
        );
    }

    #[test]
    fn parts_of_policies_are_compared_alone() {
        let stored = json!({"retry": {"max_attempts": 3, "backoff": "exponential", "jitter": 0.0}});
        assert!(
            paths(
                json!({"retry": {"max_attempts": 3, "jitter": 0}}),
                stored.clone(),
                false
            )
            .is_empty()
        );
        assert_eq!(
            paths(json!({"retry": {"max_attempts": 4}}), stored, false),
            ["retry.max_attempts"]
        );
    }

    #[test]
    fn an_executor_is_compared_whole_with_its_defaults() {
        let stored = json!({"executor": {"type": "http", "url": "u", "method": "GET", "headers": {"A": "b"}, "expect": "2xx", "secret_headers": []}});
        let wanted = json!({"executor": {"type": "http", "url": "u", "method": "GET", "headers": {"A": "b"}}});
        assert!(paths(wanted, stored.clone(), false).is_empty());
        let wanted = json!({"executor": {"type": "http", "url": "u", "method": "GET"}});
        assert_eq!(paths(wanted, stored.clone(), false), ["executor.headers"]);
        assert_eq!(
            paths(json!({"executor": {"type": "worker"}}), stored, false),
            ["executor"]
        );
    }

    #[test]
    fn a_hidden_secret_is_compared_only_when_that_is_asked_for() {
        let stored =
            json!({"executor": {"type": "http", "url": "u", "method": "GET", "headers": {"Authorization": "***"}}});
        let written = json!({"executor": {"type": "http", "url": "u", "method": "GET", "headers": {"Authorization": "Bearer x"}}});
        assert!(paths(written.clone(), stored.clone(), false).is_empty());
        assert_eq!(paths(written, stored.clone(), true), ["executor.headers"]);
        assert!(paths(stored.clone(), stored, true).is_empty());
    }

    #[test]
    fn instants_are_the_same_however_they_are_written() {
        let stored = json!({"schedule": {"type": "once", "at": "2027-01-01T00:00:00.000000Z"}});
        assert!(
            paths(
                json!({"schedule": {"type": "once", "at": "2027-01-01T01:00:00+01:00"}}),
                stored.clone(),
                false
            )
            .is_empty()
        );
        assert_eq!(paths(json!({"schedule": null}), stored.clone(), false), ["schedule"]);
        assert!(
            paths(
                json!({"schedule": {"type": "once", "at": "2027-01-01T00:00:00Z", "jitter_seconds": 5}}),
                stored,
                false
            ) == ["schedule.jitter_seconds"]
        );
    }
}
