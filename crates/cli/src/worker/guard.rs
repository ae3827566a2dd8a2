//! The process between the agent and a command: the command cannot outlive the agent, however that ends (docs/adr/0029).
//!
//! It reads the payload from standard input, and then orders, until the pipe closes: that the agent is gone, killed or not, is
//! seen by that alone. The command gets a process group of its own; standard output and error are those of the guard. What
//! becomes of it stands in the file `guard` of the attempt's folder:
//!
//! ```text
//! group 4711
//! exit 0            or: signal 9, or: start No such file or directory (os error 2)
//! ```

use clap::Parser;
use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, test_kill_process_group, waitid},
};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

/// How often it is looked whether processes are left that are no children of the guard.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// What the end of SIGKILL may take.
const DEATH: Duration = Duration::from_secs(1);

/// The first argument of a process that is a guard. It is no command of `jobs`: the agent alone uses it.
pub(super) const WORD: &str = "worker-guard";

/// The arguments of the guard.
#[derive(Debug, Parser)]
struct GuardArgs {
    /// The folder of the attempt.
    #[arg(long)]
    scratch: PathBuf,
    /// How much of standard input is the payload.
    #[arg(long)]
    payload_bytes: usize,
    /// How long the command has between SIGTERM and SIGKILL when the agent is gone.
    #[arg(long)]
    alone_ms: u64,
    /// How long processes that the command leaves behind have.
    #[arg(long)]
    left_ms: u64,
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// What the guard waits for.
enum Event {
    /// End the command: SIGTERM now, SIGKILL after that time.
    End(Duration),
    /// The agent is gone.
    Alone,
    /// The command has ended.
    Ended,
}

/// Guards one command until it has ended, if this process is there for that.
pub(crate) fn asked_for() -> Option<ExitCode> {
    let words = || std::env::args_os().skip(1);
    let is_guard = words().next().is_some_and(|word| word == WORD);
    is_guard.then(|| run(&GuardArgs::parse_from(words())))
}

fn run(args: &GuardArgs) -> ExitCode {
    // Not named like the agent, so that killing that by name does not hit the guards too.
    let _ = rustix::thread::set_name(c"job-guard");
    let mut payload = vec![0; args.payload_bytes];
    if io::stdin().lock().read_exact(&mut payload).is_err() {
        // Nothing has begun.
        let _ = fs::remove_dir_all(&args.scratch);
        return ExitCode::FAILURE;
    }
    match guard(args, payload) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jobs: cannot guard the command: {error}");
            ExitCode::FAILURE
        }
    }
}

fn guard(args: &GuardArgs, payload: Vec<u8>) -> io::Result<()> {
    let mut notes = OpenOptions::new()
        .create(true)
        .append(true)
        .open(notes_in(&args.scratch))?;
    let (program, arguments) = args.command.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let spawned = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return writeln!(notes, "start {error}"),
    };
    let group = Pid::from_child(&child);
    writeln!(notes, "group {}", group.as_raw_pid())?;

    let (events, inbox) = mpsc::channel();
    feed(&mut child, payload);
    listen(events.clone());
    // Seen, but left as it is: until it is waited for, nobody else gets its number.
    thread::spawn(move || {
        let how = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(group), how), Err(Errno::INTR)) {}
        let _ = events.send(Event::Ended);
    });
    let (kill_at, alone) = until_ended(args, &inbox, group);
    end_the_rest(
        group,
        &mut child,
        kill_at.unwrap_or_else(|| Instant::now() + Duration::from_millis(args.left_ms)),
    );
    note_end(&mut notes, &mut child)?;
    if alone {
        let _ = fs::remove_dir_all(&args.scratch);
    }
    Ok(())
}

/// Where the guard notes what happens.
pub(super) fn notes_in(scratch: &Path) -> PathBuf {
    scratch.join("guard")
}

/// Gives the payload to the command, which need not read it.
fn feed(child: &mut Child, payload: Vec<u8>) {
    if let Some(mut stdin) = child.stdin.take() {
        thread::spawn(move || stdin.write_all(&payload));
    }
}

/// Takes orders, each a line `end MILLISECONDS`.
fn listen(events: Sender<Event>) {
    thread::spawn(move || {
        let mut order = String::new();
        while matches!(io::stdin().lock().read_line(&mut order), Ok(1..)) {
            let within = order.strip_prefix("end ").and_then(|ms| ms.trim().parse().ok());
            if let Some(within) = within {
                let _ = events.send(Event::End(Duration::from_millis(within)));
            }
            order.clear();
        }
        let _ = events.send(Event::Alone);
    });
}

/// Waits for the end of the command, and hastens it when it is told to. When SIGKILL is due, if the end was ordered, and
/// whether the agent is gone.
fn until_ended(args: &GuardArgs, inbox: &Receiver<Event>, group: Pid) -> (Option<Instant>, bool) {
    let (mut kill_at, mut killed, mut alone): (Option<Instant>, bool, bool) = (None, false, false);
    loop {
        let wait = match kill_at {
            Some(at) if !killed => at.saturating_duration_since(Instant::now()),
            _ => Duration::MAX,
        };
        let within = match inbox.recv_timeout(wait) {
            Ok(Event::Ended) | Err(RecvTimeoutError::Disconnected) => return (kill_at, alone),
            Ok(Event::End(within)) => within,
            Ok(Event::Alone) => {
                alone = true;
                Duration::from_millis(args.alone_ms)
            }
            Err(RecvTimeoutError::Timeout) => {
                let _ = kill_process_group(group, Signal::KILL);
                killed = true;
                continue;
            }
        };
        if kill_at.is_none() {
            let _ = kill_process_group(group, Signal::TERM);
        }
        let at = Instant::now() + within;
        kill_at = Some(kill_at.map_or(at, |before| before.min(at)));
    }
}

/// The command has ended; what it has left in its group ends too, at the latest at `kill_at`.
fn end_the_rest(group: Pid, child: &mut Child, kill_at: Instant) {
    // As long as the command is not waited for, the group is surely its own; as long as others are in it, so it stays.
    let _ = kill_process_group(group, Signal::TERM);
    let _ = child.wait();
    let is_left = || test_kill_process_group(group).is_ok();
    while is_left() && Instant::now() < kill_at {
        thread::sleep(LOOK_EVERY);
    }
    if is_left() {
        let _ = kill_process_group(group, Signal::KILL);
        let dead_at = Instant::now() + DEATH;
        while is_left() && Instant::now() < dead_at {
            thread::sleep(LOOK_EVERY);
        }
    }
}

fn note_end(notes: &mut File, child: &mut Child) -> io::Result<()> {
    let status = child.wait()?;
    match (status.code(), status.signal()) {
        (Some(code), _) => writeln!(notes, "exit {code}"),
        (None, Some(signal)) => writeln!(notes, "signal {signal}"),
        (None, None) => writeln!(notes, "exit 255"),
    }
}
