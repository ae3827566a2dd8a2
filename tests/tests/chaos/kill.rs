//! kill -9 at random moments under load.

use super::{
    load::{Kind, Load, cycles, node, seed},
    verify,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use scheduler_tests::databases::{Backend, Database};
use std::time::Duration;

/// After so many kills a new database: tokens last ten minutes.
const ROUND: u32 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_loses_nothing_on_sqlite() {
    kill_on(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_loses_nothing_on_mysql() {
    kill_on(Backend::Mysql).await;
}

async fn kill_on(backend: Backend) {
    let (all, seed) = (cycles(5), seed());
    for (round, first) in (0..all).step_by(ROUND as usize).enumerate() {
        let Some(database) = Database::bare(backend).await else {
            return;
        };
        kill_some(&database, ROUND.min(all - first), seed * 100 + round as u64).await;
    }
}

async fn kill_some(database: &Database, kills: u32, seed: u64) {
    let data_dir = tempfile::tempdir().unwrap();
    let mut dice = StdRng::seed_from_u64(seed);
    let mut server = node(data_dir.path(), &database.url).await;
    let mut ada = server.client();
    ada.sign_up("ada@example.com").await;
    let kind = Kind {
        longest_ms: 50,
        payload_bytes: 10,
    };
    let load = Load::start(&ada, &server.base, seed, kind);
    let mut killed = Vec::new();
    for _ in 0..kills {
        load.more(20).await;
        tokio::time::sleep(Duration::from_millis(dice.random_range(0..300))).await;
        server.kill();
        killed.push(verify::now());
        server = node(data_dir.path(), &database.url).await;
        load.towards(&server.base);
    }
    load.more(20).await;
    let heard = load.end().await;
    verify::all_runs_end(database).await;
    verify::history(database, &heard, &killed).await;
}
