//! A command under its guard.

use super::{guard, scratch::Scratch};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    ffi::OsString,
    fs, io,
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::unix::pipe::{Receiver, Sender},
    task::JoinHandle,
};

/// The variables that the agent is configured by, and that are no business of commands.
const SECRETS: [&str; 2] = ["JOBS_API_KEY", "JOBS_PASSWORD"];

/// How commands are started.
#[derive(Debug, Clone)]
pub(super) struct CommandLine {
    /// The program and its arguments.
    pub words: Vec<OsString>,
    /// Between SIGTERM and SIGKILL when the agent is gone.
    pub alone: Duration,
    /// The same for processes that the command leaves behind.
    pub left: Duration,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exit {
    Code(i32),
    Signal(i32),
    /// It could not be started, and why.
    NotStarted(String),
    /// Its guard was killed; the command was, then.
    Unguarded,
}

/// A command at work. Dropping it ends it, since that closes the pipe to its guard.
#[derive(Debug)]
pub(super) struct Guarded {
    orders: Sender,
    ended: JoinHandle<()>,
    scratch: Scratch,
}

/// What a command prints, standard output and standard error.
pub(super) type Printed = (Receiver, Receiver);

impl Guarded {
    /// Starts a command with its payload on standard input. That it could not be started is seen at its end.
    pub(super) async fn start(
        line: &CommandLine,
        scratch: Scratch,
        variables: Vec<(&'static str, OsString)>,
        payload: &[u8],
    ) -> io::Result<(Self, Printed)> {
        let mut command = itself()?;
        command
            .arg(guard::WORD)
            .arg("--scratch")
            .arg(scratch.path())
            .arg(format!("--payload-bytes={}", payload.len()))
            .arg(format!("--alone-ms={}", line.alone.as_millis()))
            .arg(format!("--left-ms={}", line.left.as_millis()))
            .arg("--")
            .args(&line.words)
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Out of the terminal's group: Ctrl-C is for the agent.
            .process_group(0);
        for secret in SECRETS {
            command.env_remove(secret);
        }
        let mut child = command.spawn()?;
        let (mut orders, printed) = pipes(&mut child)?;
        let ended = tokio::task::spawn_blocking(move || drop(child.wait()));
        orders.write_all(payload).await?;
        let guarded = Self { orders, ended, scratch };
        Ok((guarded, printed))
    }

    /// Ends the command: SIGTERM now, SIGKILL after that time. Repeated, the earliest SIGKILL counts.
    pub(super) async fn end(&mut self, within: Duration) {
        // A guard that is gone has nothing to end.
        let _ = self
            .orders
            .write_all(format!("end {}\n", within.as_millis()).as_bytes())
            .await;
    }

    /// Waits for its end and that of all that it started in its group.
    pub(super) async fn ended(&mut self) -> Exit {
        let _ = (&mut self.ended).await;
        let notes = fs::read_to_string(guard::notes_in(self.scratch.path())).unwrap_or_default();
        exit_in(&notes).unwrap_or_else(|| {
            if let Some(group) = group_in(&notes) {
                let _ = kill_process_group(group, Signal::KILL);
            }
            Exit::Unguarded
        })
    }

    /// The folder of the attempt.
    pub(super) fn scratch(&self) -> &Scratch {
        &self.scratch
    }
}

/// This program once more, also when its file was replaced meanwhile.
fn itself() -> io::Result<Command> {
    let same = Path::new("/proc/self/exe");
    let mut command = Command::new(if same.exists() {
        same.to_owned()
    } else {
        std::env::current_exe()?
    });
    command.arg0("jobs");
    Ok(command)
}

fn pipes(child: &mut Child) -> io::Result<(Sender, Printed)> {
    let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
    let stdin = OwnedFd::from(child.stdin.take().ok_or_else(missing)?);
    let stdout = OwnedFd::from(child.stdout.take().ok_or_else(missing)?);
    let stderr = OwnedFd::from(child.stderr.take().ok_or_else(missing)?);
    let printed = (Receiver::from_owned_fd(stdout)?, Receiver::from_owned_fd(stderr)?);
    Ok((Sender::from_owned_fd(stdin)?, printed))
}

fn exit_in(notes: &str) -> Option<Exit> {
    notes.lines().find_map(|line| {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "exit" => rest.parse().ok().map(Exit::Code),
            "signal" => rest.parse().ok().map(Exit::Signal),
            "start" => Some(Exit::NotStarted(rest.to_owned())),
            _ => None,
        }
    })
}

fn group_in(notes: &str) -> Option<Pid> {
    let group = notes.lines().find_map(|line| line.strip_prefix("group "))?;
    Pid::from_raw(group.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notes_of_the_guard_are_understood() {
        assert_eq!(exit_in("group 4711\nexit 3\n"), Some(Exit::Code(3)));
        assert_eq!(exit_in("group 4711\nsignal 15\n"), Some(Exit::Signal(15)));
        assert_eq!(
            exit_in("start No such file or directory (os error 2)\n"),
            Some(Exit::NotStarted("No such file or directory (os error 2)".into()))
        );
        assert_eq!(exit_in("group 4711\n"), None);
        assert_eq!(group_in("group 4711\n"), Pid::from_raw(4711));
        assert_eq!(group_in(""), None);
    }
}
