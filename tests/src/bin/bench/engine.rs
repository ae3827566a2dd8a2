//! What the engine does in a second, how soon it does it, and in how much memory.

use crate::{
    Plan,
    database::Database,
    floor, lateness,
    load::{Samples, drive, median},
    measure::Place,
    report::{Check, Limit, Report},
    stage::Stage,
    webhooks,
    wire::{Wire, post},
};
use serde_json::json;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// What the server may do at once while it drains; the default is 64.
const DRAINING: [(&str, &str); 1] = [("SCHED_CONCURRENCY", "500")];

/// A scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Start,
    Creates,
    Lateness,
    Webhooks,
    Drain,
    Memory,
    History,
}

impl Part {
    pub(crate) const ALL: [Self; 7] = [
        Self::Start,
        Self::Creates,
        Self::Lateness,
        Self::Webhooks,
        Self::Drain,
        Self::Memory,
        Self::History,
    ];

    /// The part that is called so.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "start" => Self::Start,
            "creates" => Self::Creates,
            "lateness" => Self::Lateness,
            "webhooks" => Self::Webhooks,
            "drain" => Self::Drain,
            "memory" => Self::Memory,
            "history" => Self::History,
            _ => return None,
        })
    }
}

/// The parts on one database; answers the runs a second that were drained, if that was measured.
pub(crate) async fn all(
    binary: &Path,
    database: &Database,
    plan: Plan,
    parts: &[Part],
    report: &mut Report,
) -> anyhow::Result<Option<f64>> {
    let mut drained = None;
    for part in parts {
        match part {
            Part::Start => start(binary, database, plan, report).await?,
            Part::Creates => creates(binary, database, plan, report).await?,
            Part::Lateness => lateness::measure(binary, database, plan, report).await?,
            Part::Webhooks => webhooks::measure(binary, database, plan, report).await?,
            Part::Drain => drained = Some(drain(binary, database, plan, report).await?),
            Part::Memory => memory(binary, database, plan, report).await?,
            Part::History => history(binary, database, plan, report).await?,
        }
    }
    Ok(drained)
}

async fn start(binary: &Path, database: &Database, plan: Plan, report: &mut Report) -> anyhow::Result<()> {
    let mut place = Place::start(binary, database, "start").await?;
    place.create(100, 4).await?;
    place.explore(100).await?;
    // The first ones open connections and prepare statements.
    place.start_latency(20).await?;
    let samples = place.start_latency(plan.starts).await?;
    for (percent, limit) in [(50, 3.0), (99, 10.0)] {
        report.check(&Check {
            what: &format!("POST /run-job until run.started, p{percent}, ms"),
            measured: millis(samples.percentile(percent)),
            floor: None,
            limit: Limit::AtMost(limit),
        });
    }
    place.remove(database).await
}

async fn creates(binary: &Path, database: &Database, plan: Plan, report: &mut Report) -> anyhow::Result<()> {
    let place = Place::start(binary, database, "creates").await?;
    let bare = Arc::new(floor::Row::bare(&place.url).await?);
    floor::single(&place.url, &bare, plan.inserts / 10, 64).await?;
    post_jobs(&place, plan.inserts / 10, 64).await?;
    let job = Arc::new(floor::Row::job(&place.url).await?);
    let alone = floor::single(&place.url, &bare, plan.inserts / 8, 1).await?;
    report.figure("single: a bare row a commit, 1 at once, a second", alone.per_second());
    let alone = floor::single(&place.url, &job, plan.inserts / 8, 1).await?;
    report.figure("single: a job's row a commit, 1 at once, a second", alone.per_second());
    let alone = post_jobs(&place, plan.inserts / 8, 1).await?;
    report.figure("POST /jobs, 1 at once, a second", alone.per_second());
    let (mut bares, mut floors, mut measured, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        bares.push(
            floor::single(&place.url, &bare, plan.inserts * 4, 64)
                .await?
                .per_second(),
        );
        let floor = floor::single(&place.url, &job, plan.inserts, 64).await?.per_second();
        let ours = post_jobs(&place, plan.inserts, 64).await?.per_second();
        floors.push(floor);
        measured.push(ours);
        ratios.push(ours / floor);
    }
    let (ratio, measured, bare) = (median(ratios), median(measured), median(bares));
    report.figure("single: a bare row a commit, 64 at once, a second", bare);
    report.figure("single: a job's row a commit, 64 at once, a second", median(floors));
    report.figure("POST /jobs, 64 at once, against bare rows", measured / bare);
    report.check(&Check {
        what: "POST /jobs, 64 at once, against rows of jobs",
        measured,
        floor: Some(measured / ratio),
        limit: Limit::AtLeast(0.7),
    });
    place.remove(database).await
}

/// Creates over HTTP by a client that costs little.
async fn post_jobs(place: &Place, count: usize, at_once: usize) -> anyhow::Result<Samples> {
    place.account.keep_alive().await?;
    let address = place.server.address();
    let body = json!({
        "job_name": "Made by the load driver",
        "payload": { "number": 1, "text": "0123456789abcdef" },
        "executor": { "type": "simulated", "duration_ms": 0, "outcome": "Completed" },
    });
    let request = Arc::new(post(address, "/jobs", &place.account.token(), &body.to_string()));
    let mut free = Vec::new();
    for _ in 0..at_once {
        free.push(Wire::connect(address).await?);
    }
    let free = Arc::new(Mutex::new(free));
    drive(count, at_once, move |_| {
        let (free, request) = (free.clone(), request.clone());
        async move {
            let wire = free.lock().await.pop();
            let mut wire = wire.ok_or_else(|| anyhow::anyhow!("no free connection"))?;
            wire.ask(&request, 201).await?;
            free.lock().await.push(wire);
            Ok(())
        }
    })
    .await
}

async fn drain(binary: &Path, database: &Database, plan: Plan, report: &mut Report) -> anyhow::Result<f64> {
    let runs = plan.drained;
    let (mut floors, mut ratios, mut one_each, mut many_each) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut peak: f64 = 0.0;
    for _ in 0..plan.drains {
        let mut stage = Stage::prepare(binary, database, "limit").await?;
        stage.add_waiting(runs, 1).await?;
        let limit = stage.bare_claim_and_complete(runs).await?;
        stage.remove().await?;

        let mut stage = Stage::prepare(binary, database, "drain").await?;
        stage.add_waiting(runs, 1).await?;
        let drained = stage.drain(binary, runs, &DRAINING).await?;
        floors.push(limit);
        ratios.push(drained.per_second / limit);
        one_each.push(drained.per_second);
        peak = peak.max(drained.peak_mib);
        stage.add_waiting(100, runs / 100).await?;
        let drained = stage.drain(binary, runs, &DRAINING).await?;
        many_each.push(drained.per_second);
        peak = peak.max(drained.peak_mib);
        stage.remove().await?;
    }
    let (measured, ratio) = (median(one_each), median(ratios));
    report.figure("limit: bare claim and complete, a second", median(floors));
    if matches!(database, Database::Mysql(_)) {
        report.check(&Check {
            what: &format!("drain {runs} jobs with one run each, a second"),
            measured,
            floor: Some(measured / ratio),
            limit: Limit::AtLeast(0.5),
        });
    } else {
        report.figure(&format!("drain {runs} jobs with one run each, a second"), measured);
    }
    report.figure(
        &format!("drain 100 jobs with {} runs each, a second", runs / 100),
        median(many_each),
    );
    report.check(&Check {
        what: &format!("most memory while draining {runs}, MiB"),
        measured: peak,
        floor: None,
        limit: Limit::AtMost(80.0),
    });
    Ok(measured)
}

async fn memory(binary: &Path, database: &Database, plan: Plan, report: &mut Report) -> anyhow::Result<()> {
    let runs = plan.drained_long;
    let mut stage = Stage::prepare(binary, database, "memory").await?;
    stage.add_waiting(runs, 1).await?;
    let drained = stage.drain(binary, runs, &DRAINING).await?;
    stage.remove().await?;
    report.figure(
        &format!("drain {runs} jobs with one run each, a second"),
        drained.per_second,
    );
    report.check(&Check {
        what: &format!("most memory while draining {runs}, MiB"),
        measured: drained.peak_mib,
        floor: None,
        limit: Limit::AtMost(100.0),
    });
    Ok(())
}

async fn history(binary: &Path, database: &Database, plan: Plan, report: &mut Report) -> anyhow::Result<()> {
    let runs = plan.drained;
    let mut old = Stage::prepare(binary, database, "old").await?;
    let start = std::time::Instant::now();
    for _ in 0..10 {
        old.add_history(100, plan.history / 10).await?;
    }
    report.figure(
        &format!("seconds to make {} ended runs", plan.history),
        start.elapsed().as_secs_f64(),
    );
    let (mut ratios, mut with) = (Vec::new(), Vec::new());
    for _ in 0..plan.drains {
        let mut new = Stage::prepare(binary, database, "new").await?;
        new.add_waiting(runs, 1).await?;
        let without = new.drain(binary, runs, &DRAINING).await?;
        new.remove().await?;
        old.add_waiting(runs, 1).await?;
        let drained = old.drain(binary, runs, &DRAINING).await?;
        ratios.push(drained.per_second / without.per_second);
        with.push(drained.per_second);
    }
    let (measured, ratio) = (median(with), median(ratios));
    report.check(&Check {
        what: &format!("drain with {} ended runs, against none", plan.history),
        measured,
        floor: Some(measured / ratio),
        limit: Limit::AtLeast(0.9),
    });
    old.remove().await
}

/// A duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
