//! Tells people what has become of their jobs: one person after the other, whoever has waited longest.

use scheduler_domain::{error::StoreError, usecase::notices::Notices};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How often an idle node looks for somebody to tell.
const POLL: Duration = Duration::from_secs(1);
/// Between two people others get their turn.
const PAUSE: Duration = Duration::from_millis(5);
/// After a failure.
const BACK_OFF: Duration = Duration::from_secs(5);
/// How often to look for reminders: they are planned by the hour.
const REMINDERS: Duration = Duration::from_secs(60);

/// Tells people what has become of their jobs.
pub struct NoticeTeller {
    notices: Notices,
}

impl NoticeTeller {
    /// One over these rules.
    pub fn new(notices: Notices) -> Self {
        Self { notices }
    }

    /// Tells one person; answers whether there was one.
    pub async fn tick(&self) -> Result<bool, StoreError> {
        self.notices.step().await
    }

    /// Works until `stop`. Who is being told is told to the end.
    pub async fn run(self, stop: CancellationToken) {
        let mut reminded: Option<Instant> = None;
        while !stop.is_cancelled() {
            let is_time = reminded.is_none_or(|at| at.elapsed() >= REMINDERS);
            let done = if is_time {
                reminded = Some(Instant::now());
                self.notices.remind().await
            } else {
                self.tick().await
            };
            let wait = match done {
                Ok(true) => PAUSE,
                Ok(false) if is_time => PAUSE,
                Ok(false) => POLL,
                Err(error) => {
                    tracing::warn!(%error, "notices could not be told; they are told later");
                    BACK_OFF
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}
