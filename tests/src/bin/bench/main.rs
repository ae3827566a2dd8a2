//! The load driver behind `just bench`: measures a server binary on loopback and prints a table.
//!
//! `bench SERVER_BINARY [quick]`. On SQLite always, on MariaDB or MySQL when `TEST_MYSQL_URL` names a server. Two
//! servers run at once, one with 100 jobs and one with 100,000, each on a database of its own, and are measured in turns,
//! so that whatever else the machine does meets both alike. Everything is on 127.0.0.1, bounded in count, and ended by
//! process id.

mod account;
mod database;
mod load;
mod measure;
mod report;
mod server;

use anyhow::{Context, bail};
use database::Database;
use report::Report;
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
}

const FULL: Plan = Plan {
    small: 100,
    large: 100_000,
    creates: [(1, 1_000), (16, 8_000), (64, 16_000)],
    rounds: 25,
    reads: 400,
    starts: 300,
};

const QUICK: Plan = Plan {
    small: 100,
    large: 10_000,
    creates: [(1, 200), (16, 1_600), (64, 3_200)],
    rounds: 11,
    reads: 100,
    starts: 50,
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
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let mut failed = 0;
    for database in databases()? {
        let mut report = Report::new(database.name(), plan);
        runtime.block_on(measure::all(&binary, &database, plan, &mut report))?;
        print!("{report}");
        failed += report.failed();
    }
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
