//! `jobs notices …`

use super::Context;
use crate::{
    client::Request,
    error::{Error, Result},
    pages::{self, Paging},
    table::{Cell, Table},
    time,
    words::{self, text},
};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// What can be switched on and off.
const SWITCHES: &[&str] = &["failure", "final_failure", "missed", "late", "recovery"];

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what was told, and what was not and why, newest first
    #[command(visible_alias = "ls")]
    List(Paging),
    /// Show what is told: of any job, or of one, with the trouble that it is in
    Show {
        /// The id, or ext: and the external id; your account when left out
        job: Option<String>,
    },
    /// Say what is to be told: of any job (needs a log-in), or of one
    Set(Set),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Set {
    /// The id, or ext: and the external id; your account when left out
    job: Option<String>,
    /// Is told: failure, final_failure, missed, late, recovery; several are separated by commas
    #[arg(long, value_delimiter = ',', value_name = "SWITCH")]
    on: Vec<String>,
    /// Is not told
    #[arg(long, value_delimiter = ',', value_name = "SWITCH")]
    off: Vec<String>,
    /// While trouble goes on, tells it again after so many hours (1 to 720); 0: never
    #[arg(long, value_name = "HOURS")]
    remind_hours: Option<u32>,
    /// The switches of your account hold for the job again
    #[arg(long, requires = "job", conflicts_with_all = ["on", "off", "remind_hours"])]
    inherit: bool,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::List(paging) => list(&paging, context).await,
        Command::Show { job: None } => show(&context.client.get(&["me", "notices"]).await?, context),
        Command::Show { job: Some(job) } => show(&context.client.get(&["jobs", &job, "notices"]).await?, context),
        Command::Set(args) => set(args, context).await,
    }
}

async fn list(paging: &Paging, context: &Context) -> Result<()> {
    let page = pages::fetch(&context.client, &Request::get(&["notices"]), paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["KIND", "JOB", "HAPPENED", "STATUS", "WHY", "RUN ID"]);
    for notice in page.values() {
        let why = notice["error"].as_str().or_else(|| notice["message"].as_str());
        table.row(vec![
            Cell::new(text(&notice, "kind")),
            Cell::new(text(&notice, "job_name")),
            Cell::new(time::relative(&notice["created_at"])),
            Cell::status(text(&notice, "status")),
            Cell::new(words::one_line(why.unwrap_or_default())),
            Cell::new(text(&notice, "run_id")),
        ]);
    }
    table.print(context.terminal, "Nothing had to be told yet.")?;
    page.print_rest();
    Ok(())
}

fn show(answer: &Value, context: &Context) -> Result<()> {
    if context.terminal.json {
        return context.terminal.value(answer);
    }
    words::details(context.terminal, answer, &["incident", "effective", "own"])?;
    if answer.get("own").is_some_and(Value::is_null) {
        eprintln!("The job has no switches of its own: those of your account hold.");
    }
    Ok(())
}

async fn set(args: Set, context: &Context) -> Result<()> {
    let mut switches = Map::new();
    for (words, is_on) in [(&args.on, true), (&args.off, false)] {
        for word in words {
            if !SWITCHES.contains(&word.as_str()) {
                let flag = if is_on { "--on" } else { "--off" };
                return Err(Error::usage_with(
                    format!("{flag}: {word:?} is no switch"),
                    SWITCHES.join(", "),
                ));
            }
            if switches.insert(word.clone(), is_on.into()) == Some((!is_on).into()) {
                return Err(Error::usage(format!("{word} cannot be on and off")));
            }
        }
    }
    if let Some(hours) = args.remind_hours {
        let hours = Some(hours).filter(|hours| *hours > 0);
        switches.insert("remind_hours".to_owned(), hours.into());
    }
    if switches.is_empty() && !args.inherit {
        return Err(Error::usage_with(
            "nothing is to be changed",
            "--on, --off, --remind-hours, or --inherit for a job",
        ));
    }
    let Some(job) = &args.job else {
        let request = Request::new(Method::PATCH, &["me", "notices"]).json(&switches.into());
        return show(&context.client.send(request).await?.json()?, context);
    };
    let wanted = if args.inherit { Value::Null } else { switches.into() };
    let request = Request::new(Method::PATCH, &["jobs", job]).json(&json!({"notices": wanted}));
    context.client.send(request).await?;
    show(&context.client.get(&["jobs", job, "notices"]).await?, context)
}
