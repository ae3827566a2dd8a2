//! How a run is carried out.

use crate::{
    validate::{FieldError, range},
    words,
};
use serde::{Deserialize, Serialize};

/// The longest simulated run: one day.
const MAX_SIMULATED_MS: u64 = 86_400_000;

/// How a simulated run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SimulatedOutcome {
    /// Well.
    Completed,
    /// Badly, with the error code `simulated_failure`.
    Failed,
}

words!(SimulatedOutcome { Completed = "Completed", Failed = "Failed" });

/// How a run is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Executor {
    /// Waits, then ends as told: the documented run.
    Simulated {
        /// How long it takes, 0 to 86,400,000 ms.
        duration_ms: u64,
        /// How it ends.
        outcome: SimulatedOutcome,
    },
}

impl Default for Executor {
    /// The documented run: three seconds, then Completed.
    fn default() -> Self {
        Self::Simulated {
            duration_ms: 3_000,
            outcome: SimulatedOutcome::Completed,
        }
    }
}

impl Executor {
    /// The word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Simulated { .. } => "simulated",
        }
    }

    /// Names every field that is out of bounds.
    pub fn validate(&self, pointer: &str) -> Result<(), Vec<FieldError>> {
        match self {
            Self::Simulated { duration_ms, .. } => {
                let value = i64::try_from(*duration_ms).unwrap_or(i64::MAX);
                let max = i64::try_from(MAX_SIMULATED_MS).unwrap_or(i64::MAX);
                range(&format!("{pointer}/duration_ms"), value, 0, max, "milliseconds")
                    .map(drop)
                    .map_err(|error| vec![error])
            }
        }
    }
}
