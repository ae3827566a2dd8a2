//! `jobs` under a name that no shell takes for itself.

fn main() -> std::process::ExitCode {
    scheduler_cli::main()
}
