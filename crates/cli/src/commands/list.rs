//! `jobs list`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    pages::{self, Paging},
    table::{Cell, Table},
    time, vocabulary,
    words::{self, text},
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Pending, Running, Completed, Failed, Cancelled; several are separated by commas
    #[arg(long, value_delimiter = ',', value_parser = vocabulary::JOB_STATUSES, hide_possible_values = true)]
    status: Vec<String>,
    /// Low, Medium, High, Critical
    #[arg(long, value_delimiter = ',', value_parser = vocabulary::PRIORITIES, hide_possible_values = true)]
    priority: Vec<String>,
    /// Only jobs with this tag
    #[arg(long)]
    tag: Option<String>,
    /// Part of name or description; or the start of the id or external id
    #[arg(short = 'q', long = "search", value_name = "TEXT")]
    q: Option<String>,
    /// Made after this instant (RFC 3339), or so long ago (2h)
    #[arg(long, value_name = "WHEN")]
    created_after: Option<String>,
    /// Made before it
    #[arg(long, value_name = "WHEN")]
    created_before: Option<String>,
    /// created_at, updated_at or job_name; with - in front: backwards
    #[arg(long, allow_hyphen_values = true, value_name = "FIELD")]
    sort: Option<String>,
    #[command(flatten)]
    paging: Paging,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let words_of = |words: &[String]| (!words.is_empty()).then(|| words.join(","));
    let request = Request::get(&["jobs"])
        .maybe("status", words_of(&args.status))
        .maybe("priority", words_of(&args.priority))
        .maybe("tag", args.tag)
        .maybe("q", args.q)
        .maybe(
            "created_after",
            time::maybe_past("--created-after", args.created_after.as_deref())?,
        )
        .maybe(
            "created_before",
            time::maybe_past("--created-before", args.created_before.as_deref())?,
        )
        .maybe("sort", args.sort);
    let page = pages::fetch(&context.client, &request, &args.paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["STATUS", "NAME", "SCHEDULE", "NEXT", "JOB ID"]);
    for job in page.values() {
        table.row(vec![
            Cell::status(text(&job, "status")),
            Cell::new(text(&job, "job_name")),
            Cell::new(words::schedule(&job)),
            Cell::new(time::relative(&job["next_run_at"])),
            Cell::new(words::job_ref(&job)),
        ]);
    }
    table.print(context.terminal, "No jobs. Make one: jobs create \"Nightly report\"")?;
    page.print_rest();
    Ok(())
}
