//! The command line as it is shipped, for tests that drive it.

fn main() -> std::process::ExitCode {
    scheduler_cli::main()
}
