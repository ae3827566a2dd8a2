//! `jobs webhooks stats`

use super::Context;
use crate::{
    error::Result,
    table::{Cell, Table},
    time,
    words::text,
};
use serde_json::Value;

pub(super) async fn run(webhook: &str, context: &Context) -> Result<()> {
    let numbers = context.client.get(&["webhooks", webhook, "statistics"]).await?;
    if context.terminal.json {
        return context.terminal.value(&numbers);
    }
    let mut table = Table::new(&["IN", "DELIVERED", "FAILED", "ATTEMPTS", "SUCCESS", "P50", "P95"]);
    for (name, window) in [("24 h", &numbers["last_24h"]), ("7 d", &numbers["last_7d"])] {
        let count = |field: &str| window[field].as_i64().unwrap_or_default().to_string();
        let rate = window["success_rate"].as_f64();
        table.row(vec![
            Cell::new(name),
            Cell::new(count("delivered")),
            Cell::new(count("failed")),
            Cell::new(count("attempts")),
            Cell::new(rate.map_or_else(dash, |rate| format!("{:.1} %", rate * 100.0))),
            Cell::new(took(&window["duration_ms"]["p50"])),
            Cell::new(took(&window["duration_ms"]["p95"])),
        ]);
    }
    table.print(context.terminal, "")?;
    let pending = numbers["pending"].as_i64().unwrap_or_default();
    let more = if numbers["pending_capped"] == true {
        " or more"
    } else {
        ""
    };
    context.terminal.line(format!("{pending}{more} on their way"))?;
    for (label, field) in [("Last success", "last_success_at"), ("Last failure", "last_failure_at")] {
        if numbers[field].is_string() {
            let at = text(&numbers, field);
            context
                .terminal
                .line(format!("{label}: {} ({at})", time::relative(&numbers[field])))?;
        }
    }
    Ok(())
}

fn dash() -> String {
    "–".to_owned()
}

fn took(ms: &Value) -> String {
    ms.as_f64()
        .map_or_else(dash, |ms| time::span(format!("{ms:.0}").parse().unwrap_or_default()))
}
