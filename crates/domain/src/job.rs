//! A job: what should be done, and by which rules.

mod executor;
mod payload;
mod policy;

pub use executor::{
    Executor, Expect, HttpBody, HttpCall, HttpMethod, HttpRequest, RenderError, Sealed, SimulatedOutcome,
    TEMPLATE_NAMES, queue_name,
};
pub use payload::{Payload, PayloadLimits, json_depth};
pub use policy::{Admission, CatchUp, CatchUpPolicy, Overlap};

use crate::{
    clock::Timestamp,
    ids::{JobId, UserId},
    notice::NoticePolicy,
    run::{RetryPolicy, Run},
    schedule::Schedule,
    user::Word,
    validate::{FieldError, Problems, block, line, range},
    words,
};
use serde::{Deserialize, Serialize};

/// Where a job stands: the status of its latest run, in the documented words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum JobStatus {
    /// No run yet, or one that waits.
    Pending,
    /// A run is under way.
    Running,
    /// The latest run ended well.
    Completed,
    /// The latest run ended badly.
    Failed,
    /// The latest run was called off.
    Cancelled,
}

words!(JobStatus {
    Pending = "Pending",
    Running = "Running",
    Completed = "Completed",
    Failed = "Failed",
    Cancelled = "Cancelled",
});

/// How urgent a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// When nothing else waits.
    Low,
    /// The default.
    Medium,
    /// Before the rest.
    High,
    /// Before everything.
    Critical,
}

words!(Priority { Low = "Low", Medium = "Medium", High = "High", Critical = "Critical" });

impl Priority {
    /// How long a run of this priority must wait until it is as urgent as a Critical one that arrives just then:
    /// every 60 s of waiting lift a run by one level.
    pub const fn handicap_seconds(self) -> i64 {
        match self {
            Self::Critical => 0,
            Self::High => 60,
            Self::Medium => 120,
            Self::Low => 180,
        }
    }

    /// The key by which waiting runs are claimed, smallest first: the instant from which the run is as urgent as a
    /// Critical one, in microseconds. It never changes while the run waits, so ageing costs nothing.
    pub fn claim_key(self, queued_at: Timestamp) -> i64 {
        queued_at.timestamp_micros() + self.handicap_seconds() * 1_000_000
    }
}

/// What the owner decides about a job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSpec {
    /// 1 to 200 characters, one line.
    pub job_name: String,
    /// How urgent its runs are.
    pub priority: Priority,
    /// At most 4,000 characters.
    pub description: Option<String>,
    /// Any JSON within the limits.
    pub payload: Option<Payload>,
    /// How its runs are carried out.
    pub executor: Executor,
    /// When it runs by itself; `None`: by hand and by API only. Judged by [`Schedule::validated`] when it changes.
    pub schedule: Option<Schedule>,
    /// When a failed attempt is followed by another.
    pub retry: RetryPolicy,
    /// How long one attempt may take, 1 to 86,400 s.
    pub timeout_seconds: Option<u32>,
    /// How long all attempts of a run may take together, waits between them included, 1 to 2,592,000 s.
    pub run_timeout_seconds: Option<u32>,
    /// How many runs are carried out at once under overlap `allow`, 1 to 10,000; further ones wait.
    pub max_running: Option<u32>,
    /// What happens when a run is asked for while another is under way.
    pub overlap: Overlap,
    /// What happens to instants that were missed.
    pub catch_up: CatchUp,
    /// At most 20 words of at most 50 characters, sorted, each once.
    pub tags: Vec<String>,
    /// The id that another system knows the job by; unique per owner, 1 to 200 visible ASCII characters.
    pub external_id: Option<String>,
    /// What its owner is told about it; `None`: what they want to be told about any job.
    pub notices: Option<NoticePolicy>,
}

impl JobSpec {
    /// A job with the documented defaults.
    pub fn named(job_name: impl Into<String>) -> Self {
        Self {
            job_name: job_name.into(),
            priority: Priority::Medium,
            description: None,
            payload: None,
            executor: Executor::default(),
            schedule: None,
            retry: RetryPolicy::default(),
            timeout_seconds: None,
            run_timeout_seconds: None,
            max_running: None,
            overlap: Overlap::Skip,
            catch_up: CatchUp::default(),
            tags: Vec::new(),
            external_id: None,
            notices: None,
        }
    }

    /// The spec in its normal form, or every broken rule.
    pub fn validated(mut self) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::new();
        if let Some(name) = problems.take(line("/job_name", &self.job_name, 1, 200)) {
            self.job_name = name;
        }
        if let Some(description) = &self.description {
            problems.take(block("/description", description, 4_000));
        }
        let mut nested = |result: Result<(), Vec<FieldError>>| {
            for error in result.err().unwrap_or_default() {
                problems.push(error);
            }
        };
        nested(self.executor.validate("/executor"));
        nested(self.retry.validate("/retry"));
        nested(self.catch_up.validate("/catch_up"));
        if let Some(notices) = &self.notices {
            nested(notices.validate("/notices"));
        }
        if let Some(seconds) = self.timeout_seconds {
            problems.take(range("/timeout_seconds", i64::from(seconds), 1, 86_400, "seconds"));
        }
        if let Some(seconds) = self.run_timeout_seconds {
            problems.take(range(
                "/run_timeout_seconds",
                i64::from(seconds),
                1,
                2_592_000,
                "seconds",
            ));
        }
        if let Some(runs) = self.max_running {
            problems.take(range("/max_running", i64::from(runs), 1, 10_000, "runs"));
            if self.overlap != Overlap::Allow {
                problems.push(FieldError::new(
                    "/max_running",
                    "not_applicable",
                    format!(
                        "goes with overlap \"allow\" only; with \"{}\" one run is under way at a time",
                        self.overlap.word()
                    ),
                ));
            }
        }
        if matches!(self.executor, Executor::Heartbeat { .. }) && self.schedule.is_none() {
            let message = "says when pings are expected; an executor of type heartbeat needs one";
            problems.push(FieldError::new("/schedule", "required", message));
        }
        if self.tags.len() > 20 {
            problems.push(FieldError::new(
                "/tags",
                "too_many",
                format!("has {} tags; at most 20 are allowed", self.tags.len()),
            ));
        }
        for (index, tag) in self.tags.iter_mut().enumerate() {
            if let Some(clean) = problems.take(line(&format!("/tags/{index}"), tag, 1, 50)) {
                *tag = clean;
            }
        }
        self.tags.sort();
        self.tags.dedup();
        if let Some(id) = &self.external_id {
            let ok = (1..=200).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
            if !ok {
                problems.push(FieldError::new(
                    "/external_id",
                    "invalid_external_id",
                    "must be 1 to 200 visible ASCII characters without blanks",
                ));
            }
        }
        problems.finish()?;
        Ok(self)
    }
}

/// A job as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id.
    pub job_id: JobId,
    /// What its owner decided.
    pub spec: JobSpec,
    /// Where it stands.
    pub status: JobStatus,
    /// When its latest completed run ended.
    pub completed_at: Option<Timestamp>,
    /// Its owner.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its spec last changed.
    pub updated_at: Timestamp,
    /// When its schedule comes due next.
    pub next_run_at: Option<Timestamp>,
    /// Since when its schedule holds: where the grid of an interval begins.
    pub scheduled_from: Option<Timestamp>,
    /// When its schedule was paused.
    pub paused_at: Option<Timestamp>,
    /// Why.
    pub pause_reason: Option<String>,
    /// By whom.
    pub paused_by: Option<UserId>,
    /// Grows with every change of the spec; the `ETag`.
    pub version: i64,
    /// How many of its runs have not ended.
    pub active_runs: u32,
    /// Its latest run, without payload and attempts.
    pub last_run: Option<Run>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_spec_is_brought_into_its_normal_form() {
        let spec = JobSpec {
            tags: vec![" b".into(), "a".into(), "b".into()],
            ..JobSpec::named("  Nightly  ")
        };
        let spec = spec.validated().unwrap();
        assert_eq!(spec.job_name, "Nightly");
        assert_eq!(spec.tags, ["a", "b"]);
    }

    #[test]
    fn every_broken_rule_is_named_at_once() {
        let spec = JobSpec {
            timeout_seconds: Some(0),
            external_id: Some("a b".into()),
            tags: vec![String::new()],
            ..JobSpec::named("")
        };
        let pointers: Vec<_> = spec.validated().unwrap_err().into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/job_name", "/timeout_seconds", "/tags/0", "/external_id"]);
    }

    #[test]
    fn waiting_lifts_a_run_by_one_level_a_minute() {
        let now = Timestamp::UNIX_EPOCH + TimeDelta::days(20_000);
        let low = Priority::Low.claim_key(now - TimeDelta::seconds(181));
        assert!(low < Priority::Critical.claim_key(now));
        let low = Priority::Low.claim_key(now - TimeDelta::seconds(179));
        assert!(low > Priority::Critical.claim_key(now));
        assert!(Priority::High.claim_key(now) < Priority::Medium.claim_key(now - TimeDelta::seconds(59)));
    }
}
