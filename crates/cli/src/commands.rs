//! The commands: one file each, with its arguments and what it does.

mod account;
mod admin;
mod apply;
mod audit;
mod bulk;
mod cadence;
mod completions;
mod create;
mod crontab;
mod delete;
mod duplicate;
mod edit;
mod events;
mod export;
mod keys;
mod links;
mod list;
mod login;
mod logout;
mod logs;
mod notices;
mod occurrences;
#[cfg(test)]
mod operations;
mod overview;
mod pause;
mod plan;
mod queues;
mod run;
mod runs;
mod schedule;
mod sessions;
mod show;
mod watch;
mod webhooks;
mod whoami;

use crate::{client::Client, error::Result, terminal::Terminal, worker};
use clap::{Args, Parser, Subcommand};

/// Jobs from the command line: create, run, watch and carry out.
#[derive(Debug, Parser)]
#[command(
    name = "jobs",
    version,
    propagate_version = true,
    after_help = "\
A job is named by its id, or by ext: and its external id. Exit codes: 0 done, 1 a run failed or not everything was applied, \
2 wrong use, 3 not logged in or not allowed, 4 not found, 5 conflict, 6 refused as invalid, 7 server away, 8 differences \
(plan --exit-code)."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// The server [env: JOBS_URL] [default: that of the profile, else http://127.0.0.1:8080]
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// An API key, or - to read it from standard input. In the list of processes others see it, so prefer the variable
    /// [env: JOBS_API_KEY]
    #[arg(long, global = true, value_name = "KEY")]
    pub api_key: Option<String>,
    /// A named profile of the profile file [env: JOBS_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// JSON, as the API answers it, and nothing else on standard output
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Log in with password and one-time code, or keep an API key (--api-key)
    Login(login::Args),
    /// End the log-in, or forget the API key
    Logout,
    /// Say who is logged in, and where
    Whoami,
    /// Show how things stand: counts, what runs, what is next, what needs attention
    Overview(overview::Args),
    /// List jobs
    #[command(visible_alias = "ls")]
    List(list::Args),
    /// Create a job from flags or from a file
    Create(Box<create::Args>),
    /// Show a job
    Show(show::Args),
    /// Change a job in $EDITOR
    Edit(edit::Args),
    /// Make a copy of a job
    Duplicate(duplicate::Args),
    /// Start a run
    Run(run::Args),
    /// Pause schedules of jobs
    Pause(pause::PauseArgs),
    /// Resume paused jobs
    Resume(pause::ResumeArgs),
    /// Delete jobs
    #[command(visible_alias = "rm")]
    Delete(delete::Args),
    /// List, show, cancel and retry runs
    #[command(subcommand)]
    Runs(runs::Command),
    /// The same for many jobs: run, pause, resume, cancel, delete, tag
    #[command(subcommand)]
    Bulk(Box<bulk::Command>),
    /// Watch runs, live
    Watch(watch::Args),
    /// Print the log of a run
    Logs(logs::Args),
    /// Say what happened to a job, or to all of them
    Events(events::Args),
    /// Say when a schedule fires
    #[command(subcommand)]
    Schedule(schedule::Command),
    /// Say what became of the planned instants of a job
    Occurrences(occurrences::Args),
    /// Say how often a job really runs, and why not as often as asked
    Cadence(cadence::Args),
    /// Make up for a past window of a schedule
    Backfill(occurrences::BackfillArgs),
    /// Make jobs of a crontab
    #[command(subcommand)]
    Crontab(crontab::Command),
    /// Write jobs as YAML
    Export(export::Args),
    /// Show what apply would do
    Plan(plan::Args),
    /// Make the jobs of the server as a file describes them
    Apply(apply::Args),
    /// Endpoints that events are posted to, and their deliveries
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Secret addresses of a job: inbound hook, heartbeat, badge
    #[command(subcommand)]
    Links(links::Command),
    /// What you are told by mail, and what was told
    #[command(subcommand)]
    Notices(notices::Command),
    /// API keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Your name, telephone number and time zone
    #[command(subcommand)]
    Account(account::Command),
    /// The devices that are logged in as you
    #[command(subcommand)]
    Sessions(sessions::Command),
    /// Who did what, from where, and what it changed
    Audit(audit::Args),
    /// The queues of workers, and their limits
    #[command(subcommand)]
    Queues(queues::Command),
    /// For administrators: accounts, nodes, engine, configuration
    #[command(subcommand)]
    Admin(admin::Command),
    /// Carry out runs of worker jobs with a command of this machine
    Worker(worker::Args),
    /// Print completions for a shell
    Completions(completions::Args),
}

/// What commands work with.
pub(crate) struct Context {
    pub client: Client,
    pub terminal: Terminal,
    /// The command that edits a file.
    pub editor: String,
}

/// Does what was asked for.
pub(crate) async fn run(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::Login(args) => login::run(args, context).await,
        Command::Logout => logout::run(context).await,
        Command::Whoami => whoami::run(context).await,
        Command::Overview(args) => overview::run(args, context).await,
        Command::List(args) => list::run(args, context).await,
        Command::Create(args) => create::run(*args, context).await,
        Command::Show(args) => show::run(args, context).await,
        Command::Edit(args) => edit::run(args, context).await,
        Command::Duplicate(args) => duplicate::run(args, context).await,
        Command::Run(args) => run::run(args, context).await,
        Command::Pause(args) => pause::pause(args, context).await,
        Command::Resume(args) => pause::resume(args, context).await,
        Command::Delete(args) => delete::run(args, context).await,
        Command::Runs(command) => runs::run(command, context).await,
        Command::Bulk(command) => bulk::run(*command, context).await,
        Command::Watch(args) => watch::run(args, context).await,
        Command::Logs(args) => logs::run(args, context).await,
        Command::Events(args) => events::run(args, context).await,
        Command::Schedule(command) => schedule::run(command, context).await,
        Command::Occurrences(args) => occurrences::list(args, context).await,
        Command::Cadence(args) => cadence::run(args, context).await,
        Command::Backfill(args) => occurrences::backfill(args, context).await,
        Command::Crontab(command) => crontab::run(command, context).await,
        Command::Export(args) => export::run(args, context).await,
        Command::Plan(args) => plan::run(args, context).await,
        Command::Apply(args) => apply::run(args, context).await,
        Command::Webhooks(command) => webhooks::run(command, context).await,
        Command::Links(command) => links::run(command, context).await,
        Command::Notices(command) => notices::run(command, context).await,
        Command::Keys(command) => keys::run(command, context).await,
        Command::Account(command) => account::run(command, context).await,
        Command::Sessions(command) => sessions::run(command, context).await,
        Command::Audit(args) => audit::run(args, context).await,
        Command::Queues(command) => queues::run(command, context).await,
        Command::Admin(command) => admin::run(command, context).await,
        Command::Worker(args) => worker::run(args, &context.client, context.terminal.json).await,
        Command::Completions(args) => completions::run(&args, context.terminal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// The words of a line of shell up to a comment, a pipe or a redirection.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                '#' | '>' | '|' | '&' if !quoted => break,
                ' ' if !quoted => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
                c => word.push(c),
            }
        }
        words.extend((!word.is_empty()).then_some(word));
        words
    }

    #[test]
    fn the_tree_of_commands_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_of_the_guide_is_one() {
        let guide = include_str!("../../../docs/api/cli.md");
        let lines: Vec<_> = guide.lines().filter(|line| line.starts_with("jobs ")).collect();
        assert!(lines.len() > 25, "{lines:?}");
        for line in lines {
            if let Err(error) = Arguments::try_parse_from(words(line)) {
                panic!("{line}: {error}");
            }
        }
    }
}
