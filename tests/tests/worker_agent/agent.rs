//! `jobs worker`, the real binary against a real server.

use super::{
    program::{Program, command, signal},
    work::Owner,
};
use scheduler_tests::{
    client::text,
    databases::Backend,
    server::{TestServer, until},
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

mod ends;
mod output;
mod runs;
mod stops;

/// A server, an owner of jobs on it, and a folder for agents and what their commands leave in it.
struct Stage {
    server: TestServer,
    owner: Owner,
    dir: TempDir,
}

impl Stage {
    async fn set() -> Self {
        let server = TestServer::start(Backend::Sqlite).await.unwrap();
        Self {
            owner: Owner::of(&server).await,
            server,
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// An agent of the queue `reports` that runs a shell script, with the shortest lease there is.
    fn agent(&self, flags: &[&str], script: &str) -> Program {
        self.agent_of(flags, &["sh", "-c", script])
    }

    fn agent_of(&self, flags: &[&str], words: &[&str]) -> Program {
        Program::start(
            command(env!("CARGO_BIN_EXE_jobs-under-test"))
                .env("JOBS_URL", &self.server.base)
                .env("JOBS_API_KEY", &self.owner.key)
                .env("JOBS_CONFIG_DIR", self.dir.path())
                .env("TMPDIR", self.dir.path())
                .env("FLAG", self.flag())
                .args(["worker", "--queue", "reports"])
                .args(["--lease", "5"].iter().filter(|_| !flags.contains(&"--lease")))
                .args(flags)
                .arg("--")
                .args(words),
        )
    }

    /// The file that scripts wait for with [`WAIT`].
    fn flag(&self) -> PathBuf {
        self.dir.path().join("flag")
    }

    fn raise_the_flag(&self) {
        std::fs::write(self.flag(), "").unwrap();
    }

    /// Waits until a script has said `pids …` in its log.
    async fn pids(&self, run: &Value) -> Vec<u32> {
        until("the script tells its processes", async || {
            let log = self.owner.log(run).await;
            let line = log.iter().rev().find_map(|line| line.strip_prefix("pids "))?;
            Some(line.split(' ').map(|pid| pid.parse().unwrap()).collect())
        })
        .await
    }

    /// Nothing is left of attempts: no folder of theirs.
    async fn is_clean(&self) {
        until("the folders of the attempts are gone", async || {
            let names = std::fs::read_dir(self.dir.path()).unwrap();
            let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            (!names.any(|name| name.starts_with("jobs-"))).then_some(())
        })
        .await;
    }
}

/// In a script: goes on when the flag is raised.
const WAIT: &str = r#"until [ -e "$FLAG" ]; do sleep 0.05; done"#;

/// Waits until processes have ended; those that nobody has waited for yet count as ended.
async fn are_gone(pids: &[u32]) {
    let lives = |pid: &u32| {
        let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
        stat.is_ok_and(|stat| !stat.rsplit(')').next().unwrap().starts_with(" Z"))
    };
    until(&format!("{pids:?} are gone"), async || {
        (!pids.iter().any(lives)).then_some(())
    })
    .await;
}
