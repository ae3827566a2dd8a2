//! What is measured, in order.

use crate::{
    Plan,
    account::Account,
    database::Database,
    load::{Samples, drive, median},
    report::Report,
    server::Server,
};
use anyhow::{Context, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio_tungstenite::{connect_async, tungstenite::Message};

/// Reads are made by so many clients at once.
const READERS: usize = 8;
const PAGE: usize = 50;

/// A server with its database and a user.
pub(crate) struct Place {
    name: String,
    data_dir: TempDir,
    pub(crate) url: String,
    pub(crate) server: Server,
    pub(crate) account: Account,
    /// Ids of jobs all over the table.
    ids: Arc<Vec<String>>,
    /// The cursor of a page in the middle.
    middle: String,
}

impl Place {
    pub(crate) async fn start(binary: &Path, database: &Database, size: &str) -> anyhow::Result<Self> {
        let data_dir = tempfile::Builder::new().prefix("job-scheduler-bench-").tempdir()?;
        let name = format!("bench_{size}_{}", std::process::id());
        let url = database.fresh(&name, data_dir.path()).await?;
        let server = Server::start(binary, data_dir.path(), &url, &[]).await?;
        let account = Account::sign_up(&server.base)
            .await
            .with_context(|| server.log_tail())?;
        Ok(Self {
            name,
            data_dir,
            url,
            server,
            account,
            ids: Arc::default(),
            middle: String::new(),
        })
    }

    /// Makes jobs without runs.
    pub(crate) async fn create(&self, count: usize, at_once: usize) -> anyhow::Result<Samples> {
        self.account.keep_alive().await?;
        let account = self.account.clone();
        drive(count, at_once, move |number| {
            let account = account.clone();
            async move {
                let body = json!({
                    "job_name": format!("Job {number:06}"),
                    "description": "Made by the load driver",
                    "priority": (["Low", "Medium", "High", "Critical"][number % 4]),
                    "payload": { "number": number, "text": "0123456789abcdef" },
                    "executor": { "type": "simulated", "duration_ms": 0, "outcome": "Completed" },
                    "tags": [(["red", "green", "blue"][number % 3])],
                });
                account.post("/jobs", &body).await.map(drop)
            }
        })
        .await
    }

    /// Walks to the middle of the list, and notes ids on the way and the cursor of the page there.
    pub(crate) async fn explore(&mut self, jobs: usize) -> anyhow::Result<()> {
        let (mut ids, mut cursor, mut seen) = (Vec::new(), String::new(), 0);
        while seen < jobs / 2 {
            let limit = (jobs / 2 - seen).min(200);
            let page = self.account.get(&format!("/jobs?limit={limit}{cursor}")).await?;
            let rows = page["data"].as_array().context("no data")?;
            ensure!(rows.len() == limit, "{} jobs instead of {limit}", rows.len());
            seen += rows.len();
            ids.extend(
                rows.iter()
                    .take(20)
                    .filter_map(|row| row["job_id"].as_str().map(str::to_owned)),
            );
            cursor = format!("&cursor={}", page["next_cursor"].as_str().context("no next_cursor")?);
        }
        self.ids = Arc::new(ids);
        self.middle = cursor;
        Ok(())
    }

    /// Stops the server and removes the database.
    pub(crate) async fn remove(self, database: &Database) -> anyhow::Result<()> {
        self.server.stop()?;
        database.remove(&self.name).await
    }

    async fn read(&self, what: Read, count: usize) -> anyhow::Result<Samples> {
        self.account.keep_alive().await?;
        let (account, ids) = (self.account.clone(), Arc::clone(&self.ids));
        let middle = self.middle.clone();
        drive(count, READERS, move |number| {
            let path = match what {
                Read::FirstPage => format!("/jobs?limit={PAGE}"),
                Read::MiddlePage => format!("/jobs?limit={PAGE}{middle}"),
                Read::Job => format!("/job/{}", ids[number * 7 % ids.len()]),
                Read::Dashboard => "/dashboard/customer".to_owned(),
            };
            let account = account.clone();
            async move { account.fetch(&path).await }
        })
        .await
    }

    /// From the request that starts a run to its `run.started` on a WebSocket.
    pub(crate) async fn start_latency(&self, starts: usize) -> anyhow::Result<Samples> {
        self.account.keep_alive().await?;
        let url = format!("{}/ws", self.server.base.replacen("http", "ws", 1));
        let (mut socket, _) = connect_async(&url).await?;
        let hello = json!({ "type": "authenticate", "token": self.account.token() });
        socket.send(Message::text(hello.to_string())).await?;
        let mut durations = Vec::with_capacity(starts);
        wait_for(&mut socket, |message| message["type"] == "ready").await?;
        for number in 0..starts {
            let id = self.ids[number % self.ids.len()].clone();
            let (path, body) = (format!("/run-job/{id}"), json!({ "status": "Running" }));
            let start = Instant::now();
            let heard = wait_for(&mut socket, |message| {
                message["type"] == "run.started" && message["data"]["job_id"] == id.as_str()
            });
            let (answer, heard) = tokio::join!(self.account.post(&path, &body), async {
                heard.await.map(|()| start.elapsed())
            });
            answer?;
            durations.push(heard?);
            wait_for(&mut socket, |message| {
                message["type"] == "run.completed" && message["data"]["job_id"] == id.as_str()
            })
            .await?;
        }
        socket.close(None).await?;
        Ok(Samples::one_by_one(durations))
    }
}

#[derive(Debug, Clone, Copy)]
enum Read {
    FirstPage,
    MiddlePage,
    Job,
    Dashboard,
}

impl Read {
    const ALL: [(Self, &'static str); 4] = [
        (Self::FirstPage, "GET /jobs, first page of 50"),
        (Self::MiddlePage, "GET /jobs, a page in the middle"),
        (Self::Job, "GET /job/{id}"),
        (Self::Dashboard, "GET /dashboard/customer"),
    ];
}

/// Everything, on one database.
pub(crate) async fn all(binary: &Path, database: &Database, plan: Plan, report: &mut Report) -> anyhow::Result<()> {
    let mut small = Place::start(binary, database, "small").await?;
    let mut large = Place::start(binary, database, "large").await?;

    small.create(plan.small, 1).await?;
    let mut made = 0;
    for (at_once, count) in plan.creates {
        let samples = large.create(count, at_once).await?;
        report.line("POST /jobs", at_once, &samples);
        made += count;
    }
    // The rest in parts, so that the access token is renewed in between.
    while made < plan.large {
        let part = (plan.large - made).min(20_000);
        large.create(part, 64).await?;
        made += part;
        eprintln!("{}: {made} jobs", database.name());
    }
    small.explore(plan.small).await?;
    large.explore(plan.large).await?;
    report.line(
        &format!("POST /jobs, when there are {}", plan.large),
        16,
        &large.create(plan.creates[0].1, 16).await?,
    );

    reads(&small, &large, plan, report).await?;
    let samples = small.start_latency(plan.starts.min(plan.small / 2)).await?;
    report.line("POST /run-job until run.started, small", 1, &samples);
    let samples = large.start_latency(plan.starts).await?;
    report.line("POST /run-job until run.started, large", 1, &samples);

    report.memory("after all this, large", large.server.memory_mib()?);
    for (size, place) in [("small", small), ("large", large)] {
        let Place {
            name,
            data_dir,
            url,
            server,
            ..
        } = place;
        server.stop()?;
        let again = Server::start(binary, data_dir.path(), &url, &[]).await?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        report.idle_memory(&format!("idle, {size}"), again.memory_mib()?);
        again.stop()?;
        database.remove(&name).await?;
    }
    Ok(())
}

async fn reads(small: &Place, large: &Place, plan: Plan, report: &mut Report) -> anyhow::Result<()> {
    for (what, name) in Read::ALL {
        // Once for the caches, not counted.
        small.read(what, plan.reads / 4).await?;
        large.read(what, plan.reads / 4).await?;
        let (mut all_small, mut all_large, mut ratios) = (Samples::default(), Samples::default(), Vec::new());
        for round in 0..plan.rounds {
            // Who comes first changes from round to round.
            let (of_small, of_large) = if round % 2 == 0 {
                let first = small.read(what, plan.reads).await?;
                (first, large.read(what, plan.reads).await?)
            } else {
                let first = large.read(what, plan.reads).await?;
                (small.read(what, plan.reads).await?, first)
            };
            ratios.push(of_large.cost() / of_small.cost());
            all_small.add(of_small);
            all_large.add(of_large);
        }
        report.line(&format!("{name}, small"), READERS, &all_small);
        report.line(&format!("{name}, large"), READERS, &all_large);
        report.ratio(name, median(ratios));
    }
    Ok(())
}

/// Reads messages until one fits.
pub(crate) async fn wait_for<S>(socket: &mut S, fits: impl Fn(&Value) -> bool) -> anyhow::Result<()>
where
    S: StreamExt<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin,
{
    let reading = async {
        while let Some(message) = socket.next().await {
            if let Message::Text(text) = message?
                && fits(&serde_json::from_str(&text)?)
            {
                return Ok(());
            }
        }
        bail!("the socket was closed")
    };
    tokio::time::timeout(Duration::from_secs(30), reading)
        .await
        .context("no such message within 30 s")?
}
