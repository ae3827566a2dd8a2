//! `jobs schedule preview`

use super::{Context, create::When};
use crate::{
    error::{Error, Result},
    table::{Cell, Table},
    time,
    words::text,
};
use clap::Subcommand;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The next instants of a schedule, computed by what will fire it
    Preview(Preview),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Preview {
    /// A cron expression, in quotes
    #[arg(value_name = "CRON", conflicts_with_all = ["cron", "every", "at"])]
    expression: Option<String>,
    #[command(flatten)]
    when: When,
    /// How many instants, 1 to 100
    #[arg(short = 'n', long, default_value_t = 10)]
    count: u32,
    /// Instants after this one (RFC 3339); now when left out
    #[arg(long, value_name = "INSTANT")]
    from: Option<String>,
}

pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    let Command::Preview(mut args) = command;
    args.when.cron = args.when.cron.or(args.expression);
    let Some(schedule) = args.when.schedule()? else {
        return Err(Error::usage_with(
            "which schedule?",
            "jobs schedule preview \"30 2 * * MON-FRI\" --time-zone Europe/Berlin, --every 5m, or --at INSTANT",
        ));
    };
    let mut body = json!({"schedule": schedule, "count": args.count});
    if let Some(from) = args.from {
        body["from"] = from.into();
    }
    let preview = context.client.post(&["schedules", "preview"], &body).await?;
    if context.terminal.json {
        return context.terminal.value(&preview);
    }
    context.terminal.line(format!(
        "{} ({})",
        text(&preview, "description"),
        text(&preview, "time_zone")
    ))?;
    let mut table = Table::new(&["LOCAL", "UTC", "", "CLOCK CHANGE"]);
    for item in preview["data"].as_array().into_iter().flatten() {
        let note = match text(item, "note") {
            "gap_moved" => "moved: this time does not exist on that day",
            "gap_skipped" => "left out: this time does not exist on that day",
            "repeat_first" => "first pass of the repeated hour",
            "repeat_second" => "second pass of the repeated hour",
            other => other,
        };
        table.row(vec![
            Cell::new(text(item, "local")),
            Cell::new(text(item, "at")),
            Cell::new(time::relative(&item["at"])),
            Cell::new(note),
        ]);
    }
    table.print(context.terminal, "It never fires.")
}
