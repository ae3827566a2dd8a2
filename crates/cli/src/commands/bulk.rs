//! `jobs bulk …`

use super::Context;
use crate::{
    client::Request,
    error::{Error, Result},
    numbers,
    pages::{self, Paging},
    prompt,
    table::{Cell, Table},
    terminal::harmless,
    time, vocabulary,
    words::{self, text},
};
use clap::Subcommand;
use serde_json::{Map, Value, json};
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a run of each
    Run {
        #[command(flatten)]
        which: Which,
        /// A payload for these runs alone: any JSON, or @FILE
        #[arg(long, value_name = "JSON")]
        payload: Option<String>,
    },
    /// Pause their schedules
    Pause {
        #[command(flatten)]
        which: Which,
        /// Why, for whoever wonders later
        #[arg(long)]
        reason: Option<String>,
    },
    /// Resume their schedules
    Resume {
        #[command(flatten)]
        which: Which,
    },
    /// Cancel what is under way
    Cancel {
        #[command(flatten)]
        which: Which,
    },
    /// Delete them
    Delete {
        #[command(flatten)]
        which: Which,
    },
    /// Change their tags
    Tag {
        #[command(flatten)]
        which: Which,
        /// Tags that each has afterwards
        #[arg(long, value_delimiter = ',', value_name = "TAG")]
        add: Vec<String>,
        /// Tags that none has afterwards
        #[arg(long, value_delimiter = ',', value_name = "TAG")]
        remove: Vec<String>,
    },
    /// List operations, newest first
    #[command(visible_alias = "ls")]
    List(Paging),
    /// Show an operation, with the first jobs that failed
    Show {
        /// The id of the operation
        operation: String,
    },
    /// Stop an operation; what was done stays done
    Abort {
        /// The id of the operation
        operation: String,
    },
}

/// Which jobs, and how.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Which {
    /// Ids of jobs, instead of a filter
    #[arg(value_name = "JOB", conflicts_with_all = ["status", "priority", "filter_tag", "q", "every"])]
    jobs: Vec<String>,
    /// Those that are Pending, Running, Completed, Failed, Cancelled
    #[arg(long, value_delimiter = ',', value_parser = vocabulary::JOB_STATUSES, hide_possible_values = true)]
    status: Vec<String>,
    /// Those of Low, Medium, High, Critical priority
    #[arg(long, value_delimiter = ',', value_parser = vocabulary::PRIORITIES, hide_possible_values = true)]
    priority: Vec<String>,
    /// Those with this tag
    #[arg(long = "tag", value_name = "TAG")]
    filter_tag: Option<String>,
    /// Those with this in name or description
    #[arg(short = 'q', long = "search", value_name = "TEXT")]
    q: Option<String>,
    /// All jobs
    #[arg(long, conflicts_with_all = ["status", "priority", "filter_tag", "q"])]
    every: bool,
    /// Only says how many there are
    #[arg(long)]
    dry_run: bool,
    /// Does not ask
    #[arg(short, long)]
    yes: bool,
    /// Does not wait for the end
    #[arg(long)]
    no_wait: bool,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    let (action, which, params) = match command {
        Command::List(paging) => return list(&paging, context).await,
        Command::Show { operation } => {
            let found = context.client.get(&["bulk-operations", &operation]).await?;
            return tell(&found, context);
        }
        Command::Abort { operation } => {
            let stopped = context.client.act(&["bulk-operations", &operation, "abort"]).await?;
            return tell(&stopped, context);
        }
        Command::Run { which, payload } => {
            let params = match payload {
                None => None,
                Some(text) => {
                    let payload = super::create::json_value("--payload", &text)?;
                    Some(json!({"payload": numbers::read(&payload).unwrap_or_default()}))
                }
            };
            ("run", which, params)
        }
        Command::Pause { which, reason } => ("pause", which, reason.map(|reason| json!({"reason": reason}))),
        Command::Resume { which } => ("resume", which, None),
        Command::Cancel { which } => ("cancel", which, None),
        Command::Delete { which } => ("delete", which, None),
        Command::Tag { which, add, remove } => ("tag", which, Some(json!({"add": add, "remove": remove}))),
    };
    let mut body = json!({"action": action});
    which.target(&mut body, context).await?;
    if let Some(params) = params {
        body["params"] = params;
    }
    start(action, body, &which, context).await
}

impl Which {
    async fn target(&self, body: &mut Value, context: &Context) -> Result<()> {
        if !self.jobs.is_empty() {
            let mut ids = Vec::new();
            for job in &self.jobs {
                // The operation knows ids alone.
                let id = if job.starts_with("ext:") {
                    text(&context.client.get(&["jobs", job]).await?, "job_id").to_owned()
                } else {
                    job.clone()
                };
                ids.push(id);
            }
            body["ids"] = ids.into();
            return Ok(());
        }
        let mut filter = Map::new();
        let words = |words: &[String]| (!words.is_empty()).then(|| Value::from(words.to_vec()));
        for (name, value) in [
            ("status", words(&self.status)),
            ("priority", words(&self.priority)),
            ("tag", self.filter_tag.clone().map(Value::from)),
            ("q", self.q.clone().map(Value::from)),
        ] {
            filter.extend(value.map(|value| (name.to_owned(), value)));
        }
        if filter.is_empty() && !self.every {
            return Err(Error::usage_with(
                "which jobs?",
                "ids, or --status, --priority, --tag, --search; --every for all",
            ));
        }
        body["filter"] = filter.into();
        Ok(())
    }
}

async fn start(action: &str, mut body: Value, which: &Which, context: &Context) -> Result<()> {
    let path = ["bulk-operations"];
    if which.dry_run || !which.yes {
        body["dry_run"] = true.into();
        let rehearsed = context.client.post(&path, &body).await?;
        let jobs = how_many(&rehearsed);
        if which.dry_run {
            return context
                .terminal
                .answer(&rehearsed, || format!("It would {action} {jobs}"));
        }
        prompt::confirm(&format!("Really {action} {jobs}?"), "nothing was done").await?;
        body["dry_run"] = false.into();
    }
    let mut operation = context.client.post(&path, &body).await?;
    let id = text(&operation, "bulk_operation_id").to_owned();
    if which.no_wait {
        return context
            .terminal
            .answer(&operation, || format!("Started: jobs bulk show {id}"));
    }
    let mut pause = Duration::from_millis(50);
    while operation["finished_at"].is_null() {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
        operation = context.client.get(&["bulk-operations", &id]).await?;
    }
    tell(&operation, context)?;
    match (
        operation["failed"].as_u64().unwrap_or_default(),
        text(&operation, "status"),
    ) {
        (0, "Completed") => Ok(()),
        (0, _) => Err(Error::Failed("the operation was aborted".into())),
        (failed, _) => Err(Error::Failed(format!("{failed} could not be handled"))),
    }
}

fn how_many(operation: &Value) -> String {
    let matched = operation["matched"].as_u64().unwrap_or_default();
    let jobs = words::count(usize::try_from(matched).unwrap_or(usize::MAX), "job");
    if operation["matched_exactly"] == false {
        format!("more than {jobs}")
    } else {
        jobs
    }
}

fn tell(operation: &Value, context: &Context) -> Result<()> {
    let terminal = context.terminal;
    if terminal.json {
        return terminal.value(operation);
    }
    terminal.line(format!(
        "{} {}: {} of {} done, {} failed",
        text(operation, "action"),
        text(operation, "status"),
        operation["done"],
        how_many(operation),
        operation["failed"]
    ))?;
    for error in operation["errors"].as_array().into_iter().flatten() {
        let (job, why) = (text(error, "job_id"), harmless(text(error, "message")));
        terminal.line(format!("  {job}  {why} ({})", text(error, "code")))?;
    }
    Ok(())
}

async fn list(paging: &Paging, context: &Context) -> Result<()> {
    let page = pages::fetch(&context.client, &Request::get(&["bulk-operations"]), paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["STATUS", "ACTION", "MADE", "DONE", "FAILED", "OF", "OPERATION ID"]);
    for operation in page.values() {
        table.row(vec![
            Cell::status(text(&operation, "status")),
            Cell::new(text(&operation, "action")),
            Cell::new(time::relative(&operation["created_at"])),
            Cell::new(operation["done"].to_string()),
            Cell::new(operation["failed"].to_string()),
            Cell::new(how_many(&operation)),
            Cell::new(text(&operation, "bulk_operation_id")),
        ]);
    }
    table.print(
        context.terminal,
        "No operations. Rehearse one: jobs bulk pause --tag nightly --dry-run",
    )?;
    page.print_rest();
    Ok(())
}
