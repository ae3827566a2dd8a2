//! `jobs webhooks deliveries`, `jobs webhooks replay`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    pages::{self, Paging},
    table::{Cell, Table},
    time, vocabulary,
    words::{self, text},
};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The id of the endpoint
    webhook: String,
    #[command(flatten)]
    paging: Paging,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// Ids of deliveries
    #[arg(required_unless_present = "webhook", value_name = "DELIVERY")]
    deliveries: Vec<String>,
    /// All deliveries to this endpoint, of the time that --from and --to say
    #[arg(long, value_name = "WEBHOOK", conflicts_with = "deliveries", requires = "from")]
    webhook: Option<String>,
    /// Of events from here on: an instant (RFC 3339), or so long ago (2h)
    #[arg(long, value_name = "WHEN", requires = "webhook")]
    from: Option<String>,
    /// Up to here, exclusive; now when left out
    #[arg(long, value_name = "WHEN", requires = "webhook")]
    to: Option<String>,
    /// Only those that ended like this: Delivered, Failed
    #[arg(long, requires = "webhook", value_parser = vocabulary::ENDED_STATUSES, hide_possible_values = true)]
    status: Option<String>,
}

pub(super) async fn list(args: List, context: &Context) -> Result<()> {
    let request = Request::get(&["webhooks", &args.webhook, "deliveries"]);
    let page = pages::fetch(&context.client, &request, &args.paging).await?;
    if context.terminal.json {
        return page.print_json(context.terminal);
    }
    let mut table = Table::new(&[
        "STATUS",
        "TYPE",
        "MADE",
        "TRIES",
        "LAST ANSWER",
        "NEXT TRY",
        "DELIVERY ID",
    ]);
    for delivery in page.values() {
        let attempts = delivery["attempts"].as_array().cloned().unwrap_or_default();
        let last = attempts.last().map_or_else(
            || "–".to_owned(),
            |last| match last["status_code"].as_i64() {
                Some(code) => code.to_string(),
                None => last["error"].as_str().unwrap_or("–").to_owned(),
            },
        );
        table.row(vec![
            Cell::status(text(&delivery, "status")),
            Cell::new(text(&delivery, "type")),
            Cell::new(time::relative(&delivery["created_at"])),
            Cell::new(attempts.len().to_string()),
            Cell::new(last),
            Cell::new(time::relative(&delivery["next_attempt_at"])),
            Cell::new(text(&delivery, "delivery_id")),
        ]);
    }
    table.print(
        context.terminal,
        "No deliveries yet. Send one: jobs webhooks test WEBHOOK",
    )?;
    page.print_rest();
    Ok(())
}

pub(super) async fn show(delivery: &str, context: &Context) -> Result<()> {
    let answer = context.client.send(Request::get(&["deliveries", delivery])).await?;
    if context.terminal.json {
        return context.terminal.line(answer.text());
    }
    let first = [
        "status",
        "type",
        "webhook_id",
        "event_id",
        "next_attempt_at",
        "created_at",
    ];
    words::details(context.terminal, &answer.json()?, &first)
}

pub(super) async fn replay(args: Replay, context: &Context) -> Result<()> {
    if let Some(webhook) = &args.webhook {
        return replay_range(webhook, &args, context).await;
    }
    for id in &args.deliveries {
        let delivery = context.client.act(&["deliveries", id, "replay"]).await?;
        context
            .terminal
            .answer(&delivery, || format!("Delivery {id} is on its way again"))?;
    }
    Ok(())
}

/// Goes on until the whole range is on its way: one request takes 10,000 at most.
async fn replay_range(webhook: &str, args: &Replay, context: &Context) -> Result<()> {
    let to = match &args.to {
        Some(to) => time::parse_past("--to", to)?,
        None => time::now(),
    };
    let mut body = json!({"from": time::parse_past("--from", args.from.as_deref().unwrap_or_default())?, "to": to});
    if let Some(status) = &args.status {
        body["status"] = status.as_str().into();
    }
    let mut count = 0;
    loop {
        let answer = context.client.post(&["webhooks", webhook, "replay"], &body).await?;
        count += answer["count"].as_u64().unwrap_or_default();
        if answer["has_more"] != true || answer["next_from"] == body["from"] {
            break;
        }
        body["from"] = answer["next_from"].clone();
    }
    context.terminal.answer(&json!({"count": count}), || match count {
        1 => "1 delivery is on its way again".to_owned(),
        count => format!("{count} deliveries are on their way again, oldest first"),
    })
}
