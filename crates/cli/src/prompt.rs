//! Questions to whoever sits at the terminal. They go to standard error, so that standard output stays clean.

use crate::error::{Error, Result};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, IsTerminal, Write};

/// Asks for a line.
pub(crate) async fn ask(question: &str) -> Result<String> {
    eprint!("{question}");
    io::stderr()
        .flush()
        .map_err(|error| Error::local("cannot ask", error))?;
    // On a thread of its own: Ctrl-C ends the program all the same.
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|read| (read > 0).then_some(line))
    });
    let line = read.await.map_err(io::Error::other).and_then(|line| line);
    match line.map_err(|error| Error::local("cannot read standard input", error))? {
        Some(line) => Ok(line.trim().to_owned()),
        None => Err(Error::usage_with(
            format!("{} nobody answered: standard input is at its end", question.trim()),
            "run it at a terminal",
        )),
    }
}

/// Asks for something that is not shown while it is typed.
pub(crate) async fn ask_hidden(question: &str) -> Result<String> {
    let hidden = Hidden::begin();
    let answer = ask(question).await;
    if hidden.is_some() {
        eprintln!();
    }
    answer
}

/// Asks yes or no, and goes on only if `y` or `yes` is typed; else the error says what was not done. Without a terminal nothing
/// is asked: `--yes` answers beforehand.
pub(crate) async fn confirm(question: &str, not_done: &str) -> Result<()> {
    if !io::stdin().is_terminal() {
        return Err(Error::usage_with(
            format!("{question} There is no terminal to ask at"),
            "--yes, if that is what you want",
        ));
    }
    let answer = ask(&format!("{question} [y/N] ")).await?;
    match answer.to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Error::Failed(not_done.to_owned())),
    }
}

/// While it lives, the terminal does not show what is typed.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> Option<Self> {
        let before = tcgetattr(io::stdin()).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent).ok()?;
        Some(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
