//! `jobs cadence`

use super::Context;
use crate::{error::Result, words::text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id, or ext: and the external id
    job: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let cadence = context.client.get(&["jobs", &args.job, "cadence"]).await?;
    context
        .terminal
        .answer(&cadence, || text(&cadence, "explanation").to_owned())
}
