//! `jobs queues …`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    table::{Cell, Table},
    words::text,
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the queues of workers: what waits, what runs, how much may
    #[command(visible_alias = "ls")]
    List,
    /// Say how many runs of a queue may be Running at once; 0 stops the queue
    Limit {
        /// The name of the queue
        queue: String,
        /// How many
        #[arg(required_unless_present = "none")]
        max_running: Option<u32>,
        /// Any number
        #[arg(long, conflicts_with = "max_running")]
        none: bool,
    },
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::List => list(context).await,
        Command::Limit { queue, max_running, .. } => limit(&queue, max_running, context).await,
    }
}

async fn list(context: &Context) -> Result<()> {
    let queues = context.client.get(&["queues"]).await?;
    if context.terminal.json {
        return context.terminal.value(&queues);
    }
    let mut table = Table::new(&["QUEUE", "WAITING", "RUNNING", "LIMIT"]);
    for queue in queues["data"].as_array().into_iter().flatten() {
        table.row(vec![
            Cell::new(text(queue, "name")),
            Cell::new(queue["waiting"].to_string()),
            Cell::new(queue["running"].to_string()),
            Cell::new(limit_of(queue)),
        ]);
    }
    table.print(
        context.terminal,
        "No queue has a limit, or a run that waits or is Running. A job names its queue: jobs create Report --worker reports",
    )
}

fn limit_of(queue: &Value) -> String {
    match queue["max_running"].as_u64() {
        None => "none".to_owned(),
        Some(0) => "0 (stopped)".to_owned(),
        Some(limit) => limit.to_string(),
    }
}

async fn limit(queue: &str, max_running: Option<u32>, context: &Context) -> Result<()> {
    let request = Request::new(Method::PUT, &["queues", queue]).json(&json!({"max_running": max_running}));
    let changed = context.client.send(request).await?.json()?;
    context
        .terminal
        .answer(&changed, || format!("{queue}: limit {}", limit_of(&changed)))
}
