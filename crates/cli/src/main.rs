//! `jobs`, the command line of Job Scheduler.

fn main() -> std::process::ExitCode {
    scheduler_cli::main()
}
