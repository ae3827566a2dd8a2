//! Writes results in group commits: whatever came in while the last commit ran goes into the next one. An idle
//! completer writes at once; while more waits than there are places, it waits a moment for company.

use super::{GATHER, RunEngine};
use scheduler_domain::{
    error::StoreError,
    ids::RunId,
    ports::{Finish, Finished},
    run::LeaseToken,
};
use std::{sync::atomic::Ordering, time::Duration};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

/// The most results in one transaction.
const BATCH: usize = 500;

/// How often a single result may be refused for a reason that is not known to pass.
const REFUSALS: u32 = 3;

/// A result on its way to the database.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) finish: Finish,
}

impl RunEngine {
    /// Writes results until `stop` and until nothing is left to write.
    pub(super) async fn completer_loop(self, stop: CancellationToken) {
        let inbox = self.inbox.clone();
        let mut inbox = inbox.lock().await;
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let received = tokio::select! {
                biased;
                received = inbox.recv_many(&mut batch, BATCH) => received,
                () = stop.cancelled() => 0,
            };
            if received == 0 {
                return;
            }
            self.gather_results(&mut inbox, &mut batch).await;
            let batch: Vec<Finish> = batch.drain(..).map(|message| message.finish).collect();
            self.signals.slots.over(attempts(&batch));
            self.complete(batch).await;
        }
    }

    /// Runs that were claimed together end together, one a little after the other, and a commit for the first few of them
    /// costs nearly as much as one for all: waits a moment for half of those that are under way. Only while more runs
    /// wait: whoever watches a single run sees it end at once.
    async fn gather_results(&self, inbox: &mut mpsc::Receiver<Message>, batch: &mut Vec<Message>) {
        let enough = (self.under_way() / 2).min(BATCH);
        let more = async {
            while batch.len() < enough {
                let room = BATCH - batch.len();
                if inbox.recv_many(batch, room).await == 0 {
                    return;
                }
            }
        };
        if self.backlog.load(Ordering::Acquire) {
            // What was received is in the batch, whether the time was up or not.
            let _ = tokio::time::timeout(GATHER, more).await;
        }
    }

    /// Writes one batch, and again while the database is away: a result is given up only when its lease is lost, or
    /// when the database refuses it by itself again and again.
    pub(super) async fn complete(&self, batch: Vec<Finish>) {
        let mut wait = Duration::from_millis(50);
        let mut refusals = 0;
        loop {
            let began = Instant::now();
            let written = self.queue.finish(batch.clone()).await;
            match &written {
                Ok(_) => self.signals.health.completed(batch.len(), began.elapsed()),
                Err(_) => self.signals.health.completion_errors.add(1),
            }
            match written {
                Ok(results) => {
                    self.settle(&batch, &results);
                    return;
                }
                Err(error @ StoreError::Unavailable(_)) => {
                    tracing::warn!(%error, runs = batch.len(), "results could not be written; trying again");
                }
                Err(error) if batch.len() > 1 => {
                    // One bad row must not take the others with it.
                    tracing::error!(%error, runs = batch.len(), "a batch of results was refused; writing one by one");
                    for finish in batch {
                        Box::pin(self.complete(vec![finish])).await;
                    }
                    return;
                }
                Err(error @ StoreError::Driver(_)) if refusals < REFUSALS => {
                    tracing::warn!(%error, "a result was refused; trying again");
                    refusals += 1;
                }
                Err(error) => {
                    // Its lease ends, and the reaper counts a crash: a run that cannot be written ends as Failed.
                    tracing::error!(%error, "a result was refused and is given up");
                    self.settle(&batch, &[Finished::LeaseLost]);
                    return;
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }

    fn settle(&self, batch: &[Finish], results: &[Finished]) {
        for (finish, result) in batch.iter().zip(results) {
            if *result == Finished::LeaseLost {
                self.signals.health.late_results.add(1);
                tracing::info!(run_id = %finish.run_id, "a late result was dropped: its lease was lost");
            }
        }
        self.signals.slots.leave_all(attempts(batch));
    }
}

fn attempts(batch: &[Finish]) -> impl Iterator<Item = (&RunId, &LeaseToken)> {
    batch.iter().map(|finish| (&finish.run_id, &finish.lease))
}
