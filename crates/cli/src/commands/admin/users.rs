//! `jobs admin users …`

use super::Context;
use crate::{
    client::Request,
    error::{Error, Result},
    pages::{self, Paging},
    prompt,
    table::{Cell, Table},
    time,
    words::{self, text},
};
use clap::{Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Map, Value};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List accounts, newest first
    #[command(visible_alias = "ls")]
    List {
        /// Part of the name or of the address
        #[arg(short = 'q', long = "search", value_name = "TEXT")]
        q: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show an account
    Show {
        /// The id of the account
        user: String,
    },
    /// Change what an account may do
    Set {
        /// The id of the account
        user: String,
        /// Makes an administrator of it, or a customer again
        #[arg(long)]
        role: Option<Role>,
        /// Lets it in again, or logs it out everywhere and keeps it out
        #[arg(long)]
        status: Option<Status>,
        /// Does not ask before an account is kept out
        #[arg(short, long)]
        yes: bool,
    },
}

/// What an account may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Role {
    Customer,
    Admin,
}

impl Role {
    const fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Admin => "admin",
        }
    }
}

/// Whether an account is let in. In the words of the API.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub(crate) enum Status {
    #[value(alias = "active")]
    Active,
    #[value(alias = "deactivated")]
    Deactivated,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Deactivated => "Deactivated",
        }
    }
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::List { q, paging } => list(q, &paging, context).await,
        Command::Show { user } => print(&context.client.get(&["users", &user]).await?, context),
        Command::Set {
            user,
            role,
            status,
            yes,
        } => set(&user, role, status, yes, context).await,
    }
}

async fn list(q: Option<String>, paging: &Paging, context: &Context) -> Result<()> {
    let page = pages::fetch(&context.client, &Request::get(&["users"]).maybe("q", q), paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["STATUS", "ROLE", "NAME", "E-MAIL", "LOGGED IN", "USER ID"]);
    for user in page.values() {
        table.row(vec![
            Cell::status(text(&user, "status")),
            Cell::new(text(&user, "role")),
            Cell::new(text(&user, "full_name")),
            Cell::new(text(&user, "email")),
            Cell::new(time::relative(&user["last_login"])),
            Cell::new(text(&user, "user_id")),
        ]);
    }
    table.print(context.terminal, "No account fits.")?;
    page.print_rest();
    Ok(())
}

async fn set(user: &str, role: Option<Role>, status: Option<Status>, yes: bool, context: &Context) -> Result<()> {
    let mut changes = Map::new();
    if let Some(role) = role {
        changes.insert("role".into(), role.word().into());
    }
    if let Some(status) = status {
        changes.insert("status".into(), status.word().into());
    }
    if changes.is_empty() {
        return Err(Error::usage_with(
            "nothing is to be changed",
            "--role customer|admin or --status Active|Deactivated",
        ));
    }
    if matches!(status, Some(Status::Deactivated)) && !yes {
        let found = context.client.get(&["users", user]).await?;
        let question = format!("Log {} out everywhere and keep it out?", text(&found, "email"));
        prompt::confirm(&question, "nothing was changed").await?;
    }
    let request = Request::new(Method::PATCH, &["users", user]).json(&Value::Object(changes));
    print(&context.client.send(request).await?.json()?, context)
}

fn print(user: &Value, context: &Context) -> Result<()> {
    if context.terminal.json {
        return context.terminal.value(user);
    }
    let first = ["full_name", "email", "role", "status", "last_login"];
    words::details(context.terminal, user, &first)
}
