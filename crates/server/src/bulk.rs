//! Works at operations on many jobs, one batch at a time, of whichever operation has waited longest.

use scheduler_domain::{error::StoreError, usecase::bulk::Bulk};
use scheduler_storage::acting;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often an idle node looks for operations that another one took in, or left behind.
const POLL: Duration = Duration::from_secs(1);
/// Between two batches others get their turn.
const PAUSE: Duration = Duration::from_millis(5);
/// After a failure.
const BACK_OFF: Duration = Duration::from_secs(2);

/// Works at operations on many jobs.
pub struct BulkWorker {
    bulk: Bulk,
    new: Arc<Notify>,
}

impl BulkWorker {
    /// A worker that is woken through `new`.
    pub fn new(bulk: Bulk, new: Arc<Notify>) -> Self {
        Self { bulk, new }
    }

    /// Handles one batch, for whoever asked for the operation; answers whether there was one.
    pub async fn tick(&self) -> Result<bool, StoreError> {
        let Some(taken) = self.bulk.take().await? else {
            return Ok(false);
        };
        let acting = taken.acting().map(Arc::new);
        acting::within(acting, self.bulk.carry_out(taken)).await?;
        Ok(true)
    }

    /// Works until `stop`. A batch that is at work is brought to its end.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let wait = match self.tick().await {
                Ok(true) => PAUSE,
                Ok(false) => POLL,
                Err(error) => {
                    tracing::warn!(%error, "an operation on many jobs could not go on; it is tried again");
                    BACK_OFF
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.new.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}
