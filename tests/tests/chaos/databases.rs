//! A database server that is stopped, killed and started again under load, and connections that are cut.

use super::{
    load::{Kind, Load, cycles, node, seed},
    verify,
};
use mysql_async::prelude::Queryable;
use scheduler_tests::{databases::Database, server::until};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// A MariaDB of this test alone.
struct MariaDb {
    folder: tempfile::TempDir,
}

impl MariaDb {
    fn control(&self, command: &str) -> Option<String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("mariadb.sh");
        let output = Command::new(script)
            .arg(command)
            .arg(self.folder.path())
            .output()
            .ok()?;
        let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(answer)
    }

    fn kill(&self) {
        let pid = std::fs::read_to_string(self.folder.path().join("mariadbd.pid")).unwrap();
        assert!(
            Command::new("kill")
                .arg("-KILL")
                .arg(pid.trim())
                .status()
                .unwrap()
                .success()
        );
        while PathBuf::from(format!("/proc/{}/exe", pid.trim())).exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        self.control("stop");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_and_comes_back_costs_nothing_but_time() {
    if scheduler_tests::databases::mysql_server().is_none() {
        return;
    }
    let maria = MariaDb {
        folder: tempfile::tempdir().unwrap(),
    };
    let Some(url) = maria.control("start") else {
        println!("skipped: a MariaDB of its own cannot be had here");
        return;
    };
    let database = Database::on_server(url).await;
    let data_dir = tempfile::tempdir().unwrap();
    let mut server = node(data_dir.path(), &database.url).await;
    let mut ada = server.client();
    ada.sign_up("ada@example.com").await;
    let kind = Kind {
        longest_ms: 50,
        payload_bytes: 10,
    };
    let load = Load::start(&ada, &server.base, seed(), kind);
    let begin = verify::now();
    let mut breaks = Vec::new();
    for cycle in 0..cycles(2).min(20) {
        load.more(50).await;
        let asked = load.heard.lock().unwrap().unavailable;
        breaks.push(verify::now());
        if cycle % 2 == 0 {
            maria.control("stop").unwrap();
        } else {
            maria.kill();
        }
        until("the server says that its database is away", async || {
            (load.heard.lock().unwrap().unavailable > asked).then_some(())
        })
        .await;
        maria.control("start").unwrap();
        load.more(20).await;
    }
    let cut = cut_connections(&database, Duration::from_secs(3)).await;
    load.more(50).await;
    let heard = load.end().await;
    println!("{cut} connections were cut");
    server.is_running().unwrap();
    verify::all_runs_end(&database).await;
    // Whether a claim was committed cannot be known when its connection is cut: such runs wait for the end of their lease.
    let while_cutting = (verify::now() - begin).num_milliseconds();
    breaks.extend((0..while_cutting).map(|millis| begin + chrono::TimeDelta::milliseconds(millis)));
    verify::history(&database, &heard, &breaks).await;
    drop(server);
    drop(database);
}

/// Kills the connections of the server again and again.
async fn cut_connections(database: &Database, time: Duration) -> u32 {
    let name = database.url.rsplit('/').next().unwrap();
    let mut conn = mysql_async::Conn::from_url(&database.url).await.unwrap();
    let (mut cut, start) = (0, Instant::now());
    let sql = format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{name}' AND ID <> CONNECTION_ID()");
    while start.elapsed() < time {
        let ids: Vec<u64> = conn.query(&sql).await.unwrap_or_default();
        for id in ids {
            cut += u32::from(conn.query_drop(format!("KILL {id}")).await.is_ok());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    conn.disconnect().await.unwrap();
    cut
}
