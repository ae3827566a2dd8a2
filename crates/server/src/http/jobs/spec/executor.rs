//! What clients send about the executor of a job.

use scheduler_domain::{
    job::{Executor, Expect, HttpBody, HttpCall, HttpMethod, Payload, SimulatedOutcome},
    user::Word,
    validate::{FieldError, Problems, range},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::dto;

/// How runs are carried out. Fields that are left out have their defaults.
#[derive(ToSchema)]
#[schema(as = ExecutorRequest)]
#[serde(tag = "type", rename_all = "lowercase")]
#[expect(dead_code, reason = "the shape of ExecutorIn for the interface document")]
pub(in crate::http::jobs) enum ExecutorRequest {
    /// Waits, then ends as told.
    #[schema(example = json!({"type": "simulated", "duration_ms": 3000, "outcome": "Completed"}))]
    Simulated {
        /// 3,000 when left out.
        #[schema(minimum = 0, maximum = 86_400_000, nullable = false)]
        duration_ms: Option<u64>,
        /// `Completed` when left out.
        #[schema(nullable = false)]
        outcome: Option<dto::SimulatedOutcomeWord>,
        /// The part of the attempts that fail whatever `outcome` says; 0 when left out.
        #[schema(minimum = 0.0, maximum = 1.0, nullable = false)]
        failure_rate: Option<f64>,
    },
    /// Sends a request. In `url` (path and query), `headers` and `body` stand placeholders: `{{run.id}}`,
    /// `{{run.attempt}}`, `{{run.planned_at}}`, `{{run.trigger}}`, `{{job.id}}`, `{{job.name}}`, `{{payload}}`,
    /// `{{payload.items.0}}`; `{{{{` stands for two braces as such. Values are percent-encoded in the URL and escaped in
    /// JSON.
    #[schema(example = json!({
        "type": "http", "method": "POST", "url": "https://example.com/reports/{{payload.region}}",
        "headers": {"Authorization": "Bearer s3cret"}, "body": {"run": "{{run.id}}"}, "expect": "2xx"
    }))]
    Http {
        method: dto::HttpMethodWord,
        /// http or https, without user name and password.
        #[schema(example = "https://example.com/hooks/report", max_length = 2048)]
        url: String,
        /// At most 50. `Authorization`, `Cookie` and those in `secret_headers` are encrypted and shown as `***`; in a
        /// change `***` keeps the value.
        #[schema(nullable = false)]
        headers: Option<BTreeMap<String, String>>,
        /// Any JSON, sent as such; of a string, what it says. Left out: the payload for POST, PUT and PATCH.
        body: Option<serde_json::Value>,
        /// Which answers are a success: codes, classes and ranges; `2xx` when left out.
        #[schema(example = "200-204,404", nullable = false)]
        expect: Option<String>,
        /// Names of further headers whose values are secret.
        #[schema(nullable = false)]
        secret_headers: Option<Vec<String>>,
    },
    /// Waits until an outside program claims it.
    #[schema(example = json!({"type": "worker", "queue": "default"}))]
    Worker {
        /// `default` when left out.
        #[schema(nullable = false)]
        queue: Option<String>,
    },
    /// Runs nothing: each planned instant of the schedule expects a ping, from the instant before on and until the
    /// grace is over.
    #[schema(example = json!({"type": "heartbeat", "grace_seconds": 60}))]
    Heartbeat {
        /// How long after the instant a ping still counts; 60 when left out.
        #[schema(minimum = 0, maximum = 86_400, nullable = false)]
        grace_seconds: Option<u32>,
    },
}

/// The executor as it comes, with the fields of every type.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http::jobs) struct ExecutorIn {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    duration_ms: Option<i64>,
    #[serde(default)]
    outcome: Option<String>,
    #[serde(default)]
    failure_rate: Option<f64>,
    #[serde(default)]
    queue: Option<String>,
    #[serde(default)]
    grace_seconds: Option<i64>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    body: Option<Payload>,
    #[serde(default)]
    expect: Option<String>,
    #[serde(default)]
    secret_headers: Option<Vec<String>>,
}

impl std::fmt::Debug for ExecutorIn {
    /// Without its headers, which may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExecutorIn")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl ExecutorIn {
    pub(super) fn read(self, pointer: &str, problems: &mut Problems) -> Executor {
        let kind = match self.kind.as_str() {
            kind @ ("simulated" | "http" | "worker" | "heartbeat") => kind,
            other => {
                problems.push(FieldError::unknown_word(
                    format!("{pointer}/type"),
                    other,
                    &["simulated", "http", "worker", "heartbeat"],
                ));
                return Executor::default();
            }
        };
        for (field, of) in self.given().into_iter().filter(|(_, of)| *of != kind) {
            let message = format!("belongs to executors of type {of}; this one is {kind}: leave it out");
            problems.push(FieldError::new(format!("{pointer}/{field}"), "not_applicable", message));
        }
        match kind {
            "worker" => Executor::Worker {
                queue: self.queue.unwrap_or_else(|| "default".to_owned()),
            },
            "heartbeat" => {
                let (pointer, grace) = (format!("{pointer}/grace_seconds"), self.grace_seconds.unwrap_or(60));
                let grace = problems.take(range(&pointer, grace, 0, 86_400, "seconds"));
                Executor::Heartbeat {
                    grace_seconds: grace.and_then(|grace| u32::try_from(grace).ok()).unwrap_or(60),
                }
            }
            "http" => self.http(pointer, problems),
            _ => self.simulated(pointer, problems),
        }
    }

    /// The fields that were sent, and the type that each belongs to.
    fn given(&self) -> Vec<(&'static str, &'static str)> {
        let fields = [
            ("duration_ms", "simulated", self.duration_ms.is_some()),
            ("outcome", "simulated", self.outcome.is_some()),
            ("failure_rate", "simulated", self.failure_rate.is_some()),
            ("queue", "worker", self.queue.is_some()),
            ("grace_seconds", "heartbeat", self.grace_seconds.is_some()),
            ("method", "http", self.method.is_some()),
            ("url", "http", self.url.is_some()),
            ("headers", "http", self.headers.is_some()),
            ("body", "http", self.body.is_some()),
            ("expect", "http", self.expect.is_some()),
            ("secret_headers", "http", self.secret_headers.is_some()),
        ];
        let given = fields.into_iter().filter(|(.., is_given)| *is_given);
        given.map(|(field, of, _)| (field, of)).collect()
    }

    fn http(self, pointer: &str, problems: &mut Problems) -> Executor {
        let at = |field: &str| format!("{pointer}/{field}");
        let mut needed = |field: &str, value: Option<String>| {
            if value.is_none() {
                let message = "is needed for executors of type http";
                problems.push(FieldError::new(at(field), "required", message));
            }
            value
        };
        let (method, url) = (needed("method", self.method), needed("url", self.url));
        let method = method.and_then(|word| problems.take(HttpMethod::parse(&at("method"), &word)));
        let expect = self
            .expect
            .and_then(|text| problems.take(Expect::parse(&at("expect"), &text)));
        Executor::Http(HttpCall {
            method: method.unwrap_or(HttpMethod::Post),
            url: url.unwrap_or_default(),
            headers: self.headers.unwrap_or_default(),
            sealed_headers: BTreeMap::new(),
            body: self.body.as_ref().map(HttpBody::of),
            expect: expect.unwrap_or_default(),
            secret_headers: self.secret_headers.unwrap_or_default(),
        })
    }

    fn simulated(&self, pointer: &str, problems: &mut Problems) -> Executor {
        let at = |field: &str| format!("{pointer}/{field}");
        let mut duration_ms = 3_000;
        let mut outcome = SimulatedOutcome::Completed;
        if let Some(ms) = self.duration_ms
            && let Some(ms) = problems.take(range(&at("duration_ms"), ms, 0, 86_400_000, "milliseconds"))
        {
            duration_ms = u64::try_from(ms).unwrap_or_default();
        }
        if let Some(word) = &self.outcome
            && let Some(word) = problems.take(SimulatedOutcome::parse(&at("outcome"), word))
        {
            outcome = word;
        }
        Executor::Simulated {
            duration_ms,
            outcome,
            failure_rate: self.failure_rate.unwrap_or_default(),
        }
    }
}
