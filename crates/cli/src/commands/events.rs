//! `jobs events`

use super::{Context, watch};
use crate::{
    client::Request,
    error::Result,
    pages::{self, Paging},
    vocabulary,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id, or ext: and the external id. Its events come newest first; those of all jobs, without it, oldest first
    job: Option<String>,
    /// Only these: run.failed, job.updated, …; several are separated by commas
    #[arg(
        long = "type", value_delimiter = ',', value_name = "TYPE", conflicts_with = "job",
        value_parser = vocabulary::EVENT_TYPES, hide_possible_values = true
    )]
    types: Vec<String>,
    #[command(flatten)]
    paging: Paging,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let (client, paging) = (&context.client, &args.paging);
    let page = match &args.job {
        Some(job) => pages::fetch(client, &Request::get(&["jobs", job, "events"]), paging).await?,
        None => {
            let types = (!args.types.is_empty()).then(|| args.types.join(","));
            let stream = Request::get(&["events"]).maybe("types", types);
            pages::fetch_along(client, &stream, "since", paging).await?
        }
    };
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    if page.data.is_empty() {
        eprintln!("No events, as far back as they are kept.");
    }
    for event in page.values() {
        context.terminal.line(watch::line(&event, context.terminal))?;
    }
    page.print_rest();
    Ok(())
}
