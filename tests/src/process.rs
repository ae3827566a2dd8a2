//! The program as a process of its own, to be stopped and killed.

use crate::{
    client::Client,
    server::{PATIENCE, until},
};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

/// A server process. Dropping it kills it.
pub struct Process {
    child: Child,
    /// `http://127.0.0.1:port`
    pub base: String,
    log: PathBuf,
}

fn command(binary: &str, data_dir: &Path, database_url: &str) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .env("SCHED_LISTEN", "127.0.0.1:0")
        .env("SCHED_DATA_DIR", data_dir.join("data"))
        .env("SCHED_DATABASE_URL", database_url)
        .env("SCHED_RATE_LIMITS", "off")
        .env("SCHED_PASSWORD_COST", "10")
        .env("SCHED_SHUTDOWN_SECONDS", "1")
        .current_dir(data_dir)
        .stdin(Stdio::null());
    command
}

impl Process {
    /// Starts it on a free port and waits until it is ready.
    pub async fn start(binary: &str, data_dir: &Path, database_url: &str, settings: &[(&str, &str)]) -> Self {
        let log = data_dir.join("server.log");
        let file = File::create(&log).unwrap();
        let child = command(binary, data_dir, database_url)
            .envs(settings.iter().copied())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let mut process = Self {
            child,
            base: String::new(),
            log,
        };
        process.base = until("the server tells its address", async || {
            address(&fs::read_to_string(&process.log).unwrap())
        })
        .await;
        let client = process.client();
        until("the server is ready", async || {
            let ready = client.send(reqwest::Method::GET, "/readyz", None, &[]).await;
            (ready.status == 200).then_some(())
        })
        .await;
        process
    }

    /// Starts one that must refuse to work; what it said.
    pub fn refused(binary: &str, data_dir: &Path, database_url: &str) -> String {
        let output = command(binary, data_dir, database_url).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// A client that is not logged in.
    pub fn client(&self) -> Client {
        Client::new(
            self.base.clone(),
            reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap(),
        )
    }

    /// Sends it a signal, such as STOP or CONT.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Stops it until it is sent CONT. STOP reaches one of its threads, and the others when that one is run: on a busy machine
    /// they work on for some milliseconds, so this waits until every one of them stands still.
    pub async fn freeze(&self) {
        self.signal("STOP");
        let threads = format!("/proc/{}/task", self.child.id());
        let stands_still = |thread: fs::DirEntry| {
            let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            // The state is what follows the name, which is in brackets.
            stat.rsplit(')')
                .next()
                .is_none_or(|rest| rest.trim_start().starts_with('T'))
        };
        until("the process stands still", async || {
            let mut threads = fs::read_dir(&threads).unwrap();
            threads.all(|thread| thread.is_ok_and(stands_still)).then_some(())
        })
        .await;
    }

    /// Whether it runs still; what it printed if not.
    pub fn is_running(&mut self) -> Result<(), String> {
        match self.child.try_wait().unwrap() {
            None => Ok(()),
            Some(status) => Err(format!("{status}: {}", fs::read_to_string(&self.log).unwrap())),
        }
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop (SIGTERM) and waits for a clean end.
    pub fn stop(mut self) {
        let asked = Command::new("kill")
            .arg("-TERM")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(asked.success());
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}: {}", fs::read_to_string(&self.log).unwrap());
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("the server did not stop:\n{}", fs::read_to_string(&self.log).unwrap());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in what the server prints at its start.
fn address(printed: &str) -> Option<String> {
    let line = printed.lines().find(|line| line.trim_start().starts_with("API docs"))?;
    let start = line.find("http://")?;
    Some(line[start..].strip_suffix("/docs")?.to_owned())
}
