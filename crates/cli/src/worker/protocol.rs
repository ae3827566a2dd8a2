//! The calls of the worker protocol (docs/api/workers.md), and what their failures mean to a worker.

use super::said::{Level, Progress};
use crate::{
    client::{Answer, Client, Request},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};
use std::time::Duration;

/// How long a claim waits for work.
pub(super) const POLL_SECONDS: u64 = 20;
/// What an answer may take beyond the time that the server waits on purpose.
const PATIENCE: Duration = Duration::from_secs(10);

/// A run that is ours.
#[derive(Debug, Deserialize)]
pub(super) struct Claimed {
    pub run: ClaimedRun,
    pub job: ClaimedJob,
    /// As it came, to the last digit.
    pub payload: Option<Box<RawValue>>,
    pub lease_token: String,
    pub lease_expires_at: DateTime<Utc>,
    pub attempt: u32,
}

/// As much of a run as commands are told.
#[derive(Debug, Deserialize)]
pub(super) struct ClaimedRun {
    pub run_id: String,
    pub max_attempts: u32,
    pub queue: Option<String>,
    pub trigger: Trigger,
}

/// What brought a run into being.
#[derive(Debug, Deserialize)]
pub(super) struct Trigger {
    /// The instant of the schedule, as it came.
    pub planned_at: Option<String>,
}

/// As much of a job as commands are told.
#[derive(Debug, Deserialize)]
pub(super) struct ClaimedJob {
    pub job_id: String,
    pub job_name: String,
    pub external_id: Option<String>,
}

/// A request for runs.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Claim<'a> {
    pub queues: &'a [String],
    pub max: usize,
    pub wait_seconds: u64,
    pub lease_seconds: u64,
    pub worker_name: &'a str,
}

impl Claim<'_> {
    /// Asks once. What is claimed comes with the time that is left of its lease.
    pub(super) async fn send(&self, client: &Client) -> Result<Vec<(Claimed, Duration)>, Failure> {
        #[derive(Deserialize)]
        struct List {
            data: Vec<Claimed>,
        }
        let request = Request::post(&["worker", "claim"])
            .without_key()
            .timeout(Duration::from_secs(self.wait_seconds) + PATIENCE)
            .text(text(self)?);
        let answer = client.send(request).await.map_err(Failure::of_claim)?;
        let list: List = answer.parse().map_err(Failure::Refused)?;
        let whole = Duration::from_secs(self.lease_seconds);
        let left = |one: &Claimed| left(&answer, one.lease_expires_at).map_or(whole, |left| left.min(whole));
        Ok(list
            .data
            .into_iter()
            .map(|one| {
                let left = left(&one);
                (one, left)
            })
            .collect())
    }
}

/// A line of the log.
#[derive(Debug, Clone, Serialize)]
pub(super) struct LogLine {
    pub at: DateTime<Utc>,
    pub level: Level,
    pub text: String,
}

/// Why a call did not succeed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The run is not ours any more (409 `lease_lost`), or not there any more (404, its job was deleted).
    LeaseLost,
    /// The server is away or busy; the same again may succeed.
    Away(Error),
    /// The same again would fail again.
    Refused(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.code() == Some("lease_lost") || error.status() == Some(404) {
            Self::LeaseLost
        } else {
            Self::of_claim(error)
        }
    }
}

impl Failure {
    fn of_claim(error: Error) -> Self {
        let is_away = match &error {
            Error::Problem(problem) => {
                matches!(problem.status, 408 | 429 | 500..) || problem.code == "idempotency_in_progress"
            }
            Error::Unreachable { .. } => true,
            _ => false,
        };
        if is_away {
            Self::Away(error)
        } else {
            Self::Refused(error)
        }
    }
}

/// What a sign of life brought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beaten {
    /// What is left of the lease from the moment at which the heartbeat was sent.
    pub left: Option<Duration>,
    pub cancel_requested: bool,
}

/// The calls about one attempt.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub client: Client,
    pub run_id: String,
    pub lease_token: String,
}

impl Held {
    /// A call that may be sent again: repeated, the request has the same key.
    fn request(&self, what: &str, body: &impl Serialize) -> Result<Request, Failure> {
        let request = Request::post(&["worker", "runs", &self.run_id, what]).timeout(PATIENCE);
        Ok(request.text(text(body)?))
    }

    pub(super) async fn send(&self, request: &Request) -> Result<Answer, Failure> {
        Ok(self.client.send(request.clone()).await?)
    }

    /// Says that the run is alive, and how far it is.
    pub(super) async fn heartbeat(&self, progress: Option<&Progress>) -> Result<Beaten, Failure> {
        #[derive(Deserialize)]
        struct Answered {
            lease_expires_at: DateTime<Utc>,
            cancel_requested: bool,
        }
        let mut body = json!({"lease_token": self.lease_token});
        if let Some(progress) = progress {
            body["progress"] = progress.percent.into();
            body["message"] = progress.message.as_str().into();
        }
        let answer = self.send(&self.request("heartbeat", &body)?.without_key()).await?;
        let answered: Answered = answer.parse()?;
        Ok(Beaten {
            left: left(&answer, answered.lease_expires_at),
            cancel_requested: answered.cancel_requested,
        })
    }

    pub(super) fn log(&self, lines: &[LogLine]) -> Result<Request, Failure> {
        self.request("log", &json!({"lease_token": self.lease_token, "lines": lines}))
    }

    pub(super) fn complete(&self, result: Option<&RawValue>) -> Result<Request, Failure> {
        #[derive(Serialize)]
        struct Body<'a> {
            lease_token: &'a str,
            result: Option<&'a RawValue>,
        }
        let lease_token = &self.lease_token;
        self.request("complete", &Body { lease_token, result })
    }

    pub(super) fn fail(&self, code: &str, message: &str, retryable: bool) -> Result<Request, Failure> {
        let error = json!({"code": code, "message": message});
        self.request(
            "fail",
            &json!({"lease_token": self.lease_token, "error": error, "retryable": retryable}),
        )
    }

    pub(super) fn release(&self) -> Result<Request, Failure> {
        self.request("release", &json!({"lease_token": self.lease_token}))
    }
}

fn text(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body).map_err(|error| Failure::Refused(Error::local("cannot write JSON", error.into())))
}

/// How long a lease lasts from the moment of the answer, by the clock of the server alone: ours may be wrong.
fn left(answer: &Answer, expires_at: DateTime<Utc>) -> Option<Duration> {
    let now = DateTime::parse_from_rfc2822(answer.header("date")?).ok()?;
    Some((expires_at - now.to_utc()).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Problem;

    fn problem(status: u16, code: &str) -> Error {
        Error::Problem(Box::new(Problem {
            status,
            code: code.into(),
            ..Problem::default()
        }))
    }

    fn kind(failure: &Failure) -> &'static str {
        match failure {
            Failure::LeaseLost => "lost",
            Failure::Away(_) => "away",
            Failure::Refused(_) => "refused",
        }
    }

    #[test]
    fn failures_are_sorted_by_what_a_worker_does_about_them() {
        for (status, code, about_run, of_claim) in [
            (409, "lease_lost", "lost", "refused"),
            (404, "not_found", "lost", "refused"),
            (409, "idempotency_in_progress", "away", "away"),
            (429, "rate_limited", "away", "away"),
            (502, "no_problem_document", "away", "away"),
            (503, "unavailable", "away", "away"),
            (401, "unauthenticated", "refused", "refused"),
            (403, "insufficient_scope", "refused", "refused"),
            (422, "validation_failed", "refused", "refused"),
        ] {
            assert_eq!(kind(&Failure::from(problem(status, code))), about_run, "{code}");
            assert_eq!(kind(&Failure::of_claim(problem(status, code))), of_claim, "{code}");
        }
        let broken = Error::Unreachable {
            what: "no".into(),
            hint: None,
        };
        assert_eq!(kind(&broken.into()), "away");
    }

    #[test]
    fn a_lease_is_measured_by_the_clock_of_the_server() {
        let mut answer = Answer {
            status: 200,
            headers: reqwest::header::HeaderMap::new(),
            bytes: Vec::new(),
            request: String::new(),
        };
        let expires_at: DateTime<Utc> = "2026-11-27T12:00:30.5Z".parse().unwrap();
        assert_eq!(left(&answer, expires_at), None);
        answer
            .headers
            .insert("date", "Fri, 27 Nov 2026 12:00:00 GMT".parse().unwrap());
        assert_eq!(left(&answer, expires_at), Some(Duration::from_millis(30_500)));
        answer
            .headers
            .insert("date", "Fri, 27 Nov 2026 12:01:00 GMT".parse().unwrap());
        assert_eq!(left(&answer, expires_at), Some(Duration::ZERO));
    }
}
