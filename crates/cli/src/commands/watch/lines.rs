//! Events as lines: for pipes and files.

use super::{
    super::Context,
    stream::{Stream, Told},
};
use crate::{
    error::Result,
    interrupts,
    terminal::{Terminal, harmless, status_colour},
    words::{self, text},
};
use serde_json::Value;

pub(super) async fn run(jobs: Vec<String>, since: Option<String>, context: &Context) -> Result<()> {
    let _held = interrupts::Held::begin();
    let mut stream = Stream::new(&context.client, jobs, since);
    loop {
        let told = tokio::select! {
            told = stream.next() => told?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        match told {
            Told::Begin => {}
            Told::Down(why) => eprintln!("{why}; connecting again"),
            Told::Event(event) if context.terminal.json => context.terminal.line(event.to_string())?,
            Told::Event(event) => context.terminal.line(line(&event, context.terminal))?,
        }
    }
}

/// An event on one line.
pub(in crate::commands) fn line(event: &Value, terminal: Terminal) -> String {
    let (data, kind) = (&event["data"], text(event, "type"));
    let run = &data["run"];
    let status = if run.is_null() {
        text(data, "status")
    } else {
        text(run, "status")
    };
    let mut parts = vec![
        text(event, "timestamp").get(..19).unwrap_or_default().to_owned() + "Z",
        terminal.paint(status_colour(status), &format!("{kind:<18}")),
        harmless(text(data, "job_name")),
    ];
    if kind == "run.progress"
        && let Some(progress) = run["progress"].as_u64()
    {
        parts.push(format!("{progress} %"));
    }
    let why = words::why(run);
    if !why.is_empty() {
        parts.push(format!("({})", harmless(&why)));
    }
    let id = if run.is_null() {
        text(data, "job_id")
    } else {
        text(run, "run_id")
    };
    parts.push(id.to_owned());
    parts.join("  ")
}
