//! Jobs as files describe them: the fields that their owner decides, and `paused`.

use crate::{
    difference::HIDDEN,
    error::{Error, Result},
    numbers, yaml,
};
use serde_json::{Map, Value};
use std::{fs, io::Read};

/// The fields of a description, in the order in which they are written.
pub(crate) const FIELDS: &[&str] = &[
    "external_id",
    "job_name",
    "description",
    "priority",
    "tags",
    "paused",
    "schedule",
    "executor",
    "payload",
    "retry",
    "timeout_seconds",
    "run_timeout_seconds",
    "overlap",
    "max_running",
    "catch_up",
    "notices",
];

/// A job of a file.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub external_id: String,
    /// Everything but `paused`.
    pub fields: Map<String, Value>,
    pub paused: Option<bool>,
}

/// What the API says of a job, as far as its owner decides it; nulls and empty lists are left out.
pub(crate) fn of_job(job: &Value) -> Map<String, Value> {
    FIELDS
        .iter()
        .filter_map(|field| {
            let value = job.get(*field)?;
            let nothing = value.is_null()
                || value.as_array().is_some_and(Vec::is_empty)
                || (*field == "paused" && value == false);
            (!nothing).then(|| ((*field).to_owned(), value.clone()))
        })
        .collect()
}

/// A description as YAML, its fields in the usual order.
pub(crate) fn write(description: &Map<String, Value>, indent: usize) -> String {
    let mut out = String::new();
    let ordered = FIELDS
        .iter()
        .filter_map(|field| Some((*field, description.get(*field)?)));
    yaml::fields(&mut out, ordered, indent);
    out
}

/// How a file is called in messages.
pub(crate) fn place(path: &str) -> &str {
    if path == "-" { "standard input" } else { path }
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read_file(path: &str) -> Result<String> {
    if path == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Error::local("cannot read standard input", error))?;
        return Ok(text);
    }
    fs::read_to_string(path).map_err(|error| Error::local(format!("cannot read {path}"), error))
}

/// The jobs of a file with `jobs:`. Everything that can be wrong without asking the server is told at once.
pub(crate) fn read_items(place: &str, text: &str) -> Result<Vec<Item>> {
    let document = yaml::read(place, text)?;
    let jobs = match &document {
        Value::Object(map) if map.len() == 1 => map.get("jobs"),
        _ => None,
    };
    let Some(jobs) = jobs.and_then(Value::as_array) else {
        return Err(Error::usage_with(
            format!("{place}: there is no list of jobs"),
            "one key, jobs:, and below it the jobs, as jobs export writes them",
        ));
    };
    let (mut items, mut mistakes) = (Vec::new(), Vec::new());
    for (index, job) in jobs.iter().enumerate() {
        match item(job) {
            Ok(item) if items.iter().any(|other: &Item| other.external_id == item.external_id) => {
                mistakes.push(format!(
                    "jobs[{index}]: another job before it has the external_id {:?}",
                    item.external_id
                ));
            }
            Ok(item) => items.push(item),
            Err(mistake) => mistakes.push(format!("jobs[{index}]{mistake}")),
        }
    }
    if mistakes.is_empty() {
        return Ok(items);
    }
    Err(Error::usage_with(
        format!("{place}: {}", mistakes.join("\n       ")),
        "mend these; nothing was applied",
    ))
}

fn item(job: &Value) -> Result<Item, String> {
    let Some(map) = job.as_object() else {
        return Err(": a job is a map of fields".into());
    };
    check_fields(map).map_err(|mistake| format!(".{mistake}"))?;
    let mut fields = map.clone();
    let paused = match fields.remove("paused") {
        None => None,
        Some(Value::Bool(paused)) => Some(paused),
        Some(other) => return Err(format!(".paused: {other} is neither true nor false")),
    };
    match fields.get("external_id") {
        Some(id) if numbers::digits(id).is_some() || id.is_number() => {
            let id = numbers::write(id);
            Err(format!(".external_id: {id} is a number; write \"{id}\""))
        }
        Some(Value::String(id)) if !id.is_empty() => Ok(Item {
            external_id: id.clone(),
            fields,
            paused,
        }),
        _ => Err(": external_id is missing; it says which job is meant, whatever it is called".into()),
    }
}

/// Names fields that no job has, and the one that was probably meant.
pub(crate) fn check_fields(map: &Map<String, Value>) -> Result<(), String> {
    for field in map.keys() {
        if !FIELDS.contains(&field.as_str()) {
            let meant = FIELDS.iter().min_by_key(|known| distance(known, field));
            let meant = meant.filter(|known| distance(known, field) <= 3);
            let tip = match meant {
                Some(known) => format!("did you mean {known}?"),
                None => format!("there are: {}", FIELDS.join(", ")),
            };
            return Err(format!("{field}: a job has no such field; {tip}"));
        }
    }
    Ok(())
}

/// The secrets that a description shows as `***`: nothing that a new job could use.
pub(crate) fn hidden(fields: &Map<String, Value>) -> Vec<String> {
    let headers = fields.get("executor").and_then(|executor| executor.get("headers"));
    headers
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, value)| *value == HIDDEN)
        .map(|(name, _)| format!("executor.headers.{name}"))
        .collect()
}

/// How many letters differ (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_mistake_of_a_file_is_told_at_once() {
        let text = "jobs:\n  - external_id: a\n    job_name: A\n  - job_name: B\n  - external_id: a\n  - external_id: 5\n  - external_id: c\n    piority: High\n  - external_id: d\n    paused: maybe\n";
        let error = read_items("jobs.yaml", text).unwrap_err().to_string();
        for part in [
            "jobs[1]: external_id is missing",
            "jobs[2]: another job before it has the external_id \"a\"",
            "jobs[3].external_id: 5 is a number; write \"5\"",
            "jobs[4].piority: a job has no such field; did you mean priority?",
            "jobs[5].paused: \"maybe\" is neither true nor false",
        ] {
            assert!(error.contains(part), "{part} is not in {error}");
        }
        assert!(
            read_items("x", "- a\n")
                .unwrap_err()
                .to_string()
                .contains("no list of jobs")
        );
    }

    #[test]
    fn an_export_is_read_back() {
        let job = json!({
            "job_id": "1", "job_name": "A: b", "external_id": "a", "status": "Failed", "tags": [], "description": null, "paused": true,
            "payload": {"text": "x\ny\n", "big": 12_345_678_901_u64}, "executor": {"type": "worker", "queue": "q"}, "retry": {"max_attempts": 2}
        });
        let description = of_job(&job);
        assert!(!description.contains_key("status") && !description.contains_key("tags"));
        let mut text = String::from("jobs:\n  - ");
        text.push_str(write(&description, 4).trim_start());
        let items = read_items("x", &text).unwrap();
        assert_eq!(items[0].paused, Some(true));
        let mut expected = description;
        expected.remove("paused");
        assert_eq!(items[0].fields, expected, "{text}");
    }
}
