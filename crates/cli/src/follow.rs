//! Waiting for a run: woken by the WebSocket, told by HTTP.

use crate::{
    client::{
        Client, Request,
        socket::{Heard, Socket},
    },
    error::{Error, Result},
    terminal::{Colour, Terminal, harmless},
    words::text,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Looks at least this often, should no event come.
const AT_LEAST: Duration = Duration::from_secs(5);
/// Without a WebSocket.
const WITHOUT_SOCKET: Duration = Duration::from_secs(1);

/// What to tell meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tell {
    Nothing,
    /// Log lines, to standard output.
    Log,
    /// Log lines, to standard error.
    LogAside,
}

/// Waits until a run has ended; the run.
pub(crate) async fn to_the_end(client: &Client, terminal: Terminal, run_id: &str, tell: Tell) -> Result<Value> {
    let mut wake = Wake::new();
    let mut log = Log::default();
    loop {
        let run = client.get(&["runs", run_id]).await?;
        // After the run: what it wrote last is there by now.
        if tell != Tell::Nothing {
            log.print_new(client, terminal, run_id, tell).await?;
        }
        if is_over(&run) {
            return Ok(run);
        }
        wake.up(client, text(&run, "job_id")).await;
    }
}

/// Whether a run has ended.
pub(crate) fn is_over(run: &Value) -> bool {
    matches!(text(run, "status"), "Completed" | "Failed" | "Cancelled")
}

/// The error of a run that did not complete.
pub(crate) fn verdict(run: &Value) -> Result<()> {
    match text(run, "status") {
        "Completed" => Ok(()),
        status => {
            let why = crate::words::why(run);
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(": {}", harmless(&why))
            };
            Err(Error::Failed(format!(
                "run {} ended as {status}{why}",
                text(run, "run_id")
            )))
        }
    }
}

/// The part of a log that was printed.
#[derive(Debug, Default)]
pub(crate) struct Log {
    last: i64,
}

impl Log {
    /// Prints the lines that have come since.
    pub(crate) async fn print_new(
        &mut self,
        client: &Client,
        terminal: Terminal,
        run_id: &str,
        tell: Tell,
    ) -> Result<()> {
        loop {
            let request = Request::get(&["runs", run_id, "log"])
                .query("limit", 200)
                .query("after", self.last);
            let page = client.send(request).await?.json()?;
            for line in page["data"].as_array().into_iter().flatten() {
                self.last = self.last.max(line["line"].as_i64().unwrap_or_default());
                let shown = log_line(terminal, line);
                match tell {
                    Tell::Log if terminal.json => terminal.line(line.to_string())?,
                    Tell::Log => terminal.line(shown)?,
                    Tell::LogAside => eprintln!("{shown}"),
                    Tell::Nothing => {}
                }
            }
            if page["has_more"] != true {
                return Ok(());
            }
        }
    }
}

fn log_line(terminal: Terminal, line: &Value) -> String {
    let at = text(line, "at").get(11..23).unwrap_or_default();
    let level = text(line, "level");
    let colour = match level {
        "error" => Colour::Red,
        "warn" => Colour::Yellow,
        "debug" | "trace" => Colour::Dim,
        _ => Colour::Plain,
    };
    format!(
        "{} {} {}",
        terminal.paint(Colour::Dim, at),
        terminal.paint(colour, &format!("{level:<5}")),
        harmless(text(line, "text"))
    )
}

/// Waits for the next event of a job, or a while.
struct Wake(Option<Socket>, bool);

impl Wake {
    fn new() -> Self {
        Self(None, false)
    }

    async fn up(&mut self, client: &Client, job_id: &str) {
        if !self.1 {
            self.1 = true;
            if let Ok(mut socket) = client.open_socket(None).await {
                let wanted = json!({"type": "subscribe", "jobs": [job_id], "types": [
                    "run.log", "run.queued", "run.started", "run.retrying", "run.completed", "run.failed", "run.cancelled"]});
                if socket.say(&wanted).await.is_ok() {
                    self.0 = Some(socket);
                }
            }
            // Something may have happened before the socket listened.
            return;
        }
        match &mut self.0 {
            None => tokio::time::sleep(WITHOUT_SOCKET).await,
            Some(socket) => {
                if let Ok(Heard::Closed(_)) = tokio::time::timeout(AT_LEAST, socket.hear()).await {
                    self.0 = None;
                }
                // Events come in bursts; one look is for all of them.
                tokio::time::sleep(Duration::from_millis(100)).await;
                if let Some(socket) = &mut self.0 {
                    while let Ok(Heard::Message(_)) = tokio::time::timeout(Duration::ZERO, socket.hear()).await {}
                }
            }
        }
    }
}
