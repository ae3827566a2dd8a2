//! `jobs crontab import`

use super::Context;
use crate::{
    description::read_file,
    error::{Error, Result},
    table::{Cell, Table},
    time,
    words::{self, text},
};
use clap::Subcommand;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a job of each line of a crontab
    Import(Import),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The file, or - for standard input (crontab -l | jobs crontab import -)
    file: String,
    /// The zone of its times, until a CRON_TZ= line says otherwise
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// Only says what would be made
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    let Command::Import(args) = command;
    let body = json!({"crontab": read_file(&args.file)?, "time_zone": args.time_zone, "dry_run": args.dry_run});
    let report = context.client.post(&["schedules", "import"], &body).await?;
    let lines = || report["data"].as_array().into_iter().flatten();
    let count = |status: &str| lines().filter(|line| text(line, "status") == status).count();
    if context.terminal.json {
        context.terminal.value(&report)?;
    } else {
        let mut table = Table::new(&["LINE", "STATUS", "TEXT", "NEXT", "MESSAGE"]);
        for line in lines().filter(|line| !text(line, "text").trim().is_empty()) {
            table.row(vec![
                Cell::new(line["line"].to_string()),
                Cell::status(text(line, "status")),
                Cell::new(text(line, "text")),
                Cell::new(time::relative(&line["next"][0])),
                Cell::new(text(line, "message")),
            ]);
        }
        table.print(context.terminal, "There is nothing in it.")?;
        let made = if args.dry_run {
            "would be made (--dry-run: nothing was)"
        } else {
            "made"
        };
        eprintln!(
            "{} {made}, {} with errors",
            words::count(count("ok"), "job"),
            words::count(count("error"), "line")
        );
    }
    match count("error") {
        0 => Ok(()),
        errors => Err(Error::Failed(format!(
            "{}: not understood: {}",
            args.file,
            words::count(errors, "line")
        ))),
    }
}
