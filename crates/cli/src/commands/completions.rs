//! `jobs completions`

use super::Arguments;
use crate::{error::Result, terminal::Terminal};
use clap::CommandFactory;
use clap_complete::Shell;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// What completes `jobctl` like `jobs`.
const fn other_name(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => "complete -F _jobs -o bashdefault -o default jobctl\n",
        Shell::Zsh => "[ \"$funcstack[1]\" = _jobs ] || compdef _jobs jobctl\n",
        Shell::Fish => "complete -c jobctl -w jobs\n",
        _ => "",
    }
}

pub(crate) fn run(args: &Args, terminal: Terminal) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "jobs", &mut script);
    let script = String::from_utf8_lossy(&script);
    // The mark by which zsh finds what a file completes.
    let script = script.replacen("#compdef jobs\n", "#compdef jobs jobctl\n", 1);
    terminal.write(&(script + other_name(args.shell)))
}
