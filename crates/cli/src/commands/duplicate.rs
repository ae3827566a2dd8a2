//! `jobs duplicate`

use super::Context;
use crate::{client::Request, error::Result, words::text};
use reqwest::Method;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id, or ext: and the external id. The copy has neither its external id nor its runs
    job: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let request = Request::new(Method::POST, &["jobs", &args.job, "duplicate"]);
    let copy = context.client.send(request).await?;
    if context.terminal.json {
        return context.terminal.line(copy.text());
    }
    let copy = copy.json()?;
    let (name, id) = (text(&copy, "job_name"), text(&copy, "job_id"));
    context.terminal.line(format!("Created {name} ({id})"))
}
