//! `jobs overview`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    table::{Cell, Table},
    terminal::{Colour, Terminal},
    time,
    words::{self, text},
};
use serde_json::Value;
use std::fmt::Write;

/// The words of a job and of a run that has ended, in the order of their life.
const STATUSES: &[&str] = &["Pending", "Running", "Completed", "Failed", "Cancelled"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How far back runs are counted: 1h, 24h or 7d
    #[arg(long, default_value = "24h", value_name = "SPAN", value_parser = ["1h", "24h", "7d"])]
    window: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let request = Request::get(&["dashboard", "customer"]).query("window", &args.window);
    let answer = context.client.send(request).await?;
    let terminal = context.terminal;
    if terminal.json {
        return terminal.line(answer.text());
    }
    let overview = answer.json()?;
    terminal.line(format!("Jobs: {}", counts(&overview["counts"], terminal)))?;
    terminal.line(format!(
        "Runs of the last {}: {}",
        args.window,
        runs(&overview, terminal)
    ))?;
    section(
        terminal,
        "Running",
        &overview["running"],
        &["JOB", "FOR", "PROGRESS", "RUN ID"],
        |run| {
            let progress = run["progress"].as_u64().map(|percent| format!("{percent} %"));
            vec![
                Cell::new(text(run, "job_name")),
                Cell::new(words::took(run)),
                Cell::new(progress.unwrap_or_default()),
                Cell::new(text(run, "run_id")),
            ]
        },
    )?;
    section(
        terminal,
        "Next",
        &overview["upcoming"],
        &["JOB", "WHEN", "JOB ID"],
        |job| {
            vec![
                Cell::new(text(job, "job_name")),
                Cell::new(time::relative(&job["next_run_at"])),
                Cell::new(text(job, "job_id")),
            ]
        },
    )?;
    section(
        terminal,
        "Needs attention",
        &overview["attention"],
        &["WHAT", "WHY", "JOB ID"],
        |matter| {
            vec![
                Cell::coloured(text(matter, "kind"), Colour::Red),
                Cell::new(words::one_line(text(matter, "message"))),
                Cell::new(text(matter, "job_id")),
            ]
        },
    )
}

fn counts(counts: &Value, terminal: Terminal) -> String {
    let parts = STATUSES.iter().filter_map(|status| {
        let number = counts[status].as_u64().filter(|number| *number > 0)?;
        Some(terminal.paint(crate::terminal::status_colour(status), &format!("{number} {status}")))
    });
    match parts.collect::<Vec<_>>() {
        none if none.is_empty() => "none".to_owned(),
        parts => parts.join(", "),
    }
}

fn runs(overview: &Value, terminal: Terminal) -> String {
    let mut line = counts(&overview["runs"], terminal);
    if let Some(rate) = overview["success_rate"].as_f64() {
        let _ = write!(line, "; {:.1} % succeeded", rate * 100.0);
    }
    let duration = |field: &str| overview["duration_ms"][field].as_i64().map(time::span);
    if let (Some(p50), Some(p95)) = (duration("p50"), duration("p95")) {
        let _ = write!(line, "; half took up to {p50}, 95 of 100 up to {p95}");
    }
    line
}

/// A table under a heading; nothing where there are no items.
fn section(
    terminal: Terminal,
    title: &str,
    items: &Value,
    headings: &[&'static str],
    row: impl Fn(&Value) -> Vec<Cell>,
) -> Result<()> {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return Ok(());
    }
    terminal.line("")?;
    terminal.line(terminal.paint(Colour::Bold, title))?;
    let mut table = Table::new(headings);
    for item in items {
        table.row(row(item));
    }
    table.print(terminal, "")
}
