//! `jobs admin …`: what administrators do. All of it needs a log-in; API keys cannot.

mod users;

use super::Context;
use crate::{
    client::Request,
    error::{Error, Result},
    table::{Cell, Table},
    terminal::Colour,
    time,
    words::{self, text},
};
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Accounts
    #[command(subcommand)]
    Users(users::Command),
    /// List the servers of the installation
    Nodes,
    /// Show how the engine keeps up
    Engine,
    /// Show every key of the configuration, and where its value comes from
    Config {
        /// Only those that somebody has set
        #[arg(long)]
        set: bool,
    },
    /// Send a mail to see whether mails get through; exit code 1 unless it was taken
    MailTest {
        /// Whom to; you when left out
        #[arg(value_name = "ADDRESS")]
        to: Option<String>,
    },
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::Users(command) => users::run(command, context).await,
        Command::Nodes => nodes(context).await,
        Command::Engine => engine(context).await,
        Command::Config { set } => config(set, context).await,
        Command::MailTest { to } => mail_test(to, context).await,
    }
}

async fn nodes(context: &Context) -> Result<()> {
    let nodes = context.client.get(&["nodes"]).await?;
    if context.terminal.json {
        return context.terminal.value(&nodes);
    }
    let mut table = Table::new(&["STATE", "NAME", "RUNS", "VERSION", "STARTED", "SEEN", "NODE ID"]);
    for node in nodes["data"].as_array().into_iter().flatten() {
        let state = match (node["alive"] == true, node["stopped_at"].is_string()) {
            (true, _) => Cell::coloured("at work", Colour::Green),
            (false, true) => Cell::coloured("stopped", Colour::Dim),
            (false, false) => Cell::coloured("silent", Colour::Red),
        };
        table.row(vec![
            state,
            Cell::new(text(node, "name")),
            Cell::new(format!("{} of {}", node["running"], node["concurrency"])),
            Cell::new(text(node, "version")),
            Cell::new(time::relative(&node["started_at"])),
            Cell::new(time::relative(&node["seen_at"])),
            Cell::new(text(node, "node_id")),
        ]);
    }
    table.print(context.terminal, "No nodes.")
}

async fn engine(context: &Context) -> Result<()> {
    let dashboard = context.client.get(&["dashboard", "admin"]).await?;
    if context.terminal.json {
        return context.terminal.value(&dashboard);
    }
    let engine = &dashboard["engine"];
    let lag = |field: &str| match engine[field]["p50"].as_f64() {
        Some(p50) => {
            let most = |part: &str| engine[field][part].as_f64().unwrap_or(p50);
            format!(
                "{p50:.1} ms (99 of 100: {:.1} ms; at most {:.1} ms)",
                most("p99"),
                most("max")
            )
        }
        None => "none lately".to_owned(),
    };
    let waiting = match engine["oldest_queued_seconds"].as_i64() {
        Some(seconds) => {
            let more = if engine["queue_depth_capped"] == true {
                "more than "
            } else {
                ""
            };
            format!(
                "{more}{}, the oldest for {}",
                engine["queue_depth"],
                time::span(seconds * 1_000)
            )
        }
        None => "0".to_owned(),
    };
    let told = json!({
        "running": format!("{} of {}", engine["running"], engine["concurrency"]),
        "waiting": waiting,
        "planned instant to start": lag("scheduler_lag_ms"),
        "creation to start": lag("queue_wait_ms"),
        "event to webhook": lag("webhook_lag_ms"),
        "lost leases": engine["lease_losses"],
    });
    let order = [
        "running",
        "waiting",
        "planned instant to start",
        "creation to start",
        "event to webhook",
        "lost leases",
    ];
    words::details(context.terminal, &told, &order)
}

async fn config(set: bool, context: &Context) -> Result<()> {
    let settings = context.client.get(&["admin", "configuration"]).await?;
    if context.terminal.json {
        return context.terminal.value(&settings);
    }
    let mut table = Table::new(&["KEY", "VALUE", "FROM"]);
    let settings = settings["data"].as_array().into_iter().flatten();
    for setting in settings.filter(|setting| !set || text(setting, "source") != "default") {
        let value = setting["value"].as_str().or_else(|| setting["otherwise"].as_str());
        table.row(vec![
            Cell::new(text(setting, "key")),
            Cell::new(value.unwrap_or("none")),
            Cell::new(setting["place"].as_str().unwrap_or_else(|| text(setting, "source"))),
        ]);
    }
    table.print(context.terminal, "Every key has its default.")
}

async fn mail_test(to: Option<String>, context: &Context) -> Result<()> {
    let mut body = json!({});
    if let Some(to) = to {
        body["to"] = to.into();
    }
    let request = Request::post(&["admin", "mail-test"]).json(&body);
    let result: Value = context.client.send(request).await?.json()?;
    context.terminal.answer(&result, || {
        format!(
            "{} ({}, {}): {}",
            text(&result, "to"),
            text(&result, "transport"),
            time::span(result["duration_ms"].as_i64().unwrap_or_default()),
            text(&result, "message")
        )
    })?;
    match text(&result, "outcome") {
        "accepted" => Ok(()),
        _ => Err(Error::Failed("the mail was not taken".into())),
    }
}
