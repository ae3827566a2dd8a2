//! Parts of jobs and runs in a few words, for tables.

use crate::{
    error::Result,
    table::columns,
    terminal::{Colour, Terminal, harmless},
    time,
};
use serde_json::Value;

/// A text field, or nothing.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// `30 2 * * * Europe/Berlin`, `every 5 min`, `once …`.
pub(crate) fn schedule(job: &Value) -> String {
    let schedule = &job["schedule"];
    let words = match text(schedule, "type") {
        "cron" => format!("{} {}", text(schedule, "expression"), text(schedule, "time_zone")),
        "interval" => format!(
            "every {}",
            time::span(schedule["every_seconds"].as_i64().unwrap_or_default() * 1_000)
        ),
        "once" => format!("once {}", text(schedule, "at")),
        _ => "–".to_owned(),
    };
    let words = words
        .replace(".0 s", " s")
        .replace(" min 0 s", " min")
        .replace(" h 0 min", " h");
    if job["paused"] == true {
        format!("paused ({words})")
    } else {
        words
    }
}

/// What to write to name a job: its external id, where it has one.
pub(crate) fn job_ref(job: &Value) -> String {
    match job["external_id"].as_str() {
        Some(id) => format!("ext:{id}"),
        None => text(job, "job_id").to_owned(),
    }
}

/// How long a run took, or has been under way.
pub(crate) fn took(run: &Value) -> String {
    if let Some(ms) = run["duration_ms"].as_i64() {
        return time::span(ms);
    }
    match (text(run, "status"), time::instant(&run["started_at"])) {
        ("Running", Some(start)) => time::span((crate::clock::now() - start).num_milliseconds().max(0)),
        _ => "–".to_owned(),
    }
}

/// A text of several lines as one, for tables.
pub(crate) fn one_line(text: &str) -> String {
    text.split(['\r', '\n'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Why a run is as it is: its error, else its reason.
pub(crate) fn why(run: &Value) -> String {
    match (run["error"]["message"].as_str(), run["reason"].as_str()) {
        (Some(message), _) => one_line(message),
        (None, Some(reason)) => reason.to_owned(),
        (None, None) => String::new(),
    }
}

/// `1 job`, `2 jobs`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// What has a value, all the way down.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// Writes the fields of an object below each other: those of `first`, then the others that have a value.
pub(crate) fn details(terminal: Terminal, value: &Value, first: &[&str]) -> Result<()> {
    let Some(map) = value.as_object() else {
        return terminal.value(value);
    };
    let others = map.keys().map(String::as_str).filter(|key| !first.contains(key));
    let shown: Vec<_> = first
        .iter()
        .copied()
        .chain(others)
        .filter_map(|key| Some((key, map.get(key)?)))
        .filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()))
        .collect();
    let width = shown.iter().map(|(key, _)| columns(key)).max().unwrap_or_default();
    for (key, value) in shown {
        let label = terminal.paint(Colour::Bold, &format!("{key:<width$}"));
        match value {
            Value::String(line) if !line.contains('\n') => {
                let colour = if key == "status" {
                    crate::terminal::status_colour(line)
                } else {
                    Colour::Plain
                };
                // To the second: --json has the rest.
                let is_instant = key.ends_with("_at") || key == "last_login";
                let line = match (is_instant, line.get(..19)) {
                    (true, Some(second)) => format!("{second}Z"),
                    _ => line.clone(),
                };
                let ago = if is_instant {
                    format!("  ({})", time::relative(value))
                } else {
                    String::new()
                };
                terminal.line(format!("{label}  {}{ago}", terminal.paint(colour, &harmless(&line))))?;
            }
            Value::Object(map) if map.is_empty() => terminal.line(format!("{label}  none"))?,
            Value::Object(_) | Value::Array(_) | Value::String(_) => {
                terminal.line(terminal.paint(Colour::Bold, key))?;
                for line in crate::yaml::write(&without_nulls(value)).lines() {
                    terminal.line(format!("  {}", harmless(line)))?;
                }
            }
            other => terminal.line(format!("{label}  {other}"))?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_of_several_lines_is_told_on_one() {
        let run = json!({"error": {"message": "exit code 127\r\n\n  sh: not found\n"}});
        assert_eq!(why(&run), "exit code 127 · sh: not found");
        assert_eq!(why(&json!({"error": null, "reason": "cancelled"})), "cancelled");
    }
}
