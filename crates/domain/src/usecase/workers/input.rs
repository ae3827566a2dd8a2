//! What workers send, and the bounds of it.

use crate::{
    clock::{Timestamp, to_micros},
    job::queue_name,
    ports::{Beat, NewLogLine},
    run::{LogLevel, RunError, Trigger, clean_line, styled_line},
    user::Word,
    validate::{FieldError, Problems, line, range},
};
use chrono::{Datelike, TimeDelta};

/// How long a claim may wait for work.
pub const MAX_WAIT_SECONDS: i64 = 30;
const MAX_QUEUES: usize = 20;
const MAX_LINES: usize = 500;
/// Bytes of one line.
const MAX_LINE: usize = 8 * 1024;
const MAX_ERROR: usize = 8_000;

/// A request for work, as it came. What is left out has its default.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is that of ClaimSpec")]
pub struct ClaimIn {
    pub queues: Vec<String>,
    pub max: Option<i64>,
    pub wait_seconds: Option<i64>,
    pub lease_seconds: Option<i64>,
    pub worker_name: String,
}

/// A request for work within its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimSpec {
    /// 1 to 20 names, sorted, each once.
    pub queues: Vec<String>,
    /// At most so many runs, 1 to 100.
    pub max: u32,
    /// How long to wait for work, 0 to 30 s.
    pub wait_seconds: u32,
    /// How long the runs belong to the worker, 5 to 300 s.
    pub lease_seconds: u32,
    /// How the worker calls itself, 1 to 200 characters.
    pub worker_name: String,
}

fn within(problems: &mut Problems, pointer: &str, value: Option<i64>, default: u32, min: i64, max: i64) -> u32 {
    let value = value.unwrap_or_else(|| default.into());
    let value = problems.take(range(pointer, value, min, max, ""));
    value.and_then(|value| u32::try_from(value).ok()).unwrap_or(default)
}

impl ClaimIn {
    /// Names every field that is out of bounds.
    pub fn checked(self) -> Result<ClaimSpec, Vec<FieldError>> {
        let mut problems = Problems::new();
        if !(1..=MAX_QUEUES).contains(&self.queues.len()) {
            problems.push(FieldError::new(
                "/queues",
                "out_of_range",
                format!("names {} queues; must be 1 to {MAX_QUEUES}", self.queues.len()),
            ));
        }
        let mut queues = Vec::new();
        for (index, name) in self.queues.iter().take(MAX_QUEUES).enumerate() {
            queues.extend(problems.take(queue_name(&format!("/queues/{index}"), name)));
        }
        queues.sort_unstable();
        queues.dedup();
        let spec = ClaimSpec {
            queues,
            max: within(&mut problems, "/max", self.max, 1, 1, 100),
            wait_seconds: within(
                &mut problems,
                "/wait_seconds",
                self.wait_seconds,
                0,
                0,
                MAX_WAIT_SECONDS,
            ),
            lease_seconds: within(&mut problems, "/lease_seconds", self.lease_seconds, 30, 5, 300),
            worker_name: problems
                .take(line("/worker_name", &self.worker_name, 1, 200))
                .unwrap_or_default(),
        };
        problems.finish()?;
        Ok(spec)
    }
}

/// A sign of life, as it came.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is that of Beat")]
pub struct HeartbeatIn {
    pub progress: Option<i64>,
    pub message: Option<String>,
}

impl HeartbeatIn {
    pub(super) fn checked(self) -> Result<Beat, Vec<FieldError>> {
        let mut problems = Problems::new();
        let progress = self
            .progress
            .and_then(|value| problems.take(range("/progress", value, 0, 100, "percent")))
            .and_then(|value| u8::try_from(value).ok());
        let message = self.message.map(|text| clean_line(&text));
        if let Some(count) = message.as_ref().map(|text| text.chars().count()).filter(|n| *n > 1_000) {
            problems.push(too_long("/message", count, 1_000, "characters"));
        }
        problems.finish()?;
        Ok(Beat { progress, message })
    }
}

fn too_long(pointer: impl Into<String>, is: usize, max: usize, unit: &str) -> FieldError {
    FieldError::new(
        pointer,
        "too_long",
        format!("has {is} {unit}; at most {max} are allowed"),
    )
}

/// A line of a log, as it came.
#[derive(Debug, Clone, Default)]
pub struct LogLineIn {
    /// Now, when left out.
    pub at: Option<Timestamp>,
    /// `info`, when left out.
    pub level: Option<String>,
    /// At most 8 KiB.
    pub text: String,
}

/// Lines of a log, as they came.
#[derive(Debug, Clone, Default)]
pub struct LogIn {
    /// 1 to 500.
    pub lines: Vec<LogLineIn>,
}

impl LogIn {
    pub(super) fn checked(self, now: Timestamp) -> Result<Vec<NewLogLine>, Vec<FieldError>> {
        let count = self.lines.len();
        if !(1..=MAX_LINES).contains(&count) {
            let message = format!("has {count} lines; must be 1 to {MAX_LINES}");
            return Err(vec![FieldError::new("/lines", "out_of_range", message)]);
        }
        let mut problems = Problems::new();
        let mut lines = Vec::with_capacity(count);
        for (index, given) in self.lines.into_iter().enumerate() {
            let at = to_micros(given.at.unwrap_or(now));
            if !(1970..=2200).contains(&at.year()) {
                let message = "is too far away; must be from 1970 to 2200";
                problems.push(FieldError::new(format!("/lines/{index}/at"), "out_of_range", message));
            }
            let level = match given.level {
                None => Some(LogLevel::Info),
                Some(word) => problems.take(LogLevel::parse(&format!("/lines/{index}/level"), &word)),
            };
            if given.text.len() > MAX_LINE {
                let pointer = format!("/lines/{index}/text");
                problems.push(too_long(pointer, given.text.len(), MAX_LINE, "bytes"));
                continue;
            }
            let text = styled_line(&given.text);
            lines.extend(level.map(|level| NewLogLine { at, level, text }));
        }
        problems.finish()?;
        Ok(lines)
    }
}

/// What went wrong, as it came.
#[derive(Debug, Clone, Default)]
pub struct ErrorIn {
    /// 1 to 8,000 characters.
    pub message: String,
    /// 1 to 64 visible ASCII characters; `worker_error` when left out.
    pub code: Option<String>,
}

/// A failure, as it came.
#[derive(Debug, Clone, Default)]
pub struct FailIn {
    /// What went wrong.
    pub error: ErrorIn,
    /// Whether another attempt could do better; yes, when left out.
    pub retryable: Option<bool>,
    /// How long to wait for the next attempt, 0 to 86,400 s.
    pub retry_after_seconds: Option<i64>,
}

impl FailIn {
    pub(super) fn checked(self) -> Result<(RunError, Trigger), Vec<FieldError>> {
        let mut problems = Problems::new();
        let message: String = self.error.message.trim().replace(['\0', '\u{1b}'], " ");
        match message.chars().count() {
            0 => problems.push(FieldError::new("/error/message", "too_short", "must not be empty")),
            count if count > MAX_ERROR => problems.push(too_long("/error/message", count, MAX_ERROR, "characters")),
            _ => {}
        }
        let code = match self.error.code {
            None => Some("worker_error".to_owned()),
            Some(code) => problems.take(error_code(&code)),
        };
        let retry_after = self
            .retry_after_seconds
            .and_then(|value| problems.take(range("/retry_after_seconds", value, 0, 86_400, "seconds")))
            .map(TimeDelta::seconds);
        problems.finish()?;
        let error = RunError::new(&code.unwrap_or_default(), message);
        let trigger = Trigger::Fail {
            retryable: self.retryable.unwrap_or(true),
            timed_out: false,
            retry_after,
        };
        Ok((error, trigger))
    }
}

fn error_code(code: &str) -> Result<String, FieldError> {
    let code = line("/error/code", code, 1, 64)?;
    if code.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(code)
    } else {
        let message = "must be 1 to 64 visible ASCII characters without blanks";
        Err(FieldError::new("/error/code", "invalid_code", message))
    }
}
