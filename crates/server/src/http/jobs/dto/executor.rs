//! The executor of a job on the wire.

use scheduler_domain::{
    job::{Executor, HttpCall, Payload},
    user::Word,
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How runs are carried out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Executor)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ExecutorOut {
    /// Waits, then ends as told.
    #[schema(example = json!({"type": "simulated", "duration_ms": 3000, "outcome": "Completed"}))]
    Simulated {
        /// 0 to 86,400,000.
        #[schema(example = 3000, minimum = 0, maximum = 86_400_000)]
        duration_ms: u64,
        #[schema(value_type = SimulatedOutcomeWord)]
        outcome: &'static str,
        /// The part of the attempts that fail whatever `outcome` says; left out when 0.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 0.0, maximum = 1.0, nullable = false)]
        failure_rate: Option<f64>,
    },
    /// Sends a request.
    #[schema(example = json!({
        "type": "http", "method": "POST", "url": "https://example.com/reports/{{payload.region}}",
        "headers": {"Authorization": "***"}, "body": {"run": "{{run.id}}"}, "expect": "2xx", "secret_headers": []
    }))]
    Http {
        #[schema(value_type = HttpMethodWord)]
        method: &'static str,
        #[schema(example = "https://example.com/hooks/report")]
        url: String,
        /// Secret values are shown as `***`; sent back like that, they are kept.
        headers: BTreeMap<String, String>,
        /// Left out: the payload for POST, PUT and PATCH.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<serde_json::Value>, nullable = false)]
        body: Option<Payload>,
        /// Which answers are a success.
        #[schema(example = "2xx")]
        expect: String,
        /// Names of headers that are secret besides `Authorization` and `Cookie`.
        secret_headers: Vec<String>,
    },
    /// Waits until an outside program claims it.
    #[schema(example = json!({"type": "worker", "queue": "default"}))]
    Worker {
        #[schema(example = "default")]
        queue: String,
    },
    /// Runs nothing: each planned instant expects a ping.
    #[schema(example = json!({"type": "heartbeat", "grace_seconds": 60}))]
    Heartbeat {
        /// How long after the instant a ping still counts.
        #[schema(example = 60, minimum = 0, maximum = 86_400)]
        grace_seconds: u32,
    },
}

/// How a simulated run ends.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedOutcome)]
pub enum SimulatedOutcomeWord {
    Completed,
    Failed,
}

/// The method of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HttpMethod)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethodWord {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl From<Executor> for ExecutorOut {
    fn from(executor: Executor) -> Self {
        match executor {
            Executor::Simulated {
                duration_ms,
                outcome,
                failure_rate,
            } => Self::Simulated {
                duration_ms,
                outcome: outcome.word(),
                failure_rate: Some(failure_rate).filter(|rate| *rate > 0.0),
            },
            Executor::Http(call) => {
                let HttpCall {
                    method,
                    url,
                    headers,
                    body,
                    expect,
                    secret_headers,
                    ..
                } = call.shown();
                Self::Http {
                    method: method.word(),
                    url,
                    headers,
                    body: body.and_then(|body| Payload::from_json(body.json().to_owned()).ok()),
                    expect: expect.into(),
                    secret_headers,
                }
            }
            Executor::Worker { queue } => Self::Worker { queue },
            Executor::Heartbeat { grace_seconds } => Self::Heartbeat { grace_seconds },
        }
    }
}
