//! What clients send about a job. Words and numbers come in loosely typed, so that every mistake in them can be named.

mod executor;

pub(super) use executor::{ExecutorIn, ExecutorRequest};

use scheduler_domain::{
    job::{CatchUp, CatchUpPolicy, JobSpec, Overlap, Payload, Priority},
    run::{Backoff, RetryPolicy},
    schedule::Schedule,
    user::Word,
    validate::{FieldError, Problems, range},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::dto;
use crate::http::{
    body::{field_of, present},
    notices::dto::PolicyIn,
};

/// When a failed attempt is followed by another. Fields that are left out keep what they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RetryRequest)]
pub(super) struct RetryIn {
    /// 1 to 100.
    #[serde(default)]
    max_attempts: Option<i64>,
    /// `fixed`, `linear` or `exponential`.
    #[serde(default)]
    backoff: Option<String>,
    /// 1 to 86,400.
    #[serde(default)]
    initial_seconds: Option<i64>,
    /// 1 to 604,800.
    #[serde(default)]
    max_seconds: Option<i64>,
    /// 0 to 1.
    #[serde(default)]
    jitter: Option<f64>,
    /// Own waits in seconds; `null` removes them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<i64>>)]
    delays: Option<Option<Vec<i64>>>,
    /// Only failures with one of these codes are tried again, such as `timeout`, `http_503`, `http_5xx` or
    /// `connection_failed`; `null`: all that can be.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<String>>)]
    on: Option<Option<Vec<String>>>,
}

/// A number that fits the type of a bound field; whether it is within the bounds is judged with the whole spec.
fn whole(pointer: &str, number: i64, problems: &mut Problems) -> u32 {
    problems
        .take(range(pointer, number, 0, i64::from(u32::MAX), ""))
        .and_then(|n| u32::try_from(n).ok())
        .unwrap_or(1)
}

impl RetryIn {
    fn read(self, now: RetryPolicy, problems: &mut Problems) -> RetryPolicy {
        let mut policy = now;
        if let Some(n) = self.max_attempts {
            policy.max_attempts = whole("/retry/max_attempts", n, problems);
        }
        if let Some(backoff) = self
            .backoff
            .and_then(|word| problems.take(Backoff::parse("/retry/backoff", &word)))
        {
            policy.backoff = backoff;
        }
        if let Some(n) = self.initial_seconds {
            policy.initial_seconds = whole("/retry/initial_seconds", n, problems);
        }
        if let Some(n) = self.max_seconds {
            policy.max_seconds = whole("/retry/max_seconds", n, problems);
        }
        if let Some(jitter) = self.jitter {
            policy.jitter = jitter;
        }
        if let Some(delays) = self.delays {
            policy.delays = delays.map(|delays| {
                let numbered = delays.into_iter().enumerate();
                numbered
                    .map(|(index, n)| whole(&format!("/retry/delays/{index}"), n, problems))
                    .collect()
            });
        }
        if let Some(on) = self.on {
            policy.on = on;
        }
        policy
    }
}

/// What happens to planned instants that passed while no server ran.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CatchUpRequest)]
pub(super) struct CatchUpIn {
    /// `none`, `last` or `all`.
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    window_seconds: Option<i64>,
    #[serde(default)]
    max_runs: Option<i64>,
}

impl CatchUpIn {
    fn read(self, now: CatchUp, problems: &mut Problems) -> CatchUp {
        let mut catch_up = now;
        if let Some(policy) = self
            .policy
            .and_then(|word| problems.take(CatchUpPolicy::parse("/catch_up/policy", &word)))
        {
            catch_up.policy = policy;
        }
        if let Some(n) = self.window_seconds {
            catch_up.window_seconds = whole("/catch_up/window_seconds", n, problems);
        }
        if let Some(n) = self.max_runs {
            catch_up.max_runs = whole("/catch_up/max_runs", n, problems);
        }
        catch_up
    }
}

/// The fields of a job that its owner decides, all of them optional: absent ones stay as they are.
#[derive(Debug, Default, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = JobPatch)]
pub(super) struct JobPatch {
    /// 1 to 200 characters, one line. Blanks around it are cut off and do not count.
    #[serde(default)]
    #[schema(pattern = r"^\s*\S(?:.{0,198}\S)?\s*$")]
    pub(super) job_name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<dto::PriorityWord>)]
    pub(super) priority: Option<String>,
    /// At most 4,000 characters; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub(super) description: Option<Option<String>>,
    /// Any JSON of at most 256 KiB and 64 levels; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub(super) payload: Option<Option<Payload>>,
    /// Replaces the whole executor; header values of `***` stay what they are.
    #[serde(default)]
    #[schema(value_type = Option<ExecutorRequest>)]
    pub(super) executor: Option<ExecutorIn>,
    /// When it runs by itself; `null`: by hand and by API only.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<dto::ScheduleSchema>)]
    pub(super) schedule: Option<Option<Payload>>,
    #[serde(default)]
    pub(super) retry: Option<RetryIn>,
    /// How long one attempt may take, 1 to 86,400; `null`: as long as it wants.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub(super) timeout_seconds: Option<Option<i64>>,
    /// How long all attempts of a run may take together, waits included, 1 to 2,592,000; `null`: as long as they want.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub(super) run_timeout_seconds: Option<Option<i64>>,
    /// How many runs are carried out at once under overlap `allow`, 1 to 10,000; `null`: as many as there are.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub(super) max_running: Option<Option<i64>>,
    #[serde(default)]
    #[schema(value_type = Option<dto::OverlapWord>)]
    pub(super) overlap: Option<String>,
    #[serde(default)]
    pub(super) catch_up: Option<CatchUpIn>,
    /// At most 20 of at most 50 characters.
    #[serde(default)]
    pub(super) tags: Option<Vec<String>>,
    /// 1 to 200 visible ASCII characters, unique among your jobs; `null` removes it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub(super) external_id: Option<Option<String>>,
    /// What you are told about it; `null`: what you are told about any job.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<PolicyIn>)]
    pub(super) notices: Option<Option<PolicyIn>>,
}

/// A schedule as it was sent; whether its values make sense is judged with the whole spec.
pub(in crate::http) fn read_schedule(pointer: &str, sent: &Payload) -> Result<Schedule, FieldError> {
    // serde would read a list as an object without names.
    if !sent.as_str().trim_start().starts_with('{') {
        return Err(FieldError::new(pointer, "wrong_type", "must be an object with a type"));
    }
    let mut reader = serde_json::Deserializer::from_str(sent.as_str());
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let mut field = match field_of(pointer, &error) {
            Ok(field) => field,
            Err(syntax) => FieldError::new(pointer, "invalid", syntax),
        };
        // Mistakes that are found when all is read name what they are about in their text only.
        let quoted = field.message.split('`').nth(1).map(str::to_owned);
        if field.message.starts_with("unknown type") {
            field = FieldError {
                pointer: format!("{pointer}/type"),
                code: "unknown_word".to_owned(),
                allowed: Some(["once", "interval", "cron"].map(str::to_owned).to_vec()),
                ..field
            };
        } else if field.message.starts_with('`')
            && let Some(name) = quoted
        {
            field.pointer = format!("{pointer}/{name}");
            "not_allowed".clone_into(&mut field.code);
        }
        field
    })
}

impl JobPatch {
    /// The spec with what was sent, or every mistake in it.
    pub(super) fn apply(self, mut spec: JobSpec) -> Result<JobSpec, Vec<FieldError>> {
        let mut problems = Problems::new();
        if let Some(name) = self.job_name {
            spec.job_name = name;
        }
        if let Some(priority) = self
            .priority
            .and_then(|word| problems.take(Priority::parse("/priority", &word)))
        {
            spec.priority = priority;
        }
        if let Some(description) = self.description {
            spec.description = description;
        }
        if let Some(payload) = self.payload {
            spec.payload = payload;
        }
        if let Some(executor) = self.executor {
            spec.executor = executor.read("/executor", &mut problems);
        }
        if let Some(schedule) = self.schedule {
            spec.schedule = schedule.and_then(|sent| problems.take(read_schedule("/schedule", &sent)));
        }
        if let Some(retry) = self.retry {
            spec.retry = retry.read(spec.retry, &mut problems);
        }
        if let Some(timeout) = self.timeout_seconds {
            spec.timeout_seconds = timeout.map(|n| whole("/timeout_seconds", n, &mut problems));
        }
        if let Some(timeout) = self.run_timeout_seconds {
            spec.run_timeout_seconds = timeout.map(|n| whole("/run_timeout_seconds", n, &mut problems));
        }
        if let Some(runs) = self.max_running {
            spec.max_running = runs.map(|n| whole("/max_running", n, &mut problems));
        }
        if let Some(overlap) = self
            .overlap
            .and_then(|word| problems.take(Overlap::parse("/overlap", &word)))
        {
            spec.overlap = overlap;
        }
        if let Some(catch_up) = self.catch_up {
            spec.catch_up = catch_up.read(spec.catch_up, &mut problems);
        }
        if let Some(tags) = self.tags {
            spec.tags = tags;
        }
        if let Some(external_id) = self.external_id {
            spec.external_id = external_id;
        }
        if let Some(notices) = self.notices {
            let now = spec.notices.unwrap_or_default();
            spec.notices = notices.map(|sent| sent.read("/notices", now, &mut problems));
        }
        // What is broken about the rest is told in the same answer.
        let validated = spec.validated();
        match (problems.finish(), validated) {
            (Ok(()), validated) => validated,
            (Err(errors), Ok(_)) => Err(errors),
            (Err(mut errors), Err(more)) => {
                let known: Vec<String> = errors.iter().map(|error| error.pointer.clone()).collect();
                errors.extend(more.into_iter().filter(|error| !known.contains(&error.pointer)));
                Err(errors)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scheduler_domain::job::{Executor, SimulatedOutcome};

    fn apply(json: &str) -> Result<JobSpec, Vec<FieldError>> {
        serde_json::from_str::<JobPatch>(json)
            .unwrap()
            .apply(JobSpec::named("job"))
    }

    #[test]
    fn absent_fields_stay_and_null_removes() {
        let spec = JobSpec {
            description: Some("old".into()),
            external_id: Some("x".into()),
            ..JobSpec::named("job")
        };
        let patch: JobPatch = serde_json::from_str(r#"{"description":null,"priority":"High"}"#).unwrap();
        let spec = patch.apply(spec).unwrap();
        assert_eq!(
            (spec.description, spec.external_id.as_deref(), spec.priority),
            (None, Some("x"), Priority::High)
        );
    }

    #[test]
    fn every_mistake_is_named_in_one_answer() {
        let json = r#"{"job_name":" ","priority":"Urgent","executor":{"type":"ftp"},"schedule":{},
            "retry":{"max_attempts":-1,"backoff":"x","jitter":7},"timeout_seconds":0,"overlap":"x","tags":[""]}"#;
        let pointers: Vec<_> = apply(json)
            .unwrap_err()
            .into_iter()
            .map(|error| error.pointer)
            .collect();
        let expected = [
            "/priority",
            "/executor/type",
            "/schedule/type",
            "/retry/max_attempts",
            "/retry/backoff",
            "/overlap",
            "/job_name",
            "/retry/jitter",
            "/timeout_seconds",
            "/tags/0",
        ];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn the_documented_run_is_the_default() {
        let spec = apply(r#"{"executor":{"type":"simulated"}}"#).unwrap();
        assert_eq!(
            spec.executor,
            Executor::Simulated {
                duration_ms: 3_000,
                outcome: SimulatedOutcome::Completed,
                failure_rate: 0.0,
            }
        );
    }
}
