//! `job-scheduler`

use std::process::ExitCode;

fn main() -> ExitCode {
    match scheduler_server::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("job-scheduler: {error:#}");
            ExitCode::FAILURE
        }
    }
}
