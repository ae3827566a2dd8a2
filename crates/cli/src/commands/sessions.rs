//! `jobs sessions …`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    pages::{self, Paging},
    prompt,
    table::{Cell, Table},
    time,
    words::text,
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the devices that are logged in as you
    #[command(visible_alias = "ls")]
    List(Paging),
    /// Log one out, at once
    End {
        /// The id of the session
        session: String,
        /// Does not ask
        #[arg(short, long)]
        yes: bool,
    },
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::List(paging) => list(&paging, context).await,
        Command::End { session, yes } => end(&session, yes, context).await,
    }
}

async fn list(paging: &Paging, context: &Context) -> Result<()> {
    let page = pages::fetch(&context.client, &Request::get(&["sessions"]), paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["USED", "LOGGED IN", "EXPIRES", "FROM", "WITH", "SESSION ID"]);
    for session in page.values() {
        let used = match session["current"].as_bool() {
            Some(true) => "now, by this".to_owned(),
            _ => time::relative(&session["last_used_at"]),
        };
        table.row(vec![
            Cell::new(used),
            Cell::new(time::relative(&session["created_at"])),
            Cell::new(time::relative(&session["expires_at"])),
            Cell::new(text(&session, "ip")),
            Cell::new(text(&session, "user_agent")),
            Cell::new(text(&session, "session_id")),
        ]);
    }
    table.print(context.terminal, "Nobody is logged in as you.")?;
    page.print_rest();
    Ok(())
}

async fn end(session: &str, yes: bool, context: &Context) -> Result<()> {
    if !yes {
        prompt::confirm(&format!("Log {session} out?"), "nobody was logged out").await?;
    }
    let request = Request::new(Method::DELETE, &["sessions", session]);
    context.client.send(request).await?;
    context
        .terminal
        .answer(&json!({"session_id": session, "ended": true}), || {
            format!("Logged out {session}")
        })
}
