//! `jobs export`

use super::Context;
use crate::{
    client::Request,
    description,
    error::Result,
    pages::{self, Paging},
};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these; all jobs with an external id when left out
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Only jobs with this tag
    #[arg(long, conflicts_with = "jobs")]
    tag: Option<String>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let mut jobs = Vec::new();
    if args.jobs.is_empty() {
        let list = Request::get(&["jobs"]).query("sort", "job_name").maybe("tag", args.tag);
        jobs.extend(
            pages::fetch(&context.client, &list, &Paging::everything())
                .await?
                .values(),
        );
    } else {
        for job in &args.jobs {
            jobs.push(context.client.get(&["jobs", job]).await?);
        }
    }
    let all = jobs.len();
    jobs.retain(|job| job["external_id"].is_string());
    if jobs.len() < all {
        eprintln!(
            "Left out, without an external_id to be known by: {} (jobs edit JOB gives one)",
            crate::words::count(all - jobs.len(), "job")
        );
    }
    let descriptions: Vec<_> = jobs.iter().map(description::of_job).collect();
    if descriptions
        .iter()
        .any(|description| !description::hidden(description).is_empty())
    {
        eprintln!(
            "Secrets are written as ***; apply keeps them where the job is, and wants them written out where it is not."
        );
    }
    if context.terminal.json {
        return context.terminal.value(&json!({"jobs": descriptions}));
    }
    context
        .terminal
        .write(&document(descriptions.into_iter().map(Value::Object)))
}

/// The jobs as a document.
fn document(descriptions: impl Iterator<Item = Value>) -> String {
    let mut out = String::from("jobs:\n");
    let mut none = true;
    for description in descriptions {
        let Value::Object(description) = description else {
            continue;
        };
        if !none {
            out.push('\n');
        }
        none = false;
        out.push_str("  - ");
        out.push_str(description::write(&description, 4).trim_start());
    }
    if none { "jobs: []\n".to_owned() } else { out }
}
