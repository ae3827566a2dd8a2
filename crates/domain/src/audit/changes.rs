//! What a deed changed: the fields that differ, before and after, without secrets and not endless.

use crate::{
    bulk::{BulkOperation, BulkTarget},
    job::{Executor, JobSpec},
    user::Word,
    webhook::Endpoint,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The longest value that is kept whole, in bytes of JSON.
const MAX_VALUE: usize = 2_000;
/// Stands for a secret.
const MASK: &str = "***";

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its name, as on the wire.
    pub field: String,
    /// Its value before; null where there was none.
    pub before: Value,
    /// Its value after.
    pub after: Value,
}

impl Change {
    /// A field with its values, each cut where it is too long.
    pub fn new(field: impl Into<String>, before: Value, after: Value) -> Self {
        Self {
            field: field.into(),
            before: bounded(before),
            after: bounded(after),
        }
    }
}

/// Fields that changed, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    /// The fields in which two descriptions of a thing differ.
    pub fn between(before: Map<String, Value>, mut after: Map<String, Value>) -> Self {
        let mut changes = Vec::new();
        for (field, before) in before {
            let after = after.remove(&field).unwrap_or_default();
            if before != after {
                changes.push(Change::new(field, before, after));
            }
        }
        let added = after.into_iter().filter(|(_, value)| !value.is_null());
        changes.extend(added.map(|(field, value)| Change::new(field, Value::Null, value)));
        Self(changes)
    }

    /// One field.
    pub fn one(field: &str, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        Self(vec![Change::new(field, before.into(), after.into())])
    }
}

/// A value that is too long gives way to its length.
fn bounded(value: Value) -> Value {
    let length = value.to_string().len();
    if length <= MAX_VALUE {
        value
    } else {
        format!("… ({length} bytes)").into()
    }
}

fn value(what: &impl Serialize) -> Value {
    serde_json::to_value(what).unwrap_or_default()
}

/// What a change of a job changed. Of secret headers only is told that they changed.
pub fn job_changes(before: &JobSpec, after: &JobSpec) -> Changes {
    let mut changes = Changes::between(job_fields(before), job_fields(after));
    let sealed = |spec: &JobSpec| match &spec.executor {
        Executor::Http(call) => value(&call.sealed_headers),
        _ => Value::Null,
    };
    let (before, after) = (sealed(before), sealed(after));
    if before != after && !before.is_null() && !after.is_null() {
        changes
            .0
            .push(Change::new("executor.headers", MASK.into(), MASK.into()));
    }
    changes
}

/// A job as its log describes it, its secrets masked.
fn job_fields(spec: &JobSpec) -> Map<String, Value> {
    let executor = match &spec.executor {
        Executor::Http(call) => value(&Executor::Http(call.shown())),
        other => value(other),
    };
    let fields = json!({
        "job_name": spec.job_name,
        "priority": spec.priority.word(),
        "description": spec.description,
        "payload": value(&spec.payload),
        "executor": executor,
        "schedule": value(&spec.schedule),
        "retry": value(&spec.retry),
        "timeout_seconds": spec.timeout_seconds,
        "run_timeout_seconds": spec.run_timeout_seconds,
        "max_running": spec.max_running,
        "overlap": spec.overlap.word(),
        "catch_up": value(&spec.catch_up),
        "tags": spec.tags,
        "external_id": spec.external_id,
        "notices": value(&spec.notices),
    });
    object(fields)
}

/// What a change of an endpoint changed. Its headers may be secrets: only that they changed is told.
pub fn endpoint_changes(before: &Endpoint, after: &Endpoint) -> Changes {
    let mut changes = Changes::between(endpoint_fields(before), endpoint_fields(after));
    if before.sealed_headers != after.sealed_headers {
        changes.0.push(Change::new("headers", MASK.into(), MASK.into()));
    }
    changes
}

fn endpoint_fields(endpoint: &Endpoint) -> Map<String, Value> {
    object(json!({
        "url": endpoint.url,
        "types": endpoint.types.words(),
        "description": endpoint.description,
        "enabled": endpoint.enabled,
    }))
}

/// What an operation on many jobs is going to do, and to which.
pub fn bulk_changes(operation: &BulkOperation) -> Changes {
    let (ids, filter) = match &operation.target {
        BulkTarget::Ids(ids) => (value(ids), Value::Null),
        BulkTarget::Filter(filter) => {
            let mut filter = object(value(filter));
            filter.retain(|_, wanted| !wanted.is_null() && wanted.as_array().is_none_or(|any| !any.is_empty()));
            (Value::Null, filter.into())
        }
    };
    let params = object(value(&operation.params));
    let asked = object(json!({
        "action": operation.action.word(),
        "ids": ids,
        "filter": filter,
        "params": if params.is_empty() { Value::Null } else { params.into() },
        "matched": operation.matched,
    }));
    Changes::between(Map::new(), asked)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Payload;
    use proptest::prelude::*;

    #[test]
    fn only_what_differs_is_told_with_both_values() {
        let before = JobSpec::named("Nightly");
        let after = JobSpec {
            description: Some("of the warehouse".to_owned()),
            timeout_seconds: Some(30),
            ..JobSpec::named("Hourly")
        };
        let changes = Changes::between(job_fields(&before), job_fields(&after));
        let told: Vec<_> = changes
            .0
            .iter()
            .map(|change| format!("{}: {} -> {}", change.field, change.before, change.after))
            .collect();
        let mut expected = [
            "job_name: \"Nightly\" -> \"Hourly\"",
            "description: null -> \"of the warehouse\"",
            "timeout_seconds: null -> 30",
        ];
        let mut told: Vec<&str> = told.iter().map(String::as_str).collect();
        told.sort_unstable();
        expected.sort_unstable();
        assert_eq!(told, expected);
        assert_eq!(
            Changes::between(job_fields(&after), job_fields(&after)),
            Changes::default()
        );
    }

    #[test]
    fn a_long_value_gives_way_to_its_length() {
        let long = JobSpec {
            payload: Payload::of(&"x".repeat(5_000)).ok(),
            ..JobSpec::named("Nightly")
        };
        let changes = Changes::between(job_fields(&JobSpec::named("Nightly")), job_fields(&long));
        assert_eq!(changes.0[0].after, "… (5002 bytes)");
    }

    proptest! {
        #[test]
        fn no_change_is_lost_and_none_is_made_up(
            before in proptest::collection::btree_map("[a-e]", 0_i64..4, 0..5),
            after in proptest::collection::btree_map("[a-e]", 0_i64..4, 0..5),
        ) {
            let map = |fields: &std::collections::BTreeMap<String, i64>| {
                fields.iter().map(|(field, value)| (field.clone(), Value::from(*value))).collect::<Map<_, _>>()
            };
            let mut rebuilt = map(&before);
            for change in Changes::between(map(&before), map(&after)).0 {
                prop_assert_ne!(&change.before, &change.after);
                if change.after.is_null() {
                    rebuilt.remove(&change.field);
                } else {
                    rebuilt.insert(change.field, change.after);
                }
            }
            prop_assert_eq!(rebuilt, map(&after));
        }
    }
}
