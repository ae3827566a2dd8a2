//! `jobs watch`

mod lines;
mod screen;
mod state;
mod stream;

pub(super) use lines::line;

use super::Context;
use crate::{error::Result, words::text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these jobs; all when left out
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Goes on after this cursor of an event (not on a terminal)
    #[arg(long, value_name = "CURSOR")]
    since: Option<String>,
    /// Lines instead of a table, on a terminal too
    #[arg(long)]
    lines: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let mut jobs = Vec::new();
    for job in &args.jobs {
        let job = context.client.get(&["jobs", job]).await?;
        jobs.push(text(&job, "job_id").to_owned());
    }
    if context.terminal.interactive && !context.terminal.json && !args.lines {
        return screen::run(jobs, context).await;
    }
    lines::run(jobs, args.since, context).await
}
