//! What a run says while it works.

use crate::{clock::Timestamp, words};
use serde::{Deserialize, Serialize};

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

words!(LogLevel { Debug = "debug", Info = "info", Warn = "warn", Error = "error" });

/// One line of the log of a run. Field order and names are the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Its number, from 1 and without gaps.
    pub line: u32,
    /// When it was written.
    pub at: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// The text, one line.
    pub text: String,
}
