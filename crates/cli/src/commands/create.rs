//! `jobs create`

use super::{Context, webhooks::headers};
use crate::{
    client::Request,
    description::{check_fields, read_file},
    error::{Error, Result},
    numbers, time, vocabulary,
    words::{self, text},
    yaml,
};
use serde_json::{Map, Value, json, value::RawValue};
use std::fmt::Write;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The name
    #[arg(required_unless_present = "file")]
    name: Option<String>,
    /// A description of the job, JSON or YAML, - for standard input; flags go before it
    #[arg(short, long)]
    file: Option<String>,
    /// Low, Medium, High, Critical
    #[arg(long, value_parser = vocabulary::PRIORITIES, hide_possible_values = true)]
    priority: Option<String>,
    #[arg(long)]
    description: Option<String>,
    /// Any JSON, or @FILE
    #[arg(long, value_name = "JSON")]
    payload: Option<String>,
    /// May be repeated
    #[arg(long = "tag", value_delimiter = ',', value_name = "TAG")]
    tags: Vec<String>,
    /// Your own id for it; afterwards it is ext:ID
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// Starts a run at once
    #[arg(long)]
    run: bool,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    how: How,
}

/// The executor.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What it does (a simulated run of 3 s when nothing is said)")]
struct What {
    /// Sends a request to this address
    #[arg(long, value_name = "URL", group = "executor")]
    http: Option<String>,
    /// Its method
    #[arg(
        long, requires = "http", default_value = "POST",
        value_parser = vocabulary::HTTP_METHODS, hide_possible_values = true
    )]
    method: String,
    /// Its headers: "Name: value"
    #[arg(long = "header", requires = "http", value_name = "HEADER")]
    headers: Vec<String>,
    /// Its body: JSON, or @FILE; the payload when left out
    #[arg(long, requires = "http", value_name = "JSON")]
    body: Option<String>,
    /// The answers that are a success, such as 2xx or 200-204,404
    #[arg(long, requires = "http")]
    expect: Option<String>,
    /// Waits for a worker of this queue
    #[arg(long, value_name = "QUEUE", group = "executor")]
    worker: Option<String>,
    /// Only waits so long (5s, 2m)
    #[arg(long, value_name = "TIME", group = "executor")]
    simulate: Option<String>,
    /// Expects a ping at each instant; the grace after it (60s)
    #[arg(long, value_name = "GRACE", group = "executor")]
    heartbeat: Option<String>,
}

/// The schedule.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "When (by hand when nothing is said)")]
pub(crate) struct When {
    /// Five fields, or six with leading seconds, in quotes
    #[arg(long, value_name = "EXPRESSION", group = "schedule")]
    pub cron: Option<String>,
    /// IANA name of the zone of --cron [default: UTC]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Again and again (90, 5m, 1h30m, 2d)
    #[arg(long, value_name = "TIME", group = "schedule")]
    every: Option<String>,
    /// Once, at this instant (RFC 3339, 2027-01-31T08:00:00+01:00)
    #[arg(long, value_name = "INSTANT", group = "schedule")]
    at: Option<String>,
    /// Not before this instant
    #[arg(long, value_name = "INSTANT")]
    start_at: Option<String>,
    /// Not after this instant
    #[arg(long, value_name = "INSTANT")]
    end_at: Option<String>,
    /// Starts late by up to so long, differently each time
    #[arg(long, value_name = "TIME")]
    jitter: Option<String>,
}

/// Policies.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "How")]
struct How {
    /// How long one attempt may take (30s, 1h)
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
    /// How often it is tried
    #[arg(long, value_name = "N")]
    max_attempts: Option<u32>,
    /// fixed, linear or exponential waits between attempts
    #[arg(long, value_parser = vocabulary::BACKOFFS, hide_possible_values = true)]
    backoff: Option<String>,
    /// allow, skip, queue, cancel_running: a new run beside one under way
    #[arg(long, value_parser = vocabulary::OVERLAPS, hide_possible_values = true)]
    overlap: Option<String>,
    /// none, last or all of the instants that were missed
    #[arg(long, value_parser = vocabulary::CATCH_UP_POLICIES, hide_possible_values = true)]
    catch_up: Option<String>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let payload = args
        .payload
        .as_deref()
        .map(|text| json_value("--payload", text))
        .transpose()?;
    let body = args.body()?;
    let request = Request::post(&["jobs"]);
    let request = match payload {
        // As it was written, to the last digit.
        Some(payload) => {
            let mut text = numbers::write(&Value::Object(body));
            text.truncate(text.len() - 1);
            request.text(format!("{text},\"payload\":{payload}}}"))
        }
        None => request.json(&Value::Object(body)),
    };
    let job = context.client.send(request).await?.json()?;
    context.terminal.answer(&job, || {
        let mut said = format!("Created {} ({})", text(&job, "job_name"), words::job_ref(&job));
        if !job["next_run_at"].is_null() {
            let _ = write!(said, "; first run {}", time::relative(&job["next_run_at"]));
        }
        if let Some(run) = job["last_run"]["run_id"].as_str() {
            let _ = write!(said, "; started run {run}");
        }
        if let Some(url) = job["ping_url"].as_str() {
            let _ = write!(
                said,
                "\nIts pings go to {url}; this is the only time that the address is shown"
            );
        }
        said
    })
}

impl Args {
    fn body(self) -> Result<Map<String, Value>> {
        let mut body = match &self.file {
            None => Map::new(),
            Some(file) => from_file(file)?,
        };
        let mut set = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(field.to_owned(), value);
            }
        };
        set("job_name", self.name.map(Value::from));
        set("priority", self.priority.map(Value::from));
        set("description", self.description.map(Value::from));
        set("tags", (!self.tags.is_empty()).then(|| self.tags.into()));
        set("external_id", self.external_id.map(Value::from));
        set("run", self.run.then_some(Value::Bool(true)));
        set("executor", self.what.executor()?);
        set("schedule", self.when.schedule()?);
        let how = self.how;
        set(
            "timeout_seconds",
            how.timeout
                .map(|text| time::parse_seconds("--timeout", &text))
                .transpose()?
                .map(Value::from),
        );
        set("overlap", how.overlap.map(Value::from));
        set("catch_up", how.catch_up.map(|policy| json!({"policy": policy})));
        let mut retry = Map::new();
        if let Some(attempts) = how.max_attempts {
            retry.insert("max_attempts".to_owned(), attempts.into());
        }
        if let Some(backoff) = how.backoff {
            retry.insert("backoff".to_owned(), backoff.into());
        }
        set("retry", (!retry.is_empty()).then(|| retry.into()));
        if self.payload.is_some() {
            body.remove("payload");
        }
        Ok(body)
    }
}

fn from_file(file: &str) -> Result<Map<String, Value>> {
    let Value::Object(mut job) = yaml::read(file, &read_file(file)?)? else {
        return Err(Error::usage_with(
            format!("{file}: this is no job"),
            "a map of fields, with job_name",
        ));
    };
    if job.contains_key("jobs") {
        return Err(Error::usage_with(
            format!("{file}: this is a list of jobs"),
            format!("jobs apply {file}"),
        ));
    }
    // What only the server decides is no part of a new job; `jobs show --json` may be the source of a file.
    let run = job.remove("run");
    check_fields(&job).map_err(|mistake| Error::usage(format!("{file}: {mistake}")))?;
    if job.remove("paused").is_some_and(|paused| paused != false) {
        return Err(Error::usage_with(
            format!("{file}: paused: a job is not made paused"),
            "jobs pause, afterwards; or jobs apply",
        ));
    }
    if let Some(run) = run {
        job.insert("run".to_owned(), run);
    }
    Ok(job)
}

impl What {
    fn executor(self) -> Result<Option<Value>> {
        if let Some(url) = self.http {
            let mut executor = json!({"type": "http", "method": self.method.to_uppercase(), "url": url});
            if !self.headers.is_empty() {
                executor["headers"] = headers(&self.headers)?.into();
            }
            if let Some(body) = self.body {
                executor["body"] = numbers::read(&json_value("--body", &body)?).unwrap_or_default();
            }
            if let Some(expect) = self.expect {
                executor["expect"] = expect.into();
            }
            return Ok(Some(executor));
        }
        Ok(if let Some(queue) = self.worker {
            Some(json!({"type": "worker", "queue": queue}))
        } else if let Some(text) = self.simulate {
            Some(
                json!({"type": "simulated", "duration_ms": time::parse_seconds("--simulate", &text)?.saturating_mul(1_000)}),
            )
        } else if let Some(text) = self.heartbeat {
            Some(json!({"type": "heartbeat", "grace_seconds": time::parse_seconds("--heartbeat", &text)?}))
        } else {
            None
        })
    }
}

impl When {
    /// The schedule that the flags say; none when they say nothing.
    pub(crate) fn schedule(self) -> Result<Option<Value>> {
        let mut schedule = if let Some(expression) = self.cron {
            json!({"type": "cron", "expression": expression, "time_zone": self.time_zone.unwrap_or_else(|| "UTC".into())})
        } else if self.time_zone.is_some() {
            return Err(Error::usage_with(
                "--time-zone goes with --cron",
                "--cron \"30 2 * * *\" --time-zone Europe/Berlin",
            ));
        } else if let Some(text) = self.every {
            json!({"type": "interval", "every_seconds": time::parse_seconds("--every", &text)?})
        } else if let Some(at) = self.at {
            json!({"type": "once", "at": at})
        } else {
            for (flag, value) in [
                ("--start-at", &self.start_at),
                ("--end-at", &self.end_at),
                ("--jitter", &self.jitter),
            ] {
                if value.is_some() {
                    return Err(Error::usage_with(
                        format!("{flag} says nothing without a schedule"),
                        "--cron, --every or --at",
                    ));
                }
            }
            return Ok(None);
        };
        if let Some(start_at) = self.start_at {
            schedule["start_at"] = start_at.into();
        }
        if let Some(end_at) = self.end_at {
            schedule["end_at"] = end_at.into();
        }
        if let Some(jitter) = self.jitter {
            schedule["jitter_seconds"] = time::parse_seconds("--jitter", &jitter)?.into();
        }
        Ok(Some(schedule))
    }
}

/// JSON of a flag, or of a file behind `@`, as it was written.
pub(super) fn json_value(flag: &str, text: &str) -> Result<String> {
    let (place, text) = match text.strip_prefix('@') {
        Some(file) => (format!("{flag}: {file}"), read_file(file)?),
        None => (flag.to_owned(), text.to_owned()),
    };
    match serde_json::from_str::<Box<RawValue>>(&text) {
        Ok(value) => Ok(value.get().to_owned()),
        Err(error) => Err(Error::usage_with(
            format!("{place}: this is not JSON: {error}"),
            format!("{flag} '{{\"city\": \"Vienna\"}}', or {flag} @FILE; a plain text needs its quotes: '\"text\"'"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Arguments, Command};
    use clap::Parser;

    fn body(flags: &[&str]) -> Result<Value> {
        let arguments = Arguments::try_parse_from(["jobs", "create"].iter().chain(flags)).unwrap();
        let Command::Create(args) = arguments.command else {
            unreachable!()
        };
        args.body().map(Value::Object)
    }

    #[test]
    fn flags_say_what_when_and_how() {
        let flags = [
            "Report",
            "--http",
            "https://example.com/x",
            "--method",
            "get",
            "--header",
            "A: b: c",
            "--every",
            "5m",
            "--jitter",
            "10s",
            "--max-attempts",
            "3",
            "--tag",
            "a,b",
            "--timeout",
            "1m",
        ];
        assert_eq!(
            body(&flags).unwrap(),
            json!({
                "job_name": "Report", "tags": ["a", "b"], "timeout_seconds": 60, "retry": {"max_attempts": 3},
                "executor": {"type": "http", "method": "GET", "url": "https://example.com/x", "headers": {"A": "b: c"}},
                "schedule": {"type": "interval", "every_seconds": 300, "jitter_seconds": 10}
            })
        );
    }

    #[test]
    fn what_does_not_fit_together_is_told() {
        for (flags, part) in [
            (["--time-zone", "UTC"], "--time-zone goes with --cron"),
            (["--jitter", "5s"], "without a schedule"),
            (["--timeout", "soon"], "--timeout: \"soon\" is no length of time"),
        ] {
            let error = body(&[&["x"], &flags[..]].concat()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(Arguments::try_parse_from(["jobs", "create", "x", "--every", "5m", "--cron", "* * * * *"]).is_err());
    }

    #[test]
    fn json_keeps_its_digits_and_mistakes_their_place() {
        assert_eq!(
            json_value("--payload", "{\"a\": 1.000000000000000000001}").unwrap(),
            "{\"a\": 1.000000000000000000001}"
        );
        let error = json_value("--payload", "{a}").unwrap_err().to_string();
        assert!(error.starts_with("--payload: this is not JSON"), "{error}");
    }
}
