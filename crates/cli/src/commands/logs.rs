//! `jobs logs`

use super::Context;
use crate::{
    error::{Error, Result},
    follow::{self, Log, Tell},
    words::text,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id of a run
    #[arg(required_unless_present = "job", conflicts_with = "job")]
    run: Option<String>,
    /// The latest run of this job
    #[arg(long)]
    job: Option<String>,
    /// Goes on until the run ends; exit code 1 unless it completes
    #[arg(short, long)]
    follow: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let run = match (args.run, args.job) {
        (Some(run), _) => run,
        (None, job) => {
            let job = job.unwrap_or_default();
            let found = context.client.get(&["jobs", &job]).await?;
            let run = found["last_run"]["run_id"].as_str();
            run.map(str::to_owned).ok_or_else(|| {
                Error::usage_with(
                    format!("{} has no run yet", text(&found, "job_name")),
                    format!("jobs run {job} --follow"),
                )
            })?
        }
    };
    if args.follow {
        let run = follow::to_the_end(&context.client, context.terminal, &run, Tell::Log).await?;
        return follow::verdict(&run);
    }
    Log::default()
        .print_new(&context.client, context.terminal, &run, Tell::Log)
        .await
}
