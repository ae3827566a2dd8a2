//! `jobs worker`: carries out runs of `worker` jobs with a command of this machine (docs/api/workers.md, docs/adr/0029).
//!
//! ```text
//! agent     claims as there is room           attempt   one run, from the claim to its end
//! keeper    heartbeats, progress, orders      command   starts the guard, which starts the command
//! heard     sorts what the command prints     journal   sends the log
//! ```

mod agent;
mod attempt;
mod command;
pub(crate) mod guard;
mod heard;
mod journal;
mod keeper;
mod lines;
mod orders;
mod outcome;
mod pauses;
mod protocol;
mod report;
mod said;
mod scratch;
mod signals;
mod variables;

use crate::{
    client::Client,
    error::{Error, Result},
};
use agent::{Agent, Options};
use command::CommandLine;
use report::Report;
use std::{
    env,
    ffi::{OsStr, OsString},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

/// How long processes that a command leaves behind in its group have to end.
const LEFT_BEHIND: Duration = Duration::from_secs(2);

/// The arguments of `jobs worker`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The command is started once for each run, without a shell: -- sh -c '…' for pipes and variables. It gets the payload on \
standard input and in JOBS_PAYLOAD (up to 100 KiB), and JOBS_RUN_ID, JOBS_JOB_ID, JOBS_JOB_NAME, JOBS_EXTERNAL_ID, \
JOBS_QUEUE, JOBS_ATTEMPT, JOBS_MAX_ATTEMPTS, JOBS_PLANNED_AT, JOBS_WORKER_NAME, JOBS_RESULT_FILE.

What it prints is the log of the run. The lines `progress 40 page 2 of 5` and `result {\"rows\": 1200}` are understood; a \
result may also be written to JOBS_RESULT_FILE. Exit code 0 completes the run, any other fails the attempt.

Examples:
  jobs worker --queue reports -- ./report.sh
  jobs worker --queue mail --queue sms --concurrency 8 -- python3 send.py
  jobs worker --queue nightly --once -- make report")]
pub(crate) struct Args {
    /// A queue whose runs are carried out; given several times, the most urgent of all of them come first
    #[arg(long = "queue", value_name = "NAME", default_value = "default")]
    queues: Vec<String>,
    /// How many runs at once, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=100))]
    concurrency: u8,
    /// After how many seconds without a sign of life a run is given to another worker, 5 to 300
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(5..=300))]
    lease: u16,
    /// How many seconds running commands may go on after SIGTERM or Ctrl-C, before they are ended and their runs given back
    #[arg(long, value_name = "SECONDS", default_value_t = 25)]
    grace: u32,
    /// How many seconds a command has to end after SIGTERM, before its process group is killed
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    kill_after: u32,
    /// Exit codes after which another attempt makes no sense (sysexits: usage, data, configuration)
    #[arg(long, value_name = "CODES", value_delimiter = ',', default_value = "64,65,78",
          value_parser = clap::value_parser!(u8).range(1..))]
    no_retry: Vec<u8>,
    /// What people see beside the runs [default: host/process]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Ends when no run waits any more
    #[arg(long)]
    once: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Claims runs and carries them out until it is told to stop.
pub(crate) async fn run(args: Args, client: &Client, json: bool) -> Result<()> {
    if let Some(program) = args.command.first() {
        must_exist(program)?;
    }
    let kill_after = Duration::from_secs(args.kill_after.into());
    let lease = Duration::from_secs(args.lease.into());
    let phase = signals::watch_signals().map_err(|error| Error::local("cannot watch for signals", error))?;
    let agent = Agent {
        client: client.clone(),
        command: CommandLine {
            words: args.command,
            // Gone before the run can be another's: a heartbeat was sent a third of the lease ago at the most.
            alone: kill_after.min(lease / 3),
            left: kill_after.min(LEFT_BEHIND),
        },
        options: Options {
            queues: args.queues,
            concurrency: args.concurrency.into(),
            lease,
            grace: Duration::from_secs(args.grace.into()),
            kill_after,
            no_retry: args.no_retry,
            name: args.name.unwrap_or_else(default_name),
            once: args.once,
        },
        report: Report { json },
    };
    Arc::new(agent).work(phase).await
}

/// `host/process`
fn default_name() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    format!("{host}/{}", std::process::id())
}

/// A slip in the name of the command shows at once, not in every run.
fn must_exist(program: &OsStr) -> Result<()> {
    let is_program = |path: &Path| {
        path.metadata()
            .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
    };
    let found = if program.as_encoded_bytes().contains(&b'/') {
        is_program(Path::new(program))
    } else {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|folder| is_program(&folder.join(program)))
    };
    if found {
        return Ok(());
    }
    Err(Error::usage_with(
        format!("there is no program {}", program.display()),
        "the path of an executable file, or one on the PATH; for pipes and variables: -- sh -c '…'",
    ))
}
