//! A program under test, with what it printed.

use scheduler_tests::server::until;
use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
};
use tempfile::TempDir;

/// A process. Dropping it kills it.
pub struct Program {
    child: Child,
    printed: PathBuf,
    _dir: TempDir,
}

impl Program {
    /// Starts it with an environment that has nothing but PATH and what the command sets.
    pub fn start(command: &mut Command) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let printed = dir.path().join("printed");
        let file = File::create(&printed).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self {
            child,
            printed,
            _dir: dir,
        }
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.printed).unwrap()).into_owned()
    }

    /// Waits until it has printed this.
    pub async fn prints(&self, what: &str) {
        until(&format!("{what:?} is printed"), async || {
            self.printed().contains(what).then_some(())
        })
        .await;
    }

    /// Sends it a signal, such as TERM, KILL, STOP or CONT.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits until it has ended.
    pub async fn ends(&mut self) -> ExitStatus {
        let child = std::cell::RefCell::new(&mut self.child);
        until("the program ends", async || child.borrow_mut().try_wait().unwrap()).await
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- printed:\n{}", self.printed());
        }
    }
}

/// Sends a signal to a process.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status()
        .unwrap();
    assert!(sent.success(), "kill -{name} {pid}");
}

/// A command with an environment of its own: PATH, and what is set later.
#[expect(
    clippy::disallowed_methods,
    reason = "programs are found along the PATH of the test run"
)]
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var("PATH").unwrap());
    command
}
