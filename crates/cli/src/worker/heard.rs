//! What a command prints, sorted: the log, progress, the result, and the complaints that explain a failure.

use super::{
    journal::Journal,
    keeper::Untold,
    lines::{Cutter, Line},
    protocol::LogLine,
    said::{Said, Stream, understand},
};
use crate::clock;
use serde_json::value::RawValue;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{io::AsyncReadExt, net::unix::pipe::Receiver};

/// How much is read at once: as much as a pipe holds.
const CHUNK: usize = 64 * 1024;
/// How many of the last lines of standard error explain a failure, and how many bytes of them.
const COMPLAINTS: usize = 10;
const COMPLAINT_BYTES: usize = 500;

#[derive(Debug, Default)]
struct Last {
    result: Option<Box<RawValue>>,
    complaints: VecDeque<String>,
}

/// Everything that was heard of one command.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub journal: Journal,
    pub untold: Arc<Untold>,
    last: Mutex<Last>,
}

impl Heard {
    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a pipe to its end.
    pub(super) async fn listen(self: Arc<Self>, mut pipe: Receiver, from: Stream) {
        let mut cutter = Cutter::default();
        let mut chunk = vec![0; CHUNK];
        while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
            let read = chunk.get(..count).unwrap_or_default();
            cutter.feed(read, |line| self.take(&line, from));
        }
        if let Some(line) = cutter.rest() {
            self.take(&line, from);
        }
    }

    fn take(&self, line: &Line, from: Stream) {
        match understand(line, from) {
            Said::Progress(progress) => self.untold.tell(progress),
            Said::Result(result) => self.last().result = Some(result),
            Said::Text { level, text } => {
                if from == Stream::Errors && !text.trim().is_empty() {
                    let complaints = &mut self.last().complaints;
                    complaints.push_back(text.chars().take(COMPLAINT_BYTES).collect());
                    if complaints.len() > COMPLAINTS {
                        complaints.pop_front();
                    }
                }
                let at = clock::now();
                self.journal.push(LogLine { at, level, text });
            }
        }
    }

    /// The last result on standard output.
    pub(super) fn result(&self) -> Option<Box<RawValue>> {
        self.last().result.take()
    }

    /// The last lines of standard error.
    pub(super) fn complaints(&self) -> String {
        let last = self.last();
        last.complaints.iter().map(|line| format!("\n{line}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(heard: &Heard, text: &str, from: Stream) {
        let bytes = text.as_bytes().to_vec();
        heard.take(&Line { bytes, cut: 0 }, from);
    }

    #[test]
    fn the_last_result_counts_and_the_last_complaints_explain() {
        let heard = Heard::default();
        hear(&heard, "result 1", Stream::Output);
        hear(&heard, "result 2", Stream::Output);
        for number in 0..20 {
            hear(&heard, &format!("oh {number}"), Stream::Errors);
            hear(&heard, " ", Stream::Errors);
        }
        assert_eq!(heard.result().unwrap().get(), "2");
        assert!(heard.complaints().starts_with("\noh 10\n"), "{}", heard.complaints());
        assert!(heard.complaints().ends_with("\noh 19"), "{}", heard.complaints());
        hear(&heard, "progress 7", Stream::Output);
        assert_eq!(heard.untold.take().unwrap().percent, 7);
    }
}
