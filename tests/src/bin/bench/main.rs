//! The load driver behind `just bench`: measures a server binary on loopback and prints a table.
//!
//! `bench SERVER_BINARY [full|quick] [api|engine|drain|creates|start|lateness|webhooks|history|memory]`. On SQLite always, on
//! MariaDB or MySQL when `TEST_MYSQL_URL` names a server. Two servers run at once, one with 100 jobs and one with 100,000,
//! each on a database of its own, and are measured in turns, so that whatever else the machine does meets both alike.
//! Everything is on 127.0.0.1, bounded in count, and ended by process id.
//!
//! What the engine does is held against floors that are measured in the same run: `limit`, bare statements that claim and
//! complete on the same tables, and `single`, inserts of one row each with a durable commit: rows of `jobs`, as a request
//! needs one at the least, and, for comparison, rows of a table with one text.

mod account;
mod database;
mod engine;
mod floor;
mod lateness;
mod load;
mod measure;
mod report;
mod server;
mod sql;
mod stage;
mod webhooks;
mod wire;

use anyhow::{Context, bail};
use database::Database;
use engine::Part;
use report::{Check, Limit, Report};
use std::{path::PathBuf, process::ExitCode};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Jobs on the small server.
    pub(crate) small: usize,
    /// Jobs on the large server.
    pub(crate) large: usize,
    /// Creates at 1, 16 and 64 at once.
    pub(crate) creates: [(usize, usize); 3],
    /// Rounds of reads; each of them measures both servers.
    pub(crate) rounds: usize,
    /// Reads of each kind in a round.
    pub(crate) reads: usize,
    /// Runs that are started one after the other.
    pub(crate) starts: usize,
    /// Runs that are drained, and how often.
    pub(crate) drained: usize,
    pub(crate) drains: usize,
    /// Runs that are drained at a stretch for the memory.
    pub(crate) drained_long: usize,
    /// Runs that ended long ago.
    pub(crate) history: usize,
    /// Creates and bare inserts in a round.
    pub(crate) inserts: usize,
    /// Schedules that fire every second, and for how many seconds.
    pub(crate) schedules: (usize, u64),
    /// Events that a webhook is told of.
    pub(crate) deliveries: usize,
}

const FULL: Plan = Plan {
    small: 100,
    large: 100_000,
    creates: [(1, 1_000), (16, 8_000), (64, 16_000)],
    rounds: 25,
    reads: 400,
    starts: 300,
    drained: 20_000,
    drains: 3,
    drained_long: 100_000,
    history: 1_000_000,
    inserts: 8_000,
    schedules: (500, 30),
    deliveries: 10_000,
};

const QUICK: Plan = Plan {
    small: 100,
    large: 10_000,
    creates: [(1, 200), (16, 1_600), (64, 3_200)],
    rounds: 11,
    reads: 100,
    starts: 300,
    drained: 20_000,
    drains: 1,
    drained_long: 40_000,
    history: 100_000,
    inserts: 3_000,
    schedules: (500, 10),
    deliveries: 4_000,
};

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let binary = PathBuf::from(arguments.next().context("usage: bench SERVER_BINARY [quick]")?);
    let binary = std::path::absolute(&binary)?;
    let plan = match arguments.next().as_deref() {
        None | Some("full") => FULL,
        Some("quick") => QUICK,
        Some(other) => bail!("\"{other}\" is neither full nor quick"),
    };
    let part = arguments.next();
    let is_api = matches!(part.as_deref(), None | Some("api"));
    let parts = match part.as_deref() {
        None | Some("engine") => Part::ALL.to_vec(),
        Some("api") => Vec::new(),
        Some(name) => vec![Part::named(name).with_context(|| format!("there is no part \"{name}\""))?],
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut reports = Vec::new();
    let mut drains = Vec::new();
    for database in databases()? {
        if !parts.is_empty() {
            let mut report = Report::new(&format!("{}: the engine", database.name()));
            let drained = runtime.block_on(engine::all(&binary, &database, plan, &parts, &mut report))?;
            drains.extend(drained);
            print!("{report}");
            reports.push(report);
        }
        if is_api {
            let jobs = format!("{}: {} and {} jobs", database.name(), plan.small, plan.large);
            let mut report = Report::new(&jobs);
            runtime.block_on(measure::all(&binary, &database, plan, &mut report))?;
            print!("{report}");
            reports.push(report);
        }
    }
    if let [sqlite, mysql] = drains[..] {
        let mut report = Report::new("SQLite and MariaDB/MySQL");
        report.check(&Check {
            what: "drain a second, SQLite against MariaDB",
            measured: sqlite,
            floor: Some(mysql),
            limit: Limit::AtLeast(2.0),
        });
        print!("{report}");
        reports.push(report);
    }
    let failed: usize = reports.iter().map(Report::failed).sum();
    println!("\nexpectations not met: {failed}");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, not part of the server")]
fn databases() -> anyhow::Result<Vec<Database>> {
    let mut databases = vec![Database::Sqlite];
    match std::env::var("TEST_MYSQL_URL") {
        Ok(text) if !text.is_empty() => databases.push(Database::mysql(&text)?),
        _ => eprintln!("TEST_MYSQL_URL is not set: measuring SQLite alone"),
    }
    Ok(databases)
}
