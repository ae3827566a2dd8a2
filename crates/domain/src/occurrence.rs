//! The ledger: what became of every planned instant of a schedule.

use crate::{
    clock::Timestamp,
    ids::{JobId, OccurrenceId, RunId},
    words,
};
use serde::{Deserialize, Serialize};

/// What became of a planned instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OccurrenceOutcome {
    /// A run was made for it.
    Ran,
    /// The overlap policy refused it.
    Skipped,
    /// No server was there in time, and the catch-up policy did not run it.
    Missed,
    /// The job was paused.
    Paused,
    /// It lay outside the window of the schedule.
    OutOfWindow,
}

words!(OccurrenceOutcome {
    Ran = "Ran",
    Skipped = "Skipped",
    Missed = "Missed",
    Paused = "Paused",
    OutOfWindow = "OutOfWindow",
});

/// One row of the ledger: one planned instant, or consecutive ones with the same outcome and no run. Field order and
/// names are the contract.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Occurrence {
    /// Its id.
    pub occurrence_id: OccurrenceId,
    /// The job.
    pub job_id: JobId,
    /// The planned instant, or the first of several.
    pub planned_at: Timestamp,
    /// The last of several.
    pub last_planned_at: Option<Timestamp>,
    /// How many instants the row stands for, at least 1.
    pub count: u32,
    /// What became of it.
    pub outcome: OccurrenceOutcome,
    /// Why, for people.
    pub reason: Option<String>,
    /// The run that was made.
    pub run_id: Option<RunId>,
    /// When this was decided.
    pub recorded_at: Timestamp,
}
