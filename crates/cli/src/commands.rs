//! The commands: one file each, with its arguments and what it does.

use crate::{client::Client, error::Result, terminal::Terminal, worker};
use clap::{Args, Parser, Subcommand};

/// Jobs from the command line: create, run, watch and carry out.
#[derive(Debug, Parser)]
#[command(name = "jobs", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The server [env: JOBS_URL] [default: that of the profile, else http://127.0.0.1:8080]
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// An API key; others can see it in the list of processes, so prefer the variable [env: JOBS_API_KEY]
    #[arg(long, global = true, value_name = "KEY")]
    pub api_key: Option<String>,
    /// A named profile of the profile file [env: JOBS_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Writes JSON, as the API answers it, and nothing else to standard output
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Carry out runs of worker jobs with a command of this machine
    Worker(worker::Args),
}

/// Does what was asked for.
pub(crate) async fn run(command: Command, client: &Client, terminal: Terminal) -> Result<()> {
    match command {
        Command::Worker(args) => worker::run(args, client, terminal.json).await,
    }
}
