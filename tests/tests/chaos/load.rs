//! A user who creates jobs and starts runs whatever happens, and remembers what was acknowledged.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use scheduler_tests::{client::Client, process::Process};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

pub const BINARY: &str = env!("CARGO_BIN_EXE_server-under-test");
/// So that several nodes understand each other.
const SECRET: &str = "a secret of the tests, at least 32 bytes long";

/// How often something is broken: a few times, or as often as `just chaos` says.
pub fn cycles(short: u32) -> u32 {
    number("CHAOS_CYCLES").map_or(short, |cycles| u32::try_from(cycles).unwrap())
}

/// Where chance begins. Printed, so that a failure can be had again.
pub fn seed() -> u64 {
    let seed = number("CHAOS_SEED").unwrap_or(1);
    println!("CHAOS_SEED={seed}");
    seed
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is how the test run is told how long to go on"
)]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// A node with short leases.
pub async fn node(data_dir: &Path, database_url: &str) -> Process {
    let settings = [
        ("SCHED_SECRET", SECRET),
        ("SCHED_LEASE_SECONDS", "3"),
        // Few, so that one node alone cannot do it all.
        ("SCHED_CONCURRENCY", "8"),
        ("SCHED_LOG", "warn"),
    ];
    Process::start(BINARY, data_dir, database_url, &settings).await
}

/// What the server said yes to, and what it should not have said.
#[derive(Debug, Default)]
pub struct Heard {
    pub jobs: Vec<String>,
    pub runs: Vec<String>,
    pub unavailable: u32,
    pub unreachable: u32,
    pub mistakes: Vec<String>,
}

/// Several tasks that ask on and on.
pub struct Load {
    pub heard: Arc<Mutex<Heard>>,
    base: Arc<Mutex<String>>,
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

/// What the jobs of a load are like.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub longest_ms: u64,
    pub payload_bytes: usize,
}

impl Load {
    pub fn start(client: &Client, base: &str, seed: u64, kind: Kind) -> Self {
        let mut load = Self {
            heard: Arc::default(),
            base: Arc::new(Mutex::new(base.to_owned())),
            stop: Arc::default(),
            tasks: JoinSet::new(),
        };
        for number in 0..4 {
            let asker = Asker {
                heard: load.heard.clone(),
                base: load.base.clone(),
                stop: load.stop.clone(),
                token: client.access().to_owned(),
                http: reqwest::Client::builder()
                    .no_proxy()
                    .timeout(Duration::from_secs(60))
                    .build()
                    .unwrap(),
                dice: StdRng::seed_from_u64(seed * 1_000 + number),
                kind,
            };
            load.tasks.spawn(asker.ask_on());
        }
        load
    }

    /// Asks another server from now on.
    pub fn towards(&self, base: &str) {
        base.clone_into(&mut self.base.lock().unwrap());
    }

    pub fn acknowledged(&self) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.jobs.len() + heard.runs.len()
    }

    /// Waits until so many more were acknowledged.
    pub async fn more(&self, count: usize) {
        let goal = self.acknowledged() + count;
        scheduler_tests::server::until("more is acknowledged", async || {
            (self.acknowledged() >= goal).then_some(())
        })
        .await;
    }

    /// Asks no more; what was heard.
    pub async fn end(mut self) -> Heard {
        self.stop.store(true, Ordering::SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        println!(
            "{} jobs and {} runs acknowledged, {} times unavailable, {} times unreachable",
            heard.jobs.len(),
            heard.runs.len(),
            heard.unavailable,
            heard.unreachable
        );
        assert!(heard.mistakes.is_empty(), "{:#?}", heard.mistakes);
        heard
    }
}

struct Asker {
    heard: Arc<Mutex<Heard>>,
    base: Arc<Mutex<String>>,
    stop: Arc<AtomicBool>,
    token: String,
    http: reqwest::Client,
    dice: StdRng,
    kind: Kind,
}

impl Asker {
    async fn ask_on(mut self) {
        let mut mine: Vec<(String, String)> = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            let dice = self.dice.random_range(0..10);
            if dice < 5 || mine.is_empty() {
                if let Some(job) = self.create().await {
                    mine.push(job);
                }
            } else {
                let (job, run) = mine[self.dice.random_range(0..mine.len())].clone();
                if dice < 9 {
                    self.start_run(&job).await;
                } else {
                    self.ask("POST", &format!("/api/v1/runs/{run}/cancel"), &json!({}))
                        .await;
                }
            }
        }
    }

    async fn create(&mut self) -> Option<(String, String)> {
        let fails = self.dice.random_range(0..10) == 0;
        let body = json!({
            "job_name": "Under load",
            "run": true,
            "overlap": (["allow", "queue"][self.dice.random_range(0..2)]),
            "payload": "x".repeat(self.kind.payload_bytes),
            "retry": {"max_attempts": 2, "backoff": "fixed", "initial_seconds": 1, "jitter": 0.0},
            "executor": {
                "type": "simulated",
                "duration_ms": self.dice.random_range(0..=self.kind.longest_ms),
                "outcome": if fails { "Failed" } else { "Completed" },
            },
        });
        let job = self.ask("POST", "/jobs", &body).await?;
        let (id, run) = (
            job["job_id"].as_str()?.to_owned(),
            job["last_run"]["run_id"].as_str()?.to_owned(),
        );
        let mut heard = self.heard.lock().unwrap();
        heard.jobs.push(id.clone());
        heard.runs.push(run.clone());
        Some((id, run))
    }

    async fn start_run(&self, job: &str) {
        let run = self.ask("POST", &format!("/api/v1/jobs/{job}/runs"), &json!({})).await;
        if let Some(id) = run.as_ref().and_then(|run| run["run_id"].as_str()) {
            self.heard.lock().unwrap().runs.push(id.to_owned());
        }
    }

    /// The answer to what was acknowledged. Whatever else comes must be what the contract says.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let base = self.base.lock().unwrap().clone();
        let request = self
            .http
            .request(method.parse().unwrap(), format!("{base}{path}"))
            .bearer_auth(&self.token)
            .json(body);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(_) => return self.unreachable().await,
        };
        let status = answer.status().as_u16();
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let (kind, retry_after) = (header("content-type"), header("retry-after"));
        let Ok(text) = answer.text().await else {
            return self.unreachable().await;
        };
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        match status {
            200..=202 => return Some(value),
            // The run had ended, or too many wait.
            409 => {}
            503 if kind.as_deref() == Some("application/problem+json")
                && retry_after.is_some()
                && value["code"] == "unavailable" =>
            {
                self.heard.lock().unwrap().unavailable += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            _ => {
                let mut heard = self.heard.lock().unwrap();
                if heard.mistakes.len() < 10 {
                    heard
                        .mistakes
                        .push(format!("{method} {path}: {status} {kind:?} {retry_after:?} {text}"));
                }
            }
        }
        None
    }

    async fn unreachable(&self) -> Option<Value> {
        self.heard.lock().unwrap().unreachable += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
        None
    }
}
