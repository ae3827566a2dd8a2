//! `jobs occurrences`, `jobs backfill`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    pages::{self, Paging},
    table::{Cell, Table},
    time,
    words::{self, text},
};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id, or ext: and the external id
    job: String,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BackfillArgs {
    /// The id, or ext: and the external id
    job: String,
    /// From this instant on (RFC 3339), or from so long ago on (2d)
    #[arg(long, value_name = "WHEN")]
    from: String,
    /// Up to here, inclusive; now when left out
    #[arg(long, value_name = "WHEN")]
    to: Option<String>,
    /// At most so many runs, the oldest first
    #[arg(long, value_name = "N")]
    max_runs: Option<u32>,
    /// Only says what would run
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn list(args: Args, context: &Context) -> Result<()> {
    let request = Request::get(&["jobs", &args.job, "occurrences"]);
    let page = pages::fetch(&context.client, &request, &args.paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["OUTCOME", "PLANNED", "AND SO ON", "WHY", "RUN ID"]);
    for occurrence in page.values() {
        let count = occurrence["count"].as_u64().unwrap_or(1);
        let rest = match count {
            1 => String::new(),
            count => format!("{count} until {}", text(&occurrence, "last_planned_at")),
        };
        table.row(vec![
            Cell::status(text(&occurrence, "outcome")),
            Cell::new(text(&occurrence, "planned_at")),
            Cell::new(rest),
            Cell::new(text(&occurrence, "reason")),
            Cell::new(text(&occurrence, "run_id")),
        ]);
    }
    table.print(context.terminal, "No planned instant has passed yet.")?;
    page.print_rest();
    Ok(())
}

pub(crate) async fn backfill(args: BackfillArgs, context: &Context) -> Result<()> {
    let to = match &args.to {
        Some(to) => time::parse_past("--to", to)?,
        None => time::now(),
    };
    let mut body = json!({"from": time::parse_past("--from", &args.from)?, "to": to, "dry_run": args.dry_run});
    if let Some(most) = args.max_runs {
        body["max_runs"] = most.into();
    }
    let answer = context.client.post(&["jobs", &args.job, "backfill"], &body).await?;
    context.terminal.answer(&answer, || {
        let number = |field: &str| {
            answer[field]
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or_default()
        };
        let planned = words::count(number("planned"), "planned instant");
        let span = match answer["first_at"].as_str() {
            Some(first) => format!(" from {first} to {}", text(&answer, "last_at")),
            None => String::new(),
        };
        if args.dry_run {
            format!("{planned}{span} would run")
        } else {
            format!("{planned}{span}; started {}", words::count(number("started"), "run"))
        }
    })
}
