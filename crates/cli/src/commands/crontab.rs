//! `jobs crontab import`

use super::Context;
use crate::{
    client::Request,
    description::read_file,
    error::{Error, Result},
    pages::{self, Paging},
    table::{Cell, Table},
    terminal::harmless,
    time,
    words::{self, text},
};
use clap::Subcommand;
use serde_json::{Value, json};

/// What the external ids of imported jobs begin with.
const PREFIX: &str = "crontab:";
/// How many jobs of other imports are named.
const MOST_TOLD: usize = 10;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a job of each line of a crontab; a line that has one already makes no other
    Import(Import),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The file, or - for standard input (crontab -l | jobs crontab import -)
    file: String,
    /// The zone of its times, until a CRON_TZ= line says otherwise
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// Only says what would be made
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    let Command::Import(args) = command;
    let body = json!({"crontab": read_file(&args.file)?, "time_zone": args.time_zone, "dry_run": args.dry_run});
    let report = context.client.post(&["schedules", "import"], &body).await?;
    let lines = report["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    if context.terminal.json {
        context.terminal.value(&report)?;
    } else {
        print(lines, args.dry_run, context)?;
        tell_what_is_left(lines, context).await?;
    }
    match count(lines, |line| text(line, "status") == "error") {
        0 => Ok(()),
        errors => Err(Error::Failed(format!(
            "{}: not understood: {}",
            args.file,
            words::count(errors, "line")
        ))),
    }
}

fn count(lines: &[Value], fits: impl Fn(&Value) -> bool) -> usize {
    lines.iter().filter(|line| fits(line)).count()
}

/// Whether an import before has made a job of the line.
fn is_there(line: &Value) -> bool {
    text(line, "status") == "ignored" && line["job_id"].is_string()
}

fn print(lines: &[Value], dry_run: bool, context: &Context) -> Result<()> {
    let mut table = Table::new(&["LINE", "STATUS", "TEXT", "NEXT", "MESSAGE"]);
    for line in lines.iter().filter(|line| !text(line, "text").trim().is_empty()) {
        table.row(vec![
            Cell::new(line["line"].to_string()),
            Cell::status(if is_there(line) { "there" } else { text(line, "status") }),
            Cell::new(text(line, "text")),
            Cell::new(time::relative(&line["next"][0])),
            Cell::new(text(line, "message")),
        ]);
    }
    table.print(context.terminal, "There is nothing in it.")?;
    let made = if dry_run {
        "would be made (--dry-run: nothing was)"
    } else {
        "made"
    };
    eprintln!(
        "{} {made}, {} there already, {} with errors",
        words::count(count(lines, |line| text(line, "status") == "ok"), "job"),
        count(lines, is_there),
        words::count(count(lines, |line| text(line, "status") == "error"), "line")
    );
    Ok(())
}

/// A line that was changed is another job, and the one that it was before goes on: so those that other imports made are named.
async fn tell_what_is_left(lines: &[Value], context: &Context) -> Result<()> {
    let made_by_imports = Request::get(&["jobs"]).query("q", PREFIX);
    let jobs = match pages::fetch(&context.client, &made_by_imports, &Paging::everything()).await {
        // Made they are; a key that may only write sees no list.
        Err(error) if error.code() == Some("insufficient_scope") => return Ok(()),
        jobs => jobs?,
    };
    let left: Vec<_> = jobs
        .values()
        .filter(|job| text(job, "external_id").starts_with(PREFIX))
        .filter(|job| !lines.iter().any(|line| line["job_id"] == job["job_id"]))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    eprintln!(
        "Other imports made {} that {} not in this crontab. Where a line was changed, delete what it was before:",
        words::count(left.len(), "job"),
        if left.len() == 1 { "is" } else { "are" }
    );
    for job in left.iter().take(MOST_TOLD) {
        let (schedule, name) = (words::schedule(job), text(job, "job_name"));
        eprintln!(
            "  jobs delete {}   # {}",
            words::job_ref(job),
            harmless(&format!("{schedule}  {name}"))
        );
    }
    if left.len() > MOST_TOLD {
        eprintln!("  … and {} more: jobs list -q {PREFIX} --all", left.len() - MOST_TOLD);
    }
    Ok(())
}
