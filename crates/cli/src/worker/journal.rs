//! The log of an attempt on its way to the server.
//!
//! A run keeps 10,000 lines and 1 MiB; no more than that is ever taken here. So the lines of a server that is away find
//! room without end being possible, and a command never waits for its log.

use super::{
    pauses::Pauses,
    protocol::{Failure, Held, LogLine},
};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

/// What the server keeps of a run.
const MAX_LINES: usize = 10_000;
const MAX_BYTES: usize = 1024 * 1024;
/// What goes into one call; a body may have 1 MiB, and escaped a text may be twice as long.
const BATCH_LINES: usize = 500;
const BATCH_BYTES: usize = 256 * 1024;
/// Lines that come together go together.
const GATHER: Duration = Duration::from_millis(100);
/// How often few lines are sent.
const SEND_EVERY: Duration = Duration::from_secs(1);
/// The longest pause while the server is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

#[derive(Debug, Default)]
struct State {
    pending: VecDeque<LogLine>,
    /// How much was taken, sent or not.
    lines: usize,
    bytes: usize,
    closed: bool,
}

/// Lines that wait to be sent.
#[derive(Debug, Default)]
pub(super) struct Journal {
    state: Mutex<State>,
    news: Notify,
    closing: Notify,
}

impl Journal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a line, if there is room. One more than the server has room for is taken, so that it says in its log that
    /// something is missing.
    pub(super) fn push(&self, line: LogLine) {
        let mut state = self.state();
        if state.lines > MAX_LINES || state.bytes > MAX_BYTES {
            return;
        }
        state.lines += 1;
        state.bytes += line.text.len();
        state.pending.push_back(line);
        drop(state);
        self.news.notify_one();
    }

    /// No more lines come.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.news.notify_one();
        self.closing.notify_one();
    }

    /// The server has no more room.
    fn fill(&self) {
        let mut state = self.state();
        state.lines = MAX_LINES + 1;
        state.pending.clear();
    }

    /// The next lines to send, and whether there are more or the end is near: then there is no use in waiting for others.
    fn batch(&self) -> (Vec<LogLine>, bool) {
        let mut state = self.state();
        let mut bytes = 0;
        let fits = |line: &&LogLine| {
            bytes += line.text.len();
            bytes <= BATCH_BYTES
        };
        let count = state.pending.iter().take(BATCH_LINES).take_while(fits).count();
        let batch = state.pending.drain(..count).collect();
        (batch, state.closed || !state.pending.is_empty())
    }

    /// Sends lines as they come, until the journal is closed and empty, or the run is lost.
    pub(super) async fn send(&self, held: &Held) {
        let mut pauses = Pauses::up_to(LONGEST_PAUSE);
        let mut not_before = Instant::now();
        loop {
            let (is_empty, closed) = {
                let state = self.state();
                (state.pending.is_empty(), state.closed)
            };
            match (is_empty, closed) {
                (true, true) => return,
                (true, false) => {
                    self.news.notified().await;
                    continue;
                }
                (false, true) => {}
                (false, false) => tokio::select! {
                    () = sleep_until(not_before.max(Instant::now() + GATHER)) => {}
                    () = self.closing.notified() => {}
                },
            }
            let (batch, hurry) = self.batch();
            not_before = Instant::now() + if hurry { Duration::ZERO } else { SEND_EVERY };
            let Ok(request) = held.log(&batch) else { continue };
            loop {
                match held.send(&request).await {
                    Ok(answer) => {
                        let dropped = answer.json().ok().and_then(|logged| logged["dropped"].as_u64());
                        if dropped.is_some_and(|dropped| dropped > 0) {
                            self.fill();
                        }
                        pauses = Pauses::up_to(LONGEST_PAUSE);
                        break;
                    }
                    Err(Failure::LeaseLost) => return,
                    // Lines that the server does not want are no reason to stop the work.
                    Err(Failure::Refused(_)) => break,
                    Err(Failure::Away(_)) => sleep(pauses.next()).await,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::said::Level;

    fn line(text: impl Into<String>) -> LogLine {
        LogLine {
            at: chrono::DateTime::UNIX_EPOCH,
            level: Level::Info,
            text: text.into(),
        }
    }

    #[test]
    fn batches_are_bounded_in_lines_and_bytes_and_nothing_is_left_behind() {
        let journal = Journal::default();
        (0..1_200).for_each(|number| journal.push(line(number.to_string())));
        let sizes: Vec<_> = std::iter::repeat_with(|| journal.batch().0.len())
            .take_while(|size| *size > 0)
            .collect();
        assert_eq!(sizes, [500, 500, 200]);

        let journal = Journal::default();
        (0..100).for_each(|_| journal.push(line("x".repeat(8 * 1024))));
        let (batch, hurry) = journal.batch();
        assert_eq!((batch.len(), hurry), (32, true));
        journal.push(line("last"));
        journal.close();
        let count = std::iter::repeat_with(|| journal.batch().0.len())
            .take_while(|size| *size > 0)
            .sum::<usize>();
        assert_eq!(count, 69);
    }

    #[test]
    fn no_more_is_taken_than_a_run_keeps() {
        let journal = Journal::default();
        (0..MAX_LINES + 500).for_each(|_| journal.push(line("")));
        assert_eq!(journal.state().pending.len(), MAX_LINES + 1);

        let journal = Journal::default();
        (0..1_000).for_each(|_| journal.push(line("x".repeat(8 * 1024))));
        let bytes: usize = journal.state().pending.iter().map(|line| line.text.len()).sum();
        assert!(bytes > MAX_BYTES && bytes <= MAX_BYTES + 8 * 1024, "{bytes}");
        journal.fill();
        journal.push(line("more"));
        assert!(journal.state().pending.is_empty());
    }
}
