//! `jobs delete`

use super::Context;
use crate::{client::Request, error::Result, prompt, words::text};
use reqwest::Method;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Ids, or ext: and external ids
    #[arg(required = true, value_name = "JOB")]
    jobs: Vec<String>,
    /// Does not ask
    #[arg(short, long)]
    yes: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    // All of them are looked at before any is deleted, so that a slip in the last one costs nothing.
    let mut jobs = Vec::new();
    for job in &args.jobs {
        jobs.push(context.client.get(&["jobs", job]).await?);
    }
    if !args.yes {
        let names: Vec<_> = jobs.iter().map(|job| format!("{:?}", text(job, "job_name"))).collect();
        let question = format!("Delete {}, with what is under way?", names.join(", "));
        prompt::confirm(&question, "nothing was deleted").await?;
    }
    for job in &jobs {
        let id = text(job, "job_id");
        context.client.send(Request::new(Method::DELETE, &["jobs", id])).await?;
        context.terminal.answer(&json!({"job_id": id, "deleted": true}), || {
            format!("Deleted {} ({id})", text(job, "job_name"))
        })?;
    }
    Ok(())
}
