//! A disk that is full.

use super::{
    load::{Kind, Load, node, seed},
    verify,
};
use scheduler_tests::{databases::Database, server::until};
use std::{path::PathBuf, process::Command};

/// A small file system in memory.
struct Small(PathBuf);

impl Small {
    fn mount(at: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&at).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
            .arg(&at)
            .output()
            .ok()?;
        mount.status.success().then_some(Self(at))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_survived() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = tempfile::tempdir().unwrap();
    // Of these the first that was made is unmounted last.
    let Some(small) = Small::mount(data_dir.path().join("data")) else {
        println!("skipped: a small file system cannot be mounted here");
        return;
    };
    let ballast = small.0.join("ballast");
    std::fs::write(&ballast, vec![1; 12 * 1024 * 1024]).unwrap();
    let database = Database::in_file(&small.0.join("scheduler.db"), folder).await;
    let mut server = node(data_dir.path(), &database.url).await;
    let mut ada = server.client();
    ada.sign_up("ada@example.com").await;
    let kind = Kind {
        longest_ms: 20,
        payload_bytes: 20_000,
    };
    let load = Load::start(&ada, &server.base, seed(), kind);
    until("the disk is full", async || {
        (load.heard.lock().unwrap().unavailable > 20 || !load.heard.lock().unwrap().mistakes.is_empty()).then_some(())
    })
    .await;
    std::fs::remove_file(&ballast).unwrap();
    load.more(20).await;
    let heard = load.end().await;
    server.is_running().unwrap();
    let begun = verify::now();
    verify::all_runs_end(&database).await;
    println!("all runs had ended {:?} after that", verify::now() - begun);
    verify::history(&database, &heard, &[]).await;
    drop(server);
    drop(database);
}
