//! The words that the server knows, for completions: a newer server may know more, so every other word is taken as well, and the
//! server says what is wrong with it.

use clap::{
    Arg, Command, Error,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};
use std::ffi::OsStr;

/// Completes these words and takes any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vocabulary(&'static [&'static str]);

impl TypedValueParser for Vocabulary {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().copied().map(PossibleValue::new)))
    }
}

/// Makes a constant of each, and a list of all with their names in openapi.json for the test.
macro_rules! vocabularies {
    ($($(#[$doc:meta])* $name:ident = $schema:literal: $words:expr;)+) => {
        $($(#[$doc])* pub(crate) const $name: Vocabulary = Vocabulary(&$words);)+

        #[cfg(test)]
        const ALL: &[(&str, Vocabulary)] = &[$(($schema, $name)),+];
    };
}

vocabularies! {
    AUDIT_ACTIONS = "AuditAction": [
        "login.succeeded", "login.failed", "otp.failed", "password.reset", "session.ended", "api_key.created",
        "api_key.first_used", "api_key.revoked", "job.created", "job.updated", "job.deleted", "job.paused", "job.resumed",
        "run.cancelled", "webhook.created", "webhook.updated", "webhook.deleted", "webhook.secret_rotated",
        "webhook.replayed", "bulk_operation.created", "bulk_operation.aborted", "inbound.created", "inbound.revoked",
        "heartbeat.created", "heartbeat.revoked", "badge.created", "badge.revoked", "user.changed",
    ];
    BACKOFFS = "Backoff": ["fixed", "linear", "exponential"];
    CATCH_UP_POLICIES = "CatchUpPolicy": ["none", "last", "all"];
    ENDED_STATUSES = "EndedStatus": ["Delivered", "Failed"];
    EVENT_TYPES = "EventType": [
        "job.created", "job.updated", "job.deleted", "job.paused", "job.resumed", "run.queued", "run.started",
        "run.progress", "run.log", "run.retrying", "run.completed", "run.failed", "run.cancelled", "occurrence.missed",
        "occurrence.skipped", "webhook.test",
    ];
    HTTP_METHODS = "HttpMethod": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    JOB_STATUSES = "JobStatus": ["Pending", "Running", "Completed", "Failed", "Cancelled"];
    OVERLAPS = "Overlap": ["allow", "skip", "queue", "cancel_running"];
    PRIORITIES = "Priority": ["Low", "Medium", "High", "Critical"];
    RUN_REASONS = "RunReason": [
        "lease_lost", "handed_back", "crashed", "timed_out", "attempts_exhausted", "not_retryable", "cancelled",
        "replaced", "job_deleted",
    ];
    RUN_STATUSES = "RunStatus": ["Queued", "Running", "Retrying", "Completed", "Failed", "Cancelled"];
    RUN_TRIGGERS = "RunTriggerType": ["manual", "api", "schedule", "retry", "backfill", "inbound"];
    SCOPES = "Scope": [
        "jobs:read", "jobs:write", "runs:read", "runs:write", "worker", "webhooks:manage", "account:read",
    ];
    WEBHOOK_EVENT_TYPES = "WebhookEventType": [
        "*", "job.created", "job.updated", "job.deleted", "job.paused", "job.resumed", "run.queued", "run.started",
        "run.progress", "run.log", "run.retrying", "run.completed", "run.failed", "run.cancelled", "occurrence.missed",
        "occurrence.skipped",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn they_are_the_words_of_the_api() {
        let document: Value = serde_json::from_str(include_str!("../../../openapi.json")).unwrap();
        for (schema, vocabulary) in ALL {
            let words = &document["components"]["schemas"][*schema]["enum"];
            assert_eq!(words, &Value::from(vocabulary.0), "{schema}");
        }
    }

    #[test]
    fn they_are_completed_and_others_are_taken() {
        let priority = Arg::new("priority").value_parser(PRIORITIES);
        assert_eq!(priority.get_possible_values().len(), 4);
        let matches = Command::new("x").arg(priority).try_get_matches_from(["x", "Urgent"]);
        assert_eq!(matches.unwrap().get_one::<String>("priority").unwrap(), "Urgent");
    }
}
