//! `jobs show`

use super::Context;
use crate::{client::Request, error::Result, words};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id, or ext: and the external id
    job: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let answer = context.client.send(Request::get(&["jobs", &args.job])).await?;
    if context.terminal.json {
        return context.terminal.line(answer.text());
    }
    let job = answer.json()?;
    let first = [
        "job_name",
        "status",
        "job_id",
        "external_id",
        "priority",
        "description",
        "tags",
        "schedule",
        "next_run_at",
        "executor",
    ];
    words::details(context.terminal, &job, &first)
}
