//! `jobs pause`, `jobs resume`

use super::Context;
use crate::{client::Request, error::Result, words::text};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(crate) struct PauseArgs {
    /// Ids, or ext: and external ids
    #[arg(required = true, value_name = "JOB")]
    jobs: Vec<String>,
    /// Why, for whoever wonders later
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ResumeArgs {
    /// Ids, or ext: and external ids
    #[arg(required = true, value_name = "JOB")]
    jobs: Vec<String>,
}

pub(crate) async fn pause(args: PauseArgs, context: &Context) -> Result<()> {
    for job in &args.jobs {
        let mut request = Request::post(&["jobs", job, "pause"]);
        if let Some(reason) = &args.reason {
            request = request.json(&json!({"reason": reason}));
        }
        let job = context.client.send(request).await?.json()?;
        tell(context, &job, "Paused")?;
    }
    Ok(())
}

pub(crate) async fn resume(args: ResumeArgs, context: &Context) -> Result<()> {
    for job in &args.jobs {
        let job = context.client.act(&["jobs", job, "resume"]).await?;
        tell(context, &job, "Resumed")?;
    }
    Ok(())
}

fn tell(context: &Context, job: &Value, done: &str) -> Result<()> {
    context.terminal.answer(job, || {
        format!("{done} {} ({})", text(job, "job_name"), text(job, "job_id"))
    })
}
