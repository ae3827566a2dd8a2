//! A database with as many waiting or ended runs as a measurement needs, made without the server.
//!
//! The server makes one job with one run and is stopped; every other row is a copy of those with its own ids, in
//! statements of many rows. So the rows are what the server writes, whatever columns the tables get.

use crate::{account::Account, database::Database, server::Server, sql::Sql};
use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Rows in one statement of the loader.
const CHUNK: usize = 10_000;
/// Runs in one transaction of the floor.
const BATCH: usize = 500;
/// For all that is waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// A database between two starts of the server.
pub(crate) struct Stage {
    database: Database,
    name: String,
    data_dir: TempDir,
    url: String,
    sql: Sql,
    user: String,
    /// Ids as text of the job and the run that all others are copies of.
    job: String,
    run: String,
    /// Milliseconds of the clock in every id of ours.
    millis: i64,
    /// The number of the next row that is made.
    next: usize,
}

/// What a drain came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drained {
    pub(crate) per_second: f64,
    pub(crate) peak_mib: f64,
}

/// Which table an id is of.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Job = 1,
    Run = 2,
    Event = 3,
}

impl Stage {
    /// An empty database with its user.
    pub(crate) async fn prepare(binary: &Path, database: &Database, what: &str) -> anyhow::Result<Self> {
        let data_dir = tempfile::Builder::new().prefix("job-scheduler-bench-").tempdir()?;
        let name = format!("bench_{what}_{}", std::process::id());
        let url = database.fresh(&name, data_dir.path()).await?;
        let server = Server::start(binary, data_dir.path(), &url, &[]).await?;
        let account = Account::sign_up(&server.base).await?;
        let body = json!({
            "job_name": "Copied by the load driver",
            "run": true,
            "overlap": "allow",
            "payload": { "number": 1, "text": "0123456789abcdef" },
            "executor": { "type": "simulated", "duration_ms": 0, "outcome": "Completed" },
        });
        let job = account.post("/jobs", &body).await?;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned).context("no id");
        let (job, run) = (text(&job["job_id"])?, text(&job["last_run"]["run_id"])?);
        let until = Instant::now() + PATIENCE;
        while account.get(&format!("/runs/{run}")).await?["status"] != "Completed" {
            ensure!(Instant::now() < until, "the first run does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server.stop()?;
        let mut sql = Sql::open(&url).await?;
        let user = sql
            .line(&format!(
                "SELECT LOWER(HEX(created_by)) AS line FROM jobs WHERE job_id = {}",
                blob(&job)
            ))
            .await?;
        for (table, key, id) in [
            ("jobs", "job_id", &job),
            ("runs", "run_id", &run),
            ("events", "run_id", &run),
        ] {
            sql.run(&format!(
                "CREATE TABLE bench_{table} AS SELECT * FROM {table} WHERE {key} = {}",
                blob(id)
            ))
            .await?;
        }
        sql.run("CREATE TABLE bench_numbers (i BIGINT NOT NULL PRIMARY KEY)")
            .await?;
        let tens = (0..10).map(|i| format!("({i})")).collect::<Vec<_>>().join(", ");
        sql.run(&format!("INSERT INTO bench_numbers VALUES {tens}")).await?;
        let mut count = 10;
        while count < CHUNK {
            sql.run(&format!(
                "INSERT INTO bench_numbers SELECT i + {count} FROM bench_numbers"
            ))
            .await?;
            count *= 2;
        }
        Ok(Self {
            database: database.clone(),
            name,
            data_dir,
            url,
            sql,
            user,
            job,
            run,
            millis: now().timestamp_millis(),
            next: 0,
        })
    }

    /// Adds `jobs` jobs with `runs_each` runs each that wait to be claimed.
    pub(crate) async fn add_waiting(&mut self, jobs: usize, runs_each: usize) -> anyhow::Result<()> {
        let at = sql_instant(now());
        let runs = jobs * runs_each;
        let (first_job, first_run) = (self.next, self.next + jobs);
        self.next += jobs + runs;
        let last_run = format!("{first_run} + (i + 1) * {runs_each} - 1");
        let job = [
            ("job_id", self.id(Kind::Job, format!("{first_job} + i"))),
            ("status", "'Pending'".to_owned()),
            ("completed_at", "NULL".to_owned()),
            ("last_run_id", self.id(Kind::Run, last_run)),
            ("active_runs", runs_each.to_string()),
            ("waiting_runs", "0".to_owned()),
        ];
        self.copy("jobs", jobs, "1 = 1", &job, &["created_at", "updated_at"], &at)
            .await?;
        let job_of_run = format!("{first_job} + {}", self.sql.divided("i", runs_each));
        let claim_key = now().timestamp_micros();
        let run = [
            ("run_id", self.id(Kind::Run, format!("{first_run} + i"))),
            ("job_id", self.id(Kind::Job, &job_of_run)),
            ("active_job_id", self.id(Kind::Job, &job_of_run)),
            ("status", "'Queued'".to_owned()),
            ("attempt", "0".to_owned()),
            ("attempts", "'[]'".to_owned()),
            ("result", "NULL".to_owned()),
            ("started_at", "NULL".to_owned()),
            ("finished_at", "NULL".to_owned()),
            ("node_id", "NULL".to_owned()),
            ("claim_key", format!("{claim_key} + i")),
            ("claim_user", "user_id".to_owned()),
        ];
        self.copy("runs", runs, "1 = 1", &run, &["created_at"], &at).await?;
        self.add_events("run.queued", runs, first_run, &job_of_run, &at).await?;
        self.count("jobs_pending", jobs).await
    }

    /// Adds runs that ended some while ago, with all their events, `runs` of them of `jobs` jobs.
    pub(crate) async fn add_history(&mut self, jobs: usize, runs: usize) -> anyhow::Result<()> {
        let runs_each = runs / jobs;
        let (first_job, first_run) = (self.next, self.next + jobs);
        self.next += jobs + runs;
        let at = sql_instant(now() - chrono::TimeDelta::hours(1));
        let last_run = format!("{first_run} + (i + 1) * {runs_each} - 1");
        let job = [
            ("job_id", self.id(Kind::Job, format!("{first_job} + i"))),
            ("last_run_id", self.id(Kind::Run, last_run)),
        ];
        let instants = ["created_at", "updated_at", "completed_at"];
        self.copy("jobs", jobs, "1 = 1", &job, &instants, &at).await?;
        let job_of_run = format!("{first_job} + {}", self.sql.divided("i", runs_each));
        let run = [
            ("run_id", self.id(Kind::Run, format!("{first_run} + i"))),
            ("job_id", self.id(Kind::Job, &job_of_run)),
        ];
        let instants = ["created_at", "started_at", "finished_at"];
        self.copy("runs", runs, "1 = 1", &run, &instants, &at).await?;
        for kind in ["run.queued", "run.started", "run.completed"] {
            self.add_events(kind, runs, first_run, &job_of_run, &at).await?;
        }
        self.count("jobs_completed", jobs).await
    }

    async fn add_events(
        &mut self,
        kind: &str,
        runs: usize,
        first_run: usize,
        job_of_run: &str,
        at: &str,
    ) -> anyhow::Result<()> {
        let last_seq = self.number_of_user("last_seq").await?;
        let first = self.next;
        self.next += runs;
        let data = format!(
            "REPLACE(REPLACE(data, '{}', {}), '{}', {})",
            self.run,
            self.id_text(Kind::Run, format!("{first_run} + i")),
            self.job,
            self.id_text(Kind::Job, job_of_run),
        );
        let event = [
            ("event_id", self.id(Kind::Event, format!("{first} + i"))),
            ("seq", format!("{last_seq} + 1 + i")),
            ("run_id", self.id(Kind::Run, format!("{first_run} + i"))),
            ("job_id", self.id(Kind::Job, job_of_run)),
            ("data", data),
        ];
        self.copy(
            "events",
            runs,
            &format!("type = '{kind}'"),
            &event,
            &["occurred_at"],
            at,
        )
        .await?;
        self.count("last_seq", runs).await
    }

    /// Copies the row of a table `count` times, with other values in some columns; `i` is the number of the copy.
    async fn copy(
        &mut self,
        table: &str,
        count: usize,
        which: &str,
        values: &[(&str, String)],
        instants: &[&str],
        at: &str,
    ) -> anyhow::Result<()> {
        let columns = self.sql.columns(table).await?;
        for (name, _) in values {
            ensure!(columns.iter().any(|column| column == name), "{table} has no {name}");
        }
        for from in (0..count).step_by(CHUNK) {
            let parts: Vec<String> = columns
                .iter()
                .map(|column| {
                    let value = values.iter().find(|(name, _)| name == column);
                    match value {
                        Some((_, value)) => value.clone(),
                        None if instants.contains(&column.as_str()) => at.to_owned(),
                        None => column.clone(),
                    }
                })
                .collect();
            let many = CHUNK.min(count - from);
            let sql = format!(
                "INSERT INTO {table} ({}) SELECT {} FROM bench_{table}, (SELECT bench_numbers.i + {from} AS i FROM \
                 bench_numbers WHERE bench_numbers.i < {many}) AS numbers WHERE {which}",
                columns.join(", "),
                parts.join(", "),
            );
            self.sql.run(&sql).await?;
        }
        Ok(())
    }

    async fn count(&mut self, column: &str, more: usize) -> anyhow::Result<()> {
        let sql = format!(
            "UPDATE user_streams SET {column} = {column} + {more} WHERE user_id = x'{}'",
            self.user
        );
        self.sql.run(&sql).await
    }

    async fn number_of_user(&mut self, column: &str) -> anyhow::Result<i64> {
        let sql = format!(
            "SELECT CAST({column} AS CHAR) AS line FROM user_streams WHERE user_id = x'{}'",
            self.user
        );
        self.sql.number(&sql).await
    }

    /// How many runs ended well, ever: from the counters that are written in the transaction that ends a run.
    async fn completed(&mut self) -> anyhow::Result<i64> {
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(completed), 0) AS CHAR) AS line FROM run_stats WHERE user_id = x'{}' \
             AND grain_seconds = 60",
            self.user
        );
        self.sql.number(&sql).await
    }

    fn id_text(&self, kind: Kind, number: impl std::fmt::Display) -> String {
        let millis = format!("{:012x}", self.millis);
        let (start, end) = millis.split_at(8);
        format!(
            "CONCAT('{start}-{end}-7000-800{}-', {})",
            kind as u8,
            self.sql.hex12(number)
        )
    }

    fn id(&self, kind: Kind, number: impl std::fmt::Display) -> String {
        format!(
            "UNHEX(CONCAT('{:012x}7000800{}', {}))",
            self.millis,
            kind as u8,
            self.sql.hex12(number)
        )
    }

    /// Lets the database finish what it does in the background after a load, and know what the tables hold.
    async fn settle(&mut self) -> anyhow::Result<()> {
        if self.sql.is_sqlite() {
            return self.sql.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
        }
        self.sql.lines("SELECT 'x' AS line").await?;
        self.sql.run("ANALYZE TABLE runs, jobs, events").await?;
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            let sql = "SELECT VARIABLE_VALUE AS line FROM information_schema.GLOBAL_STATUS \
                       WHERE VARIABLE_NAME = 'Innodb_buffer_pool_pages_dirty'";
            match self.sql.number(sql).await {
                Ok(dirty) if dirty > 500 => tokio::time::sleep(Duration::from_millis(200)).await,
                // MySQL keeps it elsewhere; then there is no waiting.
                Ok(_) | Err(_) => break,
            }
        }
        Ok(())
    }

    /// Starts the server and waits until `runs` more runs have ended well. From the first claim (its instant is in
    /// the runs) until the last commit is seen.
    pub(crate) async fn drain(
        &mut self,
        binary: &Path,
        runs: usize,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Drained> {
        self.settle().await?;
        let runs = i64::try_from(runs)?;
        let (before, events_before) = (self.completed().await?, self.number_of_user("last_seq").await?);
        let server = Server::start(binary, self.data_dir.path(), &self.url, settings).await?;
        let until = Instant::now() + PATIENCE;
        let mut done = 0;
        while done < runs {
            ensure!(
                Instant::now() < until,
                "{done} of {runs} runs have ended:\n{}",
                server.log_tail()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
            done = self.completed().await? - before;
        }
        let end = now();
        let peak_mib = server.peak_memory_mib()?;
        server.stop()?;
        let events = self.number_of_user("last_seq").await? - events_before;
        ensure!(events == 2 * runs, "{events} events of {runs} runs");
        let stored = format!(
            "SELECT CAST(COUNT(*) AS CHAR) AS line FROM events WHERE user_id = x'{}' AND seq > {events_before}",
            self.user
        );
        ensure!(self.sql.number(&stored).await? == events, "events are missing");
        // Instants as text sort as they should, in either database.
        let first = format!(
            "SELECT CAST(MIN(started_at) AS CHAR) AS line FROM (SELECT started_at FROM runs ORDER BY run_id DESC LIMIT {runs}) \
             AS latest"
        );
        let first = self.sql.line(&first).await?;
        let first = chrono::NaiveDateTime::parse_from_str(&first, "%F %T%.f")?.and_utc();
        let seconds = (end - first).as_seconds_f64();
        Ok(Drained {
            per_second: per_second(runs, seconds),
            peak_mib,
        })
    }

    /// The floor: claims and completes `runs` runs that wait by bare statements, in batches, over one connection.
    /// Neither jobs nor events nor counters are touched, so the database is of no further use.
    pub(crate) async fn bare_claim_and_complete(&mut self, runs: usize) -> anyhow::Result<f64> {
        self.settle().await?;
        let locking = if self.sql.is_sqlite() {
            ""
        } else {
            " FOR UPDATE SKIP LOCKED"
        };
        let select = format!(
            "SELECT HEX(run_id) AS line FROM runs WHERE claim_key IS NOT NULL AND status = 'Queued' \
             ORDER BY claim_key, run_id LIMIT {BATCH}{locking}"
        );
        let at = sql_instant(now());
        let start = Instant::now();
        let mut done = 0;
        loop {
            self.sql.begin().await?;
            let ids = self.sql.lines(&select).await?;
            if ids.is_empty() {
                self.sql.commit().await?;
                break;
            }
            let list: Vec<String> = ids.iter().map(|id| format!("x'{id}'")).collect();
            let list = list.join(",");
            self.sql
                .run(&format!(
                    "UPDATE runs SET status = 'Running', attempt = 1, started_at = {at}, claim_key = NULL, \
                     claim_user = NULL, lease_token = run_id, lease_until = {at}, node_id = user_id WHERE run_id IN ({list})"
                ))
                .await?;
            self.sql.commit().await?;
            self.sql.begin().await?;
            self.sql
                .run(&format!(
                    "UPDATE runs SET status = 'Completed', finished_at = {at}, lease_token = NULL, lease_until = NULL, \
                     active_job_id = NULL WHERE run_id IN ({list})"
                ))
                .await?;
            self.sql.commit().await?;
            done += ids.len();
        }
        ensure!(done == runs, "{done} of {runs} runs were claimed");
        Ok(per_second(i64::try_from(runs)?, start.elapsed().as_secs_f64()))
    }

    /// Removes the database.
    pub(crate) async fn remove(self) -> anyhow::Result<()> {
        drop(self.sql);
        self.database.remove(&self.name).await
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most some millions")]
fn per_second(count: i64, seconds: f64) -> f64 {
    count as f64 / seconds
}

fn blob(id: &str) -> String {
    format!("x'{}'", id.replace('-', ""))
}

fn sql_instant(at: DateTime<Utc>) -> String {
    format!("'{}'", at.format("%F %T%.6f"))
}

/// Now.
#[expect(clippy::disallowed_methods, reason = "a program of its own, not part of the server")]
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}
