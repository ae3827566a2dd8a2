//! How the engine is: `/metrics`, nodes, the administrators' overview, the cadence of a job.

use reqwest::Method;
use scheduler_tests::{
    client::{Client, assert_fields, text},
    databases::Backend,
    on_both_databases,
    server::{PATIENCE, TestServer},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

on_both_databases! {
    metrics_are_what_prometheus_reads
    administrators_see_nodes_and_engine
    a_job_without_a_schedule_has_no_cadence
}

/// A metric: its type, and its samples by name and labels.
#[derive(Default)]
struct Metric {
    kind: String,
    samples: BTreeMap<String, f64>,
}

/// Reads the text format strictly: HELP, TYPE, samples of that name, and nothing twice.
fn parse(text: &str) -> BTreeMap<String, Metric> {
    let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
    let (mut helped, mut current) = (String::new(), String::new());
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            helped = rest.split_once(' ').unwrap().0.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, helped, "HELP comes first");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            let metric = Metric {
                kind: kind.to_owned(),
                ..Metric::default()
            };
            assert!(metrics.insert(name.to_owned(), metric).is_none(), "{name} twice");
            current = name.to_owned();
        } else {
            let (key, value) = line.rsplit_once(' ').unwrap();
            let name = key.split('{').next().unwrap();
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{line}");
            let metric = metrics.get_mut(&current).unwrap();
            let parts = ["_bucket", "_sum", "_count"].map(|part| format!("{current}{part}"));
            let belongs = name == current || (metric.kind == "histogram" && parts.iter().any(|part| part == name));
            assert!(belongs, "{line} under {current}");
            let value: f64 = value.parse().unwrap();
            assert!(value >= 0.0 && value.is_finite(), "{line}");
            assert!(metric.samples.insert(key.to_owned(), value).is_none(), "{line} twice");
        }
    }
    metrics
}

async fn read(client: &Client) -> BTreeMap<String, Metric> {
    let answer = client.send(Method::GET, "/metrics", None, &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    parse(&answer.text())
}

fn sample(metrics: &BTreeMap<String, Metric>, key: &str) -> f64 {
    let key = format!("job_scheduler_{key}");
    let all = metrics.values().find_map(|metric| metric.samples.get(&key));
    *all.unwrap_or_else(|| panic!("no {key}"))
}

async fn metrics_are_what_prometheus_reads(server: TestServer) {
    let ada = server.sign_up().await;
    for (outcome, end) in [
        ("Completed", "Completed"),
        ("Failed", "Failed"),
        ("Completed", "Completed"),
    ] {
        let job = ada.quick_job(1, outcome).await;
        let run = ada
            .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
            .await;
        ada.run_becomes(&run, end).await;
    }
    // Without a token, like health and readiness.
    let metrics = read(&server.client()).await;
    assert!(metrics.keys().all(|name| name.starts_with("job_scheduler_")));
    assert!(metrics.len() > 25, "{:?}", metrics.keys());
    assert_eq!(sample(&metrics, "run_changes_total{to=\"started\"}"), 3.0);
    assert_eq!(sample(&metrics, "run_changes_total{to=\"completed\"}"), 2.0);
    assert_eq!(sample(&metrics, "run_changes_total{to=\"failed\"}"), 1.0);
    assert_eq!(sample(&metrics, "queue_wait_seconds_count"), 3.0);
    assert_eq!(sample(&metrics, "completion_batch_results_sum"), 3.0);
    assert_eq!(sample(&metrics, "attempts_running"), 0.0);
    assert_eq!(sample(&metrics, "queue_depth"), 0.0);
    assert_eq!(sample(&metrics, "cleaned_rows_total{what=\"otp\"}"), 0.0);
    assert_eq!(sample(&metrics, "lease_losses_total{kind=\"reaped\"}"), 0.0);
    assert_eq!(sample(&metrics, "ready"), 1.0);
    assert!(sample(&metrics, "places_free") >= 1.0);
    assert!(sample(&metrics, "sessions_remembered") >= 1.0);
    assert!(sample(&metrics, "process_resident_memory_bytes") > 1_000_000.0);
    assert!(sample(&metrics, "process_start_time_seconds") > 1_700_000_000.0);
    for (name, metric) in metrics.iter().filter(|(_, metric)| metric.kind == "histogram") {
        let buckets: Vec<(f64, f64)> = metric
            .samples
            .iter()
            .filter_map(|(key, value)| {
                let le = key
                    .strip_prefix(&format!("{name}_bucket{{le=\""))?
                    .strip_suffix("\"}")?;
                Some((le.parse().unwrap(), *value))
            })
            .collect();
        let mut buckets = buckets;
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(
            buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1),
            "{name}: {buckets:?}"
        );
        let (le, all) = *buckets.last().unwrap();
        assert!(le.is_infinite(), "{name}");
        assert_eq!(all, metric.samples[&format!("{name}_count")], "{name}");
    }
    // Nobody's name, address or id.
    let raw = server.client().send(Method::GET, "/metrics", None, &[]).await.text();
    assert!(!raw.contains(&ada.email) && !raw.contains(ada.user_id()));
    let labels: BTreeSet<&str> = raw
        .lines()
        .filter_map(|line| line.split_once('{')?.1.split_once('='))
        .map(|(label, _)| label)
        .collect();
    assert_eq!(
        labels,
        BTreeSet::from(["kind", "le", "result", "to", "version", "what"])
    );
    server.client().get("/metrics?x=1", 400).await;
}

/// Waits until a beat has told of this.
async fn board(admin: &Client, until: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let board = admin.get("/api/v1/dashboard/admin", 200).await;
        if until(&board) {
            return board;
        }
        assert!(Instant::now() < deadline, "{board}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn administrators_see_nodes_and_engine(server: TestServer) {
    let (admin, ada) = (server.sign_up_admin().await, server.sign_up().await);
    let list = admin.get("/api/v1/nodes", 200).await;
    assert_eq!((&list["has_more"], &list["next_cursor"]), (&json!(false), &Value::Null));
    let nodes = list["data"].as_array().unwrap();
    assert_eq!(nodes.len(), 1);
    assert_fields(
        &nodes[0],
        "node_id, name, version, started_at, seen_at, stopped_at, alive, running, concurrency",
    );
    assert_eq!(
        (&nodes[0]["alive"], &nodes[0]["stopped_at"]),
        (&json!(true), &Value::Null)
    );
    for path in ["/api/v1/nodes", "/api/v1/dashboard/admin"] {
        ada.get(path, 403).await;
        server.client().get(path, 401).await;
        admin.get(&format!("{path}?x=1"), 400).await;
    }

    let job = ada.quick_job(1, "Completed").await;
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
        .await;
    ada.run_becomes(&run, "Completed").await;
    let long = ada.quick_job(60_000, "Completed").await;
    ada.act(&format!("/api/v1/jobs/{}/runs", text(&long, "job_id")), 202)
        .await;
    let board = board(&admin, |board| board["engine"]["running"] == 1).await;
    assert_fields(&board, "engine, nodes");
    let engine = &board["engine"];
    assert_fields(
        engine,
        "window_seconds, scheduler_lag_ms, queue_wait_ms, queue_depth, queue_depth_capped, oldest_queued_seconds, running, \
         concurrency, claim_batch, completion_batch, lease_losses, webhook_lag_ms",
    );
    assert_eq!(
        engine["scheduler_lag_ms"],
        json!({"p50": null, "p99": null, "max": null})
    );
    assert!(engine["queue_wait_ms"]["p50"].as_f64().unwrap() < 10_000.0);
    assert_eq!(engine["completion_batch"], json!({"p50": 1, "max": 1}));
    assert_eq!(
        (
            &engine["queue_depth"],
            &engine["queue_depth_capped"],
            &engine["oldest_queued_seconds"]
        ),
        (&json!(0), &json!(false), &Value::Null)
    );
    assert_eq!(engine["lease_losses"], 0);
    assert_eq!(board["nodes"][0]["running"], 1);
    assert!(engine["concurrency"].as_u64().unwrap() >= 1);
}

async fn a_job_without_a_schedule_has_no_cadence(server: TestServer) {
    let (ada, bob) = (server.sign_up().await, server.sign_up().await);
    let job = ada.quick_job(20, "Completed").await;
    let path = format!("/api/v1/jobs/{}/cadence", text(&job, "job_id"));
    let told = ada.get(&path, 200).await;
    assert_eq!(
        told,
        json!({
            "asked_seconds": null, "real_seconds": null, "runs_seconds": {"p50": null, "p95": null},
            "explanation": "this job has no schedule that repeats"
        })
    );
    let run = ada
        .act(&format!("/api/v1/jobs/{}/runs", text(&job, "job_id")), 202)
        .await;
    ada.run_becomes(&run, "Completed").await;
    let told = ada.get(&path, 200).await;
    assert!(told["runs_seconds"]["p50"].as_f64().unwrap() >= 0.02);
    assert_eq!(told["real_seconds"], Value::Null, "it was not scheduled");
    bob.get(&path, 404).await;
    ada.get("/api/v1/jobs/nonsense/cadence", 404).await;
    ada.get(&format!("{path}?x=1"), 400).await;
}

#[tokio::test]
async fn a_node_that_stops_says_so_and_comes_back() {
    let server = TestServer::start(Backend::Sqlite).await.unwrap();
    let admin = server.sign_up_admin().await;
    let before = admin.get("/api/v1/nodes", 200).await["data"][0].clone();
    let server = server.again(&[]);
    let after = admin.towards(&server.base).get("/api/v1/nodes", 200).await["data"].clone();
    assert_eq!(after.as_array().unwrap().len(), 1, "the same node");
    assert_eq!(after[0]["node_id"], before["node_id"]);
    assert_ne!(after[0]["started_at"], before["started_at"]);
    assert_eq!(
        (&after[0]["alive"], &after[0]["stopped_at"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn the_other_nodes_see_that_one_has_stopped() {
    let Some(server) = TestServer::start(Backend::Mysql).await else {
        return;
    };
    let admin = server.sign_up_admin().await;
    let other = server.beside(&[]);
    let of = async |alive: bool| {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let list = admin.get("/api/v1/nodes", 200).await["data"].clone();
            let nodes = list.as_array().unwrap().clone();
            if nodes.len() == 2 && nodes.iter().filter(|node| node["alive"] == true).count() == 1 + usize::from(alive) {
                return nodes;
            }
            assert!(Instant::now() < deadline, "{list}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    of(true).await;
    drop(other);
    let nodes = of(false).await;
    assert!(nodes.iter().any(|node| node["stopped_at"].is_string()), "{nodes:?}");
}
