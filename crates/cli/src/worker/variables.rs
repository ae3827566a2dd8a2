//! What commands find in their environment.

use super::{protocol::Claimed, scratch::Scratch};
use std::ffi::OsString;

/// Linux takes no variable of more than 128 KiB, its name included. A larger payload is on standard input alone.
const MAX_PAYLOAD: usize = 100 * 1024;

/// The variables of an attempt. What is not there is empty, so that no variable of another run shines through.
pub(super) fn variables(
    claimed: &Claimed,
    payload: &str,
    scratch: &Scratch,
    worker_name: &str,
) -> Vec<(&'static str, OsString)> {
    let (run, job) = (&claimed.run, &claimed.job);
    let payload = if payload.len() <= MAX_PAYLOAD { payload } else { "" };
    let texts = [
        ("JOBS_RUN_ID", run.run_id.as_str()),
        ("JOBS_JOB_ID", &job.job_id),
        ("JOBS_JOB_NAME", &job.job_name),
        ("JOBS_EXTERNAL_ID", job.external_id.as_deref().unwrap_or_default()),
        ("JOBS_QUEUE", run.queue.as_deref().unwrap_or_default()),
        ("JOBS_PLANNED_AT", run.trigger.planned_at.as_deref().unwrap_or_default()),
        ("JOBS_WORKER_NAME", worker_name),
        ("JOBS_PAYLOAD", payload),
    ];
    let numbers = [
        ("JOBS_ATTEMPT", claimed.attempt),
        ("JOBS_MAX_ATTEMPTS", run.max_attempts),
    ];
    let mut variables: Vec<(&'static str, OsString)> = vec![("JOBS_RESULT_FILE", scratch.result().into())];
    // The environment ends texts with NUL.
    variables.extend(texts.map(|(name, text)| (name, text.replace('\0', "").into())));
    variables.extend(numbers.map(|(name, number)| (name, number.to_string().into())));
    variables
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(payload: &str, job_name: &str) -> Vec<(&'static str, OsString)> {
        let claimed = json!({
            "run": {"run_id": "r", "max_attempts": 3, "queue": "q", "trigger": {"type": "manual"}},
            "job": {"job_id": "j", "job_name": job_name, "external_id": null},
            "payload": null, "lease_token": "t", "lease_expires_at": "2026-11-27T12:00:00Z", "attempt": 2,
        });
        let claimed: Claimed = serde_json::from_str(&claimed.to_string()).unwrap();
        variables(&claimed, payload, &Scratch::make().unwrap(), "w")
    }

    fn value(variables: &[(&'static str, OsString)], name: &str) -> String {
        let found = variables.iter().find(|(other, _)| *other == name).unwrap();
        found.1.to_str().unwrap().to_owned()
    }

    #[test]
    fn every_variable_is_set_and_none_is_too_large_or_has_a_nul() {
        let variables = of(r#"{"a": 1.50}"#, "Re\0port");
        for (name, expected) in [
            ("JOBS_PAYLOAD", r#"{"a": 1.50}"#),
            ("JOBS_JOB_NAME", "Report"),
            ("JOBS_ATTEMPT", "2"),
            ("JOBS_MAX_ATTEMPTS", "3"),
            ("JOBS_QUEUE", "q"),
            ("JOBS_PLANNED_AT", ""),
            ("JOBS_EXTERNAL_ID", ""),
        ] {
            assert_eq!(value(&variables, name), expected, "{name}");
        }
        assert_eq!(
            value(&of(&"1".repeat(MAX_PAYLOAD), "x"), "JOBS_PAYLOAD").len(),
            MAX_PAYLOAD
        );
        assert_eq!(value(&of(&"1".repeat(MAX_PAYLOAD + 1), "x"), "JOBS_PAYLOAD"), "");
    }
}
