//! How a run is carried out.

mod http;

pub use http::{Expect, HttpBody, HttpCall, HttpMethod, HttpRequest, RenderError, Sealed, TEMPLATE_NAMES};

use crate::{
    ids::JobId,
    ports::{Vault, VaultError},
    validate::{FieldError, Problems, line, range},
    words,
};
use chrono::TimeDelta;
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Executor {
    /// Waits, then ends as told: the documented run.
    Simulated {
        /// How long it takes, 0 to 86,400,000 ms.
        duration_ms: u64,
        /// How it ends.
        outcome: SimulatedOutcome,
        /// The part of the attempts that fail whatever `outcome` says, 0 to 1.
        #[serde(default, skip_serializing_if = "is_zero")]
        failure_rate: f64,
    },
    /// Sends a request.
    Http(HttpCall),
    /// Waits until an outside program claims it (`POST /worker/claim`).
    Worker {
        /// The queue that workers name, 1 to 100 visible ASCII characters.
        queue: String,
    },
    /// Runs nothing: each planned instant expects a ping, from the instant before on and until the grace is over.
    Heartbeat {
        /// How long after the instant a ping still counts, 0 to 86,400 s.
        grace_seconds: u32,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Default for Executor {
    /// The documented run: three seconds, then Completed.
    fn default() -> Self {
        Self::Simulated {
            duration_ms: 3_000,
            outcome: SimulatedOutcome::Completed,
            failure_rate: 0.0,
        }
    }
}

impl Executor {
    /// The word for its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Simulated { .. } => "simulated",
            Self::Http(_) => "http",
            Self::Worker { .. } => "worker",
            Self::Heartbeat { .. } => "heartbeat",
        }
    }

    /// The queue that workers claim its runs from; `None` for what the server carries out itself.
    pub fn queue(&self) -> Option<&str> {
        match self {
            Self::Worker { queue } => Some(queue),
            Self::Simulated { .. } | Self::Http(_) | Self::Heartbeat { .. } => None,
        }
    }

    /// How long after a planned instant it is decided about.
    pub fn grace(&self) -> TimeDelta {
        match self {
            Self::Heartbeat { grace_seconds } => TimeDelta::seconds(i64::from(*grace_seconds)),
            Self::Simulated { .. } | Self::Http(_) | Self::Worker { .. } => TimeDelta::zero(),
        }
    }

    /// How long an attempt may take when the job does not say, in seconds.
    pub const fn default_timeout_seconds(&self) -> Option<u32> {
        match self {
            Self::Simulated { .. } | Self::Heartbeat { .. } => None,
            Self::Http(_) => Some(30),
            Self::Worker { .. } => Some(3_600),
        }
    }

    /// The executor as it may be stored ([`HttpCall::sealed`]); `before` is what the job had.
    pub fn sealed(
        self,
        vault: &dyn Vault,
        job_id: JobId,
        before: Option<&Self>,
        pointer: &str,
    ) -> Result<Self, Vec<FieldError>> {
        let before = match before {
            Some(Self::Http(call)) => Some(call),
            _ => None,
        };
        match self {
            Self::Http(call) => call.sealed(vault, job_id, before, pointer).map(Self::Http),
            other => Ok(other),
        }
    }

    /// The executor of one job for another one: its secrets open there.
    pub fn moved(self, vault: &dyn Vault, from: JobId, to: JobId) -> Result<Self, VaultError> {
        match self {
            Self::Http(call) => call.moved(vault, from, to).map(Self::Http),
            other => Ok(other),
        }
    }

    /// Names every field that is out of bounds.
    pub fn validate(&self, pointer: &str) -> Result<(), Vec<FieldError>> {
        let mut problems = Problems::new();
        match self {
            Self::Simulated {
                duration_ms,
                failure_rate,
                ..
            } => {
                let value = i64::try_from(*duration_ms).unwrap_or(i64::MAX);
                let max = i64::try_from(MAX_SIMULATED_MS).unwrap_or(i64::MAX);
                problems.take(range(&format!("{pointer}/duration_ms"), value, 0, max, "milliseconds"));
                if !(0.0..=1.0).contains(failure_rate) {
                    problems.push(FieldError::new(
                        format!("{pointer}/failure_rate"),
                        "out_of_range",
                        format!("is {failure_rate}; must be 0 to 1"),
                    ));
                }
            }
            Self::Http(call) => return call.validate(pointer),
            Self::Worker { queue } => {
                problems.take(queue_name(&format!("{pointer}/queue"), queue));
            }
            Self::Heartbeat { grace_seconds } => {
                let pointer = format!("{pointer}/grace_seconds");
                problems.take(range(&pointer, i64::from(*grace_seconds), 0, 86_400, "seconds"));
            }
        }
        problems.finish()
    }
}

/// The name of a queue: 1 to 100 visible ASCII characters.
pub fn queue_name(pointer: &str, name: &str) -> Result<String, FieldError> {
    let name = line(pointer, name, 1, 100)?;
    if name.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(name)
    } else {
        Err(FieldError::new(
            pointer,
            "invalid_queue",
            "must be 1 to 100 visible ASCII characters without blanks",
        ))
    }
}
