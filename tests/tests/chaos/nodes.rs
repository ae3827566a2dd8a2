//! Three nodes on one database: one is killed, one is frozen beyond its leases and goes on.

use super::{
    load::{Kind, Load, cycles, node, seed},
    verify,
};
use scheduler_tests::databases::{Backend, Database};
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

/// Run and lease of what is Running.
async fn leases(database: &Database) -> HashSet<Vec<String>> {
    let rows = database
        .query("SELECT HEX(run_id), HEX(lease_token) FROM runs WHERE status = 'Running'")
        .await;
    rows.into_iter().collect()
}

async fn die_and_freeze(database: &Database, seed: u64) {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let first = node(folders[0].path(), &database.url).await;
    let second = node(folders[1].path(), &database.url).await;
    let third = node(folders[2].path(), &database.url).await;
    let mut ada = third.client();
    ada.sign_up("ada@example.com").await;
    let kind = Kind {
        longest_ms: 1_500,
        payload_bytes: 10,
    };
    let load = Load::start(&ada, &third.base, seed, kind);
    load.more(100).await;
    let mut breaks = vec![verify::now()];
    first.kill();
    load.more(100).await;

    breaks.push(verify::now());
    second.signal("STOP");
    let held = leases(database).await;
    let frozen = Instant::now();
    // Until nobody is at work under a lease of before: those of the frozen node were given to others.
    while leases(database).await.intersection(&held).next().is_some() && frozen.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let left = leases(database).await.intersection(&held).count();
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
