//! The cron worker: the server's own housekeeping, at times that are cron expressions in UTC.
//!
//! Users' schedules are another matter and not here.

mod cleanup;
mod swept;

pub use cleanup::{Housekeeping, Kept};
pub use swept::{Swept, SweptCounts};

use cron::Schedule;
use scheduler_domain::clock::{Clock, Timestamp};
use std::{str::FromStr, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// What is done when a time comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chore {
    /// Codes that have expired.
    Codes,
    /// Sessions that have ended, answers kept for repeated requests, nodes that are gone.
    Sessions,
    /// Ended runs, their log lines, events, occurrences and deliveries beyond retention.
    History,
    /// Runs of users who have more of them than are kept.
    SurplusRuns,
}

struct Entry {
    chore: Chore,
    schedule: Schedule,
    next: Option<Timestamp>,
}

/// Does chores at their times.
pub struct CronWorker {
    housekeeping: Housekeeping,
    clock: Arc<dyn Clock>,
    entries: Vec<Entry>,
}

/// Log-ins end seldom; every hour is often enough.
const SESSIONS_AT: &str = "0 7 * * * *";
/// History is trimmed often and a little at a time.
const HISTORY_AT: &str = "30 */15 * * * *";
/// Users are walked through one after the other; every hour is often enough.
const SURPLUS_AT: &str = "15 37 * * * *";
/// A sleep that is not longer than this, so that a clock that was set is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

impl CronWorker {
    /// A worker; `codes_at` is `SCHED_OTP_CLEANUP`, a cron expression with seconds.
    pub fn new(housekeeping: Housekeeping, clock: Arc<dyn Clock>, codes_at: &str) -> anyhow::Result<Self> {
        let now = clock.now();
        let chores = [
            (Chore::Codes, codes_at),
            (Chore::Sessions, SESSIONS_AT),
            (Chore::History, HISTORY_AT),
            (Chore::SurplusRuns, SURPLUS_AT),
        ];
        let entries = chores.into_iter().map(|(chore, expression)| {
            let schedule = Schedule::from_str(expression)?;
            let next = schedule.after(&now).next();
            Ok(Entry { chore, schedule, next })
        });
        Ok(Self {
            entries: entries.collect::<anyhow::Result<_>>()?,
            housekeeping,
            clock,
        })
    }

    /// Works until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let wait = self.until_next().min(LONGEST_SLEEP);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            self.tick(&stop).await;
        }
    }

    fn until_next(&self) -> Duration {
        let next = self.entries.iter().filter_map(|entry| entry.next).min();
        let wait = next.map(|next| (next - self.clock.now()).to_std().unwrap_or(Duration::ZERO));
        wait.unwrap_or(LONGEST_SLEEP)
    }

    /// Does what is due; answers which chores those were. Times that passed while the process slept count once.
    pub async fn tick(&mut self, stop: &CancellationToken) -> Vec<Chore> {
        let now = self.clock.now();
        let mut due = Vec::new();
        for entry in &mut self.entries {
            if entry.next.is_some_and(|next| next <= now) {
                entry.next = entry.schedule.after(&now).next();
                due.push(entry.chore);
            }
        }
        for chore in &due {
            self.housekeeping.do_chore(*chore, now, stop).await;
        }
        due
    }
}

#[cfg(test)]
mod tests;
