//! `jobs run`

use super::{Context, create::json_value};
use crate::{
    client::Request,
    error::{Error, Result},
    follow::{self, Tell},
    time,
    words::text,
};
use serde_json::json;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id, or ext: and the external id
    job: String,
    /// A payload for this run alone: JSON, or @FILE
    #[arg(long, value_name = "JSON")]
    payload: Option<String>,
    /// Waits for the end; exit code 1 unless it completes
    #[arg(long)]
    wait: bool,
    /// Waits, and prints the log meanwhile
    #[arg(short, long)]
    follow: bool,
    /// Waits so long at most (90, 5m, 1h); the run goes on
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let terminal = context.terminal;
    let timeout = args
        .timeout
        .as_deref()
        .map(|text| time::parse_seconds("--timeout", text))
        .transpose()?;
    let mut request = Request::post(&["jobs", &args.job, "runs"]);
    if let Some(payload) = &args.payload {
        request = request.text(format!("{{\"payload\":{}}}", json_value("--payload", payload)?));
    }
    let run = context.client.send(request).await?.json()?;
    let id = text(&run, "run_id");
    if !args.wait && !args.follow {
        return terminal.answer(&run, || {
            format!(
                "Started run {id} of {}: {}",
                text(&run, "job_name"),
                text(&run, "status")
            )
        });
    }
    if !terminal.json {
        eprintln!("Run {id} of {}", text(&run, "job_name"));
    }
    let tell = match (args.follow, terminal.json) {
        (false, _) => Tell::Nothing,
        (true, false) => Tell::Log,
        (true, true) => Tell::LogAside,
    };
    let end = follow::to_the_end(&context.client, terminal, id, tell);
    let run = match timeout {
        None => end.await?,
        Some(seconds) => tokio::time::timeout(Duration::from_secs(seconds.unsigned_abs()), end)
            .await
            .map_err(|_| {
                Error::Failed(format!(
                    "run {id} is under way still; jobs logs -f {id} goes on watching"
                ))
            })??,
    };
    if terminal.json {
        terminal.value(&json!(run))?;
    } else if text(&run, "status") == "Completed" {
        eprintln!("Completed in {}", crate::words::took(&run));
    }
    follow::verdict(&run)
}
