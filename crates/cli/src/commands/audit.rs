//! `jobs audit`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    numbers,
    pages::{self, Paging},
    table::{Cell, Table},
    time, vocabulary,
    words::text,
};
use serde_json::Value;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What was done: job.updated, login.failed, …; several are separated by commas
    #[arg(long, value_delimiter = ',', value_parser = vocabulary::AUDIT_ACTIONS, hide_possible_values = true)]
    action: Vec<String>,
    /// By this log-in or API key
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Done to this job, run, webhook, key or session
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// After this instant (RFC 3339), or so long ago (2h)
    #[arg(long, value_name = "WHEN")]
    after: Option<String>,
    /// Before it
    #[arg(long, value_name = "WHEN")]
    before: Option<String>,
    /// Everything that fits, as CSV
    #[arg(long, conflicts_with_all = ["json", "all", "limit", "cursor"])]
    csv: bool,
    #[command(flatten)]
    paging: Paging,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let request = Request::get(&["audit-log"])
        .maybe("action", (!args.action.is_empty()).then(|| args.action.join(",")))
        .maybe("actor_id", args.actor.as_ref())
        .maybe("target_id", args.target.as_ref())
        .maybe("created_after", time::maybe_past("--after", args.after.as_deref())?)
        .maybe("created_before", time::maybe_past("--before", args.before.as_deref())?);
    if args.csv {
        let answer = context.client.send(request.query("format", "csv")).await?;
        return context.terminal.write(&answer.text());
    }
    let page = pages::fetch(&context.client, &request, &args.paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&["WHEN", "ACTION", "WHAT", "BY", "FROM", "CHANGES"]);
    for entry in page.values() {
        table.row(vec![
            Cell::new(time::relative(&entry["at"])),
            Cell::new(text(&entry, "action")),
            Cell::new(target(&entry["target"])),
            Cell::new(by(&entry)),
            Cell::new(text(&entry, "ip")),
            Cell::new(changes(&entry["changes"])),
        ]);
    }
    table.print(context.terminal, "No entry fits.")?;
    page.print_rest();
    Ok(())
}

fn target(target: &Value) -> String {
    match target["name"].as_str() {
        Some(name) => name.to_owned(),
        None => text(target, "id").to_owned(),
    }
}

fn by(entry: &Value) -> String {
    let kind = text(&entry["actor"], "type");
    match entry["bulk_operation_id"].as_str() {
        Some(_) => format!("{kind}, in bulk"),
        None => kind.to_owned(),
    }
}

/// `priority: "Low" → "High"`
fn changes(changes: &Value) -> String {
    let changes = changes.as_array().into_iter().flatten();
    let said = changes.map(|change| {
        let side = |side: &str| match &change[side] {
            Value::Null => "none".to_owned(),
            value => numbers::write(value),
        };
        format!("{}: {} → {}", text(change, "field"), side("before"), side("after"))
    });
    said.collect::<Vec<_>>().join(", ")
}
