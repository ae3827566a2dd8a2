//! `jobs webhooks …`

mod deliveries;
mod edit;
mod stats;

use super::Context;
use crate::{
    client::Request,
    error::{Error, Result},
    pages::{self, Paging},
    prompt,
    table::{Cell, Table},
    terminal::Colour,
    vocabulary,
    words::{self, text},
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Map, Value, json};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List endpoints
    #[command(visible_alias = "ls")]
    List(Paging),
    /// Make an endpoint; its secret is shown this once
    Create(Create),
    /// Show an endpoint
    Show {
        /// The id of the endpoint
        webhook: String,
    },
    /// Change an endpoint, switch it on or off
    Edit(edit::Args),
    /// How deliveries to an endpoint went
    Stats {
        /// The id of the endpoint
        webhook: String,
    },
    /// Delete an endpoint
    #[command(visible_alias = "rm")]
    Delete {
        /// The id of the endpoint
        webhook: String,
        /// Does not ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Send a test event
    Test {
        /// The id of the endpoint
        webhook: String,
    },
    /// Make a new secret; the old one signs too for 24 hours
    RotateSecret {
        /// The id of the endpoint
        webhook: String,
    },
    /// List deliveries, newest first
    Deliveries(deliveries::List),
    /// Show a delivery with its attempts, request and answer
    Delivery {
        /// The id of the delivery
        delivery: String,
    },
    /// Send deliveries again: some, or all of a time
    Replay(deliveries::Replay),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Where events are posted
    #[arg(value_name = "ENDPOINT")]
    endpoint: String,
    /// Events, such as run.failed; all but run.log and run.progress when left out
    #[arg(
        long = "type", value_delimiter = ',', value_name = "TYPE",
        value_parser = vocabulary::WEBHOOK_EVENT_TYPES, hide_possible_values = true
    )]
    types: Vec<String>,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
    /// A header that is sent along: "Name: value"
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::List(paging) => list(&paging, context).await,
        Command::Create(args) => create(args, context).await,
        Command::Show { webhook } => {
            let answer = context.client.get(&["webhooks", &webhook]).await?;
            if context.terminal.json {
                return context.terminal.value(&answer);
            }
            words::details(
                context.terminal,
                &answer,
                &["url", "enabled", "disabled_reason", "types", "webhook_id"],
            )
        }
        Command::Edit(args) => edit::run(args, context).await,
        Command::Stats { webhook } => stats::run(&webhook, context).await,
        Command::Delivery { delivery } => deliveries::show(&delivery, context).await,
        Command::Delete { webhook, yes } => delete(&webhook, yes, context).await,
        Command::Test { webhook } => {
            let delivery = context.client.act(&["webhooks", &webhook, "test"]).await?;
            context.terminal.answer(&delivery, || {
                format!("A test event is on its way: jobs webhooks deliveries {webhook}")
            })
        }
        Command::RotateSecret { webhook } => {
            let answer = context.client.act(&["webhooks", &webhook, "rotate-secret"]).await?;
            tell_secret(context, &answer, "The old one signs as well for 24 hours.")
        }
        Command::Deliveries(args) => deliveries::list(args, context).await,
        Command::Replay(args) => deliveries::replay(args, context).await,
    }
}

async fn list(paging: &Paging, context: &Context) -> Result<()> {
    let page = pages::fetch(&context.client, &Request::get(&["webhooks"]), paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["STATE", "URL", "TYPES", "WEBHOOK ID"]);
    for webhook in page.values() {
        let types: Vec<_> = webhook["types"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let state = match (&webhook["enabled"], webhook["failing_since"].is_null()) {
            (Value::Bool(false), _) => Cell::coloured("off", Colour::Dim),
            (_, false) => Cell::coloured("failing", Colour::Red),
            _ => Cell::coloured("on", Colour::Green),
        };
        table.row(vec![
            state,
            Cell::new(text(&webhook, "url")),
            Cell::new(types.join(" ")),
            Cell::new(text(&webhook, "webhook_id")),
        ]);
    }
    table.print(
        context.terminal,
        "No endpoints. Make one: jobs webhooks create https://example.com/hooks/jobs",
    )?;
    page.print_rest();
    Ok(())
}

async fn create(args: Create, context: &Context) -> Result<()> {
    let mut body = json!({"url": args.endpoint});
    if !args.types.is_empty() {
        body["types"] = args.types.into();
    }
    if let Some(description) = args.description {
        body["description"] = description.into();
    }
    if !args.headers.is_empty() {
        body["headers"] = headers(&args.headers)?.into();
    }
    let webhook = context.client.post(&["webhooks"], &body).await?;
    tell_secret(context, &webhook, "This is the only time that it is shown.")
}

async fn delete(webhook: &str, yes: bool, context: &Context) -> Result<()> {
    let found = context.client.get(&["webhooks", webhook]).await?;
    let question = format!("Delete the endpoint {}?", text(&found, "url"));
    if !yes {
        prompt::confirm(&question, "nothing was deleted").await?;
    }
    context
        .client
        .send(Request::new(Method::DELETE, &["webhooks", webhook]))
        .await?;
    context
        .terminal
        .answer(&json!({"webhook_id": webhook, "deleted": true}), || {
            format!("Deleted {}", text(&found, "url"))
        })
}

fn tell_secret(context: &Context, webhook: &Value, remark: &str) -> Result<()> {
    if context.terminal.json {
        return context.terminal.value(webhook);
    }
    context.terminal.line(text(webhook, "secret"))?;
    eprintln!("The secret of endpoint {}. {remark}", text(webhook, "webhook_id"));
    Ok(())
}

/// `Name: value` of flags, as an object.
pub(super) fn headers(flags: &[String]) -> Result<Map<String, Value>> {
    flags
        .iter()
        .map(|flag| {
            let (name, value) = flag
                .split_once(':')
                .ok_or_else(|| Error::usage_with(format!("--header: {flag:?} has no colon"), "\"Name: value\""))?;
            Ok((name.trim().to_owned(), Value::from(value.trim())))
        })
        .collect()
}
