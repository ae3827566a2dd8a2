//! Facts about jobs and runs: one envelope for the history, the WebSocket and webhooks.

use crate::{
    api_key::Scope,
    clock::Timestamp,
    ids::{EventId, JobId, RunId},
    job::JobStatus,
    notice::IncidentNote,
    occurrence::Occurrence,
    run::{LogLine, RunSummary},
    user::Word,
    words,
};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words below say it all")]
pub enum EventType {
    #[serde(rename = "job.created")]
    JobCreated,
    #[serde(rename = "job.updated")]
    JobUpdated,
    #[serde(rename = "job.deleted")]
    JobDeleted,
    #[serde(rename = "job.paused")]
    JobPaused,
    #[serde(rename = "job.resumed")]
    JobResumed,
    #[serde(rename = "run.queued")]
    RunQueued,
    #[serde(rename = "run.started")]
    RunStarted,
    #[serde(rename = "run.progress")]
    RunProgress,
    #[serde(rename = "run.log")]
    RunLog,
    #[serde(rename = "run.retrying")]
    RunRetrying,
    #[serde(rename = "run.completed")]
    RunCompleted,
    #[serde(rename = "run.failed")]
    RunFailed,
    #[serde(rename = "run.cancelled")]
    RunCancelled,
    #[serde(rename = "occurrence.missed")]
    OccurrenceMissed,
    #[serde(rename = "occurrence.skipped")]
    OccurrenceSkipped,
    #[serde(rename = "webhook.test")]
    WebhookTest,
}

words!(EventType {
    JobCreated = "job.created",
    JobUpdated = "job.updated",
    JobDeleted = "job.deleted",
    JobPaused = "job.paused",
    JobResumed = "job.resumed",
    RunQueued = "run.queued",
    RunStarted = "run.started",
    RunProgress = "run.progress",
    RunLog = "run.log",
    RunRetrying = "run.retrying",
    RunCompleted = "run.completed",
    RunFailed = "run.failed",
    RunCancelled = "run.cancelled",
    OccurrenceMissed = "occurrence.missed",
    OccurrenceSkipped = "occurrence.skipped",
    WebhookTest = "webhook.test",
});

impl EventType {
    /// Whether `"*"` leaves it out: events so frequent that a subscriber must name them.
    pub const fn must_be_named(self) -> bool {
        matches!(self, Self::RunLog | Self::RunProgress)
    }

    /// What an API key must be allowed to hear of it.
    pub fn scope(self) -> Scope {
        if self.word().starts_with("run.") {
            Scope::RunsRead
        } else {
            Scope::JobsRead
        }
    }
}

/// The place of an event in the stream of its user.
///
/// Numbers are given out under a row lock inside the transaction that writes the event, so the stream of a user is
/// without gaps and in the order of commits: whoever has seen `n` has seen everything up to `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor(pub i64);

impl Cursor {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The text that clients hand back. They must not look into it.
    pub fn encode(self) -> String {
        format!("{:x}", self.0)
    }

    /// Reads what a client handed back.
    pub fn decode(text: &str) -> Option<Self> {
        let canonical = !text.is_empty()
            && text.len() <= 15
            && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let value = if canonical {
            i64::from_str_radix(text, 16).ok()?
        } else {
            return None;
        };
        (Self(value).encode() == text).then_some(Self(value))
    }
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventData {
    /// The job; absent only in `webhook.test`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_name: Option<String>,
    /// The job's status after the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<JobStatus>,
    /// The job's status before, where the event changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_status: Option<JobStatus>,
    /// The run, on run events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunSummary>,
    /// What the event did to the incident of the job, where it began, worsened or ended one (docs/adr/0027).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentNote>,
    /// The row of the ledger, on occurrence events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<Occurrence>,
    /// The lines, on `run.log`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<LogLine>>,
    /// Words for people, in `webhook.test`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// An event that has not been given its place in the stream yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Its id.
    pub event_id: EventId,
    /// What happened.
    pub kind: EventType,
    /// When.
    pub at: Timestamp,
    /// The job, to find its history by.
    pub job_id: Option<JobId>,
    /// The run, to find its history by.
    pub run_id: Option<RunId>,
    /// What it says.
    pub data: EventData,
}

/// A stored event. `data` is the JSON text that was written once and is sent as it is everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the stream of its user.
    pub cursor: Cursor,
    /// Its id.
    pub event_id: EventId,
    /// What happened.
    pub kind: EventType,
    /// When.
    pub at: Timestamp,
    /// The job.
    pub job_id: Option<JobId>,
    /// The JSON text of [`EventData`].
    pub data: String,
}

impl StoredEvent {
    /// The envelope, the same bytes for the WebSocket, webhooks and the history.
    pub fn envelope(&self) -> String {
        use crate::user::Word;
        format!(
            r#"{{"id":"{}","cursor":"{}","type":"{}","timestamp":"{}","data":{}}}"#,
            self.event_id,
            self.cursor.encode(),
            self.kind.word(),
            self.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            self.data
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::SeededRandom, user::Word};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_survives_the_wire(n in 0i64..1 << 56) {
            prop_assert_eq!(Cursor::decode(&Cursor(n).encode()), Some(Cursor(n)));
        }

        #[test]
        fn whatever_a_client_sends_is_a_cursor_or_refused(text in ".{0,24}") {
            if let Some(cursor) = Cursor::decode(&text) {
                prop_assert_eq!(cursor.encode(), text);
            }
        }
    }

    #[test]
    fn the_words_of_serde_and_of_the_table_are_the_same() {
        for (kind, word) in EventType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), *word);
        }
    }

    #[test]
    fn the_envelope_is_json_with_the_fields_of_the_contract() {
        let event = StoredEvent {
            cursor: Cursor(42),
            event_id: EventId::new(Timestamp::UNIX_EPOCH, &SeededRandom::new(1)),
            kind: EventType::RunStarted,
            at: Timestamp::UNIX_EPOCH,
            job_id: None,
            data: r#"{"message":"x"}"#.to_owned(),
        };
        let json: serde_json::Value = serde_json::from_str(&event.envelope()).unwrap();
        assert_eq!(json["cursor"], "2a");
        assert_eq!(json["type"], "run.started");
        assert_eq!(json["timestamp"], "1970-01-01T00:00:00.000000Z");
        assert_eq!(json["data"]["message"], "x");
    }
}
