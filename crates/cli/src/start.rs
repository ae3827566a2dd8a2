//! From the command line to the exit code.

use crate::{
    client::Client,
    commands::{self, Arguments, Command, Context},
    config::{Environment, Flags, Settings},
    error::{Error, Result, exit},
    interrupts, prompt,
    terminal::Terminal,
    worker,
};
use clap::Parser;
use std::process::ExitCode;

/// The whole program.
pub fn main() -> ExitCode {
    if let Some(code) = worker::guard::asked_for() {
        return code;
    }
    let arguments = Arguments::parse();
    match start(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !matches!(error, Error::Exit(_)) {
                eprintln!("{}", error.report());
            }
            error.into()
        }
    }
}

fn start(arguments: Arguments) -> Result<()> {
    let environment = Environment::of_process();
    let mut flags = Flags {
        url: arguments.global.url,
        api_key: arguments.global.api_key,
        profile: arguments.global.profile,
    };
    let terminal = Terminal::of_process(arguments.global.json, environment.get("NO_COLOR").is_some());
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| environment.get(name));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::local("cannot start", error))?;
    let handles_signals = matches!(arguments.command, Command::Worker(_));
    let work = async {
        if flags.api_key.as_deref() == Some("-") {
            flags.api_key = Some(prompt::ask_hidden("API key: ").await?);
        }
        let client = Client::new(Settings::resolve(&flags, &environment)?)?;
        commands::run(
            arguments.command,
            &Context {
                client,
                terminal,
                editor,
            },
        )
        .await
    };
    let result = runtime.block_on(async {
        tokio::select! {
            result = work => result,
            () = interrupts::interrupted(), if !handles_signals => Err(Error::Exit(exit::INTERRUPTED)),
        }
    });
    // Threads that wait for a key or a file are not waited for.
    runtime.shutdown_background();
    result
}
