//! `jobs links …`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    prompt,
    table::{Cell, Table},
    time,
    words::text,
};
use clap::{Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the addresses of a job, without their secrets
    #[command(visible_alias = "ls")]
    List {
        /// The id, or ext: and the external id
        job: String,
    },
    /// Make an address; it is shown this once, and the one that the job had stops working
    Create {
        /// The id, or ext: and the external id
        job: String,
        /// What it is good for
        kind: Kind,
        /// Does not ask before it takes the place of another
        #[arg(short, long)]
        yes: bool,
    },
    /// Revoke an address, at once
    Revoke {
        /// The id, or ext: and the external id
        job: String,
        /// What it is good for
        kind: Kind,
        /// Does not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// What an address is good for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// A POST to it starts the job
    Inbound,
    /// A request to it says that something is alive
    Heartbeat,
    /// A picture of where the job stands
    Badge,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Heartbeat => "heartbeat",
            Self::Badge => "badge",
        }
    }
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::List { job } => list(&job, context).await,
        Command::Create { job, kind, yes } => create(&job, kind, yes, context).await,
        Command::Revoke { job, kind, yes } => revoke(&job, kind, yes, context).await,
    }
}

/// The address of that kind, if the job has one. A job that does not exist is an error.
async fn find(job: &str, kind: Kind, context: &Context) -> Result<Option<Value>> {
    match context.client.get(&["jobs", job, kind.word()]).await {
        Ok(link) => Ok(Some(link)),
        Err(error) if error.status() == Some(404) => context.client.get(&["jobs", job]).await.map(|_| None),
        Err(error) => Err(error),
    }
}

async fn list(job: &str, context: &Context) -> Result<()> {
    let mut links = Vec::new();
    for kind in Kind::value_variants() {
        links.extend(find(job, *kind, context).await?);
    }
    if context.terminal.json {
        return context.terminal.value(&json!({"data": links}));
    }
    let mut table = Table::new(&["KIND", "SECRET", "MADE", "USED"]);
    for link in &links {
        table.row(vec![
            Cell::new(text(link, "kind")),
            Cell::new(format!("…{}", text(link, "last4"))),
            Cell::new(time::relative(&link["created_at"])),
            Cell::new(time::relative_or_never(&link["last_used_at"])),
        ]);
    }
    let nothing = format!("No addresses. Make one: jobs links create {job} inbound");
    table.print(context.terminal, &nothing)
}

async fn create(job: &str, kind: Kind, yes: bool, context: &Context) -> Result<()> {
    if !yes && find(job, kind, context).await?.is_some() {
        let question = "The job has such an address already. Make another, so that it stops working?";
        prompt::confirm(question, "nothing was made").await?;
    }
    let link = context.client.act(&["jobs", job, kind.word()]).await?;
    if context.terminal.json {
        return context.terminal.value(&link);
    }
    context.terminal.line(text(&link, "url"))?;
    eprintln!("This is the only time that it is shown. Whoever knows it can use it.");
    Ok(())
}

async fn revoke(job: &str, kind: Kind, yes: bool, context: &Context) -> Result<()> {
    let word = kind.word();
    if !yes {
        prompt::confirm(&format!("Revoke the address ({word}) of {job}?"), "nothing was revoked").await?;
    }
    let request = Request::new(Method::DELETE, &["jobs", job, word]);
    context.client.send(request).await?;
    let answer = json!({"kind": word, "revoked": true});
    context
        .terminal
        .answer(&answer, || format!("Revoked the address ({word}) of {job}"))
}
