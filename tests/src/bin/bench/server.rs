//! A server process, its memory and its end.

use anyhow::{Context, bail};
use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A server of the given binary on a free port of 127.0.0.1. Dropping it ends the process.
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    /// Where it answers, without a slash at the end.
    pub(crate) base: String,
}

impl Server {
    /// Starts it, with more settings, and waits until it is ready.
    pub(crate) async fn start(
        binary: &Path,
        data_dir: &Path,
        database_url: &str,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let log = data_dir.join("server.log");
        let file = File::create(&log)?;
        let child = Command::new(binary)
            .arg("serve")
            .env_clear()
            .env("SCHED_LISTEN", format!("127.0.0.1:{port}"))
            .env("SCHED_DATA_DIR", data_dir)
            .env("SCHED_DATABASE_URL", database_url)
            .env("SCHED_RATE_LIMITS", "off")
            .env("SCHED_ALLOW_PRIVATE_TARGETS", "127.0.0.0/8")
            .env("SCHED_LOG", "warn")
            .envs(settings.iter().copied())
            .current_dir(data_dir)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{} cannot be started", binary.display()))?;
        let mut server = Self {
            child,
            log,
            base: format!("http://127.0.0.1:{port}"),
        };
        server.wait_until_ready().await?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.log_tail());
            }
            let answer = client.get(format!("{}/readyz", self.base)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("the server was not ready within 60 s:\n{}", self.log_tail())
    }

    /// The end of what it printed.
    pub(crate) fn log_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// `127.0.0.1:port`
    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Its resident memory in MiB.
    pub(crate) fn memory_mib(&self) -> anyhow::Result<f64> {
        self.status_mib("VmRSS:")
    }

    /// The most resident memory that it ever had, in MiB.
    pub(crate) fn peak_memory_mib(&self) -> anyhow::Result<f64> {
        self.status_mib("VmHWM:")
    }

    fn status_mib(&self, name: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .context("no such line")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }

    /// Asks it to stop, and waits for that.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill")
            .arg("-TERM")
            .arg(self.child.id().to_string())
            .status()?;
        let until = Instant::now() + Duration::from_secs(40);
        while Instant::now() < until {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("the server did not stop within 40 s of SIGTERM")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After stop() the process has been waited for, and neither does anything.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
