//! `jobs worker`: carries out runs of `worker` jobs with a command of this machine.

use crate::{
    client::Client,
    error::{Error, Result},
};

/// The arguments of `jobs worker`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The queue whose runs are carried out.
    #[arg(long, default_value = "default")]
    queue: String,
    /// The command and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Claims runs and carries them out until it is told to stop.
pub(crate) async fn run(args: Args, _client: &Client) -> Result<()> {
    std::future::ready(()).await;
    Err(Error::usage(format!(
        "not yet: {} from {}",
        args.command.join(" "),
        args.queue
    )))
}
