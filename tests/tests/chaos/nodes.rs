//! Three nodes on one database: one is killed, one is frozen beyond its leases and goes on.

use super::{
    load::{Kind, Load, cycles, node, seed},
    verify,
};
use scheduler_tests::{
    databases::{Backend, Database},
    server::until,
};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_run_ends_twice_when_nodes_die_and_freeze() {
    let seed = seed();
    for round in 0..cycles(1).div_ceil(10) {
        let Some(database) = Database::bare(Backend::Mysql).await else {
            return;
        };
        die_and_freeze(&database, seed * 100 + u64::from(round)).await;
    }
}

/// Run and lease of what a node has under way.
async fn leases(database: &Database, node: &str) -> HashSet<Vec<String>> {
    let rows = database
        .query(&format!(
            "SELECT HEX(run_id), HEX(lease_token) FROM runs WHERE status = 'Running' AND node_id = x'{node}'"
        ))
        .await;
    rows.into_iter().collect()
}

/// Waits until a node is at work.
async fn at_work(database: &Database, node: &str) -> HashSet<Vec<String>> {
    until("a node is at work", async || {
        let held = leases(database, node).await;
        (held.len() > 2).then_some(held)
    })
    .await
}

/// The identity of a node, as its data folder keeps it.
fn identity(folder: &tempfile::TempDir) -> String {
    let text = std::fs::read_to_string(folder.path().join("data/node")).unwrap();
    text.trim().replace('-', "")
}

async fn die_and_freeze(database: &Database, seed: u64) {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let first = node(folders[0].path(), &database.url).await;
    let second = node(folders[1].path(), &database.url).await;
    let third = node(folders[2].path(), &database.url).await;
    let mut ada = third.client();
    ada.sign_up("ada@example.com").await;
    let kind = Kind {
        longest_ms: 600,
        payload_bytes: 10,
    };
    let load = Load::start(&ada, &third.base, seed, kind);
    load.more(100).await;
    at_work(database, &identity(&folders[0])).await;
    first.kill();
    // What it began until the last moment is lost with it.
    let mut breaks = vec![verify::now()];
    load.more(100).await;

    let name = identity(&folders[1]);
    at_work(database, &name).await;
    second.freeze().await;
    breaks.push(verify::now());
    let held = leases(database, &name).await;
    let frozen = Instant::now();
    // Until all that it held was taken back, which is beyond the lease.
    while !leases(database, &name).await.is_empty() && frozen.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let left = leases(database, &name).await.len();
    println!(
        "{} leases when a node froze, {left} of them after {:?}",
        held.len(),
        frozen.elapsed()
    );
    second.signal("CONT");
    assert_eq!(left, 0, "leases of a frozen node were not taken back");
    load.more(50).await;
    let heard = load.end().await;
    verify::all_runs_end(database).await;
    verify::history(database, &heard, &breaks).await;
}
