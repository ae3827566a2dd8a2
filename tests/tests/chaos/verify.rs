//! What must hold afterwards, read past the program.

use super::load::Heard;
use chrono::{DateTime, TimeDelta, Utc};
use scheduler_tests::databases::Database;
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "to be compared with what other processes noted"
)]
pub fn now() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

/// How long it may take until one more run has ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until every run has ended. How long that takes is up to the machine; that fewer and fewer are open is not.
pub async fn all_runs_end(database: &Database) {
    let (mut fewest, mut deadline) = (usize::MAX, Instant::now() + PATIENCE);
    loop {
        let open = database
            .query("SELECT HEX(run_id), status, attempt, crashes FROM runs WHERE active_job_id IS NOT NULL")
            .await;
        if open.is_empty() {
            return;
        }
        if open.len() < fewest {
            (fewest, deadline) = (open.len(), Instant::now() + PATIENCE);
        }
        let first = &open[..open.len().min(5)];
        assert!(Instant::now() < deadline, "{} runs do not end: {first:?}", open.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Everything that was acknowledged is there; every run has ended along the arrows; the events have no gaps; leases were
/// lost only over one of the `breaks`.
pub async fn history(database: &Database, heard: &Heard, breaks: &[DateTime<Utc>]) {
    let jobs: HashSet<String> = ids(database, "SELECT HEX(job_id), version FROM jobs").await;
    let lost: Vec<_> = heard.jobs.iter().filter(|job| !jobs.contains(&hex(job))).collect();
    assert!(lost.is_empty(), "acknowledged jobs are lost: {lost:?}");
    let runs: HashSet<String> = ids(database, "SELECT HEX(run_id), attempt FROM runs").await;
    let lost: Vec<_> = heard.runs.iter().filter(|run| !runs.contains(&hex(run))).collect();
    assert!(lost.is_empty(), "acknowledged runs are lost: {lost:?}");

    let lost_leases = events(database, breaks).await;
    let rows = database
        .query("SELECT HEX(run_id), status, attempt, max_attempts, crashes, attempts FROM runs")
        .await;
    let mut crashed = 0;
    for row in &rows {
        let [_, status, attempt, max_attempts, crashes, attempts] = row.as_slice() else {
            panic!("{row:?}")
        };
        let number = |text: &str| text.parse::<usize>().unwrap();
        let attempts: Vec<Value> = serde_json::from_str(attempts).unwrap();
        let count = |outcome: &str| attempts.iter().filter(|attempt| attempt["outcome"] == outcome).count();
        // The attempt that completed a run is the run itself.
        assert_eq!(count("Completed"), 0, "{row:?}");
        assert!(
            status != "Completed" || number(attempt) == attempts.len() + 1 - count("HandedBack"),
            "{row:?}"
        );
        assert_eq!(count("LeaseLost"), number(crashes), "{row:?}");
        assert!(number(attempt) <= number(max_attempts) + number(crashes), "{row:?}");
        crashed += number(crashes);
    }
    assert_eq!(crashed, lost_leases);
    println!("{} runs have ended, {crashed} leases were lost", rows.len());
}

/// The events have no gaps, and those of each run are a path along the arrows. Answers how many leases were lost.
async fn events(database: &Database, breaks: &[DateTime<Utc>]) -> usize {
    let rows = database
        .query("SELECT seq, type, HEX(run_id), occurred_at, data FROM events ORDER BY user_id, seq")
        .await;
    let last = database.number("SELECT last_seq FROM user_streams").await;
    assert_eq!(
        usize::try_from(last).unwrap(),
        rows.len(),
        "the newest event is not the last"
    );
    let mut at: HashMap<&str, (&str, DateTime<Utc>)> = HashMap::new();
    let mut lost_leases = 0;
    for (number, row) in (1..).zip(&rows) {
        let [seq, kind, run, occurred_at, data] = row.as_slice() else {
            panic!("{row:?}")
        };
        assert_eq!(*seq, number.to_string(), "a gap in the events");
        let Some(entered) = kind.strip_prefix("run.") else {
            continue;
        };
        if matches!(entered, "log" | "progress") {
            continue;
        }
        let instant = instant(occurred_at);
        let before = at.get(run.as_str()).copied();
        assert!(
            is_arrow(before.map(|before| before.0), entered),
            "{before:?} -> {row:?}"
        );
        let data: Value = serde_json::from_str(data).unwrap();
        let crashed = data["run"]["reason"] == "lease_lost" || data["run"]["reason"] == "crashed";
        if crashed {
            lost_leases += 1;
            let started = before.unwrap().1 - TimeDelta::milliseconds(1);
            let excused = breaks.iter().any(|broken| (started..=instant).contains(broken));
            assert!(
                excused,
                "a lease was lost, and nothing was broken since {started}: {row:?}"
            );
        }
        at.insert(run, (entered, instant));
    }
    let stored: HashMap<String, String> = database
        .query("SELECT HEX(run_id), status FROM runs")
        .await
        .into_iter()
        .map(|mut row| (row.remove(0), row.remove(0).to_lowercase()))
        .collect();
    assert_eq!(stored.len(), at.len());
    for (run, (entered, _)) in at {
        assert_eq!(
            stored[run].replace("running", "started"),
            entered,
            "{run}: the last event and the row differ"
        );
    }
    lost_leases
}

fn is_arrow(from: Option<&str>, to: &str) -> bool {
    matches!(
        (from, to),
        (None | Some("started" | "retrying"), "queued")
            | (Some("queued"), "started")
            | (Some("started"), "completed" | "retrying" | "failed")
            | (Some("queued" | "started" | "retrying"), "cancelled")
    )
}

pub fn instant(text: &str) -> DateTime<Utc> {
    let text = text.trim_matches('\'');
    chrono::NaiveDateTime::parse_from_str(text, "%F %T%.f")
        .unwrap()
        .and_utc()
}

fn hex(id: &str) -> String {
    id.replace('-', "").to_uppercase()
}

async fn ids(database: &Database, sql: &str) -> HashSet<String> {
    database
        .query(sql)
        .await
        .into_iter()
        .map(|mut row| row.remove(0))
        .collect()
}
