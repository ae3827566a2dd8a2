//! The program as it is shipped, for tests that kill it.
#![allow(clippy::expect_used)]

fn main() -> std::process::ExitCode {
    match scheduler_server::cli::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("job-scheduler: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
