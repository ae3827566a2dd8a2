//! Events without a hole: the socket, and another one after it, from the cursor on.

use crate::{
    client::{
        Client,
        socket::{Heard, Socket},
    },
    error::{Error, Result},
    randomness,
    words::text,
};
use serde_json::{Value, json};
use std::time::Duration;

/// All but log lines: those are for `jobs logs -f`.
const TYPES: &[&str] = &[
    "job.created",
    "job.updated",
    "job.deleted",
    "job.paused",
    "job.resumed",
    "run.queued",
    "run.started",
    "run.progress",
    "run.retrying",
    "run.completed",
    "run.failed",
    "run.cancelled",
    "occurrence.missed",
    "occurrence.skipped",
];

/// What the stream tells.
#[derive(Debug)]
pub(super) enum Told {
    /// Events are left out, or these are the first: read the present state, then go on.
    Begin,
    /// An event.
    Event(Value),
    /// The line is down; it is tried again.
    Down(String),
}

/// A stream of events.
pub(super) struct Stream {
    client: Client,
    jobs: Vec<String>,
    cursor: Option<String>,
    socket: Option<Socket>,
    failures: u32,
    refusals: u32,
}

impl Stream {
    pub(super) fn new(client: &Client, jobs: Vec<String>, cursor: Option<String>) -> Self {
        Self {
            client: client.clone(),
            jobs,
            cursor,
            socket: None,
            failures: 0,
            refusals: 0,
        }
    }

    /// What comes next. It may be given up and called again.
    pub(super) async fn next(&mut self) -> Result<Told> {
        loop {
            let Some(socket) = &mut self.socket else {
                if self.failures > 0 {
                    let wait = Duration::from_millis(250 * 2_u64.pow(self.failures.min(5)));
                    tokio::time::sleep(wait.mul_f64(0.5 + randomness::fraction())).await;
                }
                match self.connect().await {
                    Ok(()) => continue,
                    Err(error) => {
                        // The first time there is nobody to wait for.
                        let temporary = matches!(error, Error::Unreachable { .. })
                            || error.status().is_some_and(|status| status >= 500);
                        if !temporary || (self.cursor.is_none() && self.failures == 0) {
                            return Err(error);
                        }
                        self.failures += 1;
                        return Ok(Told::Down(error.to_string()));
                    }
                }
            };
            match socket.hear().await {
                Heard::Message(message) => match text(&message, "type") {
                    "ready" => {
                        (self.failures, self.refusals) = (0, 0);
                        // Where the stream is now. What lies between it and the cursor is still to come, so that one stays.
                        self.cursor = self.cursor.take().or_else(|| cursor(&message));
                        return Ok(Told::Begin);
                    }
                    "resync" => {
                        self.cursor = cursor(&message);
                        return Ok(Told::Begin);
                    }
                    // Events have an id; what answers this program has none.
                    _ if message["id"].is_string() => {
                        self.cursor = cursor(&message);
                        return Ok(Told::Event(message));
                    }
                    _ => {}
                },
                Heard::Closed(code) => {
                    self.socket = None;
                    self.failures += 1;
                    match code {
                        Some(4400) => {
                            return Err(Error::usage(
                                "the server does not understand the cursor, or this program",
                            ));
                        }
                        Some(4401) if self.refusals > 0 => return Err(self.client.settings().not_logged_in()),
                        Some(4401) => self.refusals += 1,
                        _ => {}
                    }
                    return Ok(Told::Down("the connection broke".into()));
                }
            }
        }
    }

    async fn connect(&mut self) -> Result<()> {
        let mut socket = self.client.open_socket(self.cursor.as_deref()).await?;
        let mut wanted = json!({"type": "subscribe", "types": TYPES});
        if !self.jobs.is_empty() {
            wanted["jobs"] = self.jobs.clone().into();
        }
        socket.say(&wanted).await?;
        self.socket = Some(socket);
        Ok(())
    }
}

fn cursor(message: &Value) -> Option<String> {
    message["cursor"].as_str().map(str::to_owned)
}
