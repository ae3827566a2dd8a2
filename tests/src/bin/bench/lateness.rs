//! How late runs begin when many schedules fire at once.

use crate::{
    Plan,
    database::Database,
    engine::millis,
    load::Samples,
    measure::{Place, wait_for},
    report::{Check, Limit, Report},
    stage::now,
};
use anyhow::{Context, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tokio_tungstenite::{connect_async, tungstenite::Message};

const WHAT: &str = "a schedule that fires every second: p99 late, ms";

/// Schedules that fire every second, for a while: from the planned instant to the begin of the run.
pub(crate) async fn measure(binary: &Path, database: &Database, plan: Plan, report: &mut Report) -> anyhow::Result<()> {
    let place = Place::start(binary, database, "lateness").await?;
    let (schedules, seconds) = plan.schedules;
    let body = |number: usize| {
        json!({
            "job_name": format!("Every second {number}"),
            "schedule": { "type": "interval", "every_seconds": 1 },
            "executor": { "type": "simulated", "duration_ms": 0, "outcome": "Completed" },
        })
    };
    for number in 0..schedules {
        place.account.post("/jobs", &body(number)).await?;
    }
    let from = now() + TimeDelta::seconds(3);
    let until = from + TimeDelta::seconds(i64::try_from(seconds)?);

    let url = format!("{}/ws", place.server.base.replacen("http", "ws", 1));
    let (mut socket, _) = connect_async(&url).await?;
    let hello = json!({ "type": "authenticate", "token": place.account.token() });
    socket.send(Message::text(hello.to_string())).await?;
    wait_for(&mut socket, |message| message["type"] == "ready").await?;
    let (mut late, mut doubled) = (Vec::new(), std::collections::HashMap::new());
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), socket.next()).await;
        let Message::Text(text) = next?.context("the socket was closed")?? else {
            continue;
        };
        let message: Value = serde_json::from_str(&text)?;
        ensure!(message["type"] != "resync", "the socket could not follow");
        if message["type"] != "run.started" {
            continue;
        }
        let run = &message["data"]["run"];
        let (planned, started) = (instant(&run["trigger"]["planned_at"])?, instant(&run["started_at"])?);
        // A little longer, for those that are late.
        if planned > until + TimeDelta::seconds(5) {
            break;
        }
        if planned >= from && planned < until {
            late.push((started - planned).to_std().unwrap_or_default());
            *doubled.entry((run["job_id"].to_string(), planned)).or_insert(0) += 1;
        }
    }
    let expected = schedules * usize::try_from(seconds)?;
    report.figure(
        &format!("instants that were to fire: {expected}; that did"),
        number(late.len()),
    );
    let samples = Samples::one_by_one(late);
    for (percent, limit) in [(50, 50.0), (99, 50.0)] {
        report.check(&Check {
            what: &WHAT.replace("p99", &format!("p{percent}")),
            measured: millis(samples.percentile(percent)),
            floor: None,
            limit: Limit::AtMost(limit),
        });
    }
    report.check(&Check {
        what: "instants that fired, of those that were to",
        measured: number(doubled.len()),
        floor: Some(number(expected)),
        limit: Limit::AtLeast(1.0),
    });
    ensure!(doubled.values().all(|times| *times == 1), "an instant fired twice");
    place.remove(database).await
}

#[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
fn number(count: usize) -> f64 {
    count as f64
}

fn instant(value: &Value) -> anyhow::Result<DateTime<Utc>> {
    let text = value.as_str().with_context(|| format!("no instant: {value}"))?;
    Ok(DateTime::parse_from_rfc3339(text)?.to_utc())
}
