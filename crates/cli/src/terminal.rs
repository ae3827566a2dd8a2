//! Standard output: tables and colours for people, JSON for programs.

use crate::{
    error::{Error, Result},
    numbers,
};
use serde_json::Value;
use std::io::{self, IsTerminal, Write};

/// What stands for itself on a terminal and is left out elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Plain,
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Blue,
}

/// How to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Standard output is a terminal.
    pub interactive: bool,
    /// Colours are wanted: a terminal, and `NO_COLOR` unset.
    pub colours: bool,
    /// `--json`: standard output is JSON and nothing else.
    pub json: bool,
}

impl Terminal {
    /// Of this process.
    pub(crate) fn of_process(json: bool, no_colour: bool) -> Self {
        let interactive = io::stdout().is_terminal();
        Self {
            interactive,
            colours: interactive && !no_colour && !json,
            json,
        }
    }

    /// Writes a line.
    pub(crate) fn line(self, text: impl AsRef<str>) -> Result<()> {
        self.write(&format!("{}\n", text.as_ref()))
    }

    /// Writes text as it is. A reader that has gone away (`| head`) ends the program without a word.
    #[expect(clippy::unused_self, reason = "everything that is written goes through a terminal")]
    pub(crate) fn write(self, text: &str) -> Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| match error.kind() {
                io::ErrorKind::BrokenPipe => Error::Exit(0),
                _ => Error::local("cannot write to standard output", error),
            })
    }

    /// Writes JSON: readable on a terminal, one line elsewhere.
    pub(crate) fn value(self, value: &Value) -> Result<()> {
        if self.interactive {
            self.line(numbers::write_pretty(value))
        } else {
            self.line(numbers::write(value))
        }
    }

    /// Writes JSON, or says something to people.
    pub(crate) fn answer(self, value: &Value, say: impl FnOnce() -> String) -> Result<()> {
        if self.json { self.value(value) } else { self.line(say()) }
    }

    /// Text in a colour, where there are colours.
    pub(crate) fn paint(self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Plain => return text.to_owned(),
            _ if !self.colours || text.is_empty() => return text.to_owned(),
            Colour::Bold => "1",
            Colour::Dim => "2",
            Colour::Red => "31",
            Colour::Green => "32",
            Colour::Yellow => "33",
            Colour::Blue => "34",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Columns and rows of the terminal, where there is one.
    pub(crate) fn size(self) -> Option<(usize, usize)> {
        if !self.interactive {
            return None;
        }
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        (size.ws_col > 0 && size.ws_row > 0).then(|| (usize::from(size.ws_col), usize::from(size.ws_row)))
    }
}

/// The colour of a status word of a run, a job or a delivery.
pub(crate) fn status_colour(status: &str) -> Colour {
    match status {
        "Completed" | "Delivered" | "Succeeded" | "Sent" | "Ran" | "ok" => Colour::Green,
        "Failed" | "Missed" | "error" | "TimedOut" => Colour::Red,
        "Running" => Colour::Blue,
        "Retrying" | "Queued" => Colour::Yellow,
        "Cancelled" | "Aborted" | "NotWanted" | "ignored" | "there" => Colour::Dim,
        _ => Colour::Plain,
    }
}

/// What others wrote, without the characters that would steer the terminal.
pub(crate) fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            // Controls, and the marks that turn the direction of writing around.
            c if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => '\u{fffd}',
            c => c,
        })
        .collect()
}
