//! `jobs webhooks deliveries`, `jobs webhooks replay`

use super::Context;
use crate::{
    client::Request,
    error::Result,
    pages::{self, Paging},
    table::{Cell, Table},
    time,
    words::text,
};

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
    #[arg(required = true, value_name = "DELIVERY")]
    deliveries: Vec<String>,
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

pub(super) async fn replay(args: Replay, context: &Context) -> Result<()> {
    for id in &args.deliveries {
        let delivery = context.client.act(&["deliveries", id, "replay"]).await?;
        context
            .terminal
            .answer(&delivery, || format!("Delivery {id} is on its way again"))?;
    }
    Ok(())
}
