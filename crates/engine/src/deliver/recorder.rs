//! Group commit of results: what ends while a transaction commits goes into the next one, together. Nobody waits for
//! company: alone, a result is written at once.

use scheduler_domain::{
    clock::Clock,
    error::StoreError,
    ports::{DeliveryResult, DeliveryStore},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The most results in one transaction.
const MOST: usize = 200;

type Written = Result<bool, StoreError>;
type Waiting = (DeliveryResult, oneshot::Sender<Written>);

/// Writes results. All clones are one.
#[derive(Clone, Default)]
pub(super) struct Recorder {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    /// Held by whoever writes.
    pen: Arc<tokio::sync::Mutex<()>>,
}

impl Recorder {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a result, alone or with others; answers whether its lease held.
    pub(super) async fn write(&self, store: &dyn DeliveryStore, clock: &dyn Clock, result: DeliveryResult) -> Written {
        let (answer, mut answered) = oneshot::channel();
        self.waiting().push((result, answer));
        let _pen = self.pen.lock().await;
        loop {
            match answered.try_recv() {
                // Whoever held the pen before wrote this one too.
                Ok(written) => return written,
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Err(StoreError::Driver("the writer ended badly".to_owned()));
                }
                Err(oneshot::error::TryRecvError::Empty) => {
                    let batch: Vec<Waiting> = {
                        let mut waiting = self.waiting();
                        let count = waiting.len().min(MOST);
                        waiting.drain(..count).collect()
                    };
                    write_all(store, clock, batch).await;
                }
            }
        }
    }
}

/// Writes a batch and tells everybody.
async fn write_all(store: &dyn DeliveryStore, clock: &dyn Clock, batch: Vec<Waiting>) {
    let (results, answers): (Vec<DeliveryResult>, Vec<_>) = batch.into_iter().unzip();
    match store.record(&results, clock.now()).await {
        Ok(held) => {
            for (answer, held) in answers.into_iter().zip(held) {
                let _ = answer.send(Ok(held));
            }
        }
        Err(StoreError::Unavailable(why)) => {
            for answer in answers {
                let _ = answer.send(Err(StoreError::Unavailable(why.clone())));
            }
        }
        Err(error) if results.len() > 1 => {
            // One bad row must not take the others with it.
            tracing::error!(%error, results = results.len(), "a batch of results was refused; writing one by one");
            for (result, answer) in results.into_iter().zip(answers) {
                let written = store.record(std::slice::from_ref(&result), clock.now()).await;
                let _ = answer.send(written.map(|held| held.first() == Some(&true)));
            }
        }
        Err(error) => {
            if let Some(answer) = answers.into_iter().next() {
                let _ = answer.send(Err(error));
            }
        }
    }
}
