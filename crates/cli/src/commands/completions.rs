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

pub(crate) fn run(args: &Args, terminal: Terminal) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "jobs", &mut script);
    terminal.write(&String::from_utf8_lossy(&script))
}
