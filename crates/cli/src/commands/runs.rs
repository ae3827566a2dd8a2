//! `jobs runs …`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    follow::{self, Tell},
    pages::{self, Paging},
    table::{Cell, Table},
    time, vocabulary,
    words::{self, text},
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List runs, newest first
    #[command(visible_alias = "ls")]
    List(Box<List>),
    /// Show a run with its attempts
    Show {
        /// The id of the run
        run: String,
    },
    /// Cancel runs
    Cancel {
        /// Ids of runs
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<String>,
    },
    /// Start new runs in the place of ended ones
    Retry {
        /// Ids of runs
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<String>,
        /// Waits for their ends; exit code 1 unless all complete
        #[arg(long)]
        wait: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Runs of this job alone
    #[arg(long)]
    job: Option<String>,
    /// Queued, Running, Retrying, Completed, Failed, Cancelled; several are separated by commas
    #[arg(long, value_delimiter = ',', value_parser = vocabulary::RUN_STATUSES, hide_possible_values = true)]
    status: Vec<String>,
    /// Why they are as they are: timed_out, attempts_exhausted, crashed, …
    #[arg(long, value_delimiter = ',', value_parser = vocabulary::RUN_REASONS, hide_possible_values = true)]
    reason: Vec<String>,
    /// What started them: manual, api, schedule, retry, backfill, inbound
    #[arg(long, value_delimiter = ',', value_parser = vocabulary::RUN_TRIGGERS, hide_possible_values = true)]
    trigger: Vec<String>,
    /// A part of the code or the message of their error
    #[arg(long, value_name = "TEXT")]
    error: Option<String>,
    /// Made after this instant (RFC 3339), or so long ago (2h)
    #[arg(long, value_name = "WHEN")]
    created_after: Option<String>,
    /// Made before it
    #[arg(long, value_name = "WHEN")]
    created_before: Option<String>,
    /// Started after it
    #[arg(long, value_name = "WHEN")]
    started_after: Option<String>,
    /// Started before it
    #[arg(long, value_name = "WHEN")]
    started_before: Option<String>,
    #[command(flatten)]
    paging: Paging,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::List(args) => list(*args, context).await,
        Command::Show { run } => show(&run, context).await,
        Command::Cancel { runs } => cancel(&runs, context).await,
        Command::Retry { runs, wait } => retry(&runs, wait, context).await,
    }
}

async fn list(args: List, context: &Context) -> Result<()> {
    let request = match &args.job {
        Some(job) => Request::get(&["jobs", job, "runs"]),
        None => Request::get(&["runs"]),
    };
    let words = |words: &[String]| (!words.is_empty()).then(|| words.join(","));
    let past = |flag: &str, text: &Option<String>| time::maybe_past(flag, text.as_deref());
    let request = request
        .maybe("status", words(&args.status))
        .maybe("reason", words(&args.reason))
        .maybe("trigger", words(&args.trigger))
        .maybe("error", args.error.as_ref())
        .maybe("created_after", past("--created-after", &args.created_after)?)
        .maybe("created_before", past("--created-before", &args.created_before)?)
        .maybe("started_after", past("--started-after", &args.started_after)?)
        .maybe("started_before", past("--started-before", &args.started_before)?);
    let page = pages::fetch(&context.client, &request, &args.paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["STATUS", "JOB", "MADE", "TOOK", "WHY", "RUN ID"]);
    for run in page.values() {
        table.row(vec![
            Cell::status(text(&run, "status")),
            Cell::new(text(&run, "job_name")),
            Cell::new(time::relative(&run["created_at"])),
            Cell::new(words::took(&run)),
            Cell::new(words::why(&run)),
            Cell::new(text(&run, "run_id")),
        ]);
    }
    table.print(context.terminal, "No runs.")?;
    page.print_rest();
    Ok(())
}

async fn show(run: &str, context: &Context) -> Result<()> {
    let answer = context.client.send(Request::get(&["runs", run])).await?;
    if context.terminal.json {
        return context.terminal.line(answer.text());
    }
    let first = [
        "job_name",
        "status",
        "reason",
        "error",
        "run_id",
        "job_id",
        "trigger",
        "attempt",
        "max_attempts",
        "progress",
        "progress_message",
    ];
    words::details(context.terminal, &answer.json()?, &first)
}

async fn cancel(runs: &[String], context: &Context) -> Result<()> {
    for run in runs {
        let run = context.client.act(&["runs", run, "cancel"]).await?;
        context.terminal.answer(&run, || {
            let id = text(&run, "run_id");
            if follow::is_over(&run) {
                format!("Cancelled run {id}")
            } else {
                format!(
                    "Asked the worker of run {id} to stop; until it does the run is {}",
                    text(&run, "status")
                )
            }
        })?;
    }
    Ok(())
}

async fn retry(runs: &[String], wait: bool, context: &Context) -> Result<()> {
    let mut started = Vec::new();
    for old in runs {
        let run = context.client.act(&["runs", old, "retry"]).await?;
        if !wait {
            context.terminal.answer(&run, || {
                format!("Started run {} in the place of {old}", text(&run, "run_id"))
            })?;
        }
        started.push(run);
    }
    if wait {
        let mut verdict = Ok(());
        for run in &started {
            let run = follow::to_the_end(&context.client, context.terminal, text(run, "run_id"), Tell::Nothing).await?;
            context.terminal.answer(&run, || {
                format!("Run {}: {}", text(&run, "run_id"), text(&run, "status"))
            })?;
            verdict = verdict.and(follow::verdict(&run));
        }
        return verdict;
    }
    Ok(())
}
