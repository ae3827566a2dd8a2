//! `jobs account …`

use super::Context;
use crate::{
    client::Request,
    error::{Error, Result},
    words,
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Map, Value};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show your account
    Show,
    /// Change your name, telephone number or time zone; needs a log-in
    Set(Set),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// Your name
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
    /// Your telephone number in international form (+441632960961); empty: none
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// The IANA zone in which times are meant and mails tell them: Europe/Vienna
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::Show => print(&context.client.get(&["me"]).await?, context),
        Command::Set(args) => set(args, context).await,
    }
}

async fn set(args: Set, context: &Context) -> Result<()> {
    let mut changes = Map::new();
    if let Some(name) = args.full_name {
        changes.insert("full_name".into(), name.into());
    }
    if let Some(number) = args.phone {
        let number = Some(number).filter(|number| !number.trim().is_empty());
        changes.insert("phone".into(), number.into());
    }
    if let Some(zone) = args.time_zone {
        changes.insert("time_zone".into(), zone.into());
    }
    if changes.is_empty() {
        return Err(Error::usage_with(
            "nothing is to be changed",
            "--full-name NAME, --phone NUMBER or --time-zone ZONE",
        ));
    }
    let request = Request::new(Method::PATCH, &["me"]).json(&Value::Object(changes));
    print(&context.client.send(request).await?.json()?, context)
}

fn print(account: &Value, context: &Context) -> Result<()> {
    if context.terminal.json {
        return context.terminal.value(account);
    }
    let first = ["full_name", "email", "phone", "time_zone", "role"];
    words::details(context.terminal, account, &first)
}
