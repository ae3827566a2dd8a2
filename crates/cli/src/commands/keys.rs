//! `jobs keys …`

use super::Context;
use crate::{
    client::Request,
    clock,
    error::{Error, Result},
    pages::{self, Paging},
    prompt,
    table::{Cell, Table},
    time, vocabulary,
    words::text,
};
use chrono::{SecondsFormat, TimeDelta};
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List API keys
    #[command(visible_alias = "ls")]
    List(Paging),
    /// Make an API key; it is shown this once
    Create(Create),
    /// Revoke an API key, at once
    Revoke {
        /// The id of the key
        key: String,
        /// Does not ask
        #[arg(short, long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// A name, for people
    name: String,
    /// jobs:read, jobs:write, runs:read, runs:write, worker, webhooks:manage, account:read; several are separated by commas
    #[arg(
        long = "scope", required = true, value_delimiter = ',', value_name = "SCOPE",
        value_parser = vocabulary::SCOPES, hide_possible_values = true
    )]
    scopes: Vec<String>,
    /// When it stops working: a length of time (90d, 12h) or an instant
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::List(paging) => list(&paging, context).await,
        Command::Create(args) => create(args, context).await,
        Command::Revoke { key, yes } => {
            if !yes {
                prompt::confirm(
                    &format!("Revoke the API key {key}? Programs that use it stop working."),
                    "nothing was revoked",
                )
                .await?;
            }
            context
                .client
                .send(Request::new(Method::DELETE, &["api-keys", &key]))
                .await?;
            context
                .terminal
                .answer(&json!({"api_key_id": key, "revoked": true}), || {
                    format!("Revoked {key}")
                })
        }
    }
}

async fn list(paging: &Paging, context: &Context) -> Result<()> {
    let page = pages::fetch(&context.client, &Request::get(&["api-keys"]), paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["NAME", "KEY", "SCOPES", "EXPIRES", "USED", "KEY ID"]);
    for key in page.values() {
        let scopes: Vec<_> = key["scopes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|scope| scope.as_str())
            .collect();
        table.row(vec![
            Cell::new(text(&key, "name")),
            Cell::new(format!("{}…{}", text(&key, "prefix"), text(&key, "last4"))),
            Cell::new(scopes.join(" ")),
            Cell::new(time::relative_or_never(&key["expires_at"])),
            Cell::new(time::relative_or_never(&key["last_used_at"])),
            Cell::new(text(&key, "api_key_id")),
        ]);
    }
    table.print(
        context.terminal,
        "No API keys. Make one: jobs keys create deploy --scope jobs:read,runs:write",
    )?;
    page.print_rest();
    Ok(())
}

async fn create(args: Create, context: &Context) -> Result<()> {
    let mut body = json!({"name": args.name, "scopes": args.scopes});
    if let Some(when) = &args.expires {
        let instant = if time::instant(&json!(when)).is_some() {
            when.clone()
        } else {
            let seconds = time::parse_seconds("--expires", when)?;
            let span = TimeDelta::try_seconds(seconds).and_then(|span| clock::now().checked_add_signed(span));
            let at = span.ok_or_else(|| {
                Error::usage_with(format!("--expires: {when:?} is too far ahead"), "at most ten years")
            })?;
            at.to_rfc3339_opts(SecondsFormat::Secs, true)
        };
        body["expires_at"] = instant.into();
    }
    let key = context.client.post(&["api-keys"], &body).await?;
    if context.terminal.json {
        return context.terminal.value(&key);
    }
    context.terminal.line(text(&key, "key"))?;
    eprintln!(
        "This is the only time that it is shown. Its id is {}.",
        text(&key, "api_key_id")
    );
    Ok(())
}
