//! Three nodes and schedules: each instant fires once, whichever nodes die or freeze.

use super::{
    load::{node, seed},
    verify,
};
use scheduler_tests::{
    client::text,
    databases::{Backend, Database},
    server::until,
};
use serde_json::json;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_instant_fires_once_when_nodes_die_and_freeze() {
    let Some(database) = Database::bare(Backend::Mysql).await else {
        return;
    };
    seed();
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let first = node(folders[0].path(), &database.url).await;
    let mut ada = first.client();
    ada.sign_up("ada@example.com").await;
    let body = json!({
        "job_name": "Every second",
        "overlap": "allow",
        "schedule": {"type": "interval", "every_seconds": 1},
        "executor": {"type": "simulated", "duration_ms": 5},
    });
    let mut jobs = Vec::new();
    for _ in 0..20 {
        jobs.push(text(&ada.post("/jobs", body.clone(), 201).await, "job_id").to_owned());
    }
    let second = node(folders[1].path(), &database.url).await;
    let third = node(folders[2].path(), &database.url).await;
    let ada = ada.towards(&third.base);
    instants(&database, 40).await;
    first.kill();
    instants(&database, 40).await;
    second.freeze().await;
    // Beyond the lease of 3 s, in the time of the schedules themselves.
    instants(&database, 120).await;
    second.signal("CONT");
    instants(&database, 40).await;
    for job in &jobs {
        ada.act(&format!("/api/v1/jobs/{job}/pause"), 200).await;
    }
    verify::all_runs_end(&database).await;

    let mut fired: HashMap<String, HashSet<chrono::DateTime<chrono::Utc>>> = HashMap::new();
    for row in database
        .query("SELECT HEX(job_id), planned_at FROM runs WHERE planned_at IS NOT NULL")
        .await
    {
        let new = fired
            .entry(row[0].clone())
            .or_default()
            .insert(verify::instant(&row[1]));
        assert!(new, "an instant fired twice: {row:?}");
    }
    assert_eq!(fired.len(), jobs.len());
    for (job, instants) in &fired {
        let (first, last) = (instants.iter().min().unwrap(), instants.iter().max().unwrap());
        let expected = (*last - *first).num_seconds() + 1;
        assert_eq!(
            i64::try_from(instants.len()).unwrap(),
            expected,
            "{job}: instants are missing"
        );
    }
    for job in &jobs {
        let list = ada.get(&format!("/api/v1/jobs/{job}/occurrences?limit=200"), 200).await;
        let mut seen = HashSet::new();
        for occurrence in list["data"].as_array().unwrap() {
            assert!(seen.insert(occurrence["planned_at"].to_string()), "{occurrence}");
            if occurrence["outcome"] == "Ran" {
                assert!(occurrence["run_id"].is_string(), "{occurrence}");
            }
        }
    }
}

/// Waits until so many more instants have fired.
async fn instants(database: &Database, more: i64) {
    let count = "SELECT COUNT(*) FROM runs WHERE planned_at IS NOT NULL";
    let before = database.number(count).await;
    until("instants fire", async || {
        tokio::time::sleep(Duration::from_millis(100)).await;
        (database.number(count).await >= before + more).then_some(())
    })
    .await;
}
