//! Writes results in group commits: whatever came in while the last commit ran goes into the next one. An idle
//! completer writes at once.

use super::RunEngine;
use scheduler_domain::{
    error::StoreError,
    ports::{Finish, Finished},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The most results in one transaction.
const BATCH: usize = 500;

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
            self.complete(batch.drain(..).map(|message| message.finish).collect())
                .await;
        }
    }

    /// Writes one batch, and again while the database is away: a result is given up only when its lease is lost.
    pub(super) async fn complete(&self, batch: Vec<Finish>) {
        let mut wait = Duration::from_millis(50);
        loop {
            match self.queue.finish(batch.clone()).await {
                Ok(results) => {
                    self.settle(&batch, &results);
                    return;
                }
                Err(error @ (StoreError::Unavailable(_) | StoreError::Driver(_))) => {
                    tracing::warn!(%error, runs = batch.len(), "results could not be written; trying again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(2));
                    // The keeper drops slots whose lease is lost; with all gone there is nobody to write for.
                    let held = self.signals.slots.leases();
                    if !batch.iter().any(|finish| held.contains(&(finish.run_id, finish.lease))) {
                        return;
                    }
                }
                Err(error) => {
                    // One bad row must not take the others with it.
                    tracing::error!(%error, runs = batch.len(), "a batch of results was refused");
                    if batch.len() > 1 {
                        for finish in batch {
                            Box::pin(self.complete(vec![finish])).await;
                        }
                    } else {
                        self.settle(&batch, &[Finished::LeaseLost]);
                    }
                    return;
                }
            }
        }
    }

    fn settle(&self, batch: &[Finish], results: &[Finished]) {
        for (finish, result) in batch.iter().zip(results) {
            if *result == Finished::LeaseLost {
                tracing::info!(run_id = %finish.run_id, "a late result was dropped: its lease was lost");
            }
            self.signals.slots.leave(finish.run_id, finish.lease);
        }
    }
}
