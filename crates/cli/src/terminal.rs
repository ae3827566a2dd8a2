//! What is known about the terminal.

use std::io::IsTerminal;

/// How to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Standard output is a terminal.
    pub is_terminal: bool,
    /// Colours are wanted: a terminal, and `NO_COLOR` unset.
    pub colours: bool,
    /// `--json`: standard output is JSON and nothing else.
    pub json: bool,
}

impl Terminal {
    /// Of this process.
    pub(crate) fn of_process(json: bool, no_colour: bool) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        Self {
            is_terminal,
            colours: is_terminal && !no_colour && !json,
            json,
        }
    }
}
